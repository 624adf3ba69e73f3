"""CSV files as typed tables in DuckDB."""

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from agents.data import sql
from agents.data.loading.dialect import Dialect, find_dialect
from agents.data.loading.encoding import as_utf8
from agents.data.loading.headers import column_names
from agents.data.loading.typing_columns import Texts, typed_columns, with_present
from agents.errors import BadInput

WIDTHS = re.compile(r"CSV Error on Line: (\d+).*?Expected Number of Columns: (\d+) Found: (\d+)", re.DOTALL)
LINE = re.compile(r"CSV Error on Line: (\d+)")


@dataclass(frozen=True)
class Loaded:
    """A table that now stands in DuckDB."""

    table: str
    """Its name in SQL."""
    sheet: str | None
    """The workbook's sheet."""
    notes: tuple[str, ...]
    """How it was read where that was not plain."""


def load_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, table: str, folder: Path, most_columns: int
) -> Loaded:
    """Read a CSV file of any usual encoding and layout into `table`; BadInput when it holds no sound table.

    `folder` is for a copy in UTF-8 where one is needed; `name` is what the person calls the file.
    """
    readable, recoded = as_utf8(path, name, folder)
    dialect = find_dialect(readable, name)
    check_width(len(dialect.header), name, most_columns)
    notes = [recoded] if recoded else []
    return load_texts(connection, readable, name, table, dialect, notes)


def check_width(columns: int, name: str, most: int) -> None:
    """Raise BadInput for a table with too many columns."""
    if columns > most:
        raise BadInput(
            f"“{name}” has {columns:,} columns; {most:,} are the most. "
            "Nothing was read: attach an extract with fewer columns."
        )


def load_texts(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    table: str,
    dialect: Dialect,
    notes: list[str],
    sheet: str | None = None,
) -> Loaded:
    """Read a UTF-8 CSV file of known layout into `table`."""
    raw = [f"c{place}" for place in range(len(dialect.header))]
    if dialect.preface:
        notes = [*notes, f"Of “{name}”, the first {dialect.preface} lines were left out: they are no table."]
    relation = _reader(path, dialect, raw)
    try:
        filled = _filled(connection, relation, raw)
        if not dialect.header[0].strip() and _numbers_the_rows(connection, relation, raw[0]):
            filled[0] = False
        names = column_names(dialect.header, filled, name)
        kept = [(column, title) for column, title in zip(raw, names, strict=True) if title is not None]
        texts = Texts(relation, tuple(c for c, _ in kept), tuple(t for _, t in kept), dialect.delimiter)
        typed = typed_columns(connection, texts)
        chosen = ", ".join(f"{column.sql} as {sql.name(column.name)}" for column in typed)
        connection.execute(
            f"create table {sql.name(table)} as select {chosen} from {with_present(texts, texts.columns)}"
        )
    except duckdb.InvalidInputException as error:
        raise BadInput(_said(str(error), name)) from error
    return Loaded(table, sheet, (*notes, *(note for column in typed for note in column.notes)))


def _reader(path: Path, dialect: Dialect, raw: list[str]) -> str:
    columns = ", ".join(f"{sql.text(column)}: 'VARCHAR'" for column in raw)
    padding = ", null_padding=true, parallel=false" if dialect.padded else ""
    return (
        f"read_csv({sql.text(str(path))}, delim={sql.text(dialect.delimiter)}, quote='\"', escape='\"', "
        f"comment='', header=false, skip={dialect.skipped}, auto_detect=false, strict_mode=true, "
        f"columns={{{columns}}}{padding})"
    )


def _filled(connection: duckdb.DuckDBPyConnection, relation: str, raw: list[str]) -> list[bool]:
    counts = ", ".join(f"count({column})" for column in raw)
    row = connection.execute(f"select {counts} from {relation}").fetchone() or ()
    return [count > 0 for count in row]


def _numbers_the_rows(connection: duckdb.DuckDBPyConnection, relation: str, column: str) -> bool:
    """True for a first column that only counts the rows from 0 or 1, as programs add one without a name."""
    number = f"try_cast({column} as bigint)"
    asked = f"min({number}), max({number}), count(distinct {number}), count(*)"
    lowest, highest, distinct, rows = (
        connection.execute(f"select {asked} from {relation}").fetchone() or (0,) * 4
    )
    return lowest in (0, 1) and highest == lowest + rows - 1 and distinct == rows


def _said(message: str, name: str) -> str:
    widths = WIDTHS.search(message)
    if widths:
        line, expected, found = widths.groups()
        fault = f"Line {line} of “{name}” has {found} cells where the header has {expected}."
    else:
        line_only = LINE.search(message)
        place = f"Line {line_only[1]} of “{name}”" if line_only else f"“{name}”"
        fault = f"{place} breaks the rules of CSV, mostly by a quote that is not closed."
    return f"{fault} Nothing was read: mend it and attach the file again."
