"""From a bar to the runs in it, from a run to its calls."""

from typing import Literal

from storage.usage.figure import Figure, Query, Reader
from storage.usage.filters import OF_CALLS, Filters, conditions
from storage.usage.query import Sums, sums_query

Order = Literal["cost", "attempts", "failed", "duration", "newest"]

ORDERS: dict[Order, str] = {
    "cost": "cost_amount desc nulls last",
    "attempts": "attempts desc",
    "failed": "failed desc",
    "duration": "duration_us desc",
    "newest": "last_at desc",
}
KEYS: dict[Order, tuple[str, ...]] = {
    "cost": ("cost_amount",),
    "attempts": (),
    "failed": ("failed",),
    "duration": ("duration_us",),
    "newest": (),
}
"""What has to be added up for every run to put them in order."""
RUNS = (
    "Runs with a call or a paid step that the filters let through; cost, attempts and time are those of "
    "these calls and steps alone. Calls outside of any run stand together in one row without a run."
)
CALLS = "Attempts at a model that the filters let through, with the cost in the currency it was recorded in."
MOST_ROWS = 500


def runs(reader: Reader, filters: Filters, order: Order = "cost", limit: int = 50, offset: int = 0) -> Figure:
    """Runs behind a figure, one page of them."""
    top = sums_query(
        reader,
        filters,
        Sums(KEYS[order], ("run",), {}, f"{ORDERS[order]}, run", min(limit, MOST_ROWS), offset),
        RUNS,
    )
    within = f"coalesce(run_id, '') in (select coalesce(run, '') from ({top.sql}))"
    measures = ("calls", "failed", "duration_us", "cost_amount")
    used = sums_query(reader, filters, Sums(measures, ("run",), only=within), RUNS)
    sql = f"""
        select used.run, r.title, r.kind, r.status, r.user_id as user, r.project_id as project,
               r.created_at, r.finished_at, used.* exclude (run), used.duration_us / 1e6 as model_s
        from ({used.sql}) as used left join runs as r on r.run_id = used.run
        order by {ORDERS[order].replace("last_at", "used.last_at")}, run
    """
    return reader.figure(Query(sql, used.parameters, RUNS, used.source, "attempts"))


def calls(
    reader: Reader, filters: Filters, run_id: str | None = None, limit: int = 50, offset: int = 0
) -> Figure:
    """Attempts behind a figure, newest first; those of a run in the order they were made."""
    condition, parameters = conditions(filters, OF_CALLS)
    parameters |= {"start": filters.span.start, "end": filters.span.end}
    of_run = ""
    if run_id is not None:
        of_run = "and run_id = $run_id"
        parameters |= {"run_id": run_id}
    order = "started_at, attempt_no" if run_id is not None else "started_at desc, call_id desc"
    sql = f"""
        select call_id, run_id, started_at, agent_name, provider_name, request_model, attempt_no,
               fallback_from, error_type, duration_s, queue_wait_s, input_tokens, output_tokens, usage_source,
               cost_amount, cost_currency, price_version, served_from, cost_avoided_amount
        from calls where started_at >= $start and started_at < $end and {condition} {of_run}
        order by {order} limit {min(limit, MOST_ROWS):d} offset {offset:d}
    """
    return reader.figure(Query(sql, parameters, CALLS, "raw rows"))
