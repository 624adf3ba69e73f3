"""An Excel workbook of usage: key figures, tables with native charts beside them, and how all is computed.

Texts are written as texts: none becomes a formula or a link. Numbers are numbers; what is unknown is left
empty, and counted beside.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pandas as pd
import xlsxwriter

from agents.usage import words
from agents.usage.exports.harmless import harmless, named, visible
from agents.usage.exports.sheets import Kind, Sheet, sheets
from agents.usage.month import MonthToDate, Part, month_to_date
from agents.usage.tiles import Tile, Unit, tiles
from storage.runs import Environment
from storage.usage.figure import Figure, Reader
from storage.usage.filters import Filters

SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#A89A00", "#767676")
"""Told apart by any eye, as in the app's charts."""
NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "day": "yyyy-mm-dd",
    "count": "#,##0",
    "money": "#,##0.00",
    "price": "#,##0.0000",
    "share": "0.0 %",
    "seconds": "0.00",
}
KIND_OF: dict[Unit, Kind] = {"money": "price", "share": "share", "count": "count", "seconds": "seconds"}
LONGEST_CELL = 32_767
FIRST_ROW = 3
"""Row of the headings, below the definition."""
OVERVIEW_CHART_ROW = 20


class _Writer:
    """A workbook in memory with its few formats."""

    def __init__(self, title: str, made_at: datetime) -> None:
        self._data = BytesIO()
        self.book = xlsxwriter.Workbook(self._data, SAFE)
        self.book.set_properties({"title": title, "author": "Whytree", "created": made_at})
        plain = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        self.formats = {
            kind: self.book.add_format({**plain, "num_format": code}) for kind, code in NUMBER_FORMATS.items()
        }
        head = {"bold": True, "text_wrap": True, "bg_color": "#DFEBF6", "border": 1}
        self.head = self.book.add_format({**plain, **head})
        self.title = self.book.add_format({**plain, "bold": True, "font_size": 14})
        self.note = self.book.add_format({**plain, "font_color": "#4A5563", "text_wrap": True})
        self.wrapped = self.book.add_format({**plain, "text_wrap": True})

    def sheet(self, name: str, title: str, note: str, columns: int) -> Any:
        """A sheet with a title, and a note below it over so many columns."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, visible(title), self.title)
        sheet.write_string(1, 0, visible(note)[:LONGEST_CELL], self.note)
        if columns > 1:
            sheet.merge_range(1, 0, 1, columns - 1, visible(note)[:LONGEST_CELL], self.note)
        sheet.set_row(1, 13.5 * (1 + len(note) // (columns * 15)))
        sheet.set_row(FIRST_ROW, 28)
        return sheet

    def headings(self, sheet: Any, names: Sequence[str], widths: Sequence[float]) -> None:
        """The row of headings, which stays in sight."""
        for column, (name, width) in enumerate(zip(names, widths, strict=True)):
            sheet.write_string(FIRST_ROW, column, harmless(name), self.head)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(FIRST_ROW + 1, 1)
        sheet.repeat_rows(FIRST_ROW)

    def put(self, sheet: Any, row: int, column: int, value: Any, kind: Kind) -> None:
        """One cell; nothing as an empty one."""
        if value is None or pd.isna(value):
            sheet.write_blank(row, column, None, self.formats[kind])
        elif isinstance(value, str):
            sheet.write_string(row, column, harmless(value)[:LONGEST_CELL], self.formats[kind])
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self.formats[kind])
        else:
            sheet.write_number(row, column, float(value), self.formats[kind])

    def bytes(self) -> bytes:
        """The file."""
        self.book.close()
        return self._data.getvalue()


def to_workbook(reader: Reader, filters: Filters, at: datetime, counted: Environment = "live") -> bytes:
    """The file's bytes."""
    title = f"Usage and cost, {words.days(filters)}"
    writer = _Writer(title, at)
    found, month = tiles(reader, filters), month_to_date(reader, filters, at, counted)
    tables = sheets(reader, filters)
    overview = _overview(writer, title, filters, found, month, at)
    for table in tables:
        _table(writer, table)
    _chart(writer, overview, tables[0], (OVERVIEW_CHART_ROW, 0))
    figures = [(tile.title, tile.figure) for tile in found]
    _how(writer, [*figures, *((table.name, table.figure) for table in tables)])
    return writer.bytes()


def _overview(
    writer: _Writer, title: str, filters: Filters, found: list[Tile], month: MonthToDate, at: datetime
) -> Any:
    limited = f"Limited to {words.limited_to(filters)}. Money in {filters.currency}."
    made = f"{limited} Made {at:%Y-%m-%d %H:%M} UTC."
    sheet = writer.sheet("Overview", title, made, 6)
    writer.headings(
        sheet,
        ("Figure", "Unit", "This period", "Period before", "Change", "What is not in it"),
        (34, 10, 16, 16, 10, 70),
    )
    row = FIRST_ROW + 1
    for tile in found:
        unit = filters.currency if tile.unit == "money" else tile.unit
        cells: list[tuple[Any, Kind]] = [
            (tile.title, "text"),
            (unit, "text"),
            *((value, KIND_OF[tile.unit]) for value in (tile.value, tile.previous)),
            (tile.change, "share"),
            (" ".join(tile.figure.notes), "text"),
        ]
        for column, (value, kind) in enumerate(cells):
            writer.put(sheet, row, column, value, kind)
        row += 1
    for name, now, before, change, notes in _of_month(month):
        cells = [(name, "text"), (filters.currency, "text"), (now, "price"), (before, "price")]
        for column, (value, kind) in enumerate([*cells, (change, "share"), (" ".join(notes), "text")]):
            writer.put(sheet, row, column, value, kind)
        row += 1
    return sheet


