"""Rows that wait for the writer, and how long whoever brings more waits for it."""

import threading
from collections.abc import Callable, Mapping, Sequence

from storage.errors import StoreUnwritable
from storage.rows import Row

ROOM_S = 0.07
"""As many rows are buffered as the writer lately wrote in this time; whoever adds more waits for it."""
LEAST_ROOM, MOST_ROOM = 2_000, 20_000
LONGEST_WAIT_S = 5.0
"""Nobody who adds rows waits longer than this for the writer: a full disk must not stop the work."""

Batch = Mapping[str, Sequence[Row]]
"""Rows by their table."""


class Buffer:
    """Safe to share between threads; `is_stuck` tells that rows cannot be written, so that nobody waits."""

    def __init__(self, is_stuck: Callable[[], bool]) -> None:
        self._is_stuck = is_stuck
        self._rows: dict[str, list[Row]] = {}
        self._count = 0
        self._room = LEAST_ROOM
        self._is_closed = False
        self._changed = threading.Condition(threading.Lock())

    def add(self, batch: Batch) -> bool:
        """Add rows as soon as there is room; True when they are many for the first time.

        Rows that come together are written together. Raises StoreUnwritable after `close`.
        """
        with self._changed:
            if not self._has_room():
                self._changed.wait_for(self._has_room, LONGEST_WAIT_S)
            if self._is_closed:
                raise StoreUnwritable(
                    "The store is closed, so nothing more can be recorded. Start Whytree again."
                )
            were_few = not self.are_many
            for table, rows in batch.items():
                self._rows.setdefault(table, []).extend(rows)
                self._count += len(rows)
            return were_few and self.are_many

    @property
    def are_many(self) -> bool:
        """Whether so many rows wait that the writer need not wait for more."""
        return self._count >= self._room // 2

    def take(self) -> Batch:
        """All rows, which do not wait any more."""
        with self._changed:
            batch, self._rows, self._count = self._rows, {}, 0
            self._changed.notify_all()
        return batch

    def put_back(self, batch: Batch) -> None:
        """Rows that could not be written wait again, before all others."""
        with self._changed:
            for table, rows in batch.items():
                self._rows[table] = [*rows, *self._rows.get(table, [])]
                self._count += len(rows)

    def make_room(self, rows: int, seconds: float) -> None:
        """Let as many rows wait as the writer can write soon; a small batch says little about that."""
        if rows >= LEAST_ROOM // 2:
            lately = int(rows / seconds * ROOM_S)
            self._room = min(max((self._room + lately) // 2, LEAST_ROOM), MOST_ROOM)

    def close(self) -> None:
        """Take no more rows; those that are there can still be taken."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _has_room(self) -> bool:
        return self._count < self._room or self._is_stuck() or self._is_closed
