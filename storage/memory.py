"""Runs as they stand on disk, in memory: a page and the runner look at the same one many times a second.

One process has the file and one thread writes it. That thread tells each change here once it is on disk
and before anybody is told, so that what is remembered is what a query would find. In between, when a query
may already find more, nothing is known of the runs that the change may concern: a run's row and its events
are always told as of one moment. Whatever else writes into runs or events says `forget` or `forget_all` in
the same place.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.events import Event
    from storage.runs import Run

KEPT = 512
"""Runs in memory; the one asked for longest ago makes room."""
LONGEST = 1000
"""The events of a run with more of them are not remembered: they would take the room of many."""
HEAVIEST = 100_000
"""Nor are those whose data has more characters: a single answer may hold 16 MB of a result."""


@dataclass(frozen=True)
class Remembered:
    """What is known of a run without asking the file."""

    run: "Run | None" = None
    """None: not read yet. Of a deleted run nothing is remembered."""
    events: "tuple[Event, ...] | None" = None
    """All of them, from the first on; None: not read yet, or too many."""
    weight: int = 0
    """Characters of their data."""


NOTHING = Remembered()


class RunMemory:
    """Safe to share between threads. What it gives out is shared too: nobody changes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: OrderedDict[str, Remembered] = OrderedDict()
        self._writes = 0
        self._under_way: frozenset[str | None] = frozenset()

    @property
    def writes(self) -> int:
        """Grows with each change; to be noted before a query whose result is to be remembered."""
        return self._writes

    def of(self, run_id: str) -> Remembered:
        """What is known of a run; nothing while a change of it is under way."""
        with self._lock:
            if not self._under_way.isdisjoint((run_id, None)):
                return NOTHING
            if (known := self._runs.get(run_id)) is None:
                return NOTHING
            self._runs.move_to_end(run_id)
            return known

    def under_way(self, run_ids: Iterable[str | None]) -> None:
        """The writer's transaction may have written to these runs, or to any (None), and is about to end."""
        with self._lock:
            self._under_way = self._under_way.union(run_ids)

    def settled(self) -> None:
        """That transaction has ended, and what it did was told here."""
        with self._lock:
            self._under_way = frozenset()

    def admit(self, run: "Run", events: "Sequence[Event]", weight: int) -> None:
        """A new run was written with its first events; `weight` are the characters of their data."""
        with self._lock:
            self._writes += 1
            self._keep(run.run_id, _grown(Remembered(run, ()), 0, events, weight))

    def keep_run(self, run: "Run", writes: int) -> None:
        """Remember a row that was read, unless something was written since `writes`."""
        with self._lock:
            if writes == self._writes:
                self._keep(run.run_id, replace(self._runs.get(run.run_id, NOTHING), run=run))

    def keep_events(self, run_id: str, events: "Sequence[Event]", weight: int, writes: int) -> None:
        """Remember all events of a run, likewise."""
        with self._lock:
            if writes == self._writes:
                known = self._runs.get(run_id, NOTHING)
                self._keep(run_id, _grown(Remembered(known.run, ()), 0, events, weight))

    def follow(
        self, run_id: str, after: int, new: "Sequence[Event]", weight: int, changes: Mapping[str, Any]
    ) -> None:
        """Events were written behind number `after` of a run, and columns of its row changed."""
        with self._lock:
            self._writes += 1
            if (known := self._runs.get(run_id)) is None:
                return
            run = None if known.run is None else replace(known.run, **changes)
            self._keep(run_id, _grown(replace(known, run=run), after, new, weight))

    def forget(self, run_ids: Iterable[str]) -> None:
        """Runs were written to in another way."""
        with self._lock:
            self._writes += 1
            for run_id in run_ids:
                self._runs.pop(run_id, None)

    def forget_all(self) -> None:
        """Any run may have been written to."""
        with self._lock:
            self._writes += 1
            self._runs.clear()

    def _keep(self, run_id: str, known: Remembered) -> None:
        self._runs[run_id] = known
        self._runs.move_to_end(run_id)
        while len(self._runs) > KEPT:
            self._runs.popitem(last=False)


def _grown(known: Remembered, after: int, new: "Sequence[Event]", weight: int) -> Remembered:
    """What is known with new events behind number `after`; without any where they are too many."""
    fits = after + len(new) <= LONGEST and known.weight + weight <= HEAVIEST
    if known.events is None or len(known.events) != after or not fits:
        return Remembered(known.run)
    return Remembered(known.run, (*known.events, *new), known.weight + weight)
