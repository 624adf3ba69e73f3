"""What is remembered of a run is what its file tells, whatever was done and by however many at once."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import copies, deletion, memory, messages, retention, runs
from storage.clock import new_id, now
from storage.db import Connection, Store
from storage.errors import StoreError
from storage.memory import RunMemory
from storage.runs import OutOfStep, Run

HOUSES = ("ann", "ben")
TIMEOUT_S = 10.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "whytree.duckdb")
    yield opened
    opened.close()


def admitted(store: Store, user_id: str = "ann", status: runs.Status = "running") -> Run:
    at = now()
    run = Run(new_id(), "diagnosis", "Late", "Buses late", status, user_id, "default", "test", at, at)
    run = replace(run, routing_confidence=0.1, max_cost=Decimal("2E+1"), priority=3, started_at=at)
    said = messages.Message(run.run_id, "of " + run.run_id, "user", "Buses late", at)
    first = [("complained", {"text": "Buses late", "odd": (1, 2.5, None)})]
    runs.admit(store, run, first, [messages.said(said)])
    return run


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples: each has runs of its own."""
    opened = Store.open(tmp_path_factory.mktemp("shared") / "whytree.duckdb")
    yield opened
    opened.close()


def told(store: Store, run_id: str) -> tuple[object, ...]:
    return (
        run := runs.find(store, run_id),
        str(run),  # an amount has as many digits as the file tells, though fewer would be equal
        runs.events(store, run_id),
        runs.events(store, run_id, after=2),
        runs.find_with_last(store, run_id),
        runs.standing(store, run_id),
        runs.status(store, run_id),
        runs.last_seq(store, run_id),
        runs.last_kind(store, run_id),
    )


def told_by_the_file(store: Store, run_id: str) -> tuple[object, ...]:
    kept, store.memory = store.memory, RunMemory()
    try:
        return told(store, run_id)
    finally:
        store.memory = kept


def add(store: Store, run_id: str, **changes: Any) -> None:
    event = ("answered", {"text": "“yes”", "belief": {"a": 0.1, "b": 1e-9}})
    runs.add_events(store, run_id, [event, event], runs.last_seq(store, run_id), **changes)


ACTS: dict[str, Callable[[Store, str], object]] = {
    "look": told,
    "look at the row alone": runs.find,
    "look at the events alone": runs.events,
    "add": add,
    "add and wait": lambda store, run_id: add(store, run_id, status="waiting", title="Later"),
    "fail": lambda store, run_id: add(
        store, run_id, status="failed", error_text="why", max_cost=Decimal("0.123456785"), max_seconds=2.5
    ),
    "change a column alone": lambda store, run_id: runs.add_events(
        store, run_id, [], runs.last_seq(store, run_id), title="New"
    ),
    "be too late": lambda store, run_id: runs.add_events(store, run_id, [("late", {})], 99, title="Never"),
    "set": lambda store, run_id: runs.set_status(store, run_id, "queued", "retried", [("noted", {})]),
    "begin": runs.begin,
    "settle": lambda store, run_id: runs.settle(store, run_id, 99, "completed", finished_at=now()),
    "settle behind a person": lambda store, run_id: runs.settle(store, run_id, 0, "completed"),
    "break": lambda store, run_id: store.transact(lambda connection: connection.execute("select nothing")),
    "take its texts": lambda store, run_id: messages.delete(store, "of " + run_id, store.file.parent),
    "let its events age": lambda store, run_id: retention.remove(store, {"events": -1}),
    "delete": lambda store, run_id: deletion.delete_runs(store, [run_id]),
    "delete the person": lambda store, run_id: deletion.delete_owned(store, "user_id", "ann"),
}


@settings(max_examples=60)
@given(acts=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.booleans()), max_size=12))
def test_after_any_acts_the_memory_tells_what_the_file_tells(
    shared: Store, acts: list[tuple[str, bool]]
) -> None:
    store = shared
    both = [admitted(store, name).run_id for name in HOUSES]
    for act, of_first in acts:
        with contextlib.suppress(OutOfStep, StoreError):
            ACTS[act](store, both[not of_first])
        for run_id in both:
            assert told(store, run_id) == told_by_the_file(store, run_id)


