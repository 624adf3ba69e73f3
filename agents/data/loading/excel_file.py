"""Excel workbooks as typed tables in DuckDB, one for each sheet with data."""

import csv
import datetime
import warnings
import zipfile
import zlib
from itertools import chain, islice
from pathlib import Path
from typing import Any

import duckdb
import openpyxl  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from agents.data.limits import Limits
from agents.data.loading.csv_file import Loaded, check_width, load_texts
from agents.data.loading.dialect import Dialect
from agents.data.loading.office_zip import check_office_zip
from agents.data.sql import identifier
from agents.errors import BadInput

BROKEN = (
    *(InvalidFileException, zipfile.BadZipFile, zlib.error, EOFError, SyntaxError, OverflowError),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError),
)
"""What openpyxl raises for a workbook that is none inside; broken XML is a SyntaxError."""
LARGEST_WHOLE = 2**53
FIRST_ROWS = 30
"""Rows among which the header is looked for."""


def load_excel(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    taken: set[str],
    folder: Path,
    limits: Limits,
) -> list[Loaded]:
    """Read every sheet that holds a table; BadInput when none does, or when the workbook is broken or a bomb.

    `taken` are the table names in use, to which those of this workbook are added; `folder` is for copies.
    """
    check_office_zip(path, name, limits.excel_unzipped_bytes, needed="xl/workbook.xml")
    loaded: list[Loaded] = []
    for sheet, staged, dialect in _staged_sheets(path, name, folder):
        title = f"{name}, sheet {sheet}"
        check_width(len(dialect.header), title, limits.columns)
        table = identifier(f"{Path(name).stem}_{sheet}" if loaded else Path(name).stem, taken)
        taken.add(table)
        loaded.append(load_texts(connection, staged, title, table, dialect, [], sheet))
    if not loaded:
        raise BadInput(f"“{name}” has no sheet with a table in it. Nothing was read: check the workbook.")
    return loaded


def _staged_sheets(path: Path, name: str, folder: Path) -> list[tuple[str, Path, Dialect]]:
    """Each sheet with a header as a CSV file of its data, with the layout of that file."""
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # on styles and validations, which do not matter here
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            targets = (folder / f"sheet{place}.csv" for place in range(len(book.worksheets)))
            sheets = [_staged(*pair) for pair in zip(book.worksheets, targets, strict=True)]
    except BROKEN as error:
        raise BadInput(
            f"“{name}” is damaged inside. Nothing was read: save it again and attach that."
        ) from error
    return [sheet for sheet in sheets if sheet is not None]


def _staged(sheet: Any, target: Path) -> tuple[str, Path, Dialect] | None:
    sheet.reset_dimensions()  # the size a file states for its sheets is often wrong
    rows = sheet.iter_rows(values_only=True)
    first = list(islice(rows, FIRST_ROWS))
    place = _header_place(first)
    if place is None:
        return None
    header = _cut([_text(cell) for cell in first[place]])
    width = len(header)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in chain(first[place + 1 :], rows):
            cells = _cut([_text(cell) for cell in row])
            width = max(width, len(cells))
            if cells:
                writer.writerow(cells)
    header += [""] * (width - len(header))
    return sheet.title, target, Dialect(",", tuple(header), place, 0, padded=True)


def _header_place(rows: list[tuple[Any, ...]]) -> int | None:
    """The first row with at least half as many cells as the fullest of them."""
    filled = [sum(cell is not None for cell in row) for row in rows]
    fullest = max(filled, default=0)
    return next((place for place, count in enumerate(filled) if 0 < fullest <= 2 * count), None)


def _cut(cells: list[str]) -> list[str]:
    """Without the empty cells at the end."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(cell: object) -> str:
    """A cell as the CSV reader knows it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < LARGEST_WHOLE else repr(cell)
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)
