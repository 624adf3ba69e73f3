"""Sentences whose numbers cite the cells they come from."""

from dataclasses import dataclass

from agents.data.results import CellRef, Citation, Finding, ResultTable
from agents.data.values import Cell

MISSING = "(missing)"
"""How a group without a value is called."""
LONGEST_NAME = 80


@dataclass(frozen=True)
class Cited:
    """A part of a sentence that shows a cell."""

    text: str
    cell: CellRef


def sentence(*parts: str | Cited) -> Finding:
    """The parts in a row as one sentence."""
    text = ""
    citations = []
    for part in parts:
        if isinstance(part, Cited):
            end = len(text) + len(part.text)
            citations.append(Citation(start=len(text), end=end, cell=part.cell))
            text += part.text
        else:
            text += part
    return Finding(text=text, citations=tuple(citations))


def number(table: ResultTable, row: int, column: str) -> Cited:
    """A cell as a number, with groups of thousands and no more digits than one reads."""
    return _cited(table, row, column, shown(table.value(row, column)))


def percent(table: ResultTable, row: int, column: str, signed: bool = False) -> Cited:
    """A cell that holds a share (0 to 1) as a percentage."""
    value = table.value(row, column)
    if not isinstance(value, int | float):
        return _cited(table, row, column, "unknown")
    return _cited(table, row, column, f"{value * 100:{'+' if signed else ''},.1f} %")


def change(table: ResultTable, row: int, column: str) -> Cited:
    """A cell as a number with its sign."""
    value = table.value(row, column)
    sign = "+" if isinstance(value, int | float) and value > 0 else ""
    return _cited(table, row, column, sign + shown(value))


def name(table: ResultTable, row: int, column: str) -> Cited:
    """A cell as the name of a group, in quotes."""
    value = table.value(row, column)
    if value is None:
        return _cited(table, row, column, MISSING)
    return _cited(table, row, column, quoted(value if isinstance(value, str) else str(value)))


def quoted(text: str) -> str:
    """A name from the person's own data, in one line and not overlong."""
    line = " ".join(text.split())
    return f"“{line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + '…'}”"


def shown(value: Cell) -> str:
    """A number as one reads it: whole ones in full, large ones to two places, others to four digits."""
    if value is None:
        return "unknown"
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int) or (abs(value) >= 1 and value == int(value)):
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.4g}"


def _cited(table: ResultTable, row: int, column: str, text: str) -> Cited:
    return Cited(text, CellRef(table=table.id, row=row, column=column))
