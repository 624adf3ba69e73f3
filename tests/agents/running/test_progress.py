"""How long a batch may still take: as its own runs that have ended tell, and unknown before the first has."""

import pytest

from agents.running.progress import remaining_of_tag
from storage import runs, steps, tags
from storage.clock import new_id, now
from storage.db import Store
from storage.runs import Run, Status
from storage.steps import Step


def admit(store: Store, status: Status, *worked_s: float) -> None:
    """A run of the batch whose steps have taken these seconds."""
    at = now()
    run = Run(new_id(), "test", "t", "i", status, "me", "default", "test", at, at)
    runs.admit(store, run)
    tags.add(store, [run.run_id], "batch", "me")
    for seconds in worked_s:
        step = Step(new_id(), "agent", "answer", at, seconds, "me", "default", "test", run_id=run.run_id)
        steps.record(store, step)
    store.flush()


def test_what_is_left_of_a_batch_is_told_by_its_runs_that_have_ended(store: Store) -> None:
    for status, worked_s in (("completed", (1, 3)), ("failed", (8,)), ("running", (2,)), ("queued", ())):
        admit(store, status, *worked_s)  # type: ignore[arg-type]
    assert remaining_of_tag(store, "batch", at_once=2) == pytest.approx(((6 - 2) + 6) / 2)
    assert remaining_of_tag(store, "batch", at_once=10) == pytest.approx(((6 - 2) + 6) / 2)


def test_it_is_unknown_before_one_has_ended_and_nothing_behind_the_last(store: Store) -> None:
    admit(store, "queued")
    admit(store, "cancelled")
    assert remaining_of_tag(store, "batch", at_once=4) is None
    assert remaining_of_tag(store, "another", at_once=4) is None
