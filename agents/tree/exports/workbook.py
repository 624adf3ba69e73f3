"""An Excel workbook: the answer, the work plan with real dates and numbers, and the tree as an outline.

Texts are written as texts: nothing that begins with = + - @ or a tab becomes a formula, a link or a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date
from io import BytesIO
from typing import Any

import xlsxwriter

from agents.tree.exports.context import ExportContext
from agents.tree.exports.measure import line_count
from agents.tree.exports.rows import NOT_NOW, WorkRow, facts_of, head_of, outline, work_rows
from agents.tree.model import Node, ProblemTree, SplitKind, belief_of

Cell = str | float | date | None
Column = tuple[str, int, str, Callable[[WorkRow], Cell]]


def _columns(said: Mapping[str, str], of: str) -> tuple[Column, ...]:
    """The columns of the work plan; answers that a leaf cites stand in words, without an id."""

    def evidence(row: WorkRow) -> str | None:
        known = [said[cited] for cited in row.leaf.evidence_ids if cited in said]
        lost = len(row.leaf.evidence_ids) - len(known)
        unknown = [f"{lost} more on record in Whytree"] if lost else []
        return "; ".join([*known, *unknown]) or None

    return (
        (of, 34, "text", lambda row: row.node.text),
        *_COLUMNS,
        ("Evidence", 40, "text", evidence),
        ("No. in the tree", 9, "text", lambda row: row.place),
    )


_COLUMNS: tuple[Column, ...] = (
    ("Branch", 34, "text", lambda row: row.branch),
    ("Hypothesis", 42, "text", lambda row: row.leaf.hypothesis),
    ("Analysis", 36, "text", lambda row: row.leaf.analysis),
    ("Data source", 22, "text", lambda row: row.leaf.data_source),
    ("Owner", 18, "text", lambda row: row.leaf.owner),
    ("Effort (days)", 9, "number", lambda row: row.leaf.effort_days),
    ("Due", 11, "date", lambda row: row.leaf.due),
    ("Refuted if", 36, "text", lambda row: row.leaf.disproof),
    ("Status", 11, "text", lambda row: row.leaf.status),
    ("Parked because", 24, "text", lambda row: NOT_NOW if row.not_now else row.leaf.parked_reason),
    ("Belief", 8, "percent", lambda row: row.leaf.belief),
    ("Severity (1-5)", 9, "number", lambda row: row.leaf.severity),
    ("Worth per day", 9, "number", lambda row: row.worth),
    ("Worse in (days)", 9, "number", lambda row: row.leaf.worse_in_days),
    ("Cost of delay", 24, "text", lambda row: row.leaf.cost_of_delay),
)
_CELL = 32_767
_LINE = 13.5
"""Points of height per line of text at 10 pt."""
_A3 = 8
_PRINTED = 12
"""Columns of the work plan that fit a printed page; the rest is for the screen."""
_PERCENT = '[=0]0 %;[<0.005]"<1 %";0 %'
"""What is little is not shown as nothing."""
_PLAIN = {"font_name": "Arial", "font_size": 10, "valign": "top"}
_AT_RIGHT = {"align": "right", "indent": 1}
"""Apart from the text in the next column."""
_HEAD = {"bold": True, "text_wrap": True, "bg_color": "#DFEBF6", "border": 1}
_TREE_COLUMNS = (("No.", 10), ("Level", 7), ("Node", 90), ("Belief", 9), ("Status", 12), ("Split", 40))
_LOGICS: dict[SplitKind, str] = {
    "binary": "One or the other",
    "formula": "By a formula",
    "process": "Step by step",
    "segment": "Part by part",
    "framework": "By a framework",
    "free": "By judgement",
}
_STATUSES = ["open", "supported", "refuted", "parked"]


class _Writer:
    """A workbook in memory with its few formats."""

    def __init__(self, context: ExportContext) -> None:
        self.data = BytesIO()
        self.book = xlsxwriter.Workbook(self.data, {"in_memory": True})
        made = context.made_at.astimezone(UTC).replace(tzinfo=None)
        self.book.set_properties({"title": context.title, "comments": context.stamp, "created": made})
        self.book.set_calc_mode("auto")
        self.formats = {
            "text": self.book.add_format({**_PLAIN, "text_wrap": True}),
            "number": self.book.add_format({**_PLAIN, **_AT_RIGHT, "num_format": "General"}),
            "percent": self.book.add_format({**_PLAIN, **_AT_RIGHT, "num_format": _PERCENT}),
            "date": self.book.add_format({**_PLAIN, **_AT_RIGHT, "num_format": "yyyy-mm-dd"}),
            "head": self.book.add_format({**_PLAIN, **_HEAD}),
            "title": self.book.add_format({**_PLAIN, "bold": True, "font_size": 16}),
            "answer": self.book.add_format({**_PLAIN, "bold": True, "font_size": 12, "text_wrap": True}),
        }

    def put(self, sheet: Any, row: int, column: int, value: Cell, kind: str) -> None:
        """One cell: text as text, a number as a number, a date as a date, nothing as an empty cell."""
        if value is None:
            sheet.write_blank(row, column, None, self.formats[kind])
        elif isinstance(value, str):
            sheet.write_string(row, column, shortened(value), self.formats[kind])
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self.formats[kind])
        else:
            sheet.write_number(row, column, value, self.formats[kind])

    def bytes(self) -> bytes:
        self.book.close()
        return self.data.getvalue()


def shortened(text: str) -> str:
    """The text, ended by an ellipsis where a cell cannot hold more."""
    return text if len(text) <= _CELL else f"{text[: _CELL - 1]}\u2026"


def to_workbook(tree: ProblemTree, context: ExportContext) -> bytes:
    """The file's bytes."""
    writer = _Writer(context)
    _answer_sheet(writer, tree, context)
    _plan_sheet(writer, work_rows(tree, context.decided), context, head_of(tree))
    _tree_sheet(writer, tree, context)
    return writer.bytes()


