"""What each edit does to the tree, and what it must leave alone."""

import math

import pytest

from agents.errors import BadInput, Refused
from agents.tree.belief import rebelieve
from agents.tree.edit import apply
from agents.tree.model import Leaf, Node, ProblemTree, Split, belief_of, find, leaves, other_leaf
from agents.tree.ops import (
    AddLeaf,
    Conclude,
    Delete,
    Dissolve,
    Merge,
    Move,
    NormaliseBelief,
    Park,
    Part,
    Rename,
    Reopen,
    Reorder,
    SetFrame,
    SetLeaf,
    SetNode,
    SetSplit,
    SetTree,
    SplitLeaf,
    read_op,
)

FREE = Split(kind="free", dimension="cause")
SPLIT_STOCK = SplitLeaf(
    node_id="stock",
    parts=(
        Part(new_id="late", text="Trucks came late", weight=3),
        Part(new_id="short", text="We ordered too little"),
    ),
    split=FREE,
)


def node(tree: ProblemTree, node_id: str) -> Node:
    found = find(tree.root, node_id)
    assert found is not None
    return found


def leaf(tree: ProblemTree, node_id: str) -> Leaf:
    found = node(tree, node_id).leaf
    assert found is not None
    return found


def test_a_deleted_leaf_gives_its_belief_and_its_cause_to_something_else(tree: ProblemTree) -> None:
    edited = apply(tree, Delete(node_id="ads"))
    assert find(edited.root, "ads") is None
    assert leaf(edited, "else").belief == pytest.approx(0.2, abs=1e-12)
    assert leaf(edited, "else").cause_ids == ("ads",)


def test_a_deleted_branch_gives_everything_below_it_to_something_else(tree: ProblemTree) -> None:
    edited = apply(tree, Delete(node_id="price"))
    assert leaf(edited, "else").belief == pytest.approx(0.5, abs=1e-12)
    assert leaf(edited, "else").cause_ids == ("raised", "undercut")


def test_something_else_cannot_be_deleted_split_or_merged(tree: ProblemTree) -> None:
    parts = (Part(new_id="a", text="A"), Part(new_id="b", text="B"))
    for op in (
        Delete(node_id="else"),
        SplitLeaf(node_id="else", parts=parts, split=FREE),
        Merge(node_ids=("ads", "else"), text="Both"),
    ):
        with pytest.raises(Refused, match="something else"):
            apply(tree, op)


def test_deleting_from_a_tree_without_something_else_adds_that_leaf(tree: ProblemTree) -> None:
    bare = tree.model_copy(update={"root": tree.root.model_copy(update={"children": tree.root.children[:3]})})
    edited = apply(bare, Delete(node_id="ads"))
    other = other_leaf(edited.root)
    assert other is not None
    assert other.leaf is not None
    assert other.leaf.belief == pytest.approx(0.1)


def test_a_parent_that_loses_its_last_child_becomes_an_empty_leaf(tree: ProblemTree) -> None:
    edited = apply(apply(tree, Delete(node_id="ours")), Delete(node_id="theirs"))
    assert leaf(edited, "price") == Leaf(belief=0.0)
    assert node(edited, "price").split is None


def test_a_split_divides_belief_and_cause_by_the_weights_and_keeps_the_plan_on_the_first(
    tree: ProblemTree,
) -> None:
    edited = apply(tree, SPLIT_STOCK)
    assert leaf(edited, "late").belief == pytest.approx(0.3)
    assert leaf(edited, "short").belief == pytest.approx(0.1)
    assert leaf(edited, "late").evidence_ids == ("answer_1",)
    assert leaf(edited, "short").evidence_ids == ()
    assert leaf(edited, "short").severity == 5
    assert [share.share for share in leaf(edited, "late").causes] == [0.75]


def test_merged_leaves_add_belief_and_keep_both_causes(tree: ProblemTree) -> None:
    edited = apply(tree, Merge(node_ids=("stock", "ads"), text="Shoppers found nothing and heard nothing"))
    assert leaf(edited, "stock").belief == pytest.approx(0.5)
    assert leaf(edited, "stock").cause_ids == ("stockout", "ads")
    assert leaf(edited, "stock").severity == 5
    assert leaf(edited, "stock").evidence_ids == ("answer_1",)


