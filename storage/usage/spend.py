"""What was spent, on what, and what the cache saved."""

from collections.abc import Sequence
from typing import Literal

from storage.usage.figure import Figure, Query, Reader
from storage.usage.filters import Filters
from storage.usage.query import Sums, sums_query

Dimension = Literal["model", "provider", "agent", "kind", "user", "project", "prompt", "price_version"]

SPEND = (
    "Cost of all attempts at a model, and of tools and searches that somebody charges for, as it was "
    "recorded at the time; other currencies at the rate set for the day."
)
SHARE = f"{SPEND} The share is of the sum of all rows."
CHANGE = (
    f"{SPEND} Compared with the equal period before; the volume effect is the change in the number of "
    "attempts at the former cost per attempt, the rest is the price effect."
)


def totals(reader: Reader, filters: Filters) -> Figure:
    """Sums of the period and of the equal one before, one row each."""
    return reader.figure(sums_query(reader, filters, Sums(KPIS, ("period",), KPI_RATES), SPEND))


def sums(reader: Reader, filters: Filters) -> Figure:
    """Sums of the period alone, one row."""
    return reader.figure(sums_query(reader, filters, Sums(KPIS, (), KPI_RATES), SPEND))


def daily_totals(reader: Reader, filters: Filters) -> Figure:
    """The same per day of the period."""
    return reader.figure(sums_query(reader, filters, Sums(KPIS, ("day",), KPI_RATES), SPEND))


KPIS = ("calls", "answered", "failed", "fallbacks", "cache_hits", "cost_amount", "cost_avoided_amount")
KPI_RATES = {"fallback_rate": "fallbacks / nullif(answered, 0)::double"}


def over_time(reader: Reader, filters: Filters, by: Dimension | None, grain: str = "day") -> Figure:
    """Cost per `hour`, `day`, `week` or `month`, stacked by one dimension."""
    dimensions = (grain, by) if by else (grain,)
    return reader.figure(sums_query(reader, filters, Sums(["cost_amount"], dimensions), SPEND))


def by_quarter(reader: Reader, filters: Filters, hours: Sequence[int]) -> Figure:
    """Cost per quarter of an hour, `quarter`, in these hours of the day (UTC)."""
    within = f"hour(started_at) in ({', '.join(f'{hour:d}' for hour in hours)})"
    return reader.figure(sums_query(reader, filters, Sums(["cost_amount"], ("quarter",), only=within), SPEND))


def breakdown(reader: Reader, filters: Filters, by: Sequence[Dimension]) -> Figure:
    """Cost by one or two dimensions, dearest first, with shares."""
    share = "coalesce(cost_amount / nullif(sum(cost_amount) over (), 0), 0)::double"
    order = f"cost_amount desc nulls last, {', '.join(by)}"
    wanted = Sums(["calls", "cost_amount"], tuple(by), {"share": share}, order)
    return reader.figure(sums_query(reader, filters, wanted, SHARE))


def changes(reader: Reader, filters: Filters, by: Dimension) -> Figure:
    """What made it dearer: cost now and before, split into volume and price, largest change first."""
    query = sums_query(reader, filters, Sums(["cost_amount"], ("period", by)), CHANGE)
    now, before = (_in_period(name) for name in ("current", "previous"))
    sql = f"""
        select *, (change - volume_effect)::decimal(38, 8) as price_effect from (
            select *, cost_amount - previous_cost as change,
                   ((attempts - previous_attempts) * previous_cost / nullif(previous_attempts, 0))
                       ::decimal(38, 8) as volume_effect
            from (
                select {by}, {now.format("attempts")}::bigint as attempts,
                       {before.format("attempts")}::bigint as previous_attempts,
                       {_known("current")} as cost_amount, {_known("previous")} as previous_cost,
                       {now.format("unknown_prices")}::bigint as unknown_prices,
                       {now.format("unconverted")}::bigint as unconverted,
                       {before.format("unknown_prices")}::bigint as previous_unknown_prices,
                       {before.format("unconverted")}::bigint as previous_unconverted
                from ({query.sql}) group by {by}
            )
        ) order by abs(change) desc nulls last, {by}
    """
    return reader.figure(Query(sql, query.parameters, CHANGE, query.source, "attempts"))


def _in_period(name: str) -> str:
    return f"coalesce(sum({{}}) filter (where period = '{name}'), 0)"


def _known(period: str) -> str:
    """SQL of a period's cost: 0 when nothing was used, null when nothing of what was used is known."""
    rows = f"count(*) filter (where period = '{period}')"
    return f"case when {rows} = 0 then 0 else sum(cost_amount) filter (where period = '{period}') end"
