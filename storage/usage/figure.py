"""A figure with everything that tells how it came about."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from storage.db import Store
from storage.usage.rates import Rate, load

Source = Literal["rollups", "raw rows"]


@dataclass(frozen=True)
class Query:
    """A question to the store."""

    sql: str
    parameters: Mapping[str, object]
    """Values of the `$names` in it; those of other names are left aside."""
    definition: str
    """One or two sentences on what is counted and how."""
    source: Source
    counted: str | None = None
    """Column whose sum says how many stored rows the figure is made from; None: one row each."""


@dataclass(frozen=True)
class Figure:
    """A small frame for a chart, a tile or a table; money is Decimal, unknown is null."""

    frame: pd.DataFrame
    definition: str
    sql: str
    """What was asked, to be shown; `$names` stand for `parameters`."""
    parameters: Mapping[str, object]
    source: Source
    rows: int
    """Calls, steps or runs that it is made from."""
    notes: tuple[str, ...] = field(default=())
    """What is not in it, in sentences."""


@dataclass(frozen=True)
class Reader:
    """Reads figures; the rates are those at the time it was made."""

    store: Store
    rates: list[Rate]

    @classmethod
    def of(cls, store: Store) -> "Reader":
        """One for a screen or an export."""
        return cls(store, load(store))

    def figure(self, query: Query) -> Figure:
        """Ask, and keep how."""
        parameters = {name: query.parameters[name] for name in dict.fromkeys(NAMED.findall(query.sql))}
        frame = self.store.frame(query.sql, parameters)
        rows = len(frame) if query.counted is None else int(frame[query.counted].sum())
        counts: dict[Hashable, Any] = {name: frame[name].sum() for name in MISSING if name in frame}
        notes = notes_on(counts, tuple(MISSING))
        return Figure(frame, query.definition, query.sql, parameters, query.source, rows, notes)


NAMED = re.compile(r"\$([a-z]\w*)")
MISSING: Mapping[str, tuple[str, str]] = {
    "unknown_prices": ("1 call of unknown price is not in it.", "{} calls of unknown price are not in it."),
    "unconverted": (
        "1 call is not in it because no rate converts its currency.",
        "{} calls are not in it because no rate converts their currency.",
    ),
    "unknown_savings": (
        "What 1 reply from the cache saved is unknown.",
        "What {} replies from the cache saved is unknown.",
    ),
    "unknown_tokens": (
        "The tokens of 1 call are unknown and not in it.",
        "The tokens of {} calls are unknown and not in it.",
    ),
    "estimated": ("The tokens of 1 call are estimated.", "The tokens of {} calls are estimated."),
}


def notes_on(counts: Mapping[Hashable, Any], missing: Sequence[str]) -> tuple[str, ...]:
    """Sentences on what is not in a figure, from counts by the names in `MISSING`."""
    found = [(MISSING[name], int(counts.get(name, 0))) for name in missing]
    return tuple(one if count == 1 else many.format(f"{count:,}") for (one, many), count in found if count)
