"""The queue: so many at once, the urgent first, nothing lost when the process or the file is gone."""

import base64
import os
import pickle
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dbos import _serialization

from agents.errors import Refused
from agents.runner import Runner
from agents.running import unpickled
from agents.running.background import QUEUE, Background
from agents.running.endings import CRASHES
from storage import runs
from storage.clock import new_id, now
from storage.db import Store
from storage.runs import Run

TIMEOUT_S = 60
Open = Callable[..., Runner]


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    return tmp_path / "queue.sqlite"


@pytest.fixture
def open_runner(store: Store, steps: Any, checkpoints: Path, queue: Path) -> Iterator[Open]:
    """Opens runners with a queue, one after the other."""
    opened: list[Runner] = []

    def make() -> Runner:
        runner = Runner(store, checkpoints, {"test": steps.graph()}, queue=queue)
        opened.append(runner)
        return runner

    yield make
    for runner in opened:
        runner.close()


def admit(store: Store, title: str, **columns: Any) -> Run:
    at = now()
    plain = Run(new_id(), "test", title, "i", "queued", "me", "default", "test", at, at, queue=QUEUE)
    run = replace(plain, **columns)
    runs.admit(store, run, [("complained", {})])
    return run


class Counted:
    """Lets a number of runs come to their end, and waits for that."""

    def __init__(self, store: Store, steps: Any, wanted: int) -> None:
        self.store, self.steps, self.wanted = store, steps, wanted
        self.lock, self.all_ended = threading.Lock(), threading.Event()
        self.at_once = self.most_at_once = self.ended = 0
        self.titles: list[str] = []
        steps.first, steps.second = self.begin, self.end

    def begin(self, run_id: str) -> None:
        run = runs.find(self.store, run_id)
        assert run
        with self.lock:
            self.titles.append(run.title)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)

    def end(self, run_id: str) -> None:
        self.steps.finish(run_id)
        with self.lock:
            self.at_once -= 1
            self.ended += 1
            if self.ended == self.wanted:
                self.all_ended.set()


def completed(store: Store) -> int:
    return len(runs.with_status(store, ["completed"]))


def test_queued_runs_come_to_their_end_so_many_at_once(store: Store, steps: Any, open_runner: Open) -> None:
    counted, runner = Counted(store, steps, 6), open_runner()
    assert runner.background
    runner.background.set_concurrency(2)
    runner.enqueue([admit(store, f"run {n}") for n in range(6)])
    assert counted.all_ended.wait(TIMEOUT_S)
    runner.close()
    assert counted.most_at_once <= 2
    assert completed(store) == 6
    states = [event.status for event in runs.events(store, runs.with_status(store, ["completed"])[0].run_id)]
    assert states == ["queued", "running", "completed"]


def test_the_urgent_go_first(store: Store, steps: Any, open_runner: Open) -> None:
    counted, runner = Counted(store, steps, 4), open_runner()
    assert runner.background
    runner.background.set_concurrency(1)
    in_any_order = [admit(store, f"priority {n}", priority=n) for n in (30, 10, 40, 20)]
    runner.enqueue(in_any_order)
    assert counted.all_ended.wait(TIMEOUT_S)
    assert counted.titles == ["priority 10", "priority 20", "priority 30", "priority 40"]


def test_a_run_that_was_cancelled_in_the_queue_never_begins(
    store: Store, steps: Any, open_runner: Open
) -> None:
    counted, runner = Counted(store, steps, 1), open_runner()
    cancelled = admit(store, "cancelled")
    runs.set_status(store, cancelled.run_id, "cancelled")
    runner.enqueue([cancelled, admit(store, "other")])
    runner.stop(cancelled.run_id)
    assert counted.all_ended.wait(TIMEOUT_S)
    assert counted.titles == ["other"]


def test_the_next_start_goes_on_with_what_is_queued_also_without_the_file(
    store: Store, steps: Any, open_runner: Open, queue: Path
) -> None:
    waiting = [admit(store, f"run {n}") for n in range(3)]
    first = open_runner()
    first.enqueue(waiting[:1])
    first.close()
    for file in queue.parent.glob("queue.sqlite*"):
        file.unlink()
    left = len(runs.with_status(store, ["queued", "running"]))
    counted, second = Counted(store, steps, left), open_runner()
    second.recover()
    assert counted.all_ended.wait(TIMEOUT_S)
    second.close()
    assert completed(store) == 3


