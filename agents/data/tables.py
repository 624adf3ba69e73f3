"""What is known of the attached tables: plain facts, found when they are read."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Family = Literal["number", "text", "date", "truth", "other"]


class Fact(BaseModel):
    """Base of the records of this package that can be stored: frozen, with no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(Fact):
    """One column of an attached table."""

    name: str
    """As in the file's header."""
    type: str
    """DuckDB's type."""
    family: Family
    """What can be done with it."""
    values: int
    """Rows with a value."""
    missing: int
    """Rows without one (NULL)."""
    not_a_number: int
    """Rows whose value is NaN or infinite; they count as values."""
    distinct: int
    """Different values, to within some per cent on large tables."""
    lowest: str | float | int | None
    """Smallest value, dates in ISO form; None without values and for other families."""
    highest: str | float | int | None
    """Largest value, in the same form."""
    whole: bool
    """True for whole numbers."""


class Table(Fact):
    """One attached table: a CSV or Parquet file, or a sheet of a workbook."""

    name: str
    """Its name in SQL."""
    file: str
    """The attached file's name."""
    sheet: str | None
    """The workbook's sheet."""
    rows: int
    """Rows without the header."""
    columns: tuple[Column, ...]
    """In the file's order."""
    notes: tuple[str, ...]
    """How the file was read where that was not plain: whole sentences."""

    def column(self, name: str) -> Column | None:
        """The column of exactly this name."""
        return next((column for column in self.columns if column.name == name), None)
