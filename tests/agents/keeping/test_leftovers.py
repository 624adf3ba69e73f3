"""Files that no record points to: shown once they are a day old, and removed by hand alone."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from agents.errors import Refused
from agents.keeping.beside import ATTACHMENTS, STORE
from agents.keeping.leftovers import BrokeOff
from agents.settings import Settings
from agents.workbench import Who, Workbench
from storage import runs
from storage.clock import new_id, now
from storage.db import Store
from storage.highwater import log_of, mark_of
from storage.runs import Run
from tests.agents.keeping.conftest import ALICE, Left

Open = Callable[[], Workbench]
OLD = timedelta(days=2)


def orphan(data: Path, age: timedelta = OLD, name: str = "") -> Path:
    """A whole attached file that no turn has."""
    file = data / ATTACHMENTS / (name or new_id())
    file.write_bytes(b"x" * 100)
    then = file.stat().st_mtime - age.total_seconds()
    os.utime(file, (then, then))
    return file


def cut(data: Path, age: timedelta = OLD) -> Path:
    """A copy of the store's log as `find_cut` makes it."""
    file = data / f"{STORE}.wal.cut-{now() - age:%Y%m%d-%H%M%S}"
    file.write_bytes(b"y" * 50)
    return file


def test_old_files_that_nothing_points_to_are_shown_with_size_and_age_and_others_are_not(
    open_bench: Open,
) -> None:
    bench = open_bench()
    data = bench.settings.data
    known = set((data / ATTACHMENTS).iterdir())
    for file in known:
        os.utime(file, (0, 0))  # what turns have is none, however old
    wanted = [cut(data, 2 * OLD), orphan(data)]
    orphan(data, timedelta(hours=1))
    orphan(data, OLD, "notes.txt")
    cut(data, timedelta(hours=1))
    (data / f"{STORE}.wal.cut-by-hand").touch()
    found = bench.keeping.leftovers()
    assert [(data / left.name, left.kind, left.size_bytes) for left in found] == [
        (wanted[0], "log", 50),
        (wanted[1], "attachment", 100),
    ]
    assert all(now() - left.since > timedelta(days=1) for left in found)
    assert known


@pytest.mark.parametrize(
    ("content", "begins"),
    [
        (b"\n region,units\nNorth,1\n", "region,units"),
        ("\u00fc".encode() * 400, f"{chr(0xFC) * 60}\u2026"),
        (b"PAR1 and more", "Parquet"),
        (b"PK\x03\x04 and more", "Excel, Word or another archive"),
        (b"\x00\x01\xff\xfe" * 100, "No text"),
        (b"", "Empty"),
    ],
)
def test_a_file_whose_name_is_lost_is_told_by_what_it_begins_with(
    open_bench: Open, content: bytes, begins: str
) -> None:
    bench = open_bench()
    file = orphan(bench.settings.data)
    file.write_bytes(content)
    os.utime(file, (0, 0))
    assert [left.begins for left in bench.keeping.leftovers()] == [begins]


def test_those_that_are_named_go_and_it_stands_in_the_audit(open_bench: Open) -> None:
    bench = open_bench()
    first, second = orphan(bench.settings.data), cut(bench.settings.data)
    names = [left.name for left in bench.keeping.leftovers() if left.kind == "attachment"]
    assert [left.name for left in bench.keeping.remove_leftovers(names, ALICE)] == names
    assert (first.exists(), second.exists()) == (False, True)
    sql = "select actor from audit_events where action = 'leftovers_removed'"
    assert [row["actor"] for row in bench._store.read(sql)] == ["alice"]


def test_a_file_that_is_none_any_more_stops_the_removal(open_bench: Open) -> None:
    bench = open_bench()
    file = orphan(bench.settings.data)
    for name in (f"{ATTACHMENTS}/{new_id()}", "whytree.duckdb", "../elsewhere"):
        with pytest.raises(Refused, match="is no longer a file that nothing points to"):
            bench.keeping.remove_leftovers([bench.keeping.leftovers()[0].name, name], Who())
        with pytest.raises(Refused, match="no longer a file that nothing points to"):
            bench.keeping.leftover(name)
    assert file.exists()


