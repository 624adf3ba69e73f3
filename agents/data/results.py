"""What an analysis gives: tables with the SQL behind them, sentences that cite their cells, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import JsonValue

from agents.data.tables import Fact, Family
from agents.data.values import Cell

if TYPE_CHECKING:
    import pandas as pd


class ResultColumn(Fact):
    """One column of a result."""

    name: str
    """As the SQL names it."""
    type: str
    """DuckDB's type."""
    family: Family
    """What can be done with it."""


class Rows(Fact):
    """What a query gave."""

    columns: tuple[ResultColumn, ...]
    """In the query's order."""
    rows: tuple[tuple[Cell, ...], ...]
    """In the query's order."""
    complete: bool
    """False when there were more rows than were kept."""


class ResultTable(Rows):
    """A result that can be opened: its query, and its values."""

    id: str
    """Unique in its answer."""
    title: str
    """What the rows are."""
    sql: str
    """The query that gave them; run again on the same tables, it gives them again."""

    def place(self, column: str) -> int:
        """The position of a column; ValueError when there is none of this name."""
        return [one.name for one in self.columns].index(column)

    def values(self, column: str) -> tuple[Cell, ...]:
        """All values of a column."""
        place = self.place(column)
        return tuple(row[place] for row in self.rows)

    def value(self, row: int, column: str) -> Cell:
        """One value, by the row's number from 0 and the column's name."""
        return self.rows[row][self.place(column)]

    def frame(self) -> pd.DataFrame:
        """The rows as a pandas frame; missing values stay missing."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=[column.name for column in self.columns])


class CellRef(Fact):
    """Where a number of a sentence comes from."""

    table: str
    """Id of the result table."""
    row: int
    """Number of the row, from 0."""
    column: str
    """Name of the column."""


class Citation(Fact):
    """A part of a sentence that shows a cell's value."""

    start: int
    """Position of its first character."""
    end: int
    """Position after its last character."""
    cell: CellRef
    """The cell."""


class Finding(Fact):
    """A plain sentence; every number and every value of a group in it is cited."""

    text: str
    """The sentence; plain text, in which nothing is markup."""
    citations: tuple[Citation, ...]
    """In the order of the text."""


class Figure(Fact):
    """A chart of one result table."""

    table: str
    """Id of the result table it draws."""
    spec: dict[str, JsonValue]
    """A plotly figure as a plain dict: data and layout; texts are escaped for plotly's own markup."""
