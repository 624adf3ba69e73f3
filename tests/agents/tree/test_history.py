"""Undo, redo and the comparison of two versions."""

import pytest

from agents.errors import Refused
from agents.tree.compare import compare
from agents.tree.edit import apply
from agents.tree.model import ProblemTree
from agents.tree.ops import AddLeaf, Delete, Move, Rename, Reorder, SetFrame, SetLeaf
from tests.agents.tree.history import History


def test_an_edit_after_undo_drops_what_was_undone(tree: ProblemTree) -> None:
    history = History.start(tree).do(Rename(node_id="ads", text="First")).undo()
    history = history.do(Rename(node_id="ads", text="Second"))
    assert not history.can_redo
    assert len(history.steps) == 2
    assert history.undo().tree == tree


def test_the_ends_of_a_history_say_so(tree: ProblemTree) -> None:
    history = History.start(tree)
    with pytest.raises(Refused, match="nothing to undo"):
        history.undo()
    with pytest.raises(Refused, match="nothing to redo"):
        history.redo()


def test_a_refused_edit_leaves_the_history_as_it_was(tree: ProblemTree) -> None:
    history = History.start(tree).do(Rename(node_id="ads", text="First"))
    with pytest.raises(Refused):
        history.do(Delete(node_id="root"))
    assert history.tree == history.steps[1].tree


def test_a_comparison_tells_each_kind_of_difference(tree: ProblemTree) -> None:
    after = tree
    for op in (
        Rename(node_id="stock", text="Shelves stood empty"),
        Move(node_id="ads", parent_id="price"),
        AddLeaf(parent_id="root", new_id="rain", text="It rained"),
        SetLeaf(node_id="ours", changes={"owner": "Ana"}),
        Delete(node_id="theirs"),
        Reorder(node_id="root", child_ids=("stock", "price", "rain", "else")),
        SetFrame(changes={"owner": "Board"}),
    ):
        after = apply(after, op)
    told = {(change.what, change.node_id, change.field) for change in compare(tree, after)}
    assert {
        ("renamed", "stock", "text"),
        ("moved", "ads", None),
        ("added", "rain", None),
        ("changed", "ours", "leaf.owner"),
        ("removed", "theirs", None),
        ("reordered", "root", "children"),
        ("changed", None, "frame.owner"),
        ("changed", "else", "leaf.belief"),
    } <= told


def test_a_tree_compared_with_itself_differs_in_nothing(tree: ProblemTree) -> None:
    assert compare(tree, tree) == ()
