"""What is remembered of a run is what its file tells, whatever was done and by however many at once."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import copies, deletion, memory, messages, retention, runs
from storage.clock import new_id, now
from storage.db import Store
from storage.errors import StoreError
from storage.runs import OutOfStep
from tests.storage.acting import add, admitted, told, told_by_the_file

HOUSES = ("ann", "ben")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples: each has runs of its own."""
    opened = Store.open(tmp_path_factory.mktemp("shared") / "whytree.duckdb")
    yield opened
    opened.close()


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
