"""Values of a result as plain ones: numbers, texts, truths and None, the same after a trip through JSON."""

import json
import math
from decimal import Decimal
from typing import Any

import duckdb

from agents.data.limits import Limits
from agents.data.loading.facts import family_of
from agents.errors import Refused

Cell = bool | int | float | str | None
"""One value. NaN and the infinities are their names as text, dates ISO text; None is a missing value."""
STEP = 200
"""Rows fetched at a time."""
CHANGED = ("INTERVAL", "DATE", "TIMESTAMP")
"""Types whose values, alone or inside another type, Python changes."""


def fetch_limited(query: duckdb.DuckDBPyRelation, rows: int, limits: Limits) -> dict[str, Any]:
    """At most `rows` rows of a query: its columns, the rows, and whether those are all of them."""
    columns = [(str(entry[0]), str(entry[1])) for entry in query.description]
    if any("TIME ZONE" in kind for _, kind in columns):
        raise Refused("The result has times with a zone. Nothing was changed: cast them to timestamp.")
    result = query.project(", ".join(_fetched(*column) for column in enumerate(columns, start=1)))
    kept: list[list[Cell]] = []
    size = 0
    while len(kept) <= rows and size <= limits.result_bytes:
        fetched = result.fetchmany(min(STEP, rows + 1 - len(kept)))
        if not fetched:
            break
        plain = [[plain_value(value, limits.cell_characters) for value in row] for row in fetched]
        size += sum(len(value) for row in plain for value in row if isinstance(value, str))
        kept += plain
    complete = len(kept) <= rows and size <= limits.result_bytes
    described = [{"name": name, "type": kind, "family": family_of(kind)} for name, kind in columns]
    return {"columns": described, "rows": kept[:rows], "complete": complete}


def _fetched(place: int, column: tuple[str, str]) -> str:
    """A column as it is fetched: as DuckDB's own text where Python's value would be another one.

    Python has no months in a duration, no day at infinity and no year beyond 9999.
    """
    is_changed = any(kind in column[1] for kind in CHANGED)
    return f"cast(#{place} as varchar)" if is_changed else f"#{place}"


def plain_value(value: object, longest: int) -> Cell:
    """A value of DuckDB as a cell; a text longer than `longest` is cut and ends in an ellipsis."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _name(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    text = value if isinstance(value, str) else _shown(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _name(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _shown(value: object) -> str:
    return (
        json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    )
