"""The drawing, the map of belief, the versions and the files of a tree."""

import json

import pytest

from agents.tree.exports import EXPORTS
from agents.tree.ops import Rename
from agents.tree.outline import parse_outline
from agents.workbench import Who, Workbench
from tests.agents.tree.samples import hostile, sample
from tests.pages.tree_screen import TreeScreen


@pytest.fixture
def tree_id(bench: Workbench) -> str:
    return bench.trees.add(sample(25), Who(), "Drawn")


def names(page: TreeScreen) -> list[str]:
    items = json.loads(page.drawn())["series"][0]["data"]
    return [" ".join(item["name"].split()) for item in items if "name" in item]


def test_every_node_is_drawn_and_the_chosen_one_stands_out(tree_id: str) -> None:
    page = TreeScreen(tree_id)
    assert len(names(page)) == 25
    page.pick("leaf4")
    items = json.loads(page.drawn())["series"][0]["data"]
    assert [item["id"] for item in items if "shadowBlur" in item.get("label", {})] == ["leaf4"]


def test_a_folded_branch_shows_what_it_hides(tree_id: str) -> None:
    page = TreeScreen(tree_id)
    page.choose("folded-", ["b0"])  # type: ignore[arg-type]
    assert len(names(page)) == 21
    assert any(name.endswith("+4 below") for name in names(page))


def test_a_folded_branch_that_is_deleted_is_forgotten(tree_id: str) -> None:
    page = TreeScreen(tree_id)
    page.choose("folded-", ["b0"])  # type: ignore[arg-type]
    page.pick("b0", "Delete").send("Delete")
    assert len(names(page)) == 20


def test_belief_is_shown_as_a_map(tree_id: str) -> None:
    page = TreeScreen(tree_id)
    page.at.button_group[0].set_value("Belief map")
    page.reload()
    trace = json.loads(page.drawn("plotly_chart"))["data"][0]
    assert len(trace["ids"]) == 25


def test_a_tree_without_belief_says_so_in_place_of_a_map(bench: Workbench) -> None:
    page = TreeScreen(bench.trees.add(parse_outline("Why?\n  This\n  That", tree_id="t"), Who(), "x"))
    page.at.button_group[0].set_value("Belief map")
    page.reload()
    assert "holds no belief yet" in page.said


def marks(outline: str, text: str) -> str:
    """The marks before the lines with this text."""
    return "".join(line[0] for line in outline.splitlines() if text in line)


def test_versions_are_listed_and_two_stand_side_by_side(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).tab("Versions")
    assert "With the first edit there will be two versions" in page.said
    page.tab("Tree").pick("leaf0", "Rename").fill("text", "Changed").send("Keep")
    page.pick("leaf1", "Delete").send("Delete").tab("Versions")
    listed, changes = (frame.value for frame in page.at.dataframe)
    assert list(listed["What"]) == ["Drawn", "rename", "delete"]
    assert list(listed["At hand"]) == [False, False, True]
    page.choose("before-", 1)  # type: ignore[arg-type]
    old, new = (code.value for code in page.at.code)
    assert marks(old, "List prices rose twice") == "- "
    assert marks(new, "Changed") == "~"
    changes = page.at.dataframe[1].value
    assert {"renamed", "removed"} <= set(changes["What"])
    assert "Changed" in set(changes["After"])


def test_two_versions_that_are_alike_are_told_as_such(bench: Workbench, tree_id: str) -> None:
    for text in ("Changed?", "Why did net sales of spare parts fall by 20 % in the third quarter?"):
        op = Rename(node_id="root", text=text)
        bench.trees.edit(tree_id, op, bench.trees.state(tree_id).seq, "me")
    page = TreeScreen(tree_id).tab("Versions")
    page.choose("before-", 1)  # type: ignore[arg-type]
    assert "These two versions are alike." in page.said


def test_the_version_at_hand_after_undo_is_marked(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id).pick("leaf0", "Rename").fill("text", "Changed").send("Keep").send("Undo")
    listed = page.tab("Versions").at.dataframe[0].value
    assert list(listed["At hand"]) == [True, False]


def test_every_format_is_offered_with_the_version_in_its_name(tree_id: str) -> None:
    page = TreeScreen(tree_id).tab("Export")
    assert [button.label for button in page.at.download_button] == [kind.label for kind in EXPORTS.values()]
    assert "version 1" in page.said


def test_hostile_texts_are_shown_letter_for_letter(bench: Workbench) -> None:
    page = TreeScreen(bench.trees.add(hostile(), Who(), "Hostile"))
    assert '=HYPERLINK("http://x")' in page.said
    for tab in ("Work plan", "Versions", "Export", "Tree"):
        page.tab(tab)
    for element in page.at.markdown:
        assert "<img" not in element.value.replace("\\<img", "")
