"""The frame around every page: navigation, whose work it is, and a store that cannot be used."""

import ast
from pathlib import Path

import pytest

from agents.settings import Settings
from agents.workbench import Who, Workbench
from tests.conftest import TEXT
from tests.pages.screen import ROOT, Screen, shown

SHELL = "pages/ui/shell.py"
DECISION = "Should we enter the Polish market?"


@pytest.fixture
def shell(served: Settings) -> Screen:
    """The frame with the first page in it, not drawn yet."""
    return Screen(SHELL)


def test_the_frame_opens_on_the_diagnosis(shell: Screen) -> None:
    assert "What went wrong?" in shell.open().said


def test_a_link_to_a_run_opens_that_run_in_the_frame(shell: Screen, bench: Workbench) -> None:
    run_id = bench.start(TEXT)
    assert shown(shell.open(run_id).at.subheader[0].value) == TEXT


def test_a_decision_is_handed_to_the_content_agent_in_a_conversation_of_its_own(
    shell: Screen, bench: Workbench
) -> None:
    shell.open().type("complaint", DECISION).click("Start the diagnosis")
    assert "This asks which way to go, not why something went wrong" in shell.said
    shell.click("Hand it to the content agent")
    (conversation,) = bench.conversations.listed(Who())
    (turn,) = bench.conversations.view(conversation.conversation_id).turns
    assert (turn.text, turn.agent) == (DECISION, "content")
    assert bench.recent(Who()) == []


def test_every_way_to_another_page_leads_to_a_page_of_the_frame() -> None:
    """Streamlit resolves a name from the frame's own folder, wherever the call stands."""
    frame = ROOT / SHELL
    calls = [
        node
        for file in (ROOT / "pages").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "switch_page"
    ]
    named = [call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)]
    assert "../ask.py" in named
    assert [name for name in named if (frame.parent / name).resolve().parent != ROOT / "pages"] == []
    assert [name for name in named if not (frame.parent / name).is_file()] == []


def test_work_is_kept_under_the_user_and_project_that_were_chosen(shell: Screen, bench: Workbench) -> None:
    bench.start("Our buses run late in the south", Who("ann", "buses"), "late_buses")
    shell.open()
    shell.at.selectbox(key="user").set_value("ann")
    shell.at.selectbox(key="project").set_value("buses")
    shell.reload().type("complaint", TEXT).click("Start the diagnosis")
    run = bench.run(shell.run_id)
    assert (run.user_id, run.project_id) == ("ann", "buses")
    assert shell.run_id in [run.run_id for run in bench.recent(Who("ann", "buses"))]


def test_a_name_that_is_none_is_told_on_the_page_itself(shell: Screen) -> None:
    shell.at.query_params["user"] = "a" * 81
    said = shell.open().said
    assert "The user's name has 81 characters; 80 are the most" in said
    assert "What went wrong?" not in said


def test_a_name_is_one_line_of_text() -> None:
    assert Who.named("ann\x07\n of sales", "buses\t") == Who("ann of sales", "buses")


def test_a_data_folder_that_cannot_be_written_is_told_and_works_once_mended(
    shell: Screen, served: Settings
) -> None:
    served.data.write_text("a file where the folder should be")
    said = shell.open().said
    assert "Whytree cannot open its data" in said
    assert "cannot be written" in said
    assert "then try again" in said
    served.data.unlink()
    assert "What went wrong?" in shell.click("Try again").said


@pytest.mark.parametrize("name", ["whytree.duckdb", "checkpoints.sqlite"])
def test_a_damaged_store_is_told_and_left_as_it_is(shell: Screen, served: Settings, name: str) -> None:
    served.data.mkdir()
    file = served.data / name
    file.write_bytes(b"not a store " * 1_000)
    said = shell.open().said
    assert str(file) in said
    assert "left as it is" in said
    assert file.read_bytes() == b"not a store " * 1_000


def test_wrong_settings_are_told_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: Settings
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYTREE_ENVIRONMENT", "production")
    said = Screen(SHELL).open().said
    assert "WHYTREE_ENVIRONMENT" in said
    assert "Correct them and start again." in said


def test_whose_work_it_is_is_read_without_opening_the_choice(shell: Screen) -> None:
    shell.at.query_params["user"] = "anna"
    shell.open()
    assert "anna, project default" in [part.label for part in shell.at.expander]
    assert "Counts as the work of anna" in shell.said
