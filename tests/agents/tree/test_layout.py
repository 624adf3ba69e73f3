"""On the screen no box touches another, no text leaves its box, and belief is never cut off."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tree.draw.echarts import WIDTHS
from agents.tree.draw.face import Face, faces
from agents.tree.draw.layout import INSET_X, LINE, MOST_LINES, NO_BREAK, Box, Layout, lay_out, pixels
from agents.tree.model import Leaf, Node, ProblemTree
from tests.agents.tree.samples import hostile, sample

widths = pytest.mark.parametrize("width", WIDTHS)
sizes = pytest.mark.parametrize("count", [5, 25, 60])


def deep(levels: int) -> list[Face]:
    node = Node(id="end", text="The last cause", leaf=Leaf(belief=1.0))
    for level in range(levels):
        node = Node(id=f"n{level}", text=f"Cause {level} of a chain that goes on and on", children=(node,))
    return list(faces(node))


def shown(tree: ProblemTree) -> list[Face]:
    return list(faces(tree.root))


def overlap(one: Box, two: Box) -> bool:
    across = one.left < two.left + two.width and two.left < one.left + one.width
    return across and abs(one.middle - two.middle) < (one.height + two.height) / 2


def assert_readable(layout: Layout) -> None:
    assert not [(a.face.node_id, b.face.node_id) for a, b in combinations(layout.boxes, 2) if overlap(a, b)]
    for box in layout.boxes:
        assert box.left >= 0
        assert box.left + box.width <= layout.width + 1e-6
        assert box.middle - box.height / 2 >= -1e-6
        assert box.middle + box.height / 2 <= layout.height + 1e-6
        assert len(box.lines) * LINE <= box.height
        assert all(pixels(line) <= box.width - 2 * INSET_X for line in box.lines)


@widths
@sizes
def test_boxes_lie_apart_inside_the_picture_and_hold_their_text(width: int, count: int) -> None:
    assert_readable(lay_out(shown(sample(count)), width))


@widths
def test_hostile_texts_and_a_chain_of_forty_levels_lie_apart_too(width: int) -> None:
    assert_readable(lay_out(shown(hostile()), width))
    assert_readable(lay_out(deep(40), width))


@given(
    texts=st.lists(st.text(min_size=1, max_size=400), min_size=1, max_size=6), width=st.sampled_from(WIDTHS)
)
def test_whatever_the_texts_are_no_box_touches_another(texts: list[str], width: int) -> None:
    leaves = [Face(f"n{i}", "root", text, "open", 0.1, 0) for i, text in enumerate(texts)]
    assert_readable(lay_out([Face("root", None, texts[0], "branch", 1.0, 0), *leaves], width))


@widths
def test_text_stands_in_full_where_it_fits_and_belief_always_does(width: int) -> None:
    for box in lay_out(shown(sample(60)), width).boxes:
        text = " ".join(box.lines).replace(NO_BREAK, " ")
        assert text.startswith(box.face.text)
        assert all(note in text for note in box.face.notes())


def test_a_label_that_is_too_long_ends_in_an_ellipsis_and_keeps_its_belief() -> None:
    box = lay_out([Face("a", None, "words " * 60, "supported", 0.42, 0)], 330).boxes[0]
    assert len(box.lines) == MOST_LINES
    assert box.lines[-2].endswith(" \u2026")
    assert box.lines[-1].replace(NO_BREAK, " ") == "42 % \u00b7 supported"


def test_a_wide_screen_shows_columns_and_a_phone_an_outline() -> None:
    tree = shown(sample(60))
    wide, narrow = lay_out(tree, 1060), lay_out(tree, 330)
    assert len({box.left for box in wide.boxes}) == 4
    middles = [box.middle for box in narrow.boxes]
    assert middles == sorted(middles)
    assert wide.height < narrow.height


@widths
@sizes
def test_wires_lead_from_each_parent_to_its_child_by_right_angles(width: int, count: int) -> None:
    layout = lay_out(shown(sample(count)), width)
    ends = [wire[-1] for wire in layout.wires]
    assert ends == [(box.left, box.middle) for box in layout.boxes[1:]]
    for wire in layout.wires:
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(wire))
