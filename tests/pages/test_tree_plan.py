"""The work plan and the frame of the question: filled in a table, for all at once, and by a form."""

from datetime import date

import pytest

from agents.tree.model import leaves
from agents.tree.outline import parse_outline
from agents.workbench import Who, Workbench
from pages.ui.tree import plan
from tests.agents.tree.samples import sample
from tests.pages.tree_screen import TreeScreen, node

MONDAY = date(2027, 1, 4)


@pytest.fixture
def tree_id(bench: Workbench) -> str:
    tree = parse_outline("Why?\n  This\n    One\n    Two\n  That\n  Something else", tree_id="t")
    return bench.trees.add(tree, Who(), "From an outline")


def plans(bench: Workbench, tree_id: str) -> dict[str, tuple[str | None, date | None]]:
    found = leaves(bench.trees.state(tree_id).tree.root)
    return {n.text: (leaf.owner, leaf.due) for n, leaf in found if not leaf.is_other}


def test_every_named_leaf_is_a_row_with_all_its_fields(bench: Workbench) -> None:
    tree_id = bench.trees.add(sample(25), Who(), "Drawn")
    [table] = TreeScreen(tree_id).tab("Work plan").at.dataframe
    assert list(table.value["leaf"])[:2] == [
        "Two national accounts moved a third of their volume to a rival in spring",
        "List prices rose twice",
    ]
    assert "Something else" not in set(table.value["leaf"])
    assert {*plan.FIELDS, "belief", "status"} <= set(table.value.columns)
    assert table.value["due"][0] == date(2026, 3, 2)


@pytest.mark.parametrize("tab", ["Work plan", "Export"])
def test_what_a_work_plan_lacks_is_told_where_it_is_filled_in_and_where_it_leaves(
    bench: Workbench, tree_id: str, tab: str
) -> None:
    page = TreeScreen(tree_id).tab(tab)
    [told] = page.at.expander
    assert told.label == "Still to be filled in for a work plan: 3 of 3 causes"
    assert "lacks: analysis, data source, owner, effort days, due" in page.said


def test_a_tree_that_was_just_made_says_how_much_is_only_still_to_be_filled_in(
    bench: Workbench, tree_id: str
) -> None:
    assert "This tree was just made. What is still to be filled in" in TreeScreen(tree_id).said
    page = TreeScreen(tree_id).tab("Work plan")
    page.field("all_owner").set_value("Ada")
    page.send("Fill in")
    assert "This tree was just made." not in TreeScreen(tree_id).said


def test_a_fact_that_nobody_has_said_is_kept_as_such_until_somebody_says_it(
    bench: Workbench, tree_id: str
) -> None:
    page = TreeScreen(tree_id).tab("Work plan")
    page.field("frame-unsaid-").set_value(["size", "scope"])
    page.send("Keep the frame")
    assert bench.trees.state(tree_id).tree.frame.unsaid == ("size", "scope")
    page.field("frame-size-").set_value("20 %")
    page.send("Keep the frame")
    assert bench.trees.state(tree_id).tree.frame.unsaid == ("scope",)


def test_a_tree_without_named_leaves_says_so(bench: Workbench) -> None:
    tree = parse_outline("Why?\n  Something else", tree_id="t")
    page = TreeScreen(bench.trees.add(tree, Who(), "x")).tab("Work plan")
    assert "no named cause yet" in page.said


def test_an_owner_and_a_day_are_filled_in_for_all_open_leaves_in_one_version(
    bench: Workbench, tree_id: str
) -> None:
    page = TreeScreen(tree_id).tab("Work plan")
    page.field("all_owner").set_value("Ada")
    page.field("all_due").set_value(MONDAY)
    page.send("Fill in")
    assert plans(bench, tree_id) == dict.fromkeys(("One", "Two", "That"), ("Ada", MONDAY))
    assert bench.trees.state(tree_id).version == 2


def test_an_owner_who_is_named_already_stays(bench: Workbench) -> None:
    tree_id = bench.trees.add(sample(25), Who(), "Drawn")
    before = plans(bench, tree_id)
    page = TreeScreen(tree_id).tab("Work plan")
    page.field("all_owner").set_value("Ada")
    page.send("Fill in")
    assert plans(bench, tree_id) == before


def test_days_are_given_one_after_another(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).tab("Work plan")
    page.field("all_due").set_value(MONDAY)
    page.field("all_way").set_value(plan.IN_TURN)
    page.send("Fill in")
    assert [due for _, due in plans(bench, tree_id).values()] == [date(2027, 1, day) for day in (4, 5, 6)]


def test_a_form_that_is_empty_is_told(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).tab("Work plan").send("Fill in")
    assert "Nothing was filled in." in page.said
    assert bench.trees.state(tree_id).version == 1


def test_the_frame_the_title_and_what_can_be_asked_are_kept_in_one_version(
    bench: Workbench, tree_id: str
) -> None:
    page = TreeScreen(tree_id).tab("Work plan")
    for name, value in (("title", "Sales"), ("metric", "net sales"), ("actors", "Sales\n\n Finance ")):
        page.field(f"frame-{name}-").set_value(value)
    page.field("frame-sources-").set_value("Order ledger")
    page.send("Keep the frame")
    state = bench.trees.state(tree_id)
    assert (state.tree.title, state.tree.frame.metric) == ("Sales", "net sales")
    assert state.tree.frame.actors == ("Sales", "Finance")
    assert state.tree.sources == ("Order ledger",)
    assert state.version == 2
    page.field("frame-metric-").set_value("")
    page.send("Keep the frame")
    assert bench.trees.state(tree_id).tree.frame.metric is None


def test_a_tree_without_a_title_is_refused(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).tab("Work plan")
    page.field("frame-title-").set_value("  ")
    assert "the title is empty. The tree stays as it was." in page.send("Keep the frame").said
    assert bench.trees.state(tree_id).version == 1


def test_a_frame_typed_while_another_tab_edits_a_node_is_told_and_stays_in_the_form(
    bench: Workbench, tree_id: str
) -> None:
    page = TreeScreen(tree_id).tab("Work plan")
    page.field("frame-metric-").set_value("net sales")
    TreeScreen(tree_id).pick("n3", "Rename").fill("text", "Changed").send("Keep")
    page.send("Keep the frame")
    assert "changed in the meantime" in page.said
    assert page.field("frame-metric-").value == "net sales"
    page.send("Keep the frame")
    tree = bench.trees.state(tree_id).tree
    assert tree.frame.metric == "net sales"
    assert node(tree, "n3").text == "Changed"