def _sheet(writer: _Writer, name: str, context: ExportContext) -> Any:
    """A sheet that prints on landscape pages as wide as one page, with the stamp below."""
    sheet = writer.book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(_A3)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{context.stamp.replace('&', '&&')[:200]}&RPage &P of &N")
    return sheet


def _answer_sheet(writer: _Writer, tree: ProblemTree, context: ExportContext) -> None:
    sheet = _sheet(writer, "Answer", context)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 110)
    writer.put(sheet, 0, 0, context.title, "title")
    rows = [("Answer", context.answer), ("Made", context.stamp)]
    rows += _under("What to do next", context.to_do)
    rows += [("Question", tree.root.text), *facts_of(tree)]
    for head, lines in context.by_side():
        rows += _under(head, lines)
    for number, (name, value) in enumerate(rows, start=2):
        writer.put(sheet, number, 0, name, "head")
        writer.put(sheet, number, 1, value, "answer" if name == "Answer" else "text")


def _under(head: str, lines: Sequence[str]) -> list[tuple[str, str]]:
    """Lines as rows, the heading beside the first."""
    return [(head if number == 0 else "", line) for number, line in enumerate(lines)]


def _plan_sheet(writer: _Writer, rows: list[WorkRow], context: ExportContext, of: str) -> None:
    sheet = _sheet(writer, "Work plan", context)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    columns = _columns(context.said, of)
    for column, (name, width, _, _) in enumerate(columns):
        sheet.set_column(column, column, width)
        writer.put(sheet, 0, column, name, "head")
    sheet.set_row(0, _LINE * 2)
    for number, row in enumerate(rows, start=1):
        cells = [(read(row), kind, width) for _, width, kind, read in columns]
        sheet.set_row(number, _LINE * max(_lines(value, width) for value, _, width in cells))
        for column, (value, kind, _) in enumerate(cells):
            writer.put(sheet, number, column, value, kind)
    if rows:
        sheet.print_area(0, 0, len(rows), _PRINTED - 1)
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        status = next(i for i, column in enumerate(columns) if column[0] == "Status")
        sheet.data_validation(1, status, len(rows), status, {"validate": "list", "source": _STATUSES})


def _lines(value: Cell, width: int) -> int:
    """Lines a cell needs in a column of this many characters; Excel shows at most some thirty."""
    inches = (width * 7 - 5) / 96
    return min(30, line_count(value, 10, inches)) if isinstance(value, str) else 1


def _tree_sheet(writer: _Writer, tree: ProblemTree, context: ExportContext) -> None:
    sheet = _sheet(writer, "Tree", context)
    for column, (name, width) in enumerate(_TREE_COLUMNS):
        sheet.set_column(column, column, width)
        writer.put(sheet, 0, column, name, "head")
    sheet.freeze_panes(1, 0)
    indents = [
        writer.book.add_format({**_PLAIN, "align": "left", "text_wrap": True, "indent": depth})
        for depth in range(16)
    ]
    for number, (node, place, path) in enumerate(outline(tree), start=1):
        writer.put(sheet, number, 0, place, "text")
        writer.put(sheet, number, 1, len(path), "number")
        sheet.write_string(number, 2, node.text, indents[min(len(path), 15)])
        writer.put(sheet, number, 3, belief_of(node), "percent")
        writer.put(sheet, number, 4, node.leaf.status if node.leaf else None, "text")
        writer.put(sheet, number, 5, _split(node), "text")


def _split(node: Node) -> str | None:
    """How a node is divided, in words: by what, or by which logic where nothing is said."""
    return None if node.split is None else node.split.dimension or _LOGICS[node.split.kind]
