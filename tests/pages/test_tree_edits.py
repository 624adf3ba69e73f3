"""Every edit of the workbench: made by its form, kept as a version, refused in a sentence."""

import pytest

from agents.tree.model import ProblemTree, Split, belief_of
from agents.workbench import Who, Workbench
from tests.agents.tree.samples import sample
from tests.conftest import Diagnose
from tests.pages.tree_screen import TreeScreen, node


@pytest.fixture
def tree_id(bench: Workbench) -> str:
    return bench.trees.add(sample(25), Who(), "Drawn")


def tree(bench: Workbench, tree_id: str) -> ProblemTree:
    found = bench.trees.state(tree_id).tree
    assert belief_of(found.root) == pytest.approx(1, abs=1e-9)
    return found


def texts(bench: Workbench, tree_id: str, node_id: str) -> list[str]:
    return [child.text for child in node(tree(bench, tree_id), node_id).children]


def test_a_node_gets_another_text(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("leaf1", "Rename").fill("text", "Prices rose twice").send("Keep")
    assert node(tree(bench, tree_id), "leaf1").text == "Prices rose twice"
    assert page.chosen == "Prices rose twice"
    assert "Version 2" in page.said


def test_nodes_with_the_same_text_are_told_apart(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id)
    assert {"List prices rose twice", "List prices rose twice (2)"} <= set(page.field("pick-").options)
    for node_id in ("leaf1", "leaf13"):
        page.pick(node_id, "Rename").fill("text", f"Now {node_id}").send("Keep")
        assert node(tree(bench, tree_id), node_id).text == f"Now {node_id}"


@pytest.mark.parametrize("text", ["", "   "])
def test_a_node_without_a_text_is_refused(bench: Workbench, tree_id: str, text: str) -> None:
    page = TreeScreen(tree_id).pick("leaf1", "Rename").fill("text", text).send("Keep")
    assert "the text is empty. The tree stays as it was." in page.said
    assert bench.trees.state(tree_id).version == 1


def test_a_leaf_is_added_and_takes_over_a_part_of_something_else(bench: Workbench, tree_id: str) -> None:
    other = belief_of(node(tree(bench, tree_id), "else"))
    page = TreeScreen(tree_id).pick("b0", "Add below").fill("text", "A new cause").fill("share", 50)
    page.send("Add")
    added = node(tree(bench, tree_id), "b0").children[-1]
    assert added.text == "A new cause"
    assert other is not None
    assert belief_of(added) == pytest.approx(other / 2)


def test_a_leaf_is_split_into_parts_that_share_its_belief(bench: Workbench, tree_id: str) -> None:
    before = belief_of(node(tree(bench, tree_id), "leaf0"))
    page = TreeScreen(tree_id).pick("leaf0", "Split").fill("parts", "One account\n\n Another account ")
    page.fill("kind", "segment").fill("by", "account").send("Split")
    divided = node(tree(bench, tree_id), "leaf0")
    assert [child.text for child in divided.children] == ["One account", "Another account"]
    assert divided.split is not None
    assert (divided.split.kind, divided.split.dimension) == ("segment", "account")
    assert belief_of(divided) == pytest.approx(before)
    assert "Split" not in page.edits


def test_a_split_into_one_part_is_refused(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("leaf0", "Split").fill("parts", "Only one").send("Split")
    assert "at least 2 items" in page.said
    assert bench.trees.state(tree_id).version == 1


def test_children_are_grouped_under_a_new_node_in_one_version(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("root", "Group children").fill("group", ["b1", "b2"])
    page.fill("text", "Do they buy less?").fill("by", "what changed").send("Group")
    assert texts(bench, tree_id, "root")[1] == "Do they buy less?"
    grouped = node(tree(bench, tree_id), "root").children[1]
    assert [child.id for child in grouped.children] == ["b1", "b2"]
    assert grouped.split == Split(kind="free", dimension="what changed", order="structure")
    assert bench.trees.state(tree_id).version == 2


def test_a_group_of_one_is_refused(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("root", "Group children").fill("group", ["b1"]).fill("text", "Alone")
    assert "at least two children" in page.send("Group").said
    assert bench.trees.state(tree_id).version == 1


def test_children_are_merged(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("b0", "Merge children").fill("which", ["leaf1", "leaf2"])
    page.fill("text", "Both").send("Merge")
    assert texts(bench, tree_id, "b0")[1] == "Both"
    assert len(node(tree(bench, tree_id), "b0").children) == 3


def test_something_else_is_offered_neither_for_merging_nor_for_grouping(tree_id: str) -> None:
    page = TreeScreen(tree_id)
    for what, field in (("Merge children", "which"), ("Group children", "group")):
        options = page.pick("root", what).field(f"edit-{field}-").options
        assert "Something else" not in options
        assert len(options) == 5


def test_children_change_places(bench: Workbench, tree_id: str) -> None:
    first, second, *_ = texts(bench, tree_id, "b0")
    page = TreeScreen(tree_id).pick("b0", "Order")
    page.click_key("edit-order-leaf1--1")
    assert texts(bench, tree_id, "b0")[:2] == [second, first]
    assert page.buttons("edit-order-leaf1--1")[0].disabled


def test_a_node_moves_under_another_parent_but_not_below_itself(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("leaf0", "Move").fill("parent", "b2").send("Move")
    assert "leaf0" in [child.id for child in node(tree(bench, tree_id), "b2").children]
    branch = page.pick("b2", "Move").field("edit-parent-")
    assert node(tree(bench, tree_id), "b2").text not in branch.options


def test_a_branch_is_deleted_and_its_belief_goes_to_something_else(bench: Workbench, tree_id: str) -> None:
    before = tree(bench, tree_id)
    both = [belief_of(node(before, name)) or 0 for name in ("b0", "else")]
    page = TreeScreen(tree_id).pick("b0", "Delete")
    assert "and the 4 nodes below it" in page.said
    page.send("Delete")
    assert belief_of(node(tree(bench, tree_id), "else")) == pytest.approx(sum(both))
    assert page.chosen == before.root.text


def test_a_level_is_taken_out_and_its_children_stay(bench: Workbench, tree_id: str) -> None:
    TreeScreen(tree_id).pick("b0", "Delete").send("Keep its children, remove only this level")
    assert [child.id for child in tree(bench, tree_id).root.children][:4] == [f"leaf{n}" for n in range(4)]


def test_something_else_can_be_renamed_and_moved_but_not_deleted_or_split(tree_id: str) -> None:
    assert TreeScreen(tree_id).pick("else").edits == ["Rename", "Amount", "Move"]


def test_the_root_can_be_neither_moved_nor_deleted(tree_id: str) -> None:
    assert not {"Move", "Delete"} & set(TreeScreen(tree_id).edits)


def test_a_formula_is_declared_with_its_operator_gap_and_amounts(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("b2", "Kind of split")
    page.fill("kind", "formula").fill("by", "price x volume").fill("operator", "product").fill(
        "tolerance", 2.0
    )
    page.send("Keep")
    split = node(tree(bench, tree_id), "b2").split
    assert split is not None
    assert (split.kind, split.operator, split.tolerance) == ("formula", "product", 0.02)
    page.pick("leaf8", "Amount").fill("value", 12.5).fill("unit", "EUR").fill("inverted", True).send("Keep")
    quantity = node(tree(bench, tree_id), "leaf8").quantity
    assert quantity is not None
    assert (quantity.value, quantity.unit, quantity.inverted) == (12.5, "EUR", True)


def test_a_process_is_declared_with_its_ends_and_those_of_its_stages(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("leaf8")
    assert "Stage" not in page.edits
    page.pick("b2", "Kind of split").fill("kind", "process").fill("start", "order").fill("end", "cash")
    page.send("Keep")
    page.pick("leaf8", "Stage").fill("stage-start", "order").fill("stage-end", "delivery").send("Keep")
    found = tree(bench, tree_id)
    split = node(found, "b2").split
    assert split is not None
    assert (split.start, split.end) == ("order", "cash")
    assert (node(found, "leaf8").stage_start, node(found, "leaf8").stage_end) == ("order", "delivery")


def test_the_order_and_an_argument_are_declared(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("b2", "Kind of split").fill("order", "belief").fill("deductive", True)
    page.send("Keep")
    split = node(tree(bench, tree_id), "b2").split
    assert split is not None
    assert (split.order, split.deductive) == ("belief", True)


def test_a_leaf_is_put_aside_with_a_reason_and_opened_again(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("leaf0", "Status").fill("status", "parked")
    page.reload()
    page.send("Keep")
    assert "the reason is empty" in page.said
    page.fill("reason", "Data comes in May").send("Keep")
    leaf = node(tree(bench, tree_id), "leaf0").leaf
    assert leaf is not None and (leaf.status, leaf.parked_reason) == ("parked", "Data comes in May")
    page.fill("status", "open").reload()
    page.send("Keep")
    leaf = node(tree(bench, tree_id), "leaf0").leaf
    assert leaf is not None and (leaf.status, leaf.parked_reason) == ("open", None)


def test_a_status_without_evidence_is_refused_and_answers_on_record_are_offered_for_it(
    bench: Workbench, diagnose: Diagnose
) -> None:
    run = diagnose(bench, {"sick_leave": "yes", "open_posts": "yes"}, text="Our buses run late")
    tree_id = bench.open_tree(run)
    page = TreeScreen(tree_id).pick("cause.roads", "Status").fill("status", "refuted")
    page.reload()
    evidence = page.field("edit-evidence-")
    assert "Does sick_leave look odd to you? Yes, sick_leave does" in evidence.options
    evidence.set_value([])
    assert "This status needs evidence" in page.send("Keep").said
    page.fill("evidence", ["sick_leave", "query 7"]).send("Keep")
    leaf = node(tree(bench, tree_id), "cause.roads").leaf
    assert leaf is not None
    assert (leaf.status, leaf.evidence_ids) == ("refuted", ("sick_leave", "query 7"))


def test_options_are_drawn_up_for_a_supported_cause(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("leaf0", "Status").fill("status", "supported")
    page.reload()
    page.fill("evidence", ["answer 1"]).send("Keep").send("Draw up options for this cause")
    assert page.tree_id != tree_id
    assert bench.trees.state(page.tree_id).tree.kind == "how"
    assert "Options: Two national accounts" in page.said


def test_undo_and_redo_follow_the_history(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id)
    undo, redo = page.buttons()[:2]
    assert undo.disabled and redo.disabled
    page.pick("leaf0", "Rename").fill("text", "First").send("Keep").fill("text", "Second").send("Keep")
    assert page.send("Undo").chosen == "First"
    assert page.send("Undo").chosen.startswith("Two national")
    assert page.send("Redo").send("Redo").chosen == "Second"
    assert bench.trees.state(tree_id).version == 3


def test_of_two_tabs_on_one_tree_the_second_is_told_and_nothing_is_lost(
    bench: Workbench, tree_id: str
) -> None:
    first, second = TreeScreen(tree_id), TreeScreen(tree_id)
    first.pick("leaf0", "Rename").fill("text", "From the first tab")
    second.pick("leaf1", "Rename").fill("text", "From the second tab")
    first.send("Keep")
    second.send("Keep")
    assert "The tree was changed in the meantime, in another tab" in second.said
    assert node(tree(bench, tree_id), "leaf0").text == "From the first tab"
    assert node(tree(bench, tree_id), "leaf1").text == "List prices rose twice"
    assert second.field("edit-text-").value == "From the second tab"
    second.send("Keep")
    assert "changed in the meantime" not in second.said
    assert node(tree(bench, tree_id), "leaf0").text == "From the first tab"
    assert node(tree(bench, tree_id), "leaf1").text == "From the second tab"


def test_undo_in_a_tab_that_is_behind_takes_nobodys_edit_back(bench: Workbench, tree_id: str) -> None:
    first = TreeScreen(tree_id).pick("leaf0", "Rename").fill("text", "One").send("Keep")
    second = TreeScreen(tree_id)
    first.fill("text", "Two").send("Keep")
    assert "changed in the meantime" in second.send("Undo").said
    assert node(tree(bench, tree_id), "leaf0").text == "Two"
