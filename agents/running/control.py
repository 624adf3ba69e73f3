"""What holds the work on a run: a signal to stop, the reason, and the steps at work."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from agents.errors import WhytreeError
from agents.running import current
from agents.running.limits import Limits, Used, used
from agents.running.steps import StepBook
from storage.db import Store
from storage.runs import Run

Reason = Literal["cancelled", "seconds", "draining"]
LOOK_S = 0.25
"""Seconds between two looks at who is overdue."""


class Stopped(WhytreeError):
    """The work on a run broke off between two steps; the control says why."""


class MustWait(WhytreeError):
    """A step cannot go on until a person has done what the text says: the run waits instead of failing."""


class Control:
    """One stretch of work on one run."""

    def __init__(self, store: Store, run: Run, limits: Limits) -> None:
        self.run = run
        self.limits = limits
        self.cancel = threading.Event()
        """Set to end what is in flight, such as a model's call."""
        self.reason: Reason | None = None
        """Why the work is to stop; None while it may go on."""
        self.steps = StepBook(store, run)
        self._store = store
        self._before = Used()
        self._started = time.monotonic()

    @property
    def is_overdue(self) -> bool:
        """Whether the work has taken as long as it may."""
        return self._before.seconds + time.monotonic() - self._started > self.limits.seconds

    def count_before(self) -> None:
        """Count what the run has used before of limits of its own."""
        self._before = used(self._store, self.run)

    def stop(self, reason: Reason, at_once: bool = True) -> None:
        """Break off, at once or behind the step at work; a person's cancelling outweighs other reasons."""
        if self.reason is None or reason == "cancelled":
            self.reason = reason
        if at_once:
            self.cancel.set()

    def take(self, told: dict[str, Any]) -> None:
        """Note that a step began or ended; raises Stopped or LimitReached when no further one may."""
        self.steps.take(told)
        if self.reason is None and "result" not in told and self.is_overdue:
            self.stop("seconds")
        if self.reason is not None:
            raise Stopped
        if "result" not in told and self._before.steps + self.steps.ended >= self.limits.steps:
            raise self.limits.too_many_steps()


class Controls:
    """Every run at work in this process; overdue ones are stopped by one thread for all."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: dict[str, Control] = {}
        self._changed = threading.Condition()
        self._draining = False
        self._watcher: threading.Thread | None = None

    @contextmanager
    def hold(self, run: Run, limits: Limits) -> Iterator[Control]:
        """Hold a run while it is worked on."""
        control = Control(self._store, run, limits)
        with self._changed:
            self._held[run.run_id] = control
            if self._draining:
                control.stop("draining")
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="run-watcher", daemon=True)
                self._watcher.start()
            self._changed.notify_all()
        token = current.control.set(control)
        try:
            yield control
        finally:
            current.control.reset(token)
            with self._changed:
                del self._held[run.run_id]
                self._changed.notify_all()

    def of(self, run_id: str) -> Control | None:
        """The control of a run at work, or None."""
        with self._changed:
            return self._held.get(run_id)

    def drain(self, at_once: bool) -> None:
        """Stop every run, and every one that is still to begin."""
        with self._changed:
            self._draining = True
            for control in self._held.values():
                control.stop("draining", at_once)
            self._changed.notify_all()

    def wait_idle(self, seconds: float) -> bool:
        """Wait until nothing is at work; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._held, seconds)

    def _watch(self) -> None:
        while True:
            with self._changed:
                if self._draining and not self._held:
                    return
                self._changed.wait(LOOK_S if self._held else None)
                for control in self._held.values():
                    if control.reason is None and control.is_overdue:
                        control.stop("seconds")