def test_none_goes_while_records_are_missing(open_bench: Open) -> None:
    bench = open_bench()
    file = orphan(bench.settings.data)
    bench._store.gap = "The end of the log is missing."
    with pytest.raises(Refused, match="such a file may be all that is left"):
        bench.keeping.remove_leftovers([bench.keeping.leftovers()[0].name], Who())
    assert file.exists()


def test_none_goes_while_events_of_a_run_are_missing_also_after_the_next_start(
    open_bench: Open, left: dict[str, Left]
) -> None:
    bench = open_bench()
    file = orphan(bench.settings.data)
    sql = "delete from events where run_id = ? and seq = 1"
    bench._store.transact(lambda connection: connection.execute(sql, [left["alice"].diagnosis]))
    bench.close()
    bench = open_bench()
    with pytest.raises(Refused, match="1 of its events are missing"):
        bench.keeping.remove_leftovers([bench.keeping.leftovers()[0].name], Who())
    assert file.exists()


def test_none_goes_after_whole_runs_were_lost_until_somebody_accepts_that_also_in_later_starts(
    open_bench: Open, settings: Settings
) -> None:
    lose_a_run(settings.data / STORE)
    first = open_bench()
    file, lost = orphan(settings.data), first.keeping.loss
    assert lost is not None and lost.startswith("The end of the log of the store")
    names = [left.name for left in first.keeping.leftovers()]
    first.close()
    bench = open_bench()
    assert (bench.fault, bench.keeping.loss) == (None, lost)  # no number is left out: the run is gone whole
    with pytest.raises(Refused, match="such a file may be all that is left: The end of the log"):
        bench.keeping.remove_leftovers(names, ALICE)
    assert file.exists()
    bench.keeping.accept_loss(ALICE)
    assert [left.name for left in bench.keeping.remove_leftovers(names, ALICE)] == names
    assert (file.exists(), bench.keeping.loss) == (False, None)
    bench.close()
    assert open_bench().keeping.loss is None


def test_a_loss_that_is_accepted_where_it_was_found_holds_nothing_back(
    open_bench: Open, settings: Settings
) -> None:
    lose_a_run(settings.data / STORE)
    bench = open_bench()
    file = orphan(settings.data)
    bench.keeping.accept_loss(ALICE)
    bench.keeping.remove_leftovers([left.name for left in bench.keeping.leftovers()], ALICE)
    assert not file.exists()


def lose_a_run(file: Path) -> None:
    """Cut a run that was admitted last off the log of a store, as a failing disk might."""
    Store.open(file).close()
    store = Store.open(file)
    before = log_of(file).read_bytes() if log_of(file).exists() else b""
    at = now()
    runs.admit(store, Run(new_id(), "diagnosis", "t", "i", "queued", "me", "default", "test", at, at))
    kept = {part: part.read_bytes() for part in (file, mark_of(file))}
    store.close()
    for part, content in {**kept, log_of(file): before}.items():
        part.write_bytes(content)


def test_a_removal_that_breaks_off_tells_what_is_gone_and_leaves_it_in_the_audit(
    open_bench: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = open_bench()
    first, held = orphan(bench.settings.data, 2 * OLD), orphan(bench.settings.data)
    names = [found.name for found in bench.keeping.leftovers()]
    unlink = Path.unlink

    def refuse(file: Path, missing_ok: bool = False) -> None:
        if file == held:
            raise PermissionError(13, "Permission denied")
        unlink(file, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(BrokeOff, match="1 of the 2 files are gone") as broken:
        bench.keeping.remove_leftovers(names, ALICE)
    assert [found.name for found in broken.value.gone] == names[:1]
    assert (first.exists(), held.exists()) == (False, True)
    sql = "select action, data from audit_events where action like 'leftovers%'"
    told = {row["action"]: list(json.loads(row["data"])) for row in bench._store.read(sql)}
    assert told == {"leftovers_removal_begun": names, "leftovers_removed": names[:1]}


def test_what_is_no_file_of_its_own_is_none(open_bench: Open) -> None:
    bench = open_bench()
    folder = bench.settings.data / ATTACHMENTS
    (folder / new_id()).mkdir()
    (folder / new_id()).symlink_to(bench.settings.data / STORE)
    for entry in folder.iterdir():
        os.utime(entry, (0, 0), follow_symlinks=False)
    (bench.settings.data / f"{STORE}.wal.cut-20200101-000000").mkdir()
    assert bench.keeping.leftovers() == []
