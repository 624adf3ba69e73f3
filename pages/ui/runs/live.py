"""What everybody who sees the list of runs reads while runs work: once for all, and only after a change."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from agents.workbench import Workbench

T = TypeVar("T")
POLL_S = 2.0
"""Seconds between two looks at whether something moved."""
MOST = 64
"""Different things that are kept in memory for those who look."""


@dataclass
class _Known:
    lock: threading.Lock = field(default_factory=threading.Lock)
    read: dict[Hashable, tuple[int, Any]] = field(default_factory=dict)
    """By name: how much had moved when it was read, and what was read."""


_of_bench: WeakKeyDictionary[Workbench, _Known] = WeakKeyDictionary()
_guard = threading.Lock()


def shared(bench: Workbench, name: Hashable, read: Callable[[], T], fresh: bool = False) -> T:
    """What `read` reads; once for everybody until something about a run moves, or now when `fresh`."""
    with _guard:
        known = _of_bench.setdefault(bench, _Known())
    with known.lock:
        moves = bench.runs.moves  # before reading: what moves meanwhile is read again
        if fresh or name not in known.read or known.read[name][0] != moves:
            while len(known.read) >= MOST:
                known.read.pop(next(iter(known.read)))
            known.read[name] = (moves, read())
        found: T = known.read[name][1]
        return found
