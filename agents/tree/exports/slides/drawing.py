"""Native shapes of a slide: text boxes, node boxes with connectors, bars; sizes in inches and points."""

from __future__ import annotations

from typing import Any, cast

from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from agents.tree.draw.face import Kind
from agents.tree.draw.palette import LIGHT
from agents.tree.exports.slides.layout import INSET, Box, box_text
from agents.tree.exports.slides.page import SMALLEST, Area

FONT = "Arial"
_RIGHT, _LEFT = 3, 1
"""Connection sites of a rectangle, counted from the top against the clock."""
_FORMS: dict[Kind, tuple[MSO_SHAPE, MSO_LINE]] = {
    "branch": (MSO_SHAPE.ROUNDED_RECTANGLE, MSO_LINE.SOLID),
    "open": (MSO_SHAPE.RECTANGLE, MSO_LINE.SOLID),
    "supported": (MSO_SHAPE.RECTANGLE, MSO_LINE.SOLID),
    "refuted": (MSO_SHAPE.RECTANGLE, MSO_LINE.DASH),
    "parked": (MSO_SHAPE.SNIP_1_RECTANGLE, MSO_LINE.ROUND_DOT),
    "other": (MSO_SHAPE.ROUNDED_RECTANGLE, MSO_LINE.ROUND_DOT),
}


def colour(hexadecimal: str) -> RGBColor:
    """The colour of a text such as "#1D5A97"."""
    red, green, blue = bytes.fromhex(hexadecimal.lstrip("#"))
    made: RGBColor = cast(Any, RGBColor)(red, green, blue)
    return made


def put_text(
    slide: Any,
    area: Area,
    text: str,
    size: float,
    *,
    bold: bool = False,
    ink: str = LIGHT.ink,
    right: bool = False,
) -> None:
    """A text box without insets; the caller has measured that the text fits.

    What follows a line break is set as small as anything may be.
    """
    shape = slide.shapes.add_textbox(*_inches(area))
    _fill_frame(shape.text_frame, text, size, ink, inset=0.0, below=SMALLEST)
    paragraph = shape.text_frame.paragraphs[0]
    paragraph.font.bold = bold
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT


def put_tree(slide: Any, boxes: tuple[Box, ...]) -> None:
    """Every box as a shape of its own, joined to its parent by a connector that follows when moved."""
    shapes: dict[str, Any] = {}
    for box in boxes:
        shapes[box.face.node_id] = _put_box(slide, box)
    for box in boxes:
        parent = shapes.get(str(box.face.parent_id))
        if parent is not None:
            line = slide.shapes.add_connector(MSO_CONNECTOR.ELBOW, 0, 0, 0, 0)
            line.begin_connect(parent, _RIGHT)
            line.end_connect(shapes[box.face.node_id], _LEFT)
            line.line.color.rgb = colour(LIGHT.line)
            line.line.width = Pt(1)
            _unstyled(line)


def put_bar(slide: Any, area: Area, fill: str) -> None:
    """A bar without text."""
    bar = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_inches(area))
    bar.fill.solid()
    bar.fill.fore_color.rgb = colour(fill)
    bar.line.color.rgb = colour(LIGHT.line)
    bar.line.width = Pt(0.75)
    _unstyled(bar)


def _put_box(slide: Any, box: Box) -> Any:
    form, dash = _FORMS[box.face.kind]
    shape = slide.shapes.add_shape(form, *_inches(box.area))
    shape.name = f"node {box.face.node_id}"
    shade = LIGHT.shade(box.face.belief)
    shape.fill.solid()
    shape.fill.fore_color.rgb = colour(shade.fill)
    shape.line.color.rgb = colour(LIGHT.line)
    shape.line.dash_style = dash
    shape.line.width = Pt(_border(box))
    _unstyled(shape)
    if form in (MSO_SHAPE.ROUNDED_RECTANGLE, MSO_SHAPE.SNIP_1_RECTANGLE):
        shape.adjustments[0] = min(0.5, 0.08 / min(box.area.width, box.area.height))
    _fill_frame(shape.text_frame, box_text(box.face), box.size, shade.ink, inset=INSET)
    shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    for paragraph in shape.text_frame.paragraphs:
        paragraph.alignment = PP_ALIGN.LEFT
    return shape


def _unstyled(shape: Any) -> None:
    """Drop the theme's style, which adds a shadow; fill, line and ink are all set on the shape."""
    style = shape._element.find(qn("p:style"))
    if style is not None:
        shape._element.remove(style)


def _border(box: Box) -> float:
    """Wider with belief; a supported leaf has the widest."""
    if box.face.kind == "supported":
        return 4.5
    return 0.75 + 3 * min(max(box.face.belief or 0.0, 0.0), 1.0)


def _fill_frame(
    frame: Any, text: str, size: float, ink: str, inset: float, below: float | None = None
) -> None:
    frame.word_wrap = True
    frame.auto_size = MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Inches(inset)
    for number, line in enumerate(text.split("\n")):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = " ".join(line.split())
        run.font.size = Pt(size if number == 0 else below or size)
        run.font.name = FONT
        run.font.color.rgb = colour(ink)


def _inches(area: Area) -> tuple[int, int, int, int]:
    return Inches(area.left), Inches(area.top), Inches(area.width), Inches(area.height)