NOTHING_BEFORE = Part(None, ())
OfMonth = tuple[str, Decimal | None, Decimal | None, float | None, Sequence[str]]


def _of_month(month: MonthToDate) -> list[OfMonth]:
    """What the month costs, now and the month before, how it changed, and what is not in it."""
    end, before = month.forecast.month_end if month.forecast else None, month.before
    by_now, whole = (before.by_now, before.whole) if before else (NOTHING_BEFORE, NOTHING_BEFORE)
    compared = (month.compared,) if month.compared else ()
    besides = (f"{month.besides}.",) if month.besides else ()
    told, ahead = (*month.figure.notes, *by_now.notes, *compared), (*month.notes, *whole.notes)
    return [
        ("Spent this month", month.spent, by_now.spent, month.change, told),
        (
            "Expected by the month's end",
            end.expected if end else None,
            whole.spent,
            month.expected_change,
            ahead,
        ),
        ("Expected at least (8 of 10 cases)", end.low if end else None, None, None, month.notes),
        ("Expected at most (8 of 10 cases)", end.high if end else None, None, None, month.notes),
        ("Budget of the month", month.standing.allowed if month.standing else None, None, None, besides),
    ]


def _table(writer: _Writer, table: Sheet) -> None:
    note = " ".join((table.figure.definition, *table.figure.notes))
    sheet = writer.sheet(table.name, table.name, note, len(table.columns))
    widths = [26 if column.kind == "text" else 14 for column in table.columns]
    writer.headings(sheet, [column.heading for column in table.columns], widths)
    frame = table.figure.frame
    for place, column in enumerate(table.columns):
        for row, value in enumerate(frame[column.name].tolist(), start=FIRST_ROW + 1):
            shown = named(column.name, value) if column.kind == "text" else value
            writer.put(sheet, row, place, shown, column.kind)
    if len(frame):
        sheet.autofilter(FIRST_ROW, 0, FIRST_ROW + len(frame), len(table.columns) - 1)
    _chart(writer, sheet, table, (FIRST_ROW, len(table.columns) + 1))


def _chart(writer: _Writer, sheet: Any, table: Sheet, place: tuple[int, int]) -> None:
    """A table's chart at a row and column of a sheet; none for a table without rows."""
    chart = table.chart
    if chart is None or table.figure.frame.empty:
        return
    names = [column.name for column in table.columns]
    is_time = table.columns[names.index(chart.category)].kind == "day"
    rows = len(table.figure.frame) if is_time else min(len(table.figure.frame), chart.most)
    kind = {"type": chart.shape} | ({"subtype": "stacked"} if chart.is_stacked else {})
    drawn = writer.book.add_chart(kind)
    first, last, category = FIRST_ROW + 1, FIRST_ROW + rows, names.index(chart.category)
    for number, name in enumerate(chart.series):
        column = names.index(name)
        drawn.add_series(
            {
                "name": [table.name, FIRST_ROW, column],
                "categories": [table.name, first, category, last, category],
                "values": [table.name, first, column, last, column],
                "fill": {"color": COLOURS[number % len(COLOURS)]},
                "gap": 40,
            }
        )
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
    drawn.set_size({"width": 760, "height": 420})
    drawn.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
    light = {"major_gridlines": {"visible": True, "line": {"color": "#E3E6EA"}}}
    if chart.shape == "bar":
        drawn.set_x_axis(light)
        drawn.set_y_axis({"reverse": True, "label_position": "low"})
    else:
        drawn.set_y_axis(light)
    if is_time:
        drawn.set_x_axis({"date_axis": True, "num_format": "d mmm"})
    sheet.insert_chart(*place, drawn, {"description": chart.title})


def _how(writer: _Writer, figures: Sequence[tuple[str, Figure]]) -> None:
    """How each figure is computed: definition, source, rows, and the query with its values."""
    headings = ("Figure", "Definition", "Read from", "Stored rows", "Query", "Values")
    note = "$names in a query stand for the values beside it."
    sheet = writer.sheet("How computed", "How each figure is computed", note, len(headings))
    writer.headings(sheet, headings, (28, 60, 12, 12, 90, 50))
    for row, (name, figure) in enumerate(figures, start=FIRST_ROW + 1):
        values = "; ".join(f"{key} = {value}" for key, value in figure.parameters.items())
        for column, text in enumerate((name, figure.definition, figure.source, None, figure.sql, values)):
            if text is not None:
                sheet.write_string(row, column, visible(text)[:LONGEST_CELL], writer.wrapped)
        writer.put(sheet, row, 3, figure.rows, "count")
        sheet.set_row(row, 60)