def test_a_branch_merged_with_a_leaf_takes_the_leaf_in_as_a_child(tree: ProblemTree) -> None:
    edited = apply(tree, Merge(node_ids=("ads", "price"), text="Offer"))
    assert [child.id for child in node(edited, "ads").children] == ["ads.leaf", "ours", "theirs"]
    assert belief_of(edited.root) == pytest.approx(1.0)


def test_only_siblings_can_be_merged(tree: ProblemTree) -> None:
    with pytest.raises(Refused, match="siblings"):
        apply(tree, Merge(node_ids=("ads", "ours"), text="Both"))


def test_a_moved_branch_keeps_everything_below_it(tree: ProblemTree) -> None:
    edited = apply(tree, Move(node_id="ads", parent_id="price", position=0))
    assert [child.id for child in node(edited, "price").children] == ["ads", "ours", "theirs"]
    assert belief_of(node(edited, "price")) == pytest.approx(0.5)


def test_a_node_cannot_be_moved_below_itself_or_below_a_leaf_with_content(tree: ProblemTree) -> None:
    with pytest.raises(Refused, match="below itself"):
        apply(tree, Move(node_id="price", parent_id="ours"))
    with pytest.raises(Refused, match="is a leaf"):
        apply(tree, Move(node_id="ads", parent_id="stock"))


def test_the_root_stays(tree: ProblemTree) -> None:
    for op in (Delete(node_id="root"), Move(node_id="root", parent_id="price"), Dissolve(node_id="root")):
        with pytest.raises(Refused, match="root"):
            apply(tree, op)


def test_reordering_must_name_every_child_once(tree: ProblemTree) -> None:
    edited = apply(tree, Reorder(node_id="root", child_ids=("else", "ads", "stock", "price")))
    assert [child.id for child in edited.root.children] == ["else", "ads", "stock", "price"]
    with pytest.raises(BadInput, match="every child"):
        apply(tree, Reorder(node_id="root", child_ids=("ads", "stock")))


def test_a_new_leaf_stands_before_something_else_and_may_take_part_of_its_belief(tree: ProblemTree) -> None:
    edited = apply(tree, AddLeaf(parent_id="root", new_id="rain", text="It rained", share_of_other=0.25))
    assert [child.id for child in edited.root.children] == ["price", "stock", "ads", "rain", "else"]
    assert leaf(edited, "rain").belief == pytest.approx(0.025)
    assert leaf(edited, "else").belief == pytest.approx(0.075)


def test_a_leaf_with_content_is_split_and_not_added_to(tree: ProblemTree) -> None:
    with pytest.raises(Refused, match="Split it"):
        apply(tree, AddLeaf(parent_id="stock", new_id="x", text="X"))


def test_an_id_that_is_taken_is_refused_and_the_tree_stays(tree: ProblemTree) -> None:
    before = tree.model_dump_json()
    with pytest.raises(BadInput, match="repeats the id 'ads'"):
        apply(tree, AddLeaf(parent_id="root", new_id="ads", text="Again"))
    assert tree.model_dump_json() == before


def test_a_dissolved_node_leaves_its_children_in_its_place(tree: ProblemTree) -> None:
    edited = apply(tree, Dissolve(node_id="price"))
    assert [child.id for child in edited.root.children] == ["ours", "theirs", "stock", "ads", "else"]


def test_fields_of_leaf_frame_node_split_and_tree_can_be_set_and_cleared(tree: ProblemTree) -> None:
    edited = tree
    for op in (
        Rename(node_id="ads", text="Advertising ended in May"),
        SetLeaf(node_id="ads", changes={"owner": "Ana", "due": "2026-03-01", "evidence_ids": ["q1"]}),
        SetLeaf(node_id="ours", changes={"hypothesis": None}),
        SetNode(node_id="ads", changes={"quantity": {"value": 3, "unit": "EUR"}}),
        SetFrame(changes={"owner": "Head of sales", "actors": ["Shops"]}),
        SetSplit(node_id="root", split=Split(kind="segment", dimension="region")),
        SetTree(title="Sales", sources=("Tills",)),
    ):
        edited = apply(edited, op)
    assert leaf(edited, "ads").owner == "Ana"
    assert str(leaf(edited, "ads").due) == "2026-03-01"
    assert leaf(edited, "ours").hypothesis is None
    assert node(edited, "ads").quantity is not None
    assert edited.frame.actors == ("Shops",)
    assert edited.root.split == Split(kind="segment", dimension="region")
    assert (edited.title, edited.sources) == ("Sales", ("Tills",))


