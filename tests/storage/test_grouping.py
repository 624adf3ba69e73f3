"""Several who act in one commit: each has what it would have had alone, and memory follows the disk."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import duckdb
import pytest

from storage import deletion, memory, runs
from storage.clock import now
from storage.db import Connection, Store
from storage.errors import StoreError
from storage.runs import OutOfStep, Run
from tests.storage.acting import add, admitted, row, together, told, told_by_the_file, until


def test_of_two_who_act_on_a_run_in_one_commit_the_second_is_told_where_it_stands(store: Store) -> None:
    run = admitted(store)
    assert runs.events(store, run.run_id)
    first, second = together(
        store,
        [
            partial(runs.add_events, store, run.run_id, [("answered", {"by": name})], 1, "running")
            for name in ("ann", "ben")
        ],
    )
    assert first == 2
    assert isinstance(second, OutOfStep)
    assert second.last == 2
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