def test_starts_at_which_its_turn_never_came_do_not_stop_a_queued_run(
    store: Store, steps: Any, open_runner: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, runner = admit(store, "its turn comes late", status="running"), open_runner()
    with monkeypatch.context() as patch:
        patch.setattr(runner.background, "put", lambda queued: None)
        for _ in range(CRASHES + 1):
            runner.recover()
    runner.work(run.run_id)
    assert completed(store) == 1
    kinds = [event.kind for event in runs.events(store, run.run_id)]
    assert kinds.count("recovered") == 1


def test_a_queued_run_in_whose_step_processes_keep_ending_is_stopped(
    store: Store, steps: Any, open_runner: Open
) -> None:
    run, runner = admit(store, "takes the process down", status="running"), open_runner()
    for n in range(CRASHES):
        runs.add_events(store, run.run_id, [("recovered", {"checkpoint": ""})], n + 1)
    runner.recover()
    runner.work(run.run_id)
    (failed,) = runs.with_status(store, ["failed"])
    assert f"The process ended {CRASHES} times in this step" in (failed.error_text or "")


def test_a_run_can_be_queued_again_when_its_first_time_is_over(
    store: Store, steps: Any, open_runner: Open
) -> None:
    counted, runner = Counted(store, steps, 1), open_runner()
    run = admit(store, "twice")
    runner.enqueue([run])
    assert counted.all_ended.wait(TIMEOUT_S)
    runner.close()
    runs.set_status(store, run.run_id, "queued")
    again, second = Counted(store, steps, 1), open_runner()
    second.recover()
    assert again.all_ended.wait(TIMEOUT_S)


def test_without_a_queue_nothing_is_started_in_the_background(runner: Runner, run: Run) -> None:
    with pytest.raises(Refused, match="has no queue"):
        runner.enqueue([run])


@pytest.mark.parametrize("content", [b"garbage" * 1_000, b"SQLite format 3\x00" + b"x" * 9_000])
def test_a_damaged_queue_is_told_and_left_as_it_is_and_the_runs_stay_queued(
    store: Store, steps: Any, open_runner: Open, queue: Path, content: bytes
) -> None:
    queue.write_bytes(content)
    runner, run = open_runner(), admit(store, "waits")
    assert runner.background
    runner.background.put([run]).result(TIMEOUT_S)
    assert runner.background.fault
    assert "Runs in the queue do not start; all of them are kept." in runner.background.fault
    assert "move it away, and queued runs are queued again" in runner.background.fault
    assert queue.read_bytes() == content
    assert runs.with_status(store, ["queued"]) == [run]


class Pickled:
    """Makes a file when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.system, (f"touch {self.mark}",)


def test_a_pickle_planted_in_the_queue_is_never_executed(
    store: Store, steps: Any, open_runner: Open, queue: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "executed"
    planted = base64.b64encode(pickle.dumps(Pickled(mark))).decode()
    first, run = open_runner(), admit(store, "planted")
    assert first.background
    first.background.put([run]).result(TIMEOUT_S)
    first.close()
    runs.set_status(store, run.run_id, "queued")
    with sqlite3.connect(queue) as connection:
        connection.execute("update workflow_status set status = 'ENQUEUED', serialization = 'py_pickle'")
        connection.execute("update workflow_input set inputs = ?", [planted])
    connection.close()
    sound = admit(store, "sound")
    counted, second = Counted(store, steps, 1), open_runner()
    second.enqueue([sound])
    assert counted.all_ended.wait(TIMEOUT_S)
    assert not mark.exists()


def test_the_planted_pickle_is_sharp_where_nobody_guards(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    pickle.loads(pickle.dumps(Pickled(mark)))
    assert mark.exists()
    unpickled.refuse()
    with pytest.raises(ValueError, match="was refused"):
        _serialization.deserialize_value("abcd", "py_pickle", unpickled.JSON)


def test_nothing_but_run_ids_reaches_the_file(store: Store, steps: Any, queue: Path) -> None:
    run = admit(store, "A very secret title", input="A very secret input", user_id="secret-user")
    did = threading.Event()
    background = Background(queue, lambda run_id: did.set())
    background.put([run]).result(TIMEOUT_S)
    assert did.wait(TIMEOUT_S)
    background.close()
    content = b"".join(file.read_bytes() for file in queue.parent.glob("queue.sqlite*"))
    assert run.run_id.encode() in content
    assert b"secret" not in content
