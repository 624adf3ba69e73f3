"""A backup that is made while people work brings back the same; a damaged one brings back nothing."""

import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.keeping import __main__ as shell
from agents.keeping import beside
from agents.settings import Settings
from agents.workbench import Workbench
from storage import backup, calls, runs
from storage.db import Store
from storage.errors import StoreDamaged, StoreUnwritable
from storage.search import RunQuery
from tests.agents.keeping.conftest import ALICE, WORDS, Left, call_of

Open = Callable[[], Workbench]
ROOT = Path(__file__).parents[3]
TIMEOUT_S = 30
TABLES = "select table_name from duckdb_tables() where table_name <> 'usage_runs_state' order by all"
"""All but the note on how far the usage of runs is counted, which is as late as the last look."""
HOLDS = "import sys; from pathlib import Path; from storage.db import Store; \
s = Store.open(Path(sys.argv[1])); print(flush=True); sys.stdin.readline(); s.close()"


def contents(store: Store) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    names = [row["table_name"] for row in store.read(TABLES)]
    sql = "select row::varchar as line from {} as row order by line"
    return {name: [row["line"] for row in store.read(sql.format(name))] for name in names}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_brings_back_everything_as_it_was(
    settings: Settings, open_bench: Open, left: dict[str, Left], tmp_path: Path
) -> None:
    bench = open_bench()
    before = contents(bench._store)
    seen = {who: bench.view(left[who].diagnosis) for who in WORDS}
    turn = bench.conversations.turn(left["alice"].question)
    told = bench.keeping.backup(tmp_path / "one.zip")
    assert {backup.STORE, backup.JOURNAL, backup.CHECKPOINTS} <= set(told.files)
    bench.keeping.delete_owned("user_id", "alice")
    bench.close()
    former = backup.restore(tmp_path / "one.zip", settings.data)
    assert former is not None
    again = open_bench()
    assert contents(again._store) == before
    assert {who: again.view(left[who].diagnosis) for who in WORDS} == seen
    assert again.conversations.turn(left["alice"].question) == turn
    assert again._journal.entries(left["alice"].diagnosis, "draft", "first") == []  # ended: let go of
    attached = {name for name in files(settings.data) if name.startswith(beside.ATTACHMENTS)}
    assert attached == {name for name in told.files if name.startswith(beside.ATTACHMENTS)}
    assert again.runs.find(RunQuery()).total == 4


def test_a_backup_while_others_write_holds_whole_transactions(open_bench: Open, tmp_path: Path) -> None:
    bench, stop = open_bench(), threading.Event()
    begun: list[str] = []

    def write() -> None:
        while not stop.is_set():
            run_id = bench.start("Our buses run late since March, in the north", ALICE, "late_buses")
            bench._store.append("calls", [dict(vars(call_of(ALICE, run_id, "w")[0]))])
            begun.append(run_id)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    acknowledged = []
    for n in range(2):
        acknowledged.append(list(begun))
        bench.keeping.backup(tmp_path / f"{n}.zip")
    stop.set()
    for writer in writers:
        writer.join(TIMEOUT_S)
    for n, known in enumerate(acknowledged):
        backup.restore(tmp_path / f"{n}.zip", tmp_path / f"restored-{n}")
        copy = Store.open(tmp_path / f"restored-{n}" / backup.STORE)
        assert all(runs.find(copy, run_id) for run_id in known)
        for run_id in begun:
            numbers = [event.seq for event in runs.events(copy, run_id)]
            assert numbers == list(range(1, len(numbers) + 1))
            assert (runs.find(copy, run_id) is None) == (not numbers)
        copy.close()


