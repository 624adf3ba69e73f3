"""A run ends when it is told to, when it is overdue, and when it has used up what it may."""

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agents.errors import Refused
from agents.llm.errors import CallCancelled
from agents.runner import Runner
from agents.running import current
from agents.running.control import MustWait
from agents.running.endings import CRASHES
from agents.running.limits import Limits
from storage import calls, runs, steps, timeline
from storage.calls import Call
from storage.clock import new_id, now
from storage.db import Store
from storage.runs import Run

TIMEOUT_S = 30
Admit = Callable[..., Run]


@pytest.fixture
def admit(store: Store) -> Admit:
    """Admits a run with columns of one's own."""

    def make(**columns: Any) -> Run:
        at = now()
        plain = Run(new_id(), "test", "t", "i", "queued", "me", "default", "test", at, at)
        run = replace(plain, **columns)
        runs.admit(store, run, [("complained", {})])
        return run

    return make


def found(store: Store, run: Run) -> Run:
    there = runs.find(store, run.run_id)
    assert there
    return there


def a_call(run: Run, cost: Decimal | None) -> Call:
    call_id = new_id()
    return Call(
        call_id=call_id,
        attempt_no=1,
        idempotency_key=call_id,
        provider_name="alpha",
        request_model="m",
        started_at=now(),
        duration_s=0.5,
        user_id=run.user_id,
        project_id=run.project_id,
        environment=run.environment,
        run_id=run.run_id,
        step_id=current.step_id(),
        cost_amount=cost,
        cost_currency="USD" if cost is not None else None,
    )


def wait_for_the_signal(run_id: str) -> None:
    """As a model's call does that is cancelled in the middle of its answer."""
    if not current.cancel_event().wait(TIMEOUT_S):
        raise TimeoutError("nobody stopped the step")
    raise CallCancelled


def test_cancelling_reaches_a_step_in_the_middle_of_its_call(
    runner: Runner, steps: Any, store: Store, admit: Admit
) -> None:
    inside = threading.Event()
    steps.first = lambda run_id: (inside.set(), wait_for_the_signal(run_id))[0]
    run = admit()
    working = runner.advance(run)
    assert inside.wait(TIMEOUT_S)
    assert [step.name for step in runner.at_work(run.run_id)] == ["first"]
    runs.set_status(store, run.run_id, "cancelled")
    runner.stop(run.run_id)
    working.result(TIMEOUT_S)
    assert found(store, run).status == "cancelled"
    assert runner.at_work(run.run_id) == ()
    assert steps.did == ["first"]


def test_a_cancelled_run_takes_no_further_step_although_its_step_went_on(
    runner: Runner, steps: Any, store: Store, admit: Admit
) -> None:
    run = admit()

    def cancelled_meanwhile(run_id: str) -> None:
        runs.set_status(store, run_id, "cancelled")
        runner.stop(run_id)

    steps.first = cancelled_meanwhile
    runner.advance(run).result(TIMEOUT_S)
    assert (steps.did, found(store, run).status) == (["first"], "cancelled")


def test_a_cancelled_run_takes_no_other_status(store: Store, admit: Admit) -> None:
    run = admit(status="cancelled")
    with pytest.raises(runs.OutOfStep):
        runs.add_events(store, run.run_id, [("asked", {})], 1, "waiting")
    assert found(store, run).status == "cancelled"


def test_an_overdue_step_is_broken_off_and_the_run_says_so(
    runner: Runner, steps: Any, store: Store, admit: Admit
) -> None:
    steps.first = wait_for_the_signal
    run = admit(max_seconds=0.05)
    runner.advance(run).result(TIMEOUT_S)
    failed = found(store, run)
    assert (failed.status, failed.error_type, failed.error_step) == ("failed", "LimitReached", "first")
    assert failed.error_text
    assert failed.error_text.startswith("This run was stopped after 0.05 seconds of work, its limit.")


def test_a_run_takes_no_more_steps_than_it_may_and_goes_on_when_tried_again(
    runner: Runner, steps: Any, store: Store, admit: Admit
) -> None:
    run = admit(max_steps=1)
    runner.advance(run).result(TIMEOUT_S)
    failed = found(store, run)
    assert (failed.status, failed.error_step, steps.did) == ("failed", "second", ["first"])
    assert "after 1 step, its limit" in (failed.error_text or "")
    runs.set_status(store, run.run_id, "running", "retried")
    runner.advance(run).result(TIMEOUT_S)
    assert (found(store, run).status, steps.did) == ("completed", ["first", "second"])


@pytest.mark.parametrize(
    ("cost", "sentence"),
    [
        (Decimal("0.5"), "This run has cost 0.5000 US dollars and may cost 0.1000."),
        (None, "the price of 1 of its calls is unknown, so the limit cannot be kept"),
    ],
)
def test_a_run_that_has_used_up_its_money_takes_no_further_step(
    runner: Runner, steps: Any, store: Store, admit: Admit, cost: Decimal | None, sentence: str
) -> None:
    run = admit(max_cost=Decimal("0.1"))
    steps.first = lambda run_id: store.append("calls", [dict(vars(a_call(run, cost)))])
    runner.advance(run).result(TIMEOUT_S)
    assert steps.did == ["first"]
    assert sentence in (found(store, run).error_text or "")


