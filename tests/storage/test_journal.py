"""Paid replies are on disk before anybody uses them."""

import pickle
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from storage import calls, runs
from storage.calls import Call, CallText
from storage.clock import now
from storage.db import Store
from storage.errors import StoreDamaged, StoreUnwritable
from storage.journal import Journal
from storage.rebuilding import readable, rebuild
from storage.runs import Run

KILLED = """
import os, sys
from pathlib import Path
from storage.journal import Journal
journal = Journal.open(Path(sys.argv[1]))
for number in range(1, 51):
    journal.keep("run", "draft", "first", number, f"reply {number}")
    print(number, flush=True)
os._exit(9)
"""


def test_a_reply_is_found_under_its_run_node_and_call_alone(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal.sqlite")
    journal.keep("run", "draft", "first", 1, "one")
    journal.keep("run", "draft", "second", 1, "two")
    assert journal.entries("run", "draft", "first") == [(1, "one")]
    assert journal.entries("other", "draft", "first") == []
    journal.close()


def test_a_reply_that_is_kept_is_never_replaced(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal.sqlite")
    journal.keep("run", "draft", "first", 1, "paid")
    journal.keep("run", "draft", "first", 1, "another")
    assert journal.entries("run", "draft", "first") == [(1, "paid")]
    journal.close()


def test_what_was_kept_outlives_a_process_that_dies(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite"
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(file)], capture_output=True, text=True, check=False
    )
    assert died.returncode == 9
    told = [int(line) for line in died.stdout.split()]
    journal = Journal.open(file)
    assert [number for number, _ in journal.entries("run", "draft", "first")] == told == list(range(1, 51))
    journal.close()


def test_an_ended_run_leaves_nothing_behind(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal.sqlite")
    journal.keep("ended", "draft", "first", 1, "one")
    journal.keep("going on", "draft", "first", 1, "two")
    journal.forget(["ended"])
    assert journal.values() == ["two"]
    journal.close()


def test_many_threads_keep_every_reply(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal.sqlite")

    def work(name: str) -> None:
        for number in range(25):
            journal.keep(name, "draft", "first", number, name)

    threads = [threading.Thread(target=work, args=(f"run-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.values()) == 200
    journal.close()


def test_a_file_of_another_kind_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite"
    file.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreDamaged, match="left as it is"):
        Journal.open(file)
    assert file.read_bytes().startswith(b"this is no database")


def test_a_reply_that_cannot_be_kept_stops_the_step_with_a_sentence(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal.sqlite")
    other = sqlite3.connect(tmp_path / "journal.sqlite")
    other.execute("drop table replies")
    other.commit()
    other.close()
    with pytest.raises(StoreUnwritable, match="resume the run"):
        journal.keep("run", "draft", "first", 1, "paid")
    journal.close()


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "data" / "journal.sqlite")
    assert journal.file.stat().st_mode & 0o077 == 0
    journal.close()


@pytest.mark.parametrize(
    "value", ["", "{", "[]", "null", '{"call": {}, "text": {}}', "[" * 100_000, "\x80\x04."]
)
def test_an_entry_that_cannot_be_read_is_left_as_it_is_and_stops_nothing(tmp_path: Path, value: str) -> None:
    store = Store.open(tmp_path / "whytree.duckdb")
    journal = Journal.open(tmp_path / "journal.sqlite")
    journal.keep("run", "draft", "first", 1, value)
    rebuild(store, journal)
    assert journal.entries("run", "draft", "first") == [(1, value)]
    assert readable(value) is None
    journal.close()
    store.close()


def test_a_planted_pickle_is_text_and_is_never_executed(tmp_path: Path) -> None:
    mark = tmp_path / "executed"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return Path.touch, (mark,)

    journal = Journal.open(tmp_path / "journal.sqlite")
    journal._connection.execute(
        "insert into replies values ('run', 'draft', 'first', 1, ?)", [pickle.dumps(Trap())]
    )
    store = Store.open(tmp_path / "whytree.duckdb")
    rebuild(store, journal)
    assert journal.entries("run", "draft", "first") == [(1, pickle.dumps(Trap()))]
    assert not mark.exists()
    pickle.loads(pickle.dumps(Trap()))
    assert mark.exists()  # the trap is sharp where nobody guards
    store.close()
    journal.close()


def test_the_replies_of_ended_runs_are_let_go_once_their_rows_are_safe(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "whytree.duckdb")
    journal = Journal.open(tmp_path / "journal.sqlite")
    at = now()
    for status in ("completed", "failed", "waiting"):
        run = Run(f"run-{status}", "test", "t", "i", status, "me", "default", "test", at, at)  # type: ignore[arg-type]
        runs.admit(store, run)
        call = Call(
            status, 1, f"{status}:draft:first", "alpha", "m", at, 0.5, "me", "default", "test", run.run_id
        )
        text = CallText(status, run.run_id, "[]", "answer", at)
        journal.keep(run.run_id, "draft", "first", 1, calls.to_json(call, text))
    rebuild(store, journal)
    assert journal.run_ids() == ["run-failed", "run-waiting"]
    assert [row.call_id for row in calls.of_run(store, "run-completed")] == ["completed"]
    journal.close()
    store.close()
