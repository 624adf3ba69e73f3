"""The runner: a failure is kept and can be tried again, and orphans are taken up."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from agents.errors import Refused
from agents.runner import Runner
from agents.running.saver import SharedCommits
from storage import runs
from storage.clock import new_id
from storage.db import Store
from storage.runs import Run

TIMEOUT_S = 30


class State(TypedDict):
    run_id: str


def found(store: Store, run: Run) -> Run:
    there = runs.find(store, run.run_id)
    assert there
    return there


def broken(run_id: str) -> None:
    raise LookupError("the map is gone")


def test_a_run_goes_on_until_it_is_completed(runner: Runner, steps: Any, store: Store, run: Run) -> None:
    runner.advance(run).result(TIMEOUT_S)
    assert steps.did == ["first", "second"]
    assert found(store, run).status == "completed"


def test_a_step_that_raises_makes_a_failed_run_with_its_error_kept(
    runner: Runner, steps: Any, store: Store, run: Run
) -> None:
    steps.second = broken
    runner.advance(run).result(TIMEOUT_S)
    failed = found(store, run)
    assert (failed.status, failed.error_type, failed.error_step) == ("failed", "LookupError", "second")
    assert failed.error_text == (
        "A step failed in a way we did not foresee (LookupError). Everything before it is kept: "
        "try again, or report it with the run's id."
    )
    assert failed.error_trace
    assert "the map is gone" in failed.error_trace
    event = runs.events(store, run.run_id)[-1]
    assert (event.kind, event.data["step"], event.status) == ("failed", "second", "failed")


def test_an_error_of_the_family_is_told_in_its_own_words(
    runner: Runner, steps: Any, store: Store, run: Run
) -> None:
    def refuse(run_id: str) -> None:
        raise Refused("The budget of today is used up. Nothing was changed: raise it.")

    steps.first = refuse
    runner.advance(run).result(TIMEOUT_S)
    assert found(store, run).error_text == "The budget of today is used up. Nothing was changed: raise it."


def test_trying_again_goes_on_with_the_step_that_failed(
    runner: Runner, steps: Any, store: Store, run: Run
) -> None:
    steps.second = broken
    runner.advance(run).result(TIMEOUT_S)
    steps.second = steps.finish
    runs.set_status(store, run.run_id, "running")
    runner.advance(run).result(TIMEOUT_S)
    assert steps.did == ["first", "second", "second"]
    assert found(store, run).status == "completed"


def test_a_run_that_a_dead_process_left_is_taken_up_where_it_was(
    store: Store, steps: Any, checkpoints: Path, run: Run
) -> None:
    class Killed(BaseException):
        """Stands for the end of the process: no handler keeps anything."""

    def die(run_id: str) -> None:
        raise Killed

    steps.second = die
    before = Runner(store, checkpoints, {"test": steps.graph()})
    runs.set_status(store, run.run_id, "running")
    with pytest.raises(Killed):
        before.advance(run).result(TIMEOUT_S)
    before.close()
    assert found(store, run).status == "running"

    ended = threading.Event()
    steps.second = lambda run_id: (steps.finish(run_id), ended.set())[0]
    after = Runner(store, checkpoints, {"test": steps.graph()})
    assert after.recover() == [run.run_id]
    assert ended.wait(TIMEOUT_S)
    after.close()
    assert steps.did == ["first", "second", "second"]
    assert found(store, run).status == "completed"


def test_only_runs_that_were_at_work_are_taken_up(store: Store, runner: Runner, run: Run) -> None:
    for status in ("waiting", "completed", "failed", "cancelled"):
        runs.set_status(store, run.run_id, status)
        assert runner.recover() == []


def test_a_run_without_its_checkpoint_begins_anew(
    store: Store, steps: Any, checkpoints: Path, run: Run
) -> None:
    steps.second = broken
    before = Runner(store, checkpoints, {"test": steps.graph()})
    before.advance(run).result(TIMEOUT_S)
    before.close()
    for file in checkpoints.parent.glob("checkpoints.sqlite*"):
        file.unlink()
    steps.second = steps.finish
    runs.set_status(store, run.run_id, "running")
    after = Runner(store, checkpoints, {"test": steps.graph()})
    after.advance(run).result(TIMEOUT_S)
    after.close()
    assert steps.did == ["first", "second", "first", "second"]
    assert found(store, run).status == "completed"


def test_a_step_behind_which_a_person_acted_runs_again_and_nothing_fails(
    runner: Runner, steps: Any, store: Store, run: Run
) -> None:
    def overtaken(run_id: str) -> None:
        last = runs.last_seq(store, run_id)
        if steps.did.count("second") == 1:
            runs.add_events(store, run_id, [("answered", {})], last)
        runs.add_events(store, run_id, [("done", {})], last, status="completed")

    steps.second = overtaken
    runner.advance(run).result(TIMEOUT_S)
    assert steps.did == ["first", "second", "second"]
    assert [event.kind for event in runs.events(store, run.run_id)] == [
        "complained",
        "running",
        "answered",
        "done",
    ]


def test_a_cancelled_run_stays_cancelled_when_its_step_fails_afterwards(
    runner: Runner, steps: Any, store: Store, run: Run
) -> None:
    def cancelled(run_id: str) -> None:
        last = runs.last_seq(store, run_id)
        runs.add_events(store, run_id, [("cancelled", {})], last, status="cancelled")
        broken(run_id)

    steps.first = cancelled
    runner.advance(run).result(TIMEOUT_S)
    assert found(store, run).status == "cancelled"
    assert steps.did == ["first"]


def test_a_run_of_a_kind_that_nobody_knows_fails_with_a_sentence(
    runner: Runner, store: Store, run: Run
) -> None:
    strange = replace(run, run_id=new_id(), kind="astrology")
    runs.admit(store, strange)
    runner.advance(strange).result(TIMEOUT_S)
    failed = found(store, strange)
    assert failed.status == "failed"
    assert failed.error_text
    assert "no agent “astrology”" in failed.error_text


def test_two_calls_for_one_run_do_not_run_its_steps_at_once(
    runner: Runner, steps: Any, store: Store, run: Run
) -> None:
    inside, go = threading.Event(), threading.Event()

    def slow(run_id: str) -> None:
        inside.set()
        assert go.wait(TIMEOUT_S)

    steps.first = slow
    one, two = runner.advance(run), runner.advance(run)
    assert inside.wait(TIMEOUT_S)
    go.set()
    one.result(TIMEOUT_S)
    two.result(TIMEOUT_S)
    assert steps.did == ["first", "second"]


def test_a_failure_that_cannot_be_kept_raises_nothing_and_is_taken_up_later(
    runner: Runner, steps: Any, store: Store, run: Run
) -> None:
    def lose_the_store(run_id: str) -> None:
        store.close()
        broken(run_id)

    steps.first = lose_the_store
    runner.advance(run).result(TIMEOUT_S)
    again = Store.open(store.file)
    assert found(again, run).status == "running"
    again.close()


def pause(state: State) -> dict[str, Any]:
    interrupt(state["run_id"])
    return {}


def test_a_run_that_waits_is_resumed_behind_its_pause(
    store: Store, steps: Any, checkpoints: Path, run: Run
) -> None:
    graph = StateGraph(State)
    graph.add_node("ask", lambda state: runs.set_status(store, state["run_id"], "waiting") or {})
    graph.add_node("pause", pause)
    graph.add_node("end", lambda state: runs.set_status(store, state["run_id"], "completed") or {})
    for one, two in ((START, "ask"), ("ask", "pause"), ("pause", "end"), ("end", END)):
        graph.add_edge(one, two)
    for status in ("waiting", "completed"):
        opened = Runner(store, checkpoints, {"test": graph})
        opened.advance(run).result(TIMEOUT_S)
        opened.close()
        assert found(store, run).status == status
        runs.set_status(store, run.run_id, "running") if status == "waiting" else None


def test_a_pause_that_was_ended_stays_ended_when_the_process_dies_before_the_next_checkpoint(
    store: Store, checkpoints: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All steps of the superstep have written, and its checkpoint is missing: that is not the graph's end."""

    class Killed(BaseException):
        """Stands for the end of the process."""

    did: list[str] = []
    graph = StateGraph(State)
    graph.add_node("ask", lambda state: did.append("ask") or {})
    graph.add_node("pause", pause)
    graph.add_node("end", lambda state: did.append("end") or {})
    for one, two in ((START, "ask"), ("ask", "pause"), ("pause", "end"), ("end", END)):
        graph.add_edge(one, two)
    first = Runner(store, checkpoints, {"test": graph})
    first.advance(run).result(TIMEOUT_S)
    assert found(store, run).status == "waiting"
    runs.add_events(store, run.run_id, [("answered", {})], runs.last_seq(store, run.run_id), "running")

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(SharedCommits, "put", die)
        with pytest.raises(Killed):
            first.advance(run).result(TIMEOUT_S)
    first.close()
    after = Runner(store, checkpoints, {"test": graph})
    after.recover()
    after.work(run.run_id)
    after.close()
    assert (found(store, run).status, did) == ("completed", ["ask", "end"])
    kinds = [event.kind for event in runs.events(store, run.run_id)]
    assert kinds == ["complained", "running", "waiting", "answered", "recovered", "completed"]
