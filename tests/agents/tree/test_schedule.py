"""Due dates that follow value of information: the checker finds no inversion in them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tree.edit import apply
from agents.tree.mece import check
from agents.tree.model import Leaf, Node, ProblemTree, find, leaves
from agents.tree.schedule import scheduled
from tests.agents.tree.samples import sample

MONDAY, FRIDAY, SATURDAY = date(2027, 1, 4), date(2027, 1, 8), date(2027, 1, 9)


def after(tree: ProblemTree, start: date) -> ProblemTree:
    for op in scheduled(tree, start):
        tree = apply(tree, op)
    return tree


def plan(*leaves: Leaf) -> ProblemTree:
    nodes = tuple(Node(id=f"n{i}", text=f"Cause {i}", leaf=leaf) for i, leaf in enumerate(leaves))
    return ProblemTree(id="t", kind="why", title="T", root=Node(id="root", text="Why?", children=nodes))


def dues(tree: ProblemTree) -> list[date | None]:
    return [leaf.due for _, leaf in leaves(tree.root)]


@pytest.mark.parametrize("count", [5, 25, 60])
def test_the_order_of_work_holds_no_inversion(count: int) -> None:
    assert not check(after(sample(count), MONDAY)).of("P2").findings


def test_what_promises_most_per_day_comes_first_and_each_takes_its_effort() -> None:
    weak, strong = Leaf(belief=0.05, severity=1, effort_days=2), Leaf(belief=0.5, severity=5, effort_days=3)
    tree = after(plan(weak, strong), MONDAY)
    assert dues(tree) == [date(2027, 1, 8), date(2027, 1, 6)]


def test_weekends_are_free() -> None:
    one = Leaf(belief=0.5, severity=5, effort_days=1)
    assert dues(after(plan(one, one), FRIDAY)) == [FRIDAY, date(2027, 1, 11)]
    assert dues(after(plan(one), SATURDAY)) == [date(2027, 1, 11)]


def test_what_is_not_open_gets_no_date_and_what_is_not_known_comes_last() -> None:
    tree = after(plan(Leaf(), Leaf(belief=0.5, severity=5, effort_days=1), Leaf(status="refuted")), MONDAY)
    assert dues(tree) == [date(2027, 1, 5), MONDAY, None]


def test_something_else_is_no_work() -> None:
    tree = after(sample(5), MONDAY)
    other = find(tree.root, "else")
    assert other is not None and other.leaf is not None and other.leaf.due is None


@given(
    start=st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    efforts=st.lists(st.floats(0, 30), min_size=1, max_size=8),
)
def test_no_date_is_before_the_start_or_on_a_weekend(start: date, efforts: list[float]) -> None:
    tree = after(plan(*(Leaf(belief=0.1, severity=2, effort_days=effort) for effort in efforts)), start)
    for due in dues(tree):
        assert due is not None and due >= start and due.weekday() < 5
