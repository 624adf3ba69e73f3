"""What spend is made of, now and in the equal period before: a change is explained from it."""

from storage.usage.figure import Figure, Reader
from storage.usage.filters import Filters
from storage.usage.query import Sums, sums_query

CELLS = (
    "Spend of the period and of the equal one before, by agent, model and prompt version. Calls of unknown "
    "price are in no step."
)
MEASURES = ("input_tokens", "output_tokens", "cost_amount", "cost_input", "cost_output")
BY = ("period", "agent", "model", "prompt")


def cells(reader: Reader, filters: Filters, with_kind: bool = False) -> Figure:
    """Attempts, tokens and money by period, agent, model and prompt, and by kind of run if asked for."""
    by = (*BY, "kind") if with_kind else BY
    return reader.figure(sums_query(reader, filters, Sums(MEASURES, by), CELLS))
