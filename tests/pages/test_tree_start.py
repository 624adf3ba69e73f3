"""Where trees come from, and what a person reads when one cannot be read; the trees kept stay."""

import json

import pytest

from agents.tree.document import dump_tree
from agents.workbench import Who, Workbench
from pages.ui.tree.start import OUTLINED, SHOWN
from tests.agents.tree.samples import sample
from tests.conftest import Diagnose, Play
from tests.pages.screen import elements
from tests.pages.tree_screen import TreeScreen


def kept(bench: Workbench) -> int:
    return len(bench.recent(Who(), 100, kind="tree"))


def outline(text: str) -> TreeScreen:
    page = TreeScreen()
    page.at.text_area[1].set_value(text)
    return page.send("Make the tree")


def upload(data: bytes) -> TreeScreen:
    page = TreeScreen()
    [uploader] = [e for e in elements(page.at.main) if e.type == "file_uploader"]
    uploader.set_value(("tree.json", data, "application/json"))  # type: ignore[attr-defined]
    return page.send("Open it")


def test_the_start_says_what_the_page_is_for_and_that_no_tree_is_kept_yet(bench: Workbench) -> None:
    page = TreeScreen()
    assert "Problem trees" in page.said
    assert "Trees of your diagnoses will be offered here." in page.said


def test_a_diagnosis_opens_as_a_tree_and_is_found_again(bench: Workbench, diagnose: Diagnose) -> None:
    run = diagnose(bench)
    page = TreeScreen()
    page.click_key(f"diagnosis-{run}")
    assert bench.trees.state(page.tree_id).run.parent_run_id == run
    again = TreeScreen()
    again.click_key("tree-")
    assert again.tree_id == page.tree_id
    assert kept(bench) == 1


def test_a_diagnosis_that_is_not_confirmed_offers_no_tree(bench: Workbench) -> None:
    bench.start("Our buses run late", playbook_id="late_buses")
    assert not TreeScreen().buttons("diagnosis-")


def test_a_problem_that_no_playbook_covers_begins_the_outline_until_a_tree_is_made(
    bench: Workbench,
) -> None:
    page = TreeScreen()
    page.at.session_state[OUTLINED] = "Patients miss their appointments"
    page.reload()
    assert page.at.text_area[1].value.startswith("Patients miss their appointments\n  One possible cause")
    page.send("Make the tree")
    assert "Patients miss their appointments" in page.chosen
    assert OUTLINED not in page.at.session_state


def test_a_description_becomes_the_tree_of_its_playbook(bench: Workbench) -> None:
    page = TreeScreen()
    page.type("tree_text", "Our sales dropped 20 % this quarter").click("Draw its tree")
    assert "Why did sales fall?" in page.chosen
    assert bench.trees.state(page.tree_id).tree.frame.size == "20 %"


@pytest.mark.parametrize("text", ["", "hello", "Should we enter the Turkish market?", "x" * 20_000])
def test_a_description_of_no_known_problem_is_told(bench: Workbench, text: str) -> None:
    page = TreeScreen()
    page.type("tree_text", text).click("Draw its tree")
    assert page.at.warning
    assert kept(bench) == 0


def test_an_outline_becomes_a_tree(bench: Workbench) -> None:
    page = outline("# Why did sales fall?\n- Fewer orders\n  - Fewer enquiries\n- Less money per order")
    assert page.chosen == "Why did sales fall?"
    assert len(page.field("pick-").options) == 4


BAD_OUTLINES = {
    "Line 3 of the outline mixes tabs and spaces": "Why?\n  This\n\tThat",
    "Line 2 of the outline mixes tabs and spaces": "Why?\n \tThis",
    "no line with text": "  \n\n",
    "Line 2 stands at the top level beside line 1": "Why?\nAnd why?",
    "Line 4 of the outline is indented less than line 3": "Why?\n  A\n      B\n    C",
    "deeper than 40 levels": "\n".join(" " * level + "x" for level in range(60)),
    "more than the 2,000 lines": "Why?\n" + "  x\n" * 10_000,
    "Line 2 of the outline has a mark but no text": "Why?\n  - ",
}


