"""What holds after any sequence of edits: belief is conserved, ids are unique, undo is exact."""

import math
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.errors import WhytreeError
from agents.tree.belief import rebelieve
from agents.tree.document import dump_tree, load_tree
from agents.tree.edit import apply
from agents.tree.model import CauseShare, Leaf, Node, ProblemTree, Split, belief_of, leaves, other_leaf, walk
from agents.tree.ops import (
    AddLeaf,
    Delete,
    Dissolve,
    Merge,
    Move,
    Op,
    Park,
    Part,
    Rename,
    SetSplit,
    SplitLeaf,
    read_op,
)
from tests.agents.tree.history import History

FREE = Split(kind="free", dimension="cause")
CAUSES = tuple(f"cause_{i}" for i in range(6))


@st.composite
def trees(draw: st.DrawFn) -> ProblemTree:
    """Two branches of two and one lone leaf, with drawn beliefs, a cause each, and something else."""
    weights = draw(st.lists(st.floats(0.001, 1), min_size=6, max_size=6))
    belief = [weight / math.fsum(weights) for weight in weights]
    found = [
        Node(id=f"n{i}", text=f"Cause {i}", leaf=Leaf(belief=b, causes=(CauseShare(cause_id=CAUSES[i]),)))
        for i, b in enumerate(belief[:5])
    ]
    causes = (CauseShare(cause_id=CAUSES[5]),)
    other = Node(id="else", text="Something else", leaf=Leaf(is_other=True, belief=belief[5], causes=causes))
    branches = [
        Node(id=f"b{i}", text=f"Branch {i}", split=FREE, children=tuple(found[2 * i : 2 * i + 2]))
        for i in range(2)
    ]
    root = Node(id="root", text="Why?", split=FREE, children=(*branches, found[4], other))
    return ProblemTree(id="t", kind="why", title="T", root=root)


OpMaker = Callable[[st.DataObject, list[str], int], Op]


def _split(data: st.DataObject, ids: list[str], turn: int) -> Op:
    weights = data.draw(st.lists(st.floats(0.01, 9), min_size=2, max_size=4))
    parts = tuple(Part(new_id=f"s{turn}_{i}", text=f"Part {i}", weight=w) for i, w in enumerate(weights))
    return SplitLeaf(node_id=_pick(data, ids), parts=parts, split=FREE)


def _merge(data: st.DataObject, ids: list[str], turn: int) -> Op:
    chosen = data.draw(st.lists(st.sampled_from(ids), min_size=2, max_size=3, unique=True))
    return Merge(node_ids=tuple(chosen), text=f"Merged {turn}")


def _add(data: st.DataObject, ids: list[str], turn: int) -> Op:
    part = data.draw(st.sampled_from([0.0, 0.3, 1.0]))
    return AddLeaf(parent_id=_pick(data, ids), new_id=f"a{turn}", text="Added", share_of_other=part)


def _pick(data: st.DataObject, ids: list[str]) -> str:
    return data.draw(st.sampled_from(ids))


MAKERS: list[OpMaker] = [
    _split,
    _merge,
    _add,
    lambda data, ids, turn: Delete(node_id=_pick(data, ids)),
    lambda data, ids, turn: Dissolve(node_id=_pick(data, ids)),
    lambda data, ids, turn: Move(node_id=_pick(data, ids), parent_id=_pick(data, ids)),
    lambda data, ids, turn: Rename(node_id=_pick(data, ids), text=f"Name {turn}"),
    lambda data, ids, turn: Park(node_id=_pick(data, ids), reason="not now"),
    lambda data, ids, turn: SetSplit(node_id=_pick(data, ids), split=FREE),
]


def edited_at_random(tree: ProblemTree, data: st.DataObject) -> History:
    """A history of up to twelve drawn edits; those the tree refuses are left out."""
    history = History.start(tree)
    for turn in range(data.draw(st.integers(1, 12))):
        ids = [node.id for node in walk(history.tree.root)]
        op = data.draw(st.sampled_from(MAKERS))(data, ids, turn) if len(ids) > 1 else None
        try:
            history = history.do(op) if op is not None else history
        except WhytreeError:
            continue
    return history


quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(trees(), st.data())
def test_any_edits_keep_belief_ids_and_something_else(tree: ProblemTree, data: st.DataObject) -> None:
    for step in edited_at_random(tree, data).steps:
        beliefs = [leaf.belief for _, leaf in leaves(step.tree.root)]
        assert all(belief is not None and belief >= -1e-12 for belief in beliefs)
        total = belief_of(step.tree.root)
        assert total is not None
        assert abs(total - 1) < 1e-9
        ids = [node.id for node in walk(step.tree.root)]
        assert len(set(ids)) == len(ids)
        assert sum(leaf.is_other for _, leaf in leaves(step.tree.root)) == 1


@quick
@given(trees(), st.data())
def test_children_sum_to_their_parent_after_any_edits(tree: ProblemTree, data: st.DataObject) -> None:
    for node in walk(edited_at_random(tree, data).tree.root):
        if node.children:
            parts = [belief_of(child) or 0.0 for child in node.children]
            assert abs(math.fsum(parts) - (belief_of(node) or 0.0)) < 1e-9


@quick
@given(trees(), st.data())
def test_undo_walks_back_through_every_version_exactly(tree: ProblemTree, data: st.DataObject) -> None:
    history = edited_at_random(tree, data)
    versions = [step.tree for step in history.steps]
    for version in reversed(versions[:-1]):
        history = history.undo()
        assert history.tree == version
    for version in versions[1:]:
        history = history.redo()
        assert history.tree == version


@quick
@given(trees(), st.data())
def test_replaying_the_stored_edits_gives_the_same_tree(tree: ProblemTree, data: st.DataObject) -> None:
    history = edited_at_random(tree, data)
    replayed = tree
    for step in history.steps[1:]:
        assert step.op is not None
        replayed = apply(replayed, read_op(step.op.model_dump_json()))
    assert replayed == history.tree


@quick
@given(trees(), st.data())
def test_belief_recomputed_from_the_causes_agrees_with_the_edited_tree(
    tree: ProblemTree, data: st.DataObject
) -> None:
    by_cause = {leaf.cause_ids[0]: leaf.belief or 0.0 for _, leaf in leaves(tree.root)}
    edited = edited_at_random(tree, data).tree
    again = rebelieve(edited, by_cause)
    for (_, before), (_, after) in zip(leaves(edited.root), leaves(again.root), strict=True):
        assert math.isclose(before.belief or 0.0, after.belief or 0.0, abs_tol=1e-9)


@quick
@given(trees(), st.data(), st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_fresh_belief_is_neither_lost_nor_made(
    tree: ProblemTree, data: st.DataObject, weights: list[float]
) -> None:
    by_cause = dict(zip((*CAUSES, "unheard", "of"), weights, strict=True))
    total = belief_of(rebelieve(edited_at_random(tree, data).tree, by_cause).root)
    assert total is not None
    assert abs(total - math.fsum(weights)) < 1e-9


@quick
@given(trees(), st.data())
def test_an_edited_tree_survives_export_and_import(tree: ProblemTree, data: st.DataObject) -> None:
    edited = edited_at_random(tree, data).tree
    assert load_tree(dump_tree(edited)) == edited
    assert other_leaf(edited.root) is not None
