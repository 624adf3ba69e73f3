"""A PowerPoint with native, editable parts: the answer, the next step, the tree, the work plan, the evidence.

Every text is measured before it is placed: nothing is clipped, nothing overlaps, nothing is below 9 pt. What
does not fit one slide goes on over several.
"""

from __future__ import annotations

from datetime import UTC
from io import BytesIO
from typing import Any

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.util import Inches, Pt

from agents.tree.draw.face import percent
from agents.tree.draw.palette import LIGHT
from agents.tree.exports.context import ExportContext, joined, one_line
from agents.tree.exports.measure import height, shortened
from agents.tree.exports.rows import WorkRow, concluded, head_of, left_out, likeliest, work_rows
from agents.tree.exports.slides import messages
from agents.tree.exports.slides.drawing import FONT, colour, put_bar, put_text, put_tree
from agents.tree.exports.slides.layout import tree_pages
from agents.tree.exports.slides.page import BODY, FOOTER, HEIGHT, SMALLEST, TITLE, WIDTH, Area
from agents.tree.exports.slides.tables import plan_height, plan_pages, put_plan, stacked
from agents.tree.model import ProblemTree

_TITLE_ONLY = 5
_TITLE_SIZES = (28, 24, 20, 18, 16, 14)
_BODY_SIZE = 14
_LARGER = (20, 18, 16)
"""Sizes for few lines, so that their slide is not left empty."""
_SUBHEAD, _GAP = 16, 0.3
_COMPLAINT_LINES = 7


def to_slides(tree: ProblemTree, context: ExportContext) -> bytes:
    """The file's bytes."""
    deck = _Deck(context)
    _answer(deck, tree, context)
    rows = work_rows(tree, context.decided)
    planned = _next(deck, tree, context, rows)
    for page in tree_pages(tree.root):
        put_tree(deck.slide(messages.of_tree(page, tree)), page.boxes)
    if not planned:
        _plan(deck, tree, rows)
    _evidence(deck, tree, context)
    return deck.bytes()


class _Deck:
    """A presentation on wide slides, each with a title and a footer."""

    def __init__(self, context: ExportContext) -> None:
        self.context = context
        self.deck = Presentation()
        self.deck.slide_width, self.deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
        properties = self.deck.core_properties
        properties.title, properties.author, properties.comments = (
            context.title[:250],
            "Whytree",
            context.stamp[:250],
        )
        properties.last_modified_by = "Whytree"
        _drop_thumbnail(self.deck)
        properties.created = properties.modified = context.made_at.astimezone(UTC).replace(tzinfo=None)

    def slide(self, title: str) -> Any:
        """A new slide; its title is set as large as it fits."""
        slide = self.deck.slides.add_slide(self.deck.slide_layouts[_TITLE_ONLY])
        size = next((s for s in _TITLE_SIZES if _title_fits(title, s)), _TITLE_SIZES[-1])
        lines = int(TITLE.height / height("x", size, TITLE.width, bold=True))
        shape = slide.shapes.title
        shape.left, shape.top = Inches(TITLE.left), Inches(TITLE.top)
        shape.width, shape.height = Inches(TITLE.width), Inches(TITLE.height)
        frame = shape.text_frame
        frame.text = title if _title_fits(title, size) else shortened(title, size * 1.1, TITLE.width, lines)
        frame.auto_size, frame.word_wrap, frame.vertical_anchor = MSO_AUTO_SIZE.NONE, True, MSO_ANCHOR.MIDDLE
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        font = frame.paragraphs[0].runs[0].font if frame.paragraphs[0].runs else frame.paragraphs[0].font
        font.size, font.name, font.bold, font.color.rgb = Pt(size), FONT, True, colour(LIGHT.ink)
        frame.paragraphs[0].alignment = 1
        self._footer(slide)
        return slide

    def _footer(self, slide: Any) -> None:
        number = Area(FOOTER.left + FOOTER.width - 0.8, FOOTER.top, 0.8, FOOTER.height)
        stamp = Area(FOOTER.left, FOOTER.top, FOOTER.width - 1.0, FOOTER.height)
        put_text(slide, stamp, shortened(self.context.stamp, SMALLEST, stamp.width, 1), SMALLEST)
        put_text(slide, number, str(len(self.deck.slides)), SMALLEST, right=True)

    def bytes(self) -> bytes:
        data = BytesIO()
        self.deck.save(data)
        return data.getvalue()