@pytest.mark.parametrize("sentence", BAD_OUTLINES)
def test_an_outline_that_cannot_be_read_names_the_line(bench: Workbench, sentence: str) -> None:
    page = outline(BAD_OUTLINES[sentence])
    assert sentence in page.said
    assert "The tree at hand stays as it was." in page.said
    assert page.at.text_area[1].value == BAD_OUTLINES[sentence]
    assert kept(bench) == 0


def document(**changes: object) -> dict[str, object]:
    whole = json.loads(dump_tree(sample(5)))
    return {**whole, **changes}


def as_json(data: object) -> bytes:
    return json.dumps(data).encode()


def huge(count: int) -> bytes:
    children = [{"id": f"n{n}", "text": "Cause"} for n in range(count)]
    return as_json(document(root={"id": "root", "text": "Why?", "children": children}))


def deep(levels: int) -> bytes:
    opening = '{"id": "n%d", "text": "Why?", "children": ['
    inner = "".join(opening % level for level in range(levels))
    whole = inner + '{"id": "end", "text": "x"}' + "]}" * levels
    return b'{"schema_version": 1, "id": "t", "kind": "why", "title": "T", "root": ' + whole.encode() + b"}"


def repeated() -> bytes:
    whole = document()
    whole["root"]["children"][1]["id"] = "leaf0"  # type: ignore[index]
    return as_json(whole)


def with_root(**changes: object) -> bytes:
    whole = document()
    whole["root"].update(changes)  # type: ignore[attr-defined]
    return as_json(whole)


BAD_FILES = {
    "line 1, column 1 is not JSON": b"not json",
    "byte 2 of the file is not UTF-8": b"{\xff}",
    "must be a JSON object": b"[]",
    "root.children[0] refers to a node that is written elsewhere": with_root(children=["root"]),
    "root.children[0] refers to a node": with_root(children=[{"$ref": "#/root"}]),
    "more than the 2,000 nodes": huge(10_000),
    "nests deeper than the 40 levels": deep(500),
    "root.children[0] repeats the id 'leaf0' of root.children[1]": repeated(),
    "surprise is a field this format does not know": as_json(document(surprise=1)),
    "root.text must be text": with_root(text=7),
    "kind must be 'why' or 'how'": as_json(document(kind="what")),
    "root is missing": as_json({key: value for key, value in document().items() if key != "root"}),
    "has that field twice": b'{"id": "a", "id": "b"}',
    "holds NaN": b'{"schema_version": NaN}',
    "half of a character pair": with_root(text="\ud800"),
}


@pytest.mark.parametrize("sentence", BAD_FILES)
def test_a_file_that_cannot_be_read_names_the_place(bench: Workbench, sentence: str) -> None:
    before = bench.trees.add(sample(5), Who(), "Drawn")
    page = upload(BAD_FILES[sentence])
    assert sentence in page.said
    assert "The tree at hand stays as it was." in page.said
    assert kept(bench) == 1
    assert bench.trees.state(before).tree.root == sample(5).root


def test_an_export_is_opened_again_as_the_same_tree(bench: Workbench) -> None:
    first = bench.trees.add(sample(25), Who(), "Drawn")
    page = upload(bench.trees.export(first, "json"))
    assert bench.trees.state(page.tree_id).tree.root == bench.trees.state(first).tree.root


@pytest.mark.parametrize(
    "tree_id", ["nope", "../etc/passwd", "![x](http://x.example/a.png)", "ağaç", "x" * 5_000]
)
def test_a_tree_that_does_not_exist_is_told_with_a_way_to_the_start(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id)
    assert "There is no tree “" in page.said
    assert "![" not in page.at.error[0].value
    page.send("Another tree")
    assert "Problem trees" in page.said


def test_finished_diagnoses_come_first_and_those_only_looked_at_do_not_push_them_out(
    bench: Workbench, diagnose: Diagnose, play: Play
) -> None:
    finished = diagnose(bench)
    play(bench, finished, "engines")
    begun = [diagnose(bench) for _ in range(SHOWN)]
    page = TreeScreen()
    offered = [button.key for button in page.buttons("diagnosis-")]
    assert offered[0] == f"diagnosis-{finished}"
    assert len(offered) == SHOWN
    assert f"diagnosis-{begun[-1]}" in offered
    assert page.labels("all-diagnosis") == ["All in Runs"]
    assert all(label.endswith("(not finished)") for label in page.labels("diagnosis-")[1:])
