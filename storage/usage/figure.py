"""A figure with everything that tells how it came about."""

import re
from collections.abc import Mapping, Sequence
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
        return Figure(frame, query.definition, query.sql, parameters, query.source, rows, notes_of(frame))


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


def notes_of(frame: pd.DataFrame, missing: Sequence[str] = tuple(MISSING)) -> tuple[str, ...]:
    """Sentences on what is not in rows; what is not in those of the period before is told apart."""
    is_before = frame["period"] == "previous" if "period" in frame else pd.Series(False, frame.index)
    now, before = frame[~is_before], frame[is_before]
    counts = {name: now[name].sum() for name in missing if name in now}
    counts_before = {name: before[name].sum() for name in counts}
    for name in missing:
        if f"previous_{name}" in frame:
            counts_before[name] = frame[f"previous_{name}"].sum()
    return (*notes_on(counts, missing), *told_before(notes_on(counts_before, missing)))


def told_before(notes: Sequence[str]) -> tuple[str, ...]:
    """Sentences on the period before."""
    return tuple(f"Before: {note}" for note in notes)


def notes_on(counts: Mapping[Any, Any], missing: Sequence[str]) -> tuple[str, ...]:
    """Sentences on what is not in a figure, from counts by the names in `MISSING`."""
    found = [(MISSING[name], int(counts.get(name, 0))) for name in missing]
    return tuple(one if count == 1 else many.format(f"{count:,}") for (one, many), count in found if count)
