"""Points before and behind every call that keeps something; a fuse ends the process at one of them."""

import os
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from dbos._sys_db import SystemDatabase

from agents.running.saver import Commits, SharedCommits
from storage import writer
from storage.db import Store
from storage.journal import Journal
from storage.writer import Writer

Side = Literal["before", "behind"]
CALLS: tuple[tuple[Any, str], ...] = (
    (Store, "_transact"),
    (Writer, "_transaction"),
    (Writer, "_flush"),
    (Store, "append"),
    (writer, "commit_together"),
    (writer, "insert"),
    (Journal, "keep"),
    (SharedCommits, "put"),
    (SharedCommits, "put_writes"),
    (Commits, "commit"),
    (SharedCommits, "delete_thread"),
)
"""Who keeps something, and where; `insert` lies within a transaction, `put` before its commit."""
QUEUE_CALLS: tuple[tuple[Any, str], ...] = (
    (SystemDatabase, "init_workflow"),
    (SystemDatabase, "start_queued_workflows"),
    (SystemDatabase, "reenqueue_for_recovery"),
    (SystemDatabase, "update_workflow_outcome"),
    (SystemDatabase, "delete_workflows"),
)
"""Where DBOS keeps what it knows of a batch: queued, its turn, its turn again, done, forgotten."""
SIDES: tuple[Side, ...] = ("before", "behind")
LATEST, LATEST_OF_QUEUE = 40, 6
"""Passings after which a fuse burns at the latest."""


@dataclass(frozen=True)
class Fuse:
    """Where a process is to end, and at which passing."""

    call: str
    side: Side
    passing: int

    @classmethod
    def drawn(cls, n: int, rng: random.Random, has_queue: bool) -> "Fuse":
        """The n-th point in turn, at a passing by chance, early ones more often."""
        calls = (*QUEUE_CALLS, *CALLS) if has_queue else CALLS
        place, side = calls[n // 2 % len(calls)], SIDES[n % 2]
        latest = LATEST_OF_QUEUE if place in QUEUE_CALLS else LATEST
        return cls(place[1], side, 1 + int(rng.random() ** 2 * latest))


def lay(fuse: Fuse) -> None:
    """Have this process end by SIGKILL where the fuse says."""
    guard, passed = threading.Lock(), 0

    def reached(call: str, side: Side) -> None:
        nonlocal passed
        if (call, side) != (fuse.call, fuse.side):
            return
        with guard:
            passed += 1
            if passed == fuse.passing:
                os.kill(os.getpid(), signal.SIGKILL)

    for owner, name in (*QUEUE_CALLS, *CALLS):
        if name == fuse.call:
            setattr(owner, name, _told(getattr(owner, name), name, reached))


def _told(inner: Callable[..., Any], name: str, reached: Callable[[str, Side], None]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        reached(name, "before")
        result = inner(*arguments, **named)
        reached(name, "behind")
        return result

    return call
