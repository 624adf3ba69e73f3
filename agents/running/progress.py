"""How far a run is: which steps work, how many are done, and how long it may still take."""

from dataclasses import dataclass
from statistics import fmean

from agents.running.steps import AtWork
from storage import runs, steps, timeline
from storage.clock import now
from storage.db import Store
from storage.runs import AT_WORK, Run, Status


@dataclass(frozen=True)
class Progress:
    """A run at work, or where it stopped."""

    status: Status
    step_names: tuple[str, ...]
    """Steps that work now; none while it waits in a queue."""
    steps_done: int
    """Steps that have ended, over the whole run."""
    part: tuple[int, int] | None
    """How many of how many, where the agent says so (its event `progress` with `done` and `of`)."""
    elapsed_s: float
    """Seconds its steps have taken so far, those at work included."""
    remaining_s: float | None
    """What is left of the median of its kind; None when too few have ended, or when that is used up."""


def progress(store: Store, run: Run, at_work: tuple[AtWork, ...]) -> Progress:
    """How far a run is; `at_work` are its steps in this process."""
    done = [step for step in steps.of_run(store, run.run_id) if step.parent_step_id is None]
    at = now()
    running = (max(0.0, (at - step.started_at).total_seconds()) for step in at_work)
    elapsed = sum(step.duration_s for step in done) + max(running, default=0.0)
    usual = timeline.usual_seconds(store, run.kind) if run.status in AT_WORK else None
    left = None if usual is None or usual <= elapsed else usual - elapsed
    names = tuple(step.name for step in at_work)
    return Progress(run.status, names, len(done), _part(store, run.run_id), elapsed, left)


def remaining_of_tag(store: Store, tag: str, at_once: int) -> float | None:
    """Seconds until the runs with a tag have ended when so many work at once; None until one has."""
    done, still = timeline.tagged_work(store, tag)
    if not done or not still:
        return None
    usual = fmean(done)
    left = sum(max(0.0, usual - worked) for worked in still) / min(at_once, len(still))
    return left or None


def _part(store: Store, run_id: str) -> tuple[int, int] | None:
    told = [event.data for event in runs.events(store, run_id) if event.kind == "progress"]
    if not told or not {"done", "of"} <= told[-1].keys():
        return None
    return int(told[-1]["done"]), int(told[-1]["of"])
