"""Reading a PowerPoint as its audience would: where its texts stand, and whether they have room enough."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

from PIL import ImageFont
from pptx.util import Emu


def text_shapes(slide: Any) -> list[Any]:
    """Shapes that show text: boxes with words, and tables."""
    return [s for s in slide.shapes if s.has_table or (s.has_text_frame and s.text_frame.text.strip())]


def rectangle(shape: Any) -> tuple[int, int, int, int]:
    return shape.left, shape.top, shape.left + shape.width, shape.top + shape.height


def frames(slide: Any) -> Iterator[tuple[Any, float, float, float]]:
    """Every text frame of a slide with the inches it has: width, height, and its inset."""
    for shape in slide.shapes:
        if shape.has_table:
            for y, row in enumerate(shape.table.rows):
                for x, column in enumerate(shape.table.columns):
                    cell = shape.table.cell(y, x)
                    yield (
                        cell.text_frame,
                        Emu(column.width).inches,
                        Emu(row.height).inches,
                        Emu(cell.margin_left).inches,
                    )
        elif shape.has_text_frame and shape.text_frame.text.strip():
            frame = shape.text_frame
            yield frame, Emu(shape.width).inches, Emu(shape.height).inches, Emu(frame.margin_left).inches


@cache
def plain_font() -> Any:
    """The font that texts are measured with; to read it costs more than a hundred measures."""
    return ImageFont.load_default(size=100)


def plain_width(text: str, size: float, bold: bool) -> float:
    """Inches by the font's own metric, without the safety of the layout; bold is a tenth wider."""
    return float(plain_font().getlength(text)) / 100 * size / 72 * (1.1 if bold else 1.0)


def lines_needed(text: str, size: float, room: float, bold: bool) -> int:
    lines, line = 1, ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and plain_width(longer, size, bold) > room:
            lines, line = lines + 1, word
        else:
            line = longer
        while plain_width(line, size, bold) > room:
            fitting = bisect_right(
                range(1, len(line) + 1), room, key=lambda n, line=line: plain_width(line[:n], size, bold)
            )
            cut = max(fitting, 1)
            lines, line = lines + 1, line[cut:]
    return lines


def nodes_shown(deck: Any) -> set[str]:
    """Ids of the nodes that have a shape on some slide."""
    named = (s.name for slide in deck.slides for s in slide.shapes if s.name.startswith("node "))
    return {name.removeprefix("node ") for name in named}


def assert_readable(deck: Any) -> None:
    """No text overlaps another, none is clipped, and none is smaller than 9 pt."""
    for slide in deck.slides:
        for one, two in combinations(map(rectangle, text_shapes(slide)), 2):
            assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
        for frame, width, height, inset in frames(slide):
            runs = [run for paragraph in frame.paragraphs for run in paragraph.runs]
            assert all(run.font.size.pt >= 9 for run in runs), frame.text
            needed = 2 * inset
            for run in runs:
                size = run.font.size.pt
                lines = lines_needed(run.text, size, width - 2 * inset, bool(run.font.bold))
                needed += lines * size * 1.2 / 72
            assert needed <= height + 0.01, frame.text