def test_from_the_shell(
    settings: Settings,
    open_bench: Open,
    left: dict[str, Left],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "folder" / "backup.zip"
    assert shell.main(["backup", str(target)]) == 0
    assert f"{target} holds " in capsys.readouterr().out
    assert target.stat().st_mode & 0o077 == 0
    (settings.data / backup.STORE).write_bytes(b"garbage" * 999)
    assert shell.main(["restore", str(target)]) == 0
    assert "What was there before lies in" in capsys.readouterr().out
    assert open_bench().view(left["bob"].diagnosis).diagnosis


def test_into_a_folder_in_use_nothing_is_restored(
    settings: Settings, open_bench: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.main(["backup", str(tmp_path / "one.zip")]) == 0
    capsys.readouterr()
    command = [sys.executable, "-c", HOLDS, str(settings.data / backup.STORE)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as child:  # type: ignore[call-overload]
        assert child.stdout.readline() == b"\n"
        before = sorted(settings.data.iterdir())
        assert shell.main(["restore", str(tmp_path / "one.zip")]) == 1
        assert "Another process has the store" in capsys.readouterr().err
        assert sorted(settings.data.iterdir()) == before
        child.communicate(b"\n", timeout=TIMEOUT_S)


STORE = backup.STORE.encode()


def flipped(whole: bytes, at: int) -> bytes:
    """With one bit turned over where a packed file begins; further in it may stand for the same bytes."""
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda whole: whole[: len(whole) // 2],
    "flipped": lambda whole: flipped(whole, whole.index(STORE) + len(STORE) + 20),
    "empty": lambda whole: b"",
    "of another kind": lambda whole: b"this is no backup" * 99,
}
WHY = ("it is damaged, cut short, or no backup", "is not as it was written")


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_backup_is_told_and_changes_nothing(
    settings: Settings, tmp_path: Path, damage: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "one.zip"
    assert shell.main(["backup", str(target)]) == 0
    target.write_bytes(damage(target.read_bytes()))
    before = files(settings.data)
    with pytest.raises(StoreDamaged, match="Nothing was changed: take another one"):
        backup.restore(target, settings.data)
    assert shell.main(["restore", str(target)]) == 1
    told = capsys.readouterr().err
    assert "cannot be used" in told
    assert any(why in told for why in WHY)
    assert files(settings.data) == before


def test_a_backup_that_is_not_there_is_told_in_words(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.main(["restore", str(tmp_path / "none.zip")]) == 1
    assert "cannot be used: there is no such file. Nothing was changed" in capsys.readouterr().err


def test_a_backup_that_leads_out_of_its_folder_is_refused(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "evil.zip"
    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("../escaped", "hello")
        archive.writestr(
            backup.MANIFEST, f'{{"format": 1, "made_at": "2026", "files": {{"../escaped": "{digest}"}}}}'
        )
    with pytest.raises(StoreDamaged, match="leads out of it"):
        backup.restore(target, settings.data)
    assert not (settings.data.parent / "escaped").exists()


def test_a_place_where_no_backup_can_be_written_is_told_and_nothing_is_left(open_bench: Open) -> None:
    with pytest.raises(StoreUnwritable, match="could not be written"):
        open_bench().keeping.backup(Path("/dev/null/backup.zip"))


def test_a_folder_without_a_store_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHYTREE_DATA", str(tmp_path / "nothing"))
    assert shell.main(["backup", str(tmp_path / "one.zip")]) == 1
    assert "There is no store in" in capsys.readouterr().err


def test_a_call_that_crashed_before_its_row_was_flushed_is_in_a_backup(
    open_bench: Open, left: dict[str, Left], tmp_path: Path
) -> None:
    bench = open_bench()
    run_id = bench.start("Our buses run late since March, in the north", ALICE, "late_buses")
    call, text = call_of(ALICE, run_id, "late")
    bench._journal.keep(run_id, "word", "first", 1, calls.to_json(call, text))
    bench.keeping.backup(tmp_path / "one.zip")
    backup.restore(tmp_path / "one.zip", tmp_path / "restored")
    moved = bench.settings.model_copy(update={"data": tmp_path / "restored"})
    with Workbench.opened(moved) as restored:
        assert [row.call_id for row in calls.of_run(restored._store, run_id)] == [call.call_id]


def test_a_second_backup_leaves_a_file_that_is_there_alone_unless_it_is_told_to_replace_it(
    settings: Settings, left: dict[str, Left], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "one.zip"
    target.write_bytes(b"another file")
    assert shell.main(["backup", str(target)]) == 1
    assert "is there already, and it was left as it is; no backup was made." in capsys.readouterr().err
    assert target.read_bytes() == b"another file"
    assert shell.main(["backup", str(target), "--replace"]) == 0
    assert backup.read_manifest(target).files
