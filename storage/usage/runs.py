"""Runs by kind and outcome, and what a finished one costs."""

from collections.abc import Sequence
from typing import Literal

from storage.usage import run_days
from storage.usage.figure import Figure, Query, Reader, Source
from storage.usage.filters import OF_RUNS, Filters, conditions
from storage.usage.query import Sums, both_periods, sums_query

OF_DAY = {
    "period": "case when day >= $current then 'current' else 'previous' end",
    "day": "day",
    "kind": "kind",
}
RUNS = (
    "Runs that were started in the period, by what became of them. Success is completed runs over completed "
    "and failed ones; finished are those completed in the period, whenever they were started. Filters on "
    "model, provider and prompt do not apply to runs."
)
UNIT_COST = (
    "What all runs of a kind cost in the period, finished or not, over those of them that were finished in "
    "it. Filters on model, provider and prompt limit the cost, not the runs."
)


def counts(reader: Reader, filters: Filters, by: Sequence[str] = ("period",)) -> Figure:
    """Runs by any of `period`, `day` and `kind`: how many, what became of them, and the rate of success."""
    sql, source = _counts(reader, filters, by)
    order = ", ".join(by) or "1"
    with_rate = "completed / nullif(completed + failed, 0)::double as success_rate"
    parameters = _parameters(filters, by)
    return reader.figure(
        Query(f"select *, {with_rate} from ({sql}) order by {order}", parameters, RUNS, source, "runs")
    )


def unit_costs(reader: Reader, filters: Filters, per: Literal["period", "day"] = "period") -> Figure:
    """Cost per finished run: one row per period, or day of it, and kind."""
    by = (per, "kind")
    spent = sums_query(reader, filters, Sums(["cost_amount"], by), UNIT_COST)
    runs, _ = _counts(reader, filters, by)
    sql = f"""
        select {per}, kind, runs, finished, attempts, unknown_prices, unconverted, cost_amount,
               (cost_amount / nullif(finished, 0))::decimal(38, 8) as cost_per_finished
        from (
            select coalesce(s.{per}, r.{per}) as {per}, coalesce(s.kind, r.kind) as kind,
                   coalesce(runs, 0) as runs, coalesce(finished, 0) as finished,
                   coalesce(attempts, 0) as attempts, coalesce(unknown_prices, 0) as unknown_prices,
                   coalesce(unconverted, 0) as unconverted,
                   case when s.{per} is null then 0::decimal(38, 16) else cost_amount end as cost_amount
            from ({spent.sql}) as s full join ({runs}) as r
              on s.{per} = r.{per} and s.kind is not distinct from r.kind
        ) order by {per}, cost_amount desc nulls last, kind
    """
    parameters = {**spent.parameters, **_parameters(filters, by)}
    return reader.figure(Query(sql, parameters, UNIT_COST, spent.source, "attempts"))


def relation(reader: Reader, filters: Filters) -> tuple[str, Source]:
    """SQL of all runs counted by their labels and days, filtered; raw runs where only they know a filter."""
    condition, _ = conditions(filters, OF_RUNS)
    if filters.needs_raw_runs:
        days = run_days.DAYS
        return f"select {days}, kind, status, 1::bigint as runs from runs where {condition}", "raw rows"
    every = run_days.counted(reader.store)
    return f"select created_day, finished_day, kind, status, runs from ({every}) where {condition}", "rollups"


def _counts(reader: Reader, filters: Filters, by: Sequence[str]) -> tuple[str, Source]:
    runs, source = relation(reader, filters)
    dimensions = "".join(f"{OF_DAY[name]} as {name}, " for name in by)
    started = ", ".join(
        f"coalesce(sum(runs) filter (where is_start and status = '{status}'), 0)::bigint as {status}"
        for status in ("completed", "failed", "cancelled")
    )
    sql = f"""
        select {dimensions}coalesce(sum(runs) filter (where is_start), 0)::bigint as runs, {started},
               coalesce(sum(runs) filter (where not is_start), 0)::bigint as finished
        from (
            with counted as ({runs})
            select created_day as day, true as is_start, kind, status, runs from counted
            union all
            select finished_day as day, false as is_start, kind, status, runs from counted
            where status = 'completed'
        ) where day >= $first_day and day < $after_last_day {"group by all" if by else ""}
    """
    return sql, source


def _parameters(filters: Filters, by: Sequence[str]) -> dict[str, object]:
    span = both_periods(filters.span) if "period" in by else filters.span
    _, parameters = conditions(filters, OF_RUNS)
    current = {"current": filters.span.start} if "period" in by else {}
    return {**parameters, **current, "first_day": span.start, "after_last_day": span.end}
