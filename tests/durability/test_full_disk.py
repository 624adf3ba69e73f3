"""A full disk: a clear state, a sentence, and nothing that was kept is lost.

The limit on the size of a process's files stands for the full disk; it needs no privileges.
"""

import copy
import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from agents.running.checkpoints import Checkpoints
from agents.running.saver import Commits
from storage import runs
from storage.db import Store

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 60

CHILD = """
import json, os, resource, signal, sys
from pathlib import Path
from langgraph.graph import END, START, StateGraph
from agents.runner import Runner
from agents.running.saver import SharedCommits
from storage import runs
from storage.clock import now
from storage.db import Store
from storage.errors import StoreError
from storage.journal import Journal
from storage.runs import Run
from typing import TypedDict

class State(TypedDict):
    run_id: str

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, what = Path(sys.argv[1]), sys.argv[2]
store = Store.open(folder / "whytree.duckdb")
journal = Journal.open(folder / "journal.sqlite")
did = []

def pay(state):
    did.append("pay")
    journal.keep(state["run_id"], "pay", "say", len(did), "z" * 200_000 if what == "journal" else "z")
    return {}

def end(state):
    did.append("end")
    return {}

graph = StateGraph(State)
graph.add_node("pay", pay)
graph.add_node("end", end)
graph.add_edge(START, "pay")
graph.add_edge("pay", "end")
graph.add_edge("end", END)
runner = Runner(store, folder / "checkpoints.sqlite", {"test": graph})
at = now()
run = Run("run-1", "test", "t", "i", "queued", "me", "default", "test", at, at)
runs.admit(store, run)
if what == "checkpoints":
    real = SharedCommits.put
    def full(*arguments, **named):
        limit(1)
        return real(*arguments, **named)
    SharedCommits.put = full
else:
    limit(100_000)
runner.advance(run).result(30)
limit(resource.RLIM_INFINITY)
if what == "checkpoints":
    SharedCommits.put = real
state = runs.find(store, "run-1")
first = [state.status, state.error_type, state.error_text]
if state.status == "failed":
    runs.set_status(store, "run-1", "running", "retried")
    runner.advance(run).result(30)
else:
    runner.recover()
    runner.work("run-1")
print(json.dumps([first, runs.find(store, "run-1").status, did]))
runner.close()
journal.close()
store.close()
"""


def on_a_full_disk(folder: Path, what: str) -> Any:
    command = [sys.executable, "-c", CHILD, str(folder), what]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_paid_reply_that_cannot_be_kept_fails_the_run_with_a_sentence_and_it_goes_on(
    tmp_path: Path,
) -> None:
    first, then, did = on_a_full_disk(tmp_path, "journal")
    assert first[:2] == ["failed", "StoreUnwritable"]
    assert first[2].startswith("A paid reply could not be kept in ")
    assert (then, did) == ("completed", ["pay", "pay", "end"])


def test_a_run_whose_place_cannot_be_kept_loses_nothing_and_goes_on_when_there_is_space(
    tmp_path: Path,
) -> None:
    first, then, did = on_a_full_disk(tmp_path, "checkpoints")
    assert first[0] in ("failed", "running")
    if first[0] == "failed":
        assert first[2].startswith("Where this run goes on could not be kept (")
    assert then == "completed"
    assert did[-1] == "end"
    store = Store.open(tmp_path / "whytree.duckdb")
    numbers = [event.seq for event in runs.events(store, "run-1")]
    assert numbers == list(range(1, len(numbers) + 1))
    store.close()


def test_of_writes_that_share_a_commit_each_is_told_that_it_failed(tmp_path: Path) -> None:
    whole = sqlite3.connect(tmp_path / "x.sqlite")
    whole.execute("create table written (n integer)")
    whole.commit()
    failing = Full(whole)
    commits = Commits(failing, threading.Lock())  # type: ignore[arg-type]
    numbers = []
    for n in range(3):
        whole.execute("insert into written values (?)", [n])
        numbers.append(commits.note())
    for number in reversed(numbers):
        with pytest.raises(sqlite3.OperationalError):
            commits.commit(number)
    assert failing.left == 0  # one commit for all of them
    whole.execute("insert into written values (9)")
    commits.commit(commits.note())
    other = sqlite3.connect(tmp_path / "x.sqlite")
    assert other.execute("select n from written").fetchall() == [(9,)]
    other.close()
    whole.close()


def test_the_copies_that_langgraph_makes_of_a_saver_count_together(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints.sqlite")
    assert copy.copy(checkpoints.saver).commits is checkpoints.saver.commits
    checkpoints.close()


class Full:
    """A connection whose first commit fails, as on a full disk: SQLite takes everything back."""

    def __init__(self, inner: sqlite3.Connection) -> None:
        self.inner = inner
        self.left = 1

    def commit(self) -> None:
        self.left -= 1
        if self.left < 0:
            return self.inner.commit()
        self.inner.rollback()
        raise sqlite3.OperationalError("disk I/O error")

    def rollback(self) -> None:
        self.inner.rollback()
