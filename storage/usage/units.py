"""What one finished piece of work costs: median and p95 per kind of run."""

from datetime import date

from storage.usage.figure import Figure, Query, Reader
from storage.usage.filters import OF_RUNS, Filters, Span, conditions
from storage.usage.measures import facts
from storage.usage.query import converted, lot_parameters, unconverted
from storage.usage.rates import lots

WHOLE_COSTS = (
    "Runs that were finished in the period, each with all that it cost since its start, whenever that was. "
    "Median and p95 are over runs whose cost is wholly known; the others are counted beside. "
    "Filters on model, provider and prompt do not apply."
)


def whole_costs(reader: Reader, filters: Filters) -> Figure:
    """Per kind: finished runs, their cost together, median, p95 and the dearest one."""
    every_day = Span(date(1970, 1, 1), filters.span.last)
    of_time = lots(reader.rates, filters.currency, every_day)
    condition, parameters = conditions(filters, OF_RUNS)
    columns = (
        "started_at",
        "run_id",
        "cost_currency",
        "attempts",
        "paid_steps",
        "unknown_prices",
        "cost_amount",
    )
    known = "filter (where unknown_prices + unconverted = 0)"
    sql = f"""
        with finished as (
            select run_id, kind from runs
            where status = 'completed' and finished_at >= $start and finished_at < $end and {condition}
        ), used as (
            select run_id, sum(attempts)::bigint as attempts, sum(unknown_prices)::bigint as unknown_prices,
                   {unconverted(of_time)} as unconverted, {converted("cost_amount", of_time)} as cost
            from ({facts(columns)}) where run_id in (select run_id from finished) group by run_id
        ), runs_costs as (
            select kind, coalesce(attempts, 0) as attempts, coalesce(cost, 0) as cost,
                   coalesce(unknown_prices, 0) as unknown_prices, coalesce(unconverted, 0) as unconverted
            from finished left join used using (run_id)
        )
        select kind, count(*) as finished, sum(attempts)::bigint as attempts,
               count(*) filter (where unknown_prices + unconverted > 0) as partly_unknown,
               sum(cost)::decimal(38, 16) as cost_amount,
               quantile_disc(cost, 0.5) {known} as median_cost, quantile_disc(cost, 0.95) {known} as p95_cost,
               max(cost) {known} as highest_cost, sum(unknown_prices)::bigint as unknown_prices,
               sum(unconverted)::bigint as unconverted
        from runs_costs group by kind order by cost_amount desc, kind
    """
    parameters |= lot_parameters(of_time) | {"start": filters.span.start, "end": filters.span.end}
    return reader.figure(Query(sql, parameters, WHOLE_COSTS, "raw rows", "finished"))
