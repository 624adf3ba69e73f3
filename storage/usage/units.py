"""What one finished piece of work costs: median and p95 per kind of run."""

from dataclasses import replace
from datetime import datetime, timedelta

from storage.usage.figure import Figure, Query, Reader
from storage.usage.filters import OF_RUNS, Filters, Hours, conditions
from storage.usage.measures import facts
from storage.usage.query import UNCONVERTED, converted, lot_parameters, with_lots
from storage.usage.rates import lots

WHOLE_COSTS = (
    "Runs that were finished in the period, each with all that it cost since its start, whenever that was. "
    "Median and p95 are over runs whose cost is wholly known; the others are counted beside. "
    "Filters on model, provider and prompt do not apply."
)


COLUMNS = ("started_at", "run_id", "cost_currency", "attempts", "paid_steps", "unknown_prices", "cost_amount")
COMPARED = timedelta(days=35)
"""How far back runs are that others are compared with."""
LAST_BEFORE = """
    qualify finished_at >= $since
         or row_number() over (partition by kind, finished_at >= $since order by finished_at desc) <= {:d}
"""
"""SQL that leaves the runs of the period, and as many before it of each kind."""
OUTLIERS = (
    "Runs finished in the period that cost more than the median of the last runs of their kind before them, "
    "within five weeks, and by how many median absolute deviations (MAD); runs with calls of unknown price "
    "are left out."
)


def outliers(
    reader: Reader, filters: Filters, last_runs: int, least_runs: int, least_spread: float
) -> Figure:
    """Runs dearer than usual: `run`, `kind`, `cost`, `median_cost`, `mad`, `deviation` in MADs, `compared`.

    Each is compared with up to `last_runs` runs of its kind that were finished before it, if there are
    `least_runs`; the MAD is taken for `least_spread` of the median at least.
    """
    back = Hours(filters.span.start - COMPARED, filters.span.end)
    costs, parameters = _costs(reader, replace(filters, span=back), LAST_BEFORE.format(last_runs))
    sql = f"""
        with {costs}, compared as (
            select *, median(cost) over before as median_cost, mad(cost) over before as mad,
                   count(*) over before as compared
            from run_costs where unknown_prices + unconverted = 0
            window before as (
                partition by kind order by finished_at, run_id
                rows between {last_runs:d} preceding and 1 preceding
            )
        )
        select run_id as run, kind, cost, median_cost, mad, compared, attempts, finished_at,
               ((cost - median_cost) / greatest(mad, median_cost * {least_spread}))::double as deviation
        from compared
        where finished_at >= $since and compared >= {least_runs:d} and cost > median_cost and median_cost > 0
        order by deviation desc, run
    """
    parameters |= {"since": filters.span.start}
    return reader.figure(Query(sql, parameters, OUTLIERS, "raw rows", "attempts"))


def whole_costs(reader: Reader, filters: Filters) -> Figure:
    """Per kind: finished runs, their cost together, median, p95 and the dearest one."""
    costs, parameters = _costs(reader, filters)
    known = "filter (where unknown_prices + unconverted = 0)"
    sql = f"""
        with {costs}
        select kind, count(*) as finished, sum(attempts)::bigint as attempts,
               count(*) filter (where unknown_prices + unconverted > 0) as partly_unknown,
               sum(cost)::decimal(38, 16) as cost_amount,
               quantile_disc(cost, 0.5) {known} as median_cost, quantile_disc(cost, 0.95) {known} as p95_cost,
               max(cost) {known} as highest_cost, sum(unknown_prices)::bigint as unknown_prices,
               sum(unconverted)::bigint as unconverted
        from run_costs group by kind order by cost_amount desc, kind
    """
    return reader.figure(Query(sql, parameters, WHOLE_COSTS, "raw rows", "finished"))


def _costs(reader: Reader, filters: Filters, only: str = "") -> tuple[str, dict[str, object]]:
    """SQL of the tables `finished`, `used` and `run_costs`: each finished run with all that it cost.

    Calls are looked for from a day before the first of these runs was admitted. They are added up before they
    are joined: leaving out the other runs first takes longer than adding them up.
    """
    of_time = lots(reader.rates, filters.currency, Hours(datetime(1970, 1, 1), filters.span.end))
    condition, parameters = conditions(filters, OF_RUNS)
    sql = f"""finished as (
            select run_id, kind, finished_at, created_at from runs
            where status = 'completed' and finished_at >= $start and finished_at < $end and {condition} {only}
        ), used as (
            select run_id, sum(attempts)::bigint as attempts, sum(unknown_prices)::bigint as unknown_prices,
                   {UNCONVERTED} as unconverted, {converted("cost_amount", of_time)} as cost
            from ({with_lots(facts(COLUMNS), of_time)})
            where started_at >= (select min(created_at) - interval 1 day from finished)
            group by run_id
        ), run_costs as (
            select run_id, kind, finished_at, coalesce(attempts, 0) as attempts, coalesce(cost, 0) as cost,
                   coalesce(unknown_prices, 0) as unknown_prices, coalesce(unconverted, 0) as unconverted
            from finished left join used using (run_id)
        )"""
    return sql, {
        **parameters,
        **lot_parameters(of_time),
        "start": filters.span.start,
        "end": filters.span.end,
    }