@pytest.mark.parametrize("look", [told, runs.find, runs.events])
@pytest.mark.parametrize("others", [0, 1])
def test_between_a_commit_and_what_follows_it_a_run_and_its_events_are_of_one_moment(
    store: Store, monkeypatch: pytest.MonkeyPatch, look: Callable[[Store, str], object], others: int
) -> None:
    run_id = admitted(store).run_id
    store.memory.forget_all()
    look(store, run_id)
    moments: list[tuple[object, object]] = []
    note = store._writer.high_water.note

    def look_between() -> None:
        moments.append((told(store, run_id), told_by_the_file(store, run_id)))
        note()

    monkeypatch.setattr(store._writer.high_water, "note", look_between)
    together(store, [partial(add, store, run_id, status="waiting"), *[partial(admitted, store)] * others])
    seen, there = moments[-1]
    assert seen == there
    assert told(store, run_id) == told_by_the_file(store, run_id) == there


@pytest.mark.parametrize("others", [0, 1])
def test_memory_that_cannot_follow_a_commit_is_emptied_and_the_writer_goes_on(
    store: Store, others: int
) -> None:
    run_id = admitted(store).run_id

    def fail(_: object) -> None:
        raise MemoryError

    work = partial(store.transact, lambda _: "done", fail)
    results = together(store, [work, *[partial(admitted, store)] * others])
    assert results[0] == "done", "it is on disk, so that nobody is told otherwise"
    assert store.memory.of(run_id) == memory.NOTHING
    add(store, run_id)
    assert told(store, run_id) == told_by_the_file(store, run_id)


class Breaking:
    """The writer's connection, of which the commits behind the first one go wrong, so many times.

    When one is on disk for all that, DuckDB has ended, and does nothing more.
    """

    def __init__(self, connection: Connection, times: int, is_on_disk: bool) -> None:
        self._connection = connection
        self._times = times
        self._is_on_disk = is_on_disk
        self._commits = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *parameters: Any) -> Any:
        if self._is_on_disk and self._commits > 1:
            raise duckdb.FatalException("the database has been invalidated")
        self._commits += sql == "commit"
        if sql != "commit" or not 1 < self._commits <= self._times + 1:
            return self._connection.execute(sql, *parameters)
        self._connection.execute("commit" if self._is_on_disk else "rollback")
        raise duckdb.FatalException("could not write") if self._is_on_disk else duckdb.IOException("no space")


@pytest.mark.parametrize("times", [1, 9])
def test_what_a_commit_that_went_wrong_would_have_changed_is_not_remembered(store: Store, times: int) -> None:
    run_ids = [admitted(store).run_id for _ in range(3)]
    before = [told(store, run_id) for run_id in run_ids]
    whole = store._writer.connection
    store._writer.connection = Breaking(whole, times, is_on_disk=False)  # type: ignore[assignment]
    results = together(store, [partial(admitted, store), *(partial(add, store, each) for each in run_ids)])
    store._writer.connection = whole
    assert [isinstance(result, StoreError) for result in results] == [times > 1] * 4
    after = [told(store, run_id) for run_id in run_ids]
    assert after == [told_by_the_file(store, run_id) for run_id in run_ids]
    assert (after == before) == (times > 1)


def test_what_is_on_disk_though_duckdb_ended_in_the_commit_is_told_once_it_is_open_again(
    store: Store,
) -> None:
    run_id = admitted(store).run_id
    before = told(store, run_id)
    store._writer.connection = Breaking(store._writer.connection, 1, is_on_disk=True)  # type: ignore[assignment]
    first, second = together(store, [partial(add, store, run_id), partial(admitted, store)])
    assert isinstance(first, StoreError)
    assert isinstance(second, StoreError)
    until(lambda: not isinstance(store._writer.connection, Breaking))
    assert told(store, run_id) == told_by_the_file(store, run_id) != before
    assert runs.last_seq(store, run_id) == 3


