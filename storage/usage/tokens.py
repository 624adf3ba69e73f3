"""Tokens by class."""

from typing import Literal

from storage.usage.figure import Figure, Reader
from storage.usage.filters import Filters
from storage.usage.query import Sums, sums_query

CLASSES = (
    "input_tokens",
    "cache_read_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "estimated",
)
CLASS_COLUMNS = {
    "fresh_input": (
        "input_tokens - coalesce(cache_read_input_tokens, 0) - coalesce(cache_write_input_tokens, 0)"
    ),
    "cache_read": "cache_read_input_tokens",
    "cache_write": "cache_write_input_tokens",
    "reasoning": "reasoning_output_tokens",
    "visible_output": "output_tokens - coalesce(reasoning_output_tokens, 0)",
}
"""Token class -> SQL over the sums; the five add up to input and output together."""
TOKENS = (
    "Tokens as the providers report them, estimated where they do not. Input is split into fresh, read from "
    "the provider's cache and written to it; output into reasoning and what can be seen. A class that no "
    "provider reports is unknown."
)


def by_class(
    reader: Reader, filters: Filters, by: Literal["day", "model", "provider", "agent", "period"]
) -> Figure:
    """Tokens of each class by one dimension."""
    return reader.figure(sums_query(reader, filters, Sums(CLASSES, (by,), CLASS_COLUMNS), TOKENS))