def test_a_branch_is_parked_with_its_reason_and_opened_again(tree: ProblemTree) -> None:
    parked = apply(tree, Park(node_id="price", reason="Prices were frozen"))
    assert {(item.status, item.parked_reason) for _, item in leaves(node(parked, "price"))} == {
        ("parked", "Prices were frozen")
    }
    opened = apply(parked, Reopen(node_id="price"))
    assert {(item.status, item.parked_reason) for _, item in leaves(node(opened, "price"))} == {
        ("open", None)
    }


def test_a_conclusion_cites_evidence_and_support_is_for_one_leaf(tree: ProblemTree) -> None:
    concluded = apply(tree, Conclude(node_id="price", status="refuted", evidence_ids=("query_1",)))
    assert leaf(concluded, "theirs").evidence_ids == ("query_1",)
    with pytest.raises(Refused, match="which of its leaves"):
        apply(tree, Conclude(node_id="price", status="supported", evidence_ids=("query_1",)))


def test_normalising_mends_a_wrong_sum_and_leaves_the_unknown_unknown(tree: ProblemTree) -> None:
    wrong = tree.model_copy(update={"root": Node(id="r", text="Why?", children=(
        Node(id="a", text="A", leaf=Leaf(belief=1.5)),
        Node(id="b", text="B", leaf=Leaf(belief=-0.5)),
        Node(id="c", text="C", leaf=Leaf(belief=0.5)),
        Node(id="d", text="D"),
    ))})  # fmt: skip
    mended = apply(wrong, NormaliseBelief())
    assert [item.belief for _, item in leaves(mended.root)] == [0.75, 0.0, 0.25, None]


def test_later_belief_follows_each_cause_to_where_the_edits_took_it(tree: ProblemTree) -> None:
    edited = apply(tree, SPLIT_STOCK)
    edited = apply(edited, Delete(node_id="ads"))
    edited = apply(edited, Merge(node_ids=("ours", "theirs"), text="Price"))
    fresh = rebelieve(edited, {"raised": 0.05, "undercut": 0.1, "stockout": 0.6, "ads": 0.15, "unheard": 0.1})
    beliefs = {found.id: item.belief for found, item in leaves(fresh.root)}
    assert beliefs == pytest.approx({"ours": 0.15, "late": 0.45, "short": 0.15, "else": 0.25})


def test_the_same_belief_again_changes_nothing(tree: ProblemTree) -> None:
    by_cause = {"raised": 0.3, "undercut": 0.1, "stockout": 0.4, "ads": 0.1, "not on the list": 0.1}
    again = rebelieve(tree, by_cause)
    for (_, before), (_, after) in zip(leaves(tree.root), leaves(again.root), strict=True):
        assert before.belief is not None
        assert after.belief is not None
        assert math.isclose(before.belief, after.belief, abs_tol=1e-12)


def test_a_stored_edit_reads_back_the_same(tree: ProblemTree) -> None:
    for op in (
        SPLIT_STOCK,
        SetLeaf(node_id="ads", changes={"due": "2026-03-01"}),
        Park(node_id="ads", reason="x"),
    ):
        assert read_op(op.model_dump_json()) == op
        assert apply(tree, read_op(op.model_dump_json())) == apply(tree, op)


@pytest.mark.parametrize(
    "data",
    [
        '{"op": "teleport"}',
        {"op": "set_leaf", "node_id": "ads", "changes": {"belief": 0.9}},
        {"op": "set_leaf", "node_id": "ads", "changes": {"effort_days": "long"}},
        {"op": "rename", "node_id": "ads", "text": " "},
    ],
)
def test_an_edit_that_is_not_one_is_refused_with_a_sentence(data: object) -> None:
    with pytest.raises(BadInput, match="This edit cannot be made"):
        read_op(data)  # type: ignore[arg-type]


def test_an_edit_of_a_node_that_is_not_there_is_refused(tree: ProblemTree) -> None:
    with pytest.raises(BadInput, match="no node 'ghost'"):
        apply(tree, Rename(node_id="ghost", text="Boo"))