def test_the_limits_of_the_runner_hold_where_a_run_has_none(
    store: Store, steps: Any, checkpoints: Path, admit: Admit
) -> None:
    strict = Runner(store, checkpoints, {"test": steps.graph()}, Limits(steps=1))
    run = admit()
    strict.advance(run).result(TIMEOUT_S)
    strict.close()
    assert found(store, run).error_type == "LimitReached"


def test_a_step_that_needs_a_person_makes_the_run_wait_and_goes_on_from_there(
    runner: Runner, steps: Any, store: Store, admit: Admit
) -> None:
    def hold(run_id: str) -> None:
        raise MustWait("This run needs a key for its model. Paste it in Settings, then try again.")

    steps.second = hold
    run = admit()
    runner.advance(run).result(TIMEOUT_S)
    event = runs.events(store, run.run_id)[-1]
    assert (found(store, run).status, event.kind, event.data["step"]) == ("waiting", "held", "second")
    steps.second = steps.finish
    runs.set_status(store, run.run_id, "running", "retried")
    runner.advance(run).result(TIMEOUT_S)
    assert (found(store, run).status, steps.did) == ("completed", ["first", "second", "second"])


def test_a_run_in_whose_step_processes_keep_ending_is_stopped(
    runner: Runner, store: Store, admit: Admit
) -> None:
    run = admit(status="running")
    mark = {"checkpoint": ""}
    for n in range(CRASHES):
        runs.add_events(store, run.run_id, [("recovered", mark)], n + 1)
    runner.recover()
    failed = found(store, run)
    assert failed.status == "failed"
    assert f"The process ended {CRASHES} times in this step" in (failed.error_text or "")


def test_each_step_becomes_a_row_and_its_calls_hang_below_it(
    runner: Runner, steps: Any, store: Store, admit: Admit
) -> None:
    run = admit()
    steps.first = lambda run_id: store.append("calls", [dict(vars(a_call(run, Decimal("0.25"))))])
    runner.advance(run).result(TIMEOUT_S)
    bars = timeline.of_run(store, run.run_id)
    assert [(bar.depth, bar.kind, bar.name) for bar in bars] == [
        (0, "agent", "first"),
        (1, "attempt", "alpha/m"),
        (0, "agent", "second"),
    ]
    assert timeline.spent(store, run.run_id) == (Decimal("0.25"), 0)
    assert calls.of_run(store, run.run_id)[0].step_id == bars[0].bar_id


def test_a_step_that_failed_and_was_tried_again_has_a_row_for_each_time(
    runner: Runner, steps: Any, store: Store, admit: Admit
) -> None:
    def broken(run_id: str) -> None:
        raise LookupError("gone")

    run = admit()
    steps.second = broken
    runner.advance(run).result(TIMEOUT_S)
    steps.second = steps.finish
    runs.set_status(store, run.run_id, "running", "retried")
    runner.advance(run).result(TIMEOUT_S)
    store.flush()
    rows = [(step.name, step.error_type) for step in _of_run(store, run)]
    assert rows == [("first", None), ("second", "LookupError"), ("second", None)]


def _of_run(store: Store, run: Run) -> list[steps.Step]:
    return steps.of_run(store, run.run_id)


def test_draining_hands_runs_over_and_refuses_what_is_new(
    store: Store, steps: Any, checkpoints: Path, admit: Admit
) -> None:
    inside, go = threading.Event(), threading.Event()

    def slow(run_id: str) -> None:
        inside.set()
        assert go.wait(TIMEOUT_S)

    steps.first = slow
    run, late = admit(), admit()
    before = Runner(store, checkpoints, {"test": steps.graph()})
    before.advance(run)
    assert inside.wait(TIMEOUT_S)
    threading.Timer(0.2, go.set).start()
    assert before.drain(TIMEOUT_S)
    with pytest.raises(Refused, match="shutting down, so nothing new is started"):
        before.check_open()
    assert before.advance(late).cancelled()
    before.close()
    assert (found(store, run).status, found(store, late).status) == ("running", "queued")
    assert steps.did == ["first"]

    after = Runner(store, checkpoints, {"test": steps.graph()})
    assert sorted(after.recover()) == sorted([run.run_id, late.run_id])
    for each in (run, late):
        after.advance(each).result(TIMEOUT_S)
    after.close()
    assert (found(store, run).status, found(store, late).status) == ("completed", "completed")
    assert steps.did.count("first") == 2  # once each: what had ended before the drain was not done again


def test_a_step_that_takes_too_long_to_drain_is_broken_off_and_repeated_later(
    store: Store, steps: Any, checkpoints: Path, admit: Admit
) -> None:
    inside = threading.Event()
    steps.first = lambda run_id: (inside.set(), wait_for_the_signal(run_id))[0]
    run = admit()
    before = Runner(store, checkpoints, {"test": steps.graph()})
    before.advance(run)
    assert inside.wait(TIMEOUT_S)
    assert before.drain(0.01) in (True, False)
    before.close()
    assert found(store, run).status == "running"
