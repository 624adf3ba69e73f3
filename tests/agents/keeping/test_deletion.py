"""Deleting a person or a project reaches every store, down to the bytes, and nobody else's."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from agents.errors import NotFound
from agents.keeping import __main__ as shell
from agents.keeping import beside
from agents.settings import Settings
from agents.workbench import Workbench
from storage import budgets, deletion
from storage.db import Store
from storage.search import RunQuery
from tests.agents.keeping.conftest import ALICE, BOB, WORDS, Left, holders

Open = Callable[[], Workbench]


def planted(folder: Path) -> None:
    """The words are where they are looked for, so that their absence later says something."""
    there = holders(folder, WORDS["alice"])
    assert {beside.STORE, beside.JOURNAL, beside.WORDS, beside.CONVENIENCE} <= there
    assert any(name.startswith(beside.ATTACHMENTS) for name in there)


@pytest.mark.parametrize(("subject", "name"), [("user_id", ALICE.user_id), ("project_id", ALICE.project_id)])
def test_while_it_runs_nothing_shows_it_any_more_and_the_next_start_takes_the_bytes(
    settings: Settings, open_bench: Open, left: dict[str, Left], subject: str, name: str
) -> None:
    planted(settings.data)
    bench = open_bench()
    before = bench.view(left["bob"].diagnosis)
    owned = bench.keeping.owned_by(subject, name)  # type: ignore[arg-type]
    assert {left["alice"].diagnosis, left["alice"].question, left["alice"].tree} <= set(owned.run_ids)
    assert bench.keeping.delete_owned(subject, name) == owned  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        bench.view(left["alice"].diagnosis)
    assert bench.runs.find(RunQuery(text=WORDS["alice"])).total == 0
    assert bench.runs.find(RunQuery(text=WORDS["bob"])).total == 2
    bench.close()
    again = open_bench()
    assert again.view(left["bob"].diagnosis) == before
    again.close()
    gone = {ALICE.user_id} if subject == "user_id" else {ALICE.project_id}
    assert holders(settings.data, WORDS["alice"], *gone) - noted_user(subject) == set()
    assert holders(settings.data, WORDS["bob"])


def noted_user(subject: str) -> set[str]:
    """Where a project is deleted its people stay, and with them their notes about nothing in particular."""
    return {beside.STORE} if subject == "project_id" else set()


def test_from_the_shell_the_bytes_are_gone_at_once(
    settings: Settings, open_bench: Open, left: dict[str, Left], capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.main(["delete", "--user", "alice"]) == 0
    told = capsys.readouterr().out
    assert "What belongs to the user “alice”: 3 runs, 1 conversation, 1 attached file, notes, budgets" in told
    assert "0 of" not in told and "made by somebody else" not in told
    assert "Unsent drafts of everybody go too" in told
    assert "Nothing was deleted: say --yes" in told
    assert WORDS["alice"].encode() in (settings.data / beside.STORE).read_bytes()
    assert shell.main(["delete", "--user", "alice", "--yes"]) == 0
    assert "Deleted from every file." in capsys.readouterr().out
    assert holders(settings.data, WORDS["alice"], "alice") == set()
    bench = open_bench()
    assert {line.user_id for line in bench.runs.find(RunQuery()).lines} == {"bob"}
    assert bench.view(left["bob"].diagnosis).diagnosis


def test_an_unknown_name_is_told_and_nothing_is_deleted(
    settings: Settings, left: dict[str, Left], capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.main(["delete", "--user", "alise", "--yes"]) == 1
    told = capsys.readouterr().err
    assert "Nothing here is of the user “alise”, so nothing was deleted." in told
    assert "those with runs are alice, bob" in told
    assert shell.main(["delete", "--project", "alice", "--yes"]) == 1
    assert holders(settings.data, WORDS["alice"])


def test_who_is_only_named_somewhere_is_known(store: Store) -> None:
    set_by = [Decimal(5), "USD", False, "carol"]
    budgets.set_budget(store, "project", "apollo", *set_by)  # type: ignore[arg-type]
    assert deletion.is_known(store, "user_id", "carol")
    assert deletion.is_known(store, "project_id", "apollo")
    assert not deletion.is_known(store, "user_id", "apollo")


def test_files_that_no_turn_has_go_with_the_next_start(
    settings: Settings, open_bench: Open, left: dict[str, Left]
) -> None:
    folder = settings.data / beside.ATTACHMENTS
    known = sorted(folder.iterdir())
    for name in ("0198-half.part", "0198-of-no-turn"):
        (folder / name).write_bytes(b"half of a fi")
    open_bench()
    assert sorted(folder.iterdir()) == known


def test_a_single_run_leaves_every_list_with_its_texts_and_its_figures_stay(
    settings: Settings, open_bench: Open, left: dict[str, Left]
) -> None:
    bench = open_bench()
    spent = bench._store.read("select sum(cost_amount) as cost, count(*) as n from calls")
    bench.runs.delete([left["alice"].diagnosis, left["alice"].question], BOB)
    assert bench.runs.find(RunQuery(text=WORDS["alice"])).total == 0
    with pytest.raises(NotFound, match="was deleted on"):
        bench.runs.run(left["alice"].diagnosis)
    assert bench._store.read("select sum(cost_amount) as cost, count(*) as n from calls") == spent
    assert not list((settings.data / beside.ATTACHMENTS).glob("*alice*"))
    assert bench._journal.entries(left["alice"].diagnosis, "draft", "first") == []


def test_a_run_at_work_is_stopped_before_it_is_deleted(open_bench: Open, left: dict[str, Left]) -> None:
    bench = open_bench()
    run_id = bench.start("Our buses run late since March, mostly in the north", ALICE, "late_buses")
    assert bench.view(run_id).status == "waiting"
    bench.keeping.delete_owned("user_id", "alice")
    with pytest.raises(NotFound):
        bench.view(run_id)


def test_a_start_that_cannot_finish_the_erasure_tries_again(
    settings: Settings, open_bench: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = open_bench()
    bench.keeping.delete_owned("user_id", "alice")
    bench.close()

    def full(file: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(beside.backup, "compact", full)
        with pytest.raises(OSError, match="No space left"):
            Workbench.open(settings)
    assert (settings.data / beside.TO_ERASE).exists()
    open_bench().close()
    assert holders(settings.data, WORDS["alice"]) == set()
