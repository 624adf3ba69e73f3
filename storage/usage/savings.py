"""What the cache saved, and on what."""

from typing import Literal

from storage.usage.figure import Figure, Reader
from storage.usage.filters import Filters
from storage.usage.query import Sums, sums_query

SAVED = (
    "What replies from the cache had cost when they were paid for. The hit rate is replies from the cache "
    "over all calls."
)


def by(reader: Reader, filters: Filters, dimension: Literal["agent", "model", "day"]) -> Figure:
    """Savings by one dimension, largest first; days in their order."""
    order = "day" if dimension == "day" else f"cost_avoided_amount desc nulls last, {dimension}"
    rate = {"hit_rate": "cache_hits / nullif(calls, 0)::double"}
    wanted = Sums(("calls", "cache_hits", "cost_avoided_amount"), (dimension,), rate, order)
    return reader.figure(sums_query(reader, filters, wanted, SAVED))
