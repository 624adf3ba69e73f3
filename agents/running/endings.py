"""How a run's work ends that did not end well: why is kept, and a run that ends processes is stopped."""

import contextlib
import sqlite3
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog

from agents.errors import READABLE, StepFailed
from agents.running.checkpoints import Checkpoints
from agents.running.control import Control, MustWait
from storage import runs
from storage.db import Store
from storage.events import HELD
from storage.runs import OutOfStep, Run

if TYPE_CHECKING:
    from agents.running.checkpoints import Graph

TRACE_CHARACTERS = 20_000
"""Of a failure's trace, the last so many are kept."""
CRASHES = 10
"""Times in a row a process may end in the same step of a run before the run is stopped."""

log = structlog.get_logger()


class Endings:
    """Keeps why work broke off, in the run itself."""

    def __init__(self, store: Store, checkpoints: Checkpoints, graphs: "Mapping[str, Graph]") -> None:
        self._store = store
        self._checkpoints = checkpoints
        self._graphs = graphs

    def end(self, run: Run, control: Control, error: Exception) -> None:
        """Keep why the work broke off; a run that is only interrupted stays as it is."""
        if control.reason in ("cancelled", "draining"):
            log.info("work broken off", run_id=run.run_id, reason=control.reason)
        elif isinstance(error, MustWait):
            self._keep_waiting(run, error)
        else:
            self._keep_failure(run, control.limits.too_long() if control.reason == "seconds" else error)

    def _keep_waiting(self, run: Run, error: MustWait) -> None:
        held = {"step": self._step(run), "sentence": str(error)}
        with contextlib.suppress(OutOfStep):  # a person acted meanwhile: the run goes on
            last = runs.last_seq(self._store, run.run_id)
            runs.add_events(self._store, run.run_id, [(HELD, held)], last, "waiting")

    def _keep_failure(self, run: Run, error: Exception) -> None:
        step = self._step(run)
        sentence = _sentence(error)
        failure = {"step": step, "error_type": type(error).__name__, "error_text": sentence}
        log.error("run failed", run_id=run.run_id, **failure)
        try:
            last = runs.last_seq(self._store, run.run_id)
            trace = "".join(traceback.format_exception(error))
            runs.add_events(
                self._store,
                run.run_id,
                [("failed", failure)],
                last,
                status="failed",
                error_type=type(error).__name__,
                error_text=sentence,
                error_step=step,
                error_trace=trace[-TRACE_CHARACTERS:],
            )
        except OutOfStep:
            log.info("a person acted on the failed run: it goes on", run_id=run.run_id)
        except READABLE as unkept:
            # The store cannot be written: the run stays "running" there and is taken up at the next start.
            log.error("failure could not be kept", run_id=run.run_id, error=str(unkept))

    def _step(self, run: Run) -> str:
        return self._checkpoints.step(self._graphs.get(run.kind), run.run_id)

    def may_go_on(self, run: Run) -> bool:
        """Whether a run that a dead process left may be taken up; it is failed when it may not."""
        if run.status != "running" or not self._crashes_too_often(run):
            return True
        self._keep_failure(run, _crashing())
        return False

    def _crashes_too_often(self, run: Run) -> bool:
        """Note that a run is taken up; whether processes kept ending in its present step."""
        mark = {"checkpoint": self._checkpoints.mark(run.run_id)}
        before = runs.events(self._store, run.run_id)[-CRASHES:]
        with contextlib.suppress(OutOfStep):  # a person acted: the run is no orphan any more
            last = before[-1].seq if before else 0
            runs.add_events(self._store, run.run_id, [("recovered", mark)], last)
        return len(before) == CRASHES and all(_is_same(event.kind, event.data, mark) for event in before)


def _is_same(kind: str, data: Mapping[str, Any], mark: Mapping[str, Any]) -> bool:
    return kind == "recovered" and data == mark


def _crashing() -> StepFailed:
    return StepFailed(
        f"The process ended {CRASHES} times in this step, so the run was stopped before it takes the others "
        f"down with it. Everything before the step is kept: look into the server's log, then try again."
    )


def _sentence(error: Exception) -> str:
    if isinstance(error, READABLE):
        return str(error)
    if isinstance(error, sqlite3.Error):
        return (
            f"Where this run goes on could not be kept ({error}). Everything recorded so far is safe: free "
            f"space or correct the folder's permissions, then try again."
        )
    return (
        f"A step failed in a way we did not foresee ({type(error).__name__}). "
        f"Everything before it is kept: try again, or report it with the run's id."
    )
