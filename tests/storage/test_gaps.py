"""Records that are missing are named: a log that was cut, and numbers that are left out."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storage import gaps, runs
from storage.clock import new_id, now
from storage.db import Store
from storage.highwater import log_of, mark_of
from storage.runs import Run
from storage.usage import audit

ROOT = Path(__file__).parents[2]
KILLED = """
import os, sys
from pathlib import Path
from storage import runs
from storage.clock import now
from storage.db import Store
from storage.runs import Run
Store.open(Path(sys.argv[1])).close()
store = Store.open(Path(sys.argv[1]))
for n in range(6):
    at = now()
    runs.admit(store, Run(f"run-{n}", "test", f"Run {n}", "i", "queued", "me", "default", "test", at, at))
os.kill(os.getpid(), 9)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store behind six runs and a kill."""
    folder = tmp_path_factory.mktemp("killed")
    subprocess.run(
        [sys.executable, "-c", KILLED, str(folder / "s.duckdb")], cwd=ROOT, check=False, timeout=60
    )
    return folder


@pytest.fixture
def file(killed: Path, tmp_path: Path) -> Path:
    """A copy of that store, to be damaged."""
    shutil.copytree(killed, tmp_path / "data")
    return tmp_path / "data" / "s.duckdb"


def ids(store: Store) -> list[str]:
    return [run.run_id for run in runs.with_status(store, ["queued"])]


def test_after_a_kill_nothing_is_said_to_be_missing(file: Path) -> None:
    store = Store.open(file)
    assert (store.gap, len(ids(store))) == (None, 6)
    store.close()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.95])
def test_a_log_whose_end_was_cut_is_told_kept_as_found_and_noted_for_good(file: Path, share: float) -> None:
    cut = log_of(file).read_bytes()[: int(share * log_of(file).stat().st_size)]
    log_of(file).write_bytes(cut)
    store = Store.open(file)
    left = ids(store)
    assert left == [f"run-{n}" for n in range(len(left))]
    assert len(left) < 6
    assert store.gap is not None
    assert store.gap.startswith(f"The end of the log of the store {file} is missing (")
    assert "is lost; everything else is there" in store.gap
    copies = list(file.parent.glob("*.cut-*"))
    assert [copy.read_bytes() for copy in copies] == ([cut] if cut else [])
    noted = [event.data["sentence"] for event in audit.latest(store) if event.action == "records_lost"]
    assert noted == [store.gap]
    store.close()
    again = Store.open(file)
    assert again.gap is None
    assert [event.action for event in audit.latest(again)] == ["records_lost"]
    again.close()


def test_a_log_that_is_gone_is_told(file: Path) -> None:
    log_of(file).unlink()
    store = Store.open(file)
    assert store.gap is not None
    assert "What was recorded until " in store.gap
    assert " No run is left." in store.gap
    assert ids(store) == []
    store.close()


@pytest.mark.parametrize("mark", [None, b"", b"garbage", bytes(16)], ids=["gone", "empty", "cut", "zeros"])
def test_without_its_mark_a_store_opens_as_before(file: Path, mark: bytes | None) -> None:
    mark_of(file).unlink()
    if mark is not None:
        mark_of(file).write_bytes(mark)
    store = Store.open(file)
    assert (store.gap, len(ids(store))) == (None, 6)
    store.close()


def test_the_mark_follows_checkpoints_and_long_logs(tmp_path: Path) -> None:
    file = tmp_path / "s.duckdb"
    for n in range(3):
        store = Store.open(file)
        assert store.gap is None
        at = now()
        run = Run(new_id(), "test", "t", "x" * 100_000, "queued", "me", "default", "test", at, at)
        runs.admit(store, run)
        store.transact(
            lambda connection: connection.execute("create table wide as select range from range(9)")
        )
        store.transact(lambda connection: connection.execute("drop table wide"))
        if n == 1:
            store.read("checkpoint")
        store.close()


def test_events_that_are_missing_are_named_by_run_and_number(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "s.duckdb")
    at = now()
    for name in ("whole", "torn", "empty"):
        run = Run(name, "test", f"The {name} run", "i", "queued", "me", "default", "test", at, at)
        runs.admit(store, run, [("one", {}), ("two", {}), ("three", {})])
    store.transact(
        lambda connection: connection.execute("delete from events where run_id = 'torn' and seq = 2")
    )
    store.transact(lambda connection: connection.execute("delete from events where run_id = 'empty'"))
    found = gaps.of_runs(store)
    assert [(gap.run_id, gap.missing) for gap in found] == [("empty", (1,)), ("torn", (2,))]
    assert gaps.told(found)[1] == "Of the run “The torn run” (torn) 1 of its events are missing: 2."
    store.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_mark_that_cannot_be_written_stops_nothing(file: Path) -> None:
    mark_of(file).chmod(0o400)
    Store.open(file).close()
