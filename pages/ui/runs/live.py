"""What everybody who sees the list of runs reads while runs work: once for all, and only after a change."""

import itertools
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
class _Read:
    """One thing that was read."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while it is read for those who follow it; nobody waits for another thing."""
    age: tuple[int, int] = (-1, -1)
    """How much had moved when it was read, and which reading of all it was; negative before the first."""
    value: Any = None


_of_bench: WeakKeyDictionary[Workbench, dict[Hashable, _Read]] = WeakKeyDictionary()
_guard = threading.Lock()
"""Held for the dictionaries and values alone, never while something is read."""
_readings = itertools.count()


def shared(bench: Workbench, name: Hashable, read: Callable[[], T], fresh: bool = False) -> T:
    """What `read` reads; once for everybody until something about a run moves, or now when `fresh`."""
    known = _known(bench, name)
    if fresh:
        return _reading(bench, known, read)
    with known.lock:
        with _guard:
            (moves, _), value = known.age, known.value
        if moves == bench.runs.moves:
            found: T = value
            return found
        return _reading(bench, known, read)


def _known(bench: Workbench, name: Hashable) -> _Read:
    with _guard:
        every = _of_bench.setdefault(bench, {})
        while name not in every and len(every) >= MOST:
            every.pop(next(iter(every)))
        return every.setdefault(name, _Read())


def _reading(bench: Workbench, known: _Read, read: Callable[[], T]) -> T:
    """Read it; a reading that began later and ended sooner stays what the others see."""
    age = (bench.runs.moves, next(_readings))  # before reading: what moves meanwhile is read again
    value = read()
    with _guard:
        if age > known.age:
            known.age, known.value = age, value
    return value