def test_one_that_is_refused_holds_up_none_of_those_who_share_its_commit(store: Store) -> None:
    old = [admitted(store).run_id for _ in range(3)]
    late = partial(runs.add_events, store, old[0], [("late", {})], 99)
    unheard = partial(runs.add_events, store, old[1], [("odd", {})], 1, None, (), colour="red")
    again = partial(runs.admit, store, row(store, old[2]))
    results = together(store, [late, partial(add, store, old[2]), unheard, again, partial(admitted, store)])
    kinds = [type(result) for result in results]
    assert kinds == [OutOfStep, type(None), StoreError, StoreError, Run]
    assert [runs.last_seq(store, run_id) for run_id in old] == [1, 1, 3]
    for run_id in old:
        assert told(store, run_id) == told_by_the_file(store, run_id)


def test_what_was_read_before_a_write_is_not_remembered_behind_it(store: Store) -> None:
    run = admitted(store)
    before, writes = runs.find(store, run.run_id), store.memory.writes
    assert before
    add(store, run.run_id, status="waiting")
    store.memory.forget_all()
    store.memory.keep_run(before, writes)
    store.memory.keep_events(run.run_id, (), 0, writes)
    assert told(store, run.run_id) == told_by_the_file(store, run.run_id)


def test_while_many_write_each_sees_its_own_write_at_once_and_no_gap(store: Store) -> None:
    run_ids = [admitted(store).run_id for _ in range(2)]
    faults: list[str] = []
    ready = threading.Barrier(6)

    def write(number: int) -> None:
        run_id = run_ids[number % 2]
        ready.wait()
        for _ in range(15):
            with contextlib.suppress(OutOfStep):
                before = runs.last_seq(store, run_id)
                last = runs.add_events(store, run_id, [("added", {"by": number})], before, "running")
                seen = [event.seq for event in runs.events(store, run_id)]
                found = runs.find_with_last(store, run_id)
                if seen != list(range(1, len(seen) + 1)) or len(seen) < last:
                    faults.append(f"wrote {last}, saw {seen}")
                if found is None or found[1] < last:
                    faults.append(f"wrote {last}, found {found}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    for run_id in run_ids:
        assert told(store, run_id) == told_by_the_file(store, run_id)


def together(store: Store, acts: list[Callable[[], object]]) -> list[object]:
    """What each of these returns, or raises, when all of them wait for the writer at the same time."""
    ready, go = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        ready.set()
        go.wait(TIMEOUT_S)

    with ThreadPoolExecutor(len(acts) + 1) as threads:
        held = threads.submit(store.transact, hold)
        ready.wait(TIMEOUT_S)
        done = []
        for number, act in enumerate(acts, start=1):
            done.append(threads.submit(act))
            until(lambda number=number: store._writer.jobs.qsize() >= number)  # type: ignore[misc]
        go.set()
        held.result(TIMEOUT_S)
        return [each.exception(TIMEOUT_S) or each.result() for each in done]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not holds():
        assert time.monotonic() < end


def test_of_two_who_act_on_a_run_in_one_commit_the_second_is_told_where_it_stands(store: Store) -> None:
    run = admitted(store)
    assert runs.events(store, run.run_id)
    first, second = together(
        store,
        [
            partial(runs.add_events, store, run.run_id, [("answered", {"by": name})], 1, "running")
            for name in HOUSES
        ],
    )
    assert first == 2
    assert isinstance(second, OutOfStep)
    assert second.last == 2
    assert told(store, run.run_id) == told_by_the_file(store, run.run_id)


def test_an_act_and_a_deletion_in_one_commit_leave_nothing_to_remember(store: Store) -> None:
    run = admitted(store)
    assert runs.events(store, run.run_id)
    together(
        store,
        [
            partial(deletion.delete_owned, store, "user_id", "ann"),
            partial(runs.add_events, store, run.run_id, [("answered", {})], 1),
            partial(deletion.delete_owned, store, "user_id", "ann"),
        ],
    )
    assert runs.find(store, run.run_id) is None
    assert told(store, run.run_id) == told_by_the_file(store, run.run_id)


def test_many_who_act_in_one_commit_each_have_what_they_would_have_had_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    note = store._writer.high_water.note
    monkeypatch.setattr(store._writer.high_water, "note", lambda: (commits.append(1), note()))
    old = [admitted(store).run_id for _ in range(9)]
    at = now()
    acts: list[Callable[[], object]] = [
        *(partial(admitted, store) for _ in range(3)),
        *(partial(runs.settle, store, run_id, 9, "completed", finished_at=at) for run_id in old[:3]),
        partial(runs.settle, store, old[3], 9, "waiting"),
        *(
            partial(add, store, run_id, status="failed", error_text=None, finished_at=None)
            for run_id in old[4:6]
        ),
        *(
            partial(add, store, run_id, status="failed", error_text=text, max_cost=Decimal(cost))
            for run_id, text, cost in zip(old[6:8], (None, "why"), ("1E+1", "0.25"), strict=True)
        ),
        partial(runs.set_status, store, old[8], "cancelled", before=[("noted", {})]),
    ]
    commits.clear()
    results = together(store, acts)
    assert len(commits) == 2, "one for the work that held the writer, one for all others"
    assert not [result for result in results if isinstance(result, BaseException)]
    new = [result.run_id for result in results if isinstance(result, Run)]
    assert len(new) == 3
    for run_id in (*new, *old):
        assert told(store, run_id) == told_by_the_file(store, run_id)
    stood = [
        (run.status, run.finished_at, run.error_text, run.max_cost) for run in map(partial(row, store), old)
    ]
    assert stood == [
        *[("completed", at, None, Decimal(20))] * 3,
        ("waiting", None, None, Decimal(20)),
        *[("failed", None, None, Decimal(20))] * 2,
        ("failed", None, None, Decimal(10)),
        ("failed", None, "why", Decimal("0.25")),
        ("cancelled", None, None, Decimal(20)),
    ]
    assert [runs.last_seq(store, run_id) for run_id in old] == [2, 2, 2, 2, 3, 3, 3, 3, 3]


def row(store: Store, run_id: str) -> Run:
    found = runs.find(store, run_id)
    assert found
    return found


def test_a_copy_of_a_run_is_told_with_the_events_it_took_over(store: Store) -> None:
    run = admitted(store)
    add(store, run.run_id)
    copy = replace(run, run_id=new_id(), created_at=now() + timedelta(seconds=1))
    assert runs.find(store, copy.run_id) is None
    copies.admit_copy(store, copy, run.run_id, 3, [("forked", {"from": run.run_id})])
    assert [event.kind for event in runs.events(store, copy.run_id)] == ["complained", "answered", "forked"]
    assert told(store, copy.run_id) == told_by_the_file(store, copy.run_id)


def test_the_run_asked_for_longest_ago_makes_room_and_is_read_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "KEPT", 2)
    run_ids = [admitted(store).run_id for _ in range(3)]
    for run_id in run_ids:
        told(store, run_id)
    assert store.memory.of(run_ids[0]) == memory.NOTHING
    assert store.memory.of(run_ids[2]).run == runs.find(store, run_ids[2])
    assert told(store, run_ids[0]) == told_by_the_file(store, run_ids[0])


