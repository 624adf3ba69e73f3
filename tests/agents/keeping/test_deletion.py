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
from storage import budgets, deletion, messages, removed_files
from storage.db import Store
from storage.highwater import log_of, mark_of
from storage.search import RunQuery
from tests.agents.keeping.conftest import ALICE, BOB, WORDS, Left, holders

Open = Callable[[], Workbench]
FILES = "select attachment_id as id from attachments where run_id = ?"


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
    assert not deletion.is_known(store, "project_id", "carol")


def test_half_of_a_file_goes_with_the_next_start_and_a_whole_one_never_because_it_is_unknown(
    settings: Settings, open_bench: Open, left: dict[str, Left]
) -> None:
    folder = settings.data / beside.ATTACHMENTS
    known = sorted(folder.iterdir())
    half, unknown = folder / "0198-half.part", folder / "0198-of-no-turn"
    for file in (half, unknown):
        file.write_bytes(b"half of a fi")
    open_bench()
    assert sorted(folder.iterdir()) == sorted([*known, unknown])


def test_a_new_store_beside_old_files_leaves_them(
    settings: Settings, open_bench: Open, left: dict[str, Left]
) -> None:
    folder = settings.data / beside.ATTACHMENTS
    known = sorted(folder.iterdir())
    for file in settings.data.glob(f"{beside.STORE}*"):
        file.unlink()
    beside.mark_for_erasure(settings.data)
    open_bench()
    assert known and sorted(folder.iterdir()) == known


@pytest.mark.parametrize("way", ["run", "person", "conversation"])
def test_files_that_were_deleted_go_with_the_next_start_when_the_process_ended_before(
    settings: Settings, open_bench: Open, left: dict[str, Left], way: str
) -> None:
    bench, question = open_bench(), left["alice"].question
    (name,) = (row["id"] for row in bench._store.read(FILES, [question]))
    conversation = bench.conversations.of_run(question)
    if way == "run":
        deletion.delete_runs(bench._store, [question])
    elif way == "person":
        deletion.delete_owned(bench._store, "user_id", "alice")
    else:
        messages.delete(bench._store, conversation, settings.data / "elsewhere")
    bench.close()
    file = settings.data / beside.ATTACHMENTS / name
    assert file.exists()
    again = open_bench()
    assert not file.exists()
    assert removed_files.noted(again._store) == []


def test_an_erasure_is_put_off_and_told_when_the_end_of_the_log_is_missing(
    settings: Settings, open_bench: Open, left: dict[str, Left]
) -> None:
    file = settings.data / beside.STORE
    store = Store.open(file)
    budgets.set_budget(store, "user", "bob", Decimal(7), "USD", False, "bob")
    at_work = {part: part.read_bytes() for part in (file, log_of(file), mark_of(file))}
    store.close()
    for part, content in at_work.items():
        part.write_bytes(content[: len(content) // 2] if part == log_of(file) else content)
    beside.mark_for_erasure(settings.data)
    attached = sorted((settings.data / beside.ATTACHMENTS).iterdir())
    bench = open_bench()
    assert bench.fault is not None and bench.fault.startswith("The end of the log of the store")
    bench.close()
    assert (settings.data / beside.TO_ERASE).exists()
    open_bench().close()
    assert not (settings.data / beside.TO_ERASE).exists()
    assert len(list(settings.data.glob("*.cut-*"))) == 1
    assert sorted((settings.data / beside.ATTACHMENTS).iterdir()) == attached


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
