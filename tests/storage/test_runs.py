"""Runs and their events: admitted first, numbered without gaps, never overwritten."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from storage import outcomes, playbooks, runs, trees
from storage.clock import new_id, now
from storage.db import Store
from storage.outcomes import Outcome
from storage.runs import OutOfStep, Run


def a_run(**changes: Any) -> Run:
    at = now()
    plain = Run(new_id(), "diagnosis", "Late", "Buses late", "queued", "me", "default", "test", at, at)
    return replace(plain, **changes)


@pytest.fixture
def run(store: Store) -> Run:
    """An admitted run with one event."""
    admitted = a_run()
    runs.admit(store, admitted, [("complained", {"text": "Buses late"})])
    return admitted


def test_an_admitted_run_is_found_as_it_was_with_its_first_events(store: Store, run: Run) -> None:
    assert runs.find(store, run.run_id) == run
    (event,) = runs.events(store, run.run_id)
    assert (event.seq, event.kind, event.data) == (1, "complained", {"text": "Buses late"})
    assert runs.find(store, "nobody") is None
    assert runs.events(store, "nobody") == []


def test_events_are_numbered_without_gaps_and_read_from_any_number_on(store: Store, run: Run) -> None:
    assert runs.add_events(store, run.run_id, [("a", {}), ("b", {"n": 1})], 1) == 3
    assert runs.add_events(store, run.run_id, [("c", {})], 3) == 4
    assert [(event.seq, event.kind) for event in runs.events(store, run.run_id, after=2)] == [
        (3, "b"),
        (4, "c"),
    ]
    assert runs.last_seq(store, run.run_id) == 4


def test_an_event_behind_another_is_refused_and_changes_nothing(store: Store, run: Run) -> None:
    runs.add_events(store, run.run_id, [("a", {})], 1)
    with pytest.raises(OutOfStep) as caught:
        runs.add_events(store, run.run_id, [("b", {})], 1, status="completed", title="changed")
    assert caught.value.last == 2
    found = runs.find(store, run.run_id)
    assert found
    assert (found.status, found.title) == ("queued", "Late")
    assert [event.kind for event in runs.events(store, run.run_id)] == ["complained", "a"]


def test_of_many_who_act_at_once_exactly_one_is_taken(store: Store, run: Run) -> None:
    taken: list[int] = []
    ready = threading.Barrier(8)

    def act(n: int) -> None:
        ready.wait()
        try:
            runs.add_events(store, run.run_id, [("answered", {"by": n})], 1)
            taken.append(n)
        except OutOfStep:
            pass

    threads = [threading.Thread(target=act, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.data for event in runs.events(store, run.run_id, after=1)] == [{"by": n} for n in taken]
    assert len(taken) == 1


def test_status_and_rows_go_with_the_events_or_not_at_all(store: Store, run: Run) -> None:
    row = trees.row(run.run_id, 1, "engine", "first", "{}")
    runs.add_events(store, run.run_id, [("drawn", {})], 1, status="completed", rows=[("trees", row)])
    assert trees.find(store, run.run_id, 1)
    with pytest.raises(OutOfStep):
        again = trees.row(run.run_id, 2, "engine", "second", "{}")
        runs.add_events(store, run.run_id, [("drawn", {})], 1, rows=[("trees", again)])
    assert [version.version for version in trees.history(store, run.run_id)] == [1]


def test_a_run_at_work_is_settled_with_its_event_and_columns_at_once(store: Store, run: Run) -> None:
    ended = runs.settle(store, run.run_id, since=1, status="completed", finished_at=now())
    found = runs.find(store, run.run_id)
    assert found and found.finished_at
    assert (found.status, runs.status(store, run.run_id)) == ("completed", "completed")
    assert [event.kind for event in runs.events(store, run.run_id)][ended.last - 1] == "completed"


def test_a_run_is_not_settled_once_a_person_acted_on_it_or_it_has_ended(store: Store, run: Run) -> None:
    last = runs.last_seq(store, run.run_id)
    woken = runs.add_events(store, run.run_id, [("answered", {})], last, "running")
    assert runs.settle(store, run.run_id, last, "waiting") == runs.standing(store, run.run_id)
    assert (runs.status(store, run.run_id), runs.last_seq(store, run.run_id)) == ("running", woken)
    runs.set_status(store, run.run_id, "cancelled")
    stood = runs.standing(store, run.run_id)
    assert runs.settle(store, run.run_id, woken, "completed") == stood == runs.standing(store, run.run_id)
    assert runs.status(store, "unheard of") is None


def test_an_update_touches_its_run_alone_and_its_time(store: Store, run: Run) -> None:
    other = a_run()
    runs.admit(store, other)
    runs.set_status(store, run.run_id, "failed", error_type="E", error_text="Sorry.")
    found = runs.find(store, run.run_id)
    assert found
    assert (found.status, found.error_text) == ("failed", "Sorry.")
    assert found.updated_at > run.updated_at
    assert runs.find(store, other.run_id) == other


def test_recent_runs_are_the_persons_own_the_last_touched_first(store: Store) -> None:
    at = now()
    for n, (user, kind) in enumerate(
        [("ana", "diagnosis"), ("ana", "diagnosis"), ("bo", "diagnosis"), ("ana", "tree")]
    ):
        touched = at + timedelta(seconds=n)
        runs.admit(store, a_run(title=f"run {n}", user_id=user, kind=kind, updated_at=touched))
    assert [run.title for run in runs.recent(store, "ana", "default", "diagnosis")] == ["run 1", "run 0"]
    assert [run.title for run in runs.recent(store, "ana", "default", "diagnosis", limit=1)] == ["run 1"]
    assert runs.recent(store, "ana", "elsewhere", "diagnosis") == []
    assert runs.people(store) == (["ana", "bo"], ["default"])


def test_runs_are_found_by_status_oldest_first(store: Store) -> None:
    at = now()
    for n, status in enumerate(["running", "waiting", "queued"]):
        runs.admit(store, a_run(title=status, status=status, created_at=at - timedelta(seconds=n)))
    assert [run.title for run in runs.with_status(store, ["queued", "running"])] == ["queued", "running"]


def test_any_text_comes_back_as_it_was(store: Store) -> None:
    hostile = "'; drop table runs; -- {x} \x00 \u202e \ud7ff 📉 \\ \" \n" + "x" * 20_000
    run = a_run(input=hostile, title=hostile)
    runs.admit(store, run, [("complained", {"text": hostile, "nested": [{"k": None}, 0.1 + 0.2]})])
    assert runs.find(store, run.run_id) == run
    (event,) = runs.events(store, run.run_id)
    assert event.data == {"text": hostile, "nested": [{"k": None}, 0.1 + 0.2]}


def test_the_latest_outcome_counts_and_the_earlier_ones_stay(store: Store, run: Run) -> None:
    assert outcomes.latest(store, run.run_id) is None
    for n, cause in enumerate(["roads", "engines"]):
        at = now() + timedelta(seconds=n)
        outcomes.add(store, Outcome(run.run_id, cause, cause.title(), "", "me", at))
    latest = outcomes.latest(store, run.run_id)
    assert latest
    assert latest.cause_id == "engines"
    assert store.read("select count(*) as n from outcomes") == [{"n": 2}]


def test_a_playbook_is_kept_once_under_its_hash(store: Store) -> None:
    playbooks.keep(store, "h", "p", "first")
    playbooks.keep(store, "h", "p", "second")
    assert playbooks.find(store, "h") == "first"
    assert playbooks.find(store, "other") is None


def test_a_tree_version_is_never_changed(store: Store, run: Run) -> None:
    first = trees.row(run.run_id, 1, "engine", "", "first")
    runs.add_events(store, run.run_id, [("drawn", {})], 1, rows=[("trees", first)])
    again = trees.row(run.run_id, 1, "me", "", "second")
    runs.add_events(store, run.run_id, [("drawn", {})], 2, rows=[("trees", again)])
    found = trees.find(store, run.run_id, 1)
    assert found
    assert (found.document, found.author) == ("first", "engine")
    assert trees.find(store, run.run_id, 2) is None


def test_ids_are_ordered_by_time() -> None:
    ids = [new_id() for _ in range(200)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 200
