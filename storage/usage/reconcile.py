"""Why does this not match my bill? By the provider's day in UTC, in the currency of the bill."""

from storage.usage.figure import Figure, Query, Reader
from storage.usage.filters import Filters, conditions
from storage.usage.measures import total
from storage.usage.query import sums_relation
from storage.usage.tokens import CLASS_COLUMNS, CLASSES

RECONCILE = (
    "Billable attempts by the day in UTC on which they were started, as most providers' bills have it, with "
    "tokens by class and cost in the currency it was recorded in, per price list. A reply that began just "
    "before midnight may stand on the next day of the bill. Replies from the cache are not on a bill."
)
BY = {
    "day": "date_trunc('day', started_at)",
    "provider": "provider_name",
    "model": "request_model",
    "currency": "cost_currency",
    "price_version": "price_version",
}
COUNTS = ("attempts", "cache_hits", "failed", "unknown_prices", "unknown_tokens", "paid_steps", *CLASSES)
MONEY = ("cost_amount", "cost_input", "cost_output")


def by_day(reader: Reader, filters: Filters) -> Figure:
    """One row per day, provider, model, currency and price list."""
    relation, source = sums_relation(filters, filters.span, tuple(BY), (*COUNTS, *MONEY))
    condition, parameters = conditions(filters)
    keys = ", ".join(f"{sql} as {name}" for name, sql in BY.items())
    counts = ", ".join(f"{total(name)} as {name}" for name in COUNTS)
    money = ", ".join(f"sum({name})::decimal(38, 8) as {name}" for name in MONEY)
    classes = ", ".join(f"{sql} as {name}" for name, sql in CLASS_COLUMNS.items())
    sql = f"""
        select *, {classes} from (
            select {keys}, {counts}, {money} from ({relation}) where {condition} group by all
        ) where attempts > cache_hits or paid_steps > 0
        order by {", ".join(BY)}
    """
    if source == "raw rows":
        parameters |= {"start": filters.span.start, "end": filters.span.end}
    return reader.figure(Query(sql, parameters, RECONCILE, source, "attempts"))
