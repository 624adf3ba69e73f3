"""In the PowerPoint no text is clipped, none overlaps another, and none is smaller than 9 pt."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import combinations, pairwise
from typing import Any

import pytest
from pptx import Presentation

from agents.tree.exports import ExportContext, export
from agents.tree.exports.measure import line_count, shortened
from agents.tree.exports.slides.layout import tree_pages
from agents.tree.model import Leaf, Node, ProblemTree, walk
from tests.agents.tree.decks import frames, lines_needed, rectangle, text_shapes
from tests.agents.tree.samples import hostile, sample

CONTEXT = ExportContext(
    title="Falling sales",
    answer="Two accounts moved to a rival; prices explain the rest.",
    version="Version 3",
    made_at=datetime(2026, 3, 1, 10, 5, tzinfo=UTC),
    evidence=tuple(
        f"Net sales of account {i} fell by EUR {i} million in the third quarter" for i in range(25)
    ),
)
WORDY = ExportContext(
    "T " * 200, "A long answer with many words. " * 90, "V " * 300, CONTEXT.made_at, ("e " * 4_000,)
)


def wide_tree() -> ProblemTree:
    """Thirty children below one question, each with the longest label there can be."""
    label = "An unusually long label that nobody would write but somebody will paste " * 5
    children = tuple(Node(id=f"n{i}", text=label, leaf=Leaf(hypothesis=label * 5)) for i in range(30))
    return ProblemTree(
        id="wide", kind="why", title="Wide", root=Node(id="root", text=label, children=children)
    )


def deep_tree() -> ProblemTree:
    """A chain of forty levels."""
    node = Node(id="end", text="The last of forty causes")
    for level in range(40):
        node = Node(id=f"n{level}", text=f"Cause number {level} of a chain that goes on", children=(node,))
    return ProblemTree(id="deep", kind="why", title="Deep", root=node)


TREES = {
    "5": lambda: sample(5),
    "25": lambda: sample(25),
    "60": lambda: sample(60),
    "hostile": hostile,
    "wide": wide_tree,
    "deep": deep_tree,
    "single": lambda: ProblemTree(id="one", kind="why", title="One", root=Node(id="root", text="Why?")),
}


@cache
def deck(name: str, wordy: bool = False) -> Any:
    return Presentation(io.BytesIO(export("pptx", TREES[name](), WORDY if wordy else CONTEXT)))


CASES = [(name, wordy) for name in TREES for wordy in (False, True)]
every_deck = pytest.mark.parametrize(("name", "wordy"), CASES)


@every_deck
def test_no_text_overlaps_another_and_none_leaves_the_slide(name: str, wordy: bool) -> None:
    for slide in deck(name, wordy).slides:
        boxes = [(shape.name, rectangle(shape)) for shape in text_shapes(slide)]
        for _, (left, top, right, bottom) in boxes:
            assert 0 <= left <= right <= deck(name, wordy).slide_width
            assert 0 <= top <= bottom <= deck(name, wordy).slide_height
        for (one, a), (two, b) in combinations(boxes, 2):
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, (one, two)


@every_deck
def test_no_text_is_smaller_than_nine_points_and_every_run_says_its_size(name: str, wordy: bool) -> None:
    for slide in deck(name, wordy).slides:
        for frame, *_ in frames(slide):
            for run in (run for paragraph in frame.paragraphs for run in paragraph.runs):
                assert run.font.size is not None
                assert run.font.size.pt >= 9


@every_deck
def test_every_text_fits_the_room_it_has(name: str, wordy: bool) -> None:
    for slide in deck(name, wordy).slides:
        for frame, width, height, inset in frames(slide):
            needed = 2 * inset
            for paragraph in frame.paragraphs:
                for run in paragraph.runs:
                    size = run.font.size.pt
                    lines = lines_needed(run.text, size, width - 2 * inset, bool(run.font.bold))
                    needed += lines * size * 1.2 / 72
            assert needed <= height + 0.01, (frame.text[:60], needed, height)


@pytest.mark.parametrize("name", ["5", "25", "60", "wide", "deep"])
def test_every_node_stands_on_some_slide_as_a_shape_of_its_own(name: str) -> None:
    shown = {
        s.name.removeprefix("node ")
        for slide in deck(name).slides
        for s in slide.shapes
        if s.name.startswith("node ")
    }
    assert shown == {node.id for node in walk(TREES[name]().root)}


@pytest.mark.parametrize("name", ["5", "25", "60"])
def test_every_child_is_joined_to_its_parent_by_a_connector(name: str) -> None:
    parents = {child.id: node.id for node in walk(TREES[name]().root) for child in node.children}
    for slide in deck(name).slides:
        names = {shape.shape_id: shape.name.removeprefix("node ") for shape in slide.shapes}
        joined = set()
        for shape in slide.shapes:
            ends = shape._element.xpath(".//a:stCxn/@id | .//a:endCxn/@id")
            if ends:
                joined.add(tuple(names[int(end)] for end in ends))
        shown = {n for n in names.values() if n in parents and parents[n] in names.values()}
        assert joined == {(parents[n], n) for n in shown}


def test_a_tree_that_fits_one_slide_stays_on_one() -> None:
    assert len(tree_pages(sample(5).root)) == 1


def test_a_large_tree_gives_an_overview_and_a_slide_for_each_branch() -> None:
    tree = sample(60)
    pages = tree_pages(tree.root)
    branches = [child.text for child in tree.root.children if child.children]
    assert [page.title for page in pages] == [tree.root.text, *branches]
    hidden = [box.face.hidden for box in pages[0].boxes if box.face.hidden]
    assert sum(hidden) == sum(len(list(walk(child))) - 1 for child in tree.root.children)


def test_the_first_slide_is_the_answer_and_every_slide_says_where_it_comes_from() -> None:
    slides = list(deck("25").slides)
    assert slides[0].shapes.title.text_frame.text == CONTEXT.answer
    for slide in slides:
        assert any(s.has_text_frame and s.text_frame.text == CONTEXT.stamp for s in slide.shapes)


def test_the_whole_of_a_long_answer_is_told() -> None:
    texts = [s.text_frame.text for slide in deck("5", True).slides for s in slide.shapes if s.has_text_frame]
    assert any(text.startswith("A long answer") and len(text) > 2_000 for text in texts)


def test_evidence_goes_on_over_several_slides() -> None:
    titles = [slide.shapes.title.text_frame.text for slide in deck("5").slides]
    several = [title for title in titles if title.startswith("25 pieces of evidence carry the answer")]
    assert several[0].endswith(f" (1 of {len(several)})")
    assert len(several) > 1


def test_shortened_text_fits_and_says_that_it_goes_on() -> None:
    cut = shortened("word " * 500, 10, 2.0, 4)
    assert line_count(cut, 10, 2.0) <= 4
    assert cut.endswith("\u2026")
    assert shortened("short", 10, 2.0, 4) == "short"
    assert line_count(shortened("x" * 5_000, 10, 2.0, 4), 10, 2.0) <= 4


def test_a_single_branch_that_did_not_fit_has_a_slide_without_what_was_shown_before() -> None:
    pages = tree_pages(deep_tree().root)
    shown = [{box.face.node_id for box in page.boxes} for page in pages]
    assert all(len(after & before) <= 1 for before, after in pairwise(shown))


def test_a_deck_carries_no_name_and_no_picture_of_its_template() -> None:
    made = deck("5")
    assert made.core_properties.last_modified_by == "Whytree"
    assert not any("thumbnail" in link.reltype for link in made.part.package._rels.values())


NEXT = replace(
    CONTEXT,
    decided=True,
    urgency="Urgency: high. It gets worse every week.",
    next_step="Ask the two accounts",
    next_steps=("Ask the two accounts (head of sales, 2 days)",),
)


@pytest.mark.parametrize("name", ["5", "25", "60", "hostile", "wide", "single"])
def test_a_plan_that_fits_stands_below_the_next_step_and_none_is_told_twice(name: str) -> None:
    made = Presentation(io.BytesIO(export("pptx", TREES[name](), NEXT)))
    slides = list(made.slides)
    assert slides[1].shapes.title.text_frame.text == "To do next: Ask the two accounts"
    plans = [number for number, slide in enumerate(slides) if any(shape.has_table for shape in slide.shapes)]
    assert plans == [1] or 1 not in plans
    for slide in slides[1:2]:
        boxes = sorted(rectangle(shape) for shape in slide.shapes)
        assert all(box[3] <= made.slide_height for box in boxes)
        for a, b in combinations(boxes, 2):
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_the_plan_of_a_small_tree_fills_the_slide_of_its_one_next_step() -> None:
    slides = list(Presentation(io.BytesIO(export("pptx", sample(5), NEXT))).slides)
    assert any(shape.has_table for shape in slides[1].shapes)
