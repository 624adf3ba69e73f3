"""Results as files to take away, in which no cell can act as a formula.

A text that begins like a formula would be run by the program that opens the file. In CSV such a text is put
behind an apostrophe (OWASP, "CSV injection"); in Excel every text is written as a text, never as a formula.
"""

import csv
import io

import xlsxwriter

from agents.data.results import ResultTable
from agents.data.values import Cell

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet take a text for a formula; the last four are their wide forms."""
MOST_SHEET_NAME = 31
LONGEST_CELL = 32_767
"""Characters of a cell in Excel."""
LARGEST_WHOLE = 2**53
"""Beyond this Excel's floating numbers are not exact, so a number is written as a text."""


def as_csv(table: ResultTable) -> bytes:
    """The table as CSV in UTF-8 with a mark of byte order, which spreadsheets need to see its letters."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow([harmless(column.name) for column in table.columns])
    writer.writerows([[harmless(cell) for cell in row] for row in table.rows])
    return sink.getvalue().encode("utf-8-sig")


def as_excel(tables: list[ResultTable]) -> bytes:
    """The tables as a workbook, one sheet each, with the SQL of all on a last sheet."""
    sink = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(sink, settings | {"strings_to_numbers": False, "nan_inf_to_errors": False})
    for place, table in enumerate(tables, start=1):
        sheet = book.add_worksheet(f"{place} {_sheet_name(table.title)}"[:MOST_SHEET_NAME].rstrip())
        _fill(sheet, [[column.name for column in table.columns], *table.rows])
    notes = book.add_worksheet("SQL")
    _fill(notes, [["result", "sql"], *([table.title, table.sql] for table in tables)])
    book.close()
    return sink.getvalue()


def harmless(cell: Cell) -> Cell:
    """The cell, a text that begins like a formula behind an apostrophe."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def _fill(
    sheet: xlsxwriter.worksheet.Worksheet, rows: list[list[Cell] | tuple[Cell, ...] | list[str]]
) -> None:
    for row, cells in enumerate(rows):
        for place, cell in enumerate(cells):
            _write(sheet, row, place, cell)


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, place: int, cell: Cell) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, int | float) and abs(cell) <= LARGEST_WHOLE:
        sheet.write_number(row, place, cell)
    else:
        sheet.write_string(row, place, str(cell)[:LONGEST_CELL])


def _sheet_name(title: str) -> str:
    """A title without the characters Excel refuses in the name of a sheet."""
    return "".join(c for c in title if c not in "[]:*?/\\'") or "result"
