"""What everybody who watches a run reads: one look at the store for all of them, and only for what is new."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from agents.running.progress import Progress
from agents.running.records import AT_WORK, HELD, Event, Run
from agents.workbench import Workbench

T = TypeVar("T")
FRESH_S = 0.3
"""Age at which a look counts as new, however many ask."""
MOST = 64
"""Runs that are kept in memory for their watchers."""


@dataclass(frozen=True)
class Look:
    """A run at one moment."""

    run: Run
    events: tuple[Event, ...]
    """All of them, in order."""
    progress: Progress

    @property
    def seq(self) -> int:
        """Number of the last event; 0 without any."""
        return self.events[-1].seq if self.events else 0

    @property
    def is_at_work(self) -> bool:
        """Whether it is the tool's turn."""
        return self.run.status in AT_WORK

    @property
    def held(self) -> str | None:
        """What the run waits for in the middle of a step, such as a key: a sentence."""
        is_held = self.run.status == "waiting" and bool(self.events) and self.events[-1].kind == HELD
        return str(self.events[-1].data["sentence"]) if is_held else None


@dataclass
class _Watched:
    lock: threading.Lock = field(default_factory=threading.Lock)
    looked_at: float = 0.0
    look: Look | None = None
    drawn: tuple[object, Any] | None = None
    """What was last made from it, by what it was made from."""


_of_bench: WeakKeyDictionary[Workbench, dict[str, _Watched]] = WeakKeyDictionary()
_guard = threading.Lock()


def look(bench: Workbench, run_id: str, fresh: bool = False) -> Look:
    """The run as it is, at most `FRESH_S` old, or read now when `fresh`; NotFound when there is none."""
    watched = _watched(bench, run_id)
    with watched.lock:
        if fresh or watched.look is None or time.monotonic() - watched.looked_at > FRESH_S:
            watched.look = _read(bench, run_id, watched.look)
            watched.looked_at = time.monotonic()
        return watched.look


def shared(bench: Workbench, seen: Look, make: Callable[[], T]) -> T:
    """What `make` makes of a look; made once for all who see the same."""
    watched = _watched(bench, seen.run.run_id)
    of = (seen.seq, seen.run.status, make.__qualname__)
    with watched.lock:
        if watched.drawn is None or watched.drawn[0] != of:
            watched.drawn = (of, make())
        made: T = watched.drawn[1]
        return made


def _read(bench: Workbench, run_id: str, before: Look | None) -> Look:
    run = bench.runs.run(run_id)
    known = before.events if before is not None and run.texts_removed_at is None else ()
    new = bench.runs.events(run_id, known[-1].seq if known else 0)
    return Look(run, (*known, *new), bench.runs.progress(run_id))


def _watched(bench: Workbench, run_id: str) -> _Watched:
    with _guard:
        of_run = _of_bench.setdefault(bench, {})
        if run_id not in of_run and len(of_run) >= MOST:
            of_run.pop(next(iter(of_run)))
        return of_run.setdefault(run_id, _Watched())
