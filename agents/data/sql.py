"""Pieces of SQL text: names and values quoted so that they stay names and values."""

import math
import re

Literal = str | int | float | bool | None


def name(text: str) -> str:
    """A column's or table's name in double quotes."""
    return '"' + text.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text in single quotes; a NUL character, which DuckDB's parser refuses, is not for here."""
    return "'" + value.replace("'", "''") + "'"


def literal(value: Literal) -> str:
    """A value as SQL; NaN and the infinities have no literal and raise ValueError."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    if not math.isfinite(value):
        raise ValueError("Neither NaN nor an infinity can be written as SQL.")
    return repr(value)


def identifier(wanted: str, taken: set[str]) -> str:
    """A plain table name made of a file's name, different from those taken (in lower case)."""
    plain = re.sub(r"[^\w]+", "_", wanted.strip().lower()).strip("_")[:50] or "data"
    base = f"t_{plain}" if plain[0].isdigit() else plain
    found, number = base, 2
    while found in taken:
        found, number = f"{base}_{number}", number + 1
    return found
