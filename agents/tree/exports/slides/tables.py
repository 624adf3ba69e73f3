"""The work plan as native tables, as many rows to a slide as fit, and lists of lines likewise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pptx.enum.text import MSO_ANCHOR
from pptx.util import Inches, Pt

from agents.tree.draw.face import percent
from agents.tree.draw.palette import LIGHT
from agents.tree.exports.measure import height, shortened
from agents.tree.exports.rows import WorkRow
from agents.tree.exports.slides.drawing import FONT, colour
from agents.tree.exports.slides.page import BODY, SMALLEST, Area

SIZE = 10
_PAD = 0.06
_MOST_SMALL_LINES = 2
_MOST_LINES = 8
"""A cell that would be taller is shortened; the workbook holds the whole text."""


def _days(row: WorkRow) -> str:
    return "" if row.leaf.effort_days is None else f"{row.leaf.effort_days:g}"


def _belief(row: WorkRow) -> str:
    return "" if row.leaf.belief is None else percent(row.leaf.belief)


_COLUMNS: tuple[tuple[str, float, Callable[[WorkRow], str]], ...] = (
    ("Cause", 2.6, lambda row: row.node.text),
    ("Hypothesis", 3.0, lambda row: row.leaf.hypothesis or ""),
    ("Analysis", 2.35, lambda row: row.leaf.analysis or ""),
    ("Source", 1.3, lambda row: row.leaf.data_source or ""),
    ("Owner", 1.03, lambda row: row.leaf.owner or ""),
    ("Days", 0.58, _days),
    ("Due", 0.9, lambda row: "" if row.leaf.due is None else row.leaf.due.isoformat()),
    ("Status", 0.85, lambda row: row.leaf.status),
    ("Belief", 0.6, _belief),
)
_SCALE = BODY.width / sum(width for _, width, _ in _COLUMNS)


def plan_pages(rows: Sequence[WorkRow], room: float = BODY.height) -> list[list[list[str]]]:
    """The cells of each slide's table, without the heads."""
    pages: list[list[list[str]]] = []
    used = room
    head = _row_height([name for name, _, _ in _COLUMNS], bold=True)
    for row in rows:
        cells = [
            shortened(read(row), SIZE, width * _SCALE - 2 * _PAD, _MOST_LINES) for _, width, read in _COLUMNS
        ]
        needed = _row_height(cells)
        if used + needed > room:
            pages.append([])
            used = head
        pages[-1].append(cells)
        used += needed
    return pages


def plan_height(rows: Sequence[Sequence[str]]) -> float:
    """What these rows take with their heads."""
    return _row_height([name for name, _, _ in _COLUMNS], bold=True) + sum(map(_row_height, rows))


def put_plan(slide: Any, rows: list[list[str]], of: str = "Cause", top: float = BODY.top) -> None:
    """One slide's table with its heads; the first says what a row is of."""
    heads = [of, *(name for name, _, _ in _COLUMNS[1:])]
    tall = [_row_height(heads, bold=True), *map(_row_height, rows)]
    frame = slide.shapes.add_table(
        len(tall), len(_COLUMNS), Inches(BODY.left), Inches(top), Inches(BODY.width), Inches(sum(tall))
    )
    table = frame.table
    for number, (_, width, _) in enumerate(_COLUMNS):
        table.columns[number].width = Inches(width * _SCALE)
    for y, cells in enumerate([heads, *rows]):
        table.rows[y].height = Inches(tall[y])
        for x, text in enumerate(cells):
            _put_cell(table.cell(y, x), text, head=y == 0, striped=y % 2 == 0)


def _put_cell(cell: Any, text: str, head: bool, striped: bool) -> None:
    cell.margin_left = cell.margin_right = cell.margin_top = cell.margin_bottom = Inches(_PAD)
    cell.vertical_anchor = MSO_ANCHOR.TOP
    cell.fill.solid()
    cell.fill.fore_color.rgb = colour(LIGHT.shades[4].fill if head else "#F1F5F9" if striped else "#FFFFFF")
    run = cell.text_frame.paragraphs[0].add_run()
    run.text = " ".join(text.split())
    run.font.size = Pt(SIZE)
    run.font.name = FONT
    run.font.bold = head
    run.font.color.rgb = colour(LIGHT.shades[4].ink if head else LIGHT.ink)
    cell.text_frame.paragraphs[0].font.size = Pt(SIZE)


def _row_height(cells: Sequence[str], bold: bool = False) -> float:
    widths = [width * _SCALE - 2 * _PAD for _, width, _ in _COLUMNS]
    return max(height(text, SIZE, room, bold) for text, room in zip(cells, widths, strict=True)) + 2 * _PAD


def stacked(lines: Sequence[str], size: float, area: Area, gap: float) -> Iterator[list[tuple[str, Area]]]:
    """Lines one below the other, slide by slide: each text with the area it takes.

    What follows a line break is set small, under the rest.
    """
    page: list[tuple[str, Area]] = []
    top = area.top
    for line in lines:
        said, _, below = line.partition("\n")
        small = shortened(below, SMALLEST, area.width, _MOST_SMALL_LINES)
        under = height(small, SMALLEST, area.width) if small else 0.0
        most = int((area.height - under) / height("x", size, area.width))
        text = shortened(said, size, area.width, most)
        needed = height(text, size, area.width) + under
        text = f"{text}\n{small}" if small else text
        if page and top + needed > area.top + area.height:
            yield page
            page, top = [], area.top
        page.append((text, Area(area.left, top, area.width, needed)))
        top += needed + gap
    if page:
        yield page