def test_a_run_of_very_many_events_is_read_from_the_file_each_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LONGEST", 3)
    run = admitted(store)
    add(store, run.run_id)
    runs.events(store, run.run_id)
    assert len(store.memory.of(run.run_id).events or ()) == 3
    add(store, run.run_id)
    assert store.memory.of(run.run_id).events is None
    assert len(runs.events(store, run.run_id)) == 5
    assert store.memory.of(run.run_id).events is None


def test_events_that_hold_very_much_are_read_from_the_file_each_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "HEAVIEST", 200)
    run = admitted(store)
    add(store, run.run_id)
    runs.events(store, run.run_id)
    known = store.memory.of(run.run_id)
    sql = "select sum(length(data))::bigint as n from events where run_id = ?"
    assert known.weight == store.read(sql, [run.run_id])[0]["n"]
    assert len(known.events or ()) == 3
    add(store, run.run_id)
    assert len(runs.events(store, run.run_id)) == 5
    assert store.memory.of(run.run_id) == memory.Remembered(runs.find(store, run.run_id))
    heavy = replace(run, run_id=new_id())
    runs.admit(store, heavy, [("complained", {"text": "late " * 60})])
    assert store.memory.of(heavy.run_id) == memory.Remembered(runs.find(store, heavy.run_id))
    assert told(store, heavy.run_id) == told_by_the_file(store, heavy.run_id)