def _drop_thumbnail(deck: Any) -> None:
    """The picture of the empty template is not one of this deck."""
    links = deck.part.package._rels
    for name in [key for key, link in links.items() if link.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        links.pop(name)


def _title_fits(title: str, size: float) -> bool:
    return height(title, size, TITLE.width, bold=True) <= TITLE.height


def _answer(deck: _Deck, tree: ProblemTree, context: ExportContext) -> None:
    """The answer as the title; below it the complaint, what was asked, and where the belief lies."""
    long = not _title_fits(context.answer, _TITLE_SIZES[-1])
    slide = deck.slide(context.title if long else context.answer)
    left = Area(BODY.left, BODY.top, 5.6, BODY.height)
    right = Area(BODY.left + 6.2, BODY.top, BODY.width - 6.2, BODY.height)
    lines = [*_complaint(tree, left), f"Question: {tree.root.text}", *_facts(tree)]
    shown = next(stacked(lines, _BODY_SIZE, left, 0.14))
    _lines(slide, shown)
    _beliefs(slide, tree, right)
    if long:
        for page in stacked([context.answer], _BODY_SIZE, BODY, 0.1):
            _lines(deck.slide("The answer in full"), page)


def _complaint(tree: ProblemTree, area: Area) -> list[str]:
    """What was complained of, in the customer's words; a long one ends in an ellipsis."""
    stated = one_line(tree.frame.stated_problem or "")
    if not stated:
        return []
    return [
        f"The complaint: \u201c{shortened(stated, _BODY_SIZE, area.width * 0.96, _COMPLAINT_LINES)}\u201d"
    ]


def _facts(tree: ProblemTree) -> list[str]:
    names = ("metric", "direction", "size", "period", "scope", "trouble", "success_criterion", "owner")
    facts = [(name.replace("_", " ").capitalize(), getattr(tree.frame, name)) for name in names]
    return [f"{name}: {joined(value)}" for name, value in facts if value]


def _beliefs(slide: Any, tree: ProblemTree, area: Area) -> None:
    """The five likeliest leaves, each with a bar as long as its belief."""
    rows = likeliest(tree, 5)
    if not rows:
        return
    put_text(slide, Area(area.left, area.top, area.width, 0.35), "Where the belief lies", 16, bold=True)
    top, bars = area.top + 0.5, area.width - 0.8
    for row in rows:
        belief = min(max(row.leaf.belief or 0.0, 0.0), 1.0)
        text = shortened(row.node.text, _BODY_SIZE, area.width, 2)
        needed = height(text, _BODY_SIZE, area.width)
        put_text(slide, Area(area.left, top, area.width, needed), text, _BODY_SIZE)
        put_bar(
            slide, Area(area.left, top + needed + 0.06, max(0.02, bars * belief), 0.2), LIGHT.shades[3].fill
        )
        said = Area(area.left + area.width - 0.75, top + needed + 0.04, 0.75, 0.26)
        put_text(slide, said, percent(row.leaf.belief or 0.0), 12, bold=True, right=True)
        top += needed + 0.45


def _next(deck: _Deck, tree: ProblemTree, context: ExportContext, rows: list[WorkRow]) -> bool:
    """What to do next as the title; below it how urgent it is, and every step with who does it.

    Where they leave room for the whole work plan, it stands below them; says whether it does.
    """
    if not context.next_step:
        return False
    lines = context.to_do
    single = [s for s in (*_LARGER, _BODY_SIZE) if len(list(stacked(lines, s, BODY, 0.3))) == 1]
    roomy = (s for s in single if _has_room(next(stacked(lines, s, BODY, 0.3)), tree, rows))
    size = next(roomy, single[0] if single else _BODY_SIZE)
    pages = list(stacked(lines, size, BODY, 0.3))
    for number, page in enumerate(pages, start=1):
        title = f"To do next: {context.next_step}{messages.part(number, len(pages))}"
        slide = deck.slide(title)
        _lines(slide, page, size)
    if len(pages) > 1 or not _has_room(pages[0], tree, rows):
        return False
    _plan_below(slide, _under(pages[0]), tree, rows)
    return True


def _under(page: list[tuple[str, Area]]) -> float:
    last = page[-1][1]
    return last.top + last.height + _GAP


def _has_room(page: list[tuple[str, Area]], tree: ProblemTree, rows: list[WorkRow]) -> bool:
    """Whether the whole work plan, which is not empty, fits below these lines."""
    plans = plan_pages([row for row in rows if not row.not_now])
    if len(plans) != 1:
        return False
    title, rest = messages.of_plan(rows, tree.kind), left_out(rows)
    texts = height(title, _SUBHEAD, BODY.width, bold=True) + height(rest, _BODY_SIZE, BODY.width)
    return _under(page) + texts + plan_height(plans[0]) + _GAP <= BODY.top + BODY.height


def _plan_below(slide: Any, top: float, tree: ProblemTree, rows: list[WorkRow]) -> None:
    """The whole work plan from a height on, its message above it and what is not worth it now below."""
    title, rest = messages.of_plan(rows, tree.kind), left_out(rows)
    head = height(title, _SUBHEAD, BODY.width, bold=True)
    put_text(slide, Area(BODY.left, top, BODY.width, head), title, _SUBHEAD, bold=True)
    (plan,) = plan_pages([row for row in rows if not row.not_now])
    put_plan(slide, plan, head_of(tree), top + head + _GAP / 2)
    if rest:
        below = top + head + plan_height(plan) + _GAP
        put_text(
            slide, Area(BODY.left, below, BODY.width, height(rest, _BODY_SIZE, BODY.width)), rest, _BODY_SIZE
        )


def _plan(deck: _Deck, tree: ProblemTree, rows: list[WorkRow]) -> None:
    """The work that is worth it, and in a line of its own what is not worth it now."""
    rest = left_out(rows)
    under = height(rest, _BODY_SIZE, BODY.width) + 0.2 if rest else 0.0
    plans = plan_pages([row for row in rows if not row.not_now], BODY.height - under) or (
        [[]] if rest else []
    )
    title = messages.of_plan(rows, tree.kind)
    for number, cells in enumerate(plans, start=1):
        slide = deck.slide(title + messages.part(number, len(plans)))
        put_plan(slide, cells, head_of(tree))
        if rest and number == len(plans):
            bottom = BODY.top + BODY.height
            put_text(slide, Area(BODY.left, bottom - under + 0.2, BODY.width, under - 0.2), rest, _BODY_SIZE)


def _evidence(deck: _Deck, tree: ProblemTree, context: ExportContext) -> None:
    """Each line of evidence by its number, then what the leaves' verdicts rest on."""
    lines = [f"{number}. {line}" for number, line in enumerate(context.evidence, start=1)]
    lines += [f"\u2022 {_verdict(row, context)}" for row in concluded(tree)]
    title = messages.of_evidence(tree, context)
    pages = list(stacked(lines or [messages.WITHOUT_EVIDENCE], _BODY_SIZE, BODY, 0.14))
    for number, page in enumerate(pages, start=1):
        _lines(deck.slide(title + messages.part(number, len(pages))), page)


def _verdict(row: WorkRow, context: ExportContext) -> str:
    """What came of a leaf, and on what it rests in words."""
    cited = [one_line(item) for item in row.leaf.evidence_ids]
    shown_by = "; ".join(context.said.get(item, item) for item in cited) or "no evidence that is named"
    return f"{row.node.text} \u2013 {row.leaf.status}. Shown by: {shown_by}."


def _lines(slide: Any, page: list[tuple[str, Area]], size: int = _BODY_SIZE) -> None:
    for text, area in page:
        put_text(slide, area, text, size)
