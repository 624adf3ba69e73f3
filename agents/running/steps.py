"""Steps of a run while it works; each becomes a row of the waterfall when it ends."""

import contextlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage import steps
from storage.clock import new_id, now
from storage.db import Store
from storage.errors import StoreUnwritable
from storage.runs import Run
from storage.steps import Step


@dataclass(frozen=True)
class AtWork:
    """A step that has begun and not ended."""

    step_id: str
    name: str
    """The graph's node."""
    started_at: datetime
    started: float
    """Second of the monotonic clock, which setting the time does not move."""


class StepBook:
    """Feed it what LangGraph tells of its tasks (stream mode `tasks`)."""

    def __init__(self, store: Store, run: Run) -> None:
        self._store = store
        self._run = run
        self._guard = threading.Lock()
        self._ids: dict[str, str] = {}
        self._open: dict[str, AtWork] = {}
        self.ended = 0
        """Steps that have ended since the work began."""
        self.pauses = False
        """Whether a step has interrupted the graph to wait."""

    def id_of(self, task_id: str) -> str:
        """The step's id; the same task that runs again later is another step."""
        with self._guard:
            return self._ids.setdefault(task_id, new_id())

    def at_work(self) -> tuple[AtWork, ...]:
        """Steps that have begun and not ended."""
        with self._guard:
            return tuple(self._open.values())

    def take(self, told: Mapping[str, Any]) -> None:
        """A task has begun, or ended."""
        task_id = told["id"]
        if "result" not in told:
            step = AtWork(self.id_of(task_id), told["name"], now(), time.monotonic())
            with self._guard:
                self._open[task_id] = step
        else:
            self.ended += 1
            error, self.pauses = told["error"], self.pauses or bool(told["interrupts"])
            self._end(task_id, None if error is None else type(error).__name__, bool(told["interrupts"]))

    def close(self, error_type: str) -> None:
        """The work broke off: what was at work ended with this error."""
        for task_id in list(self._open):
            self._end(task_id, error_type, False)

    def _end(self, task_id: str, error_type: str | None, is_pause: bool) -> None:
        with self._guard:
            self._ids.pop(task_id, None)
            step = self._open.pop(task_id, None)
        if step is None or is_pause:
            return
        run = self._run
        row = Step(
            step_id=step.step_id,
            kind="agent",
            name=step.name,
            started_at=step.started_at,
            duration_s=time.monotonic() - step.started,
            user_id=run.user_id,
            project_id=run.project_id,
            environment=run.environment,
            run_id=run.run_id,
            agent_name=run.agent_name,
            error_type=error_type,
        )
        with contextlib.suppress(StoreUnwritable):  # closed: the run itself tells it
            steps.record(self._store, row)
