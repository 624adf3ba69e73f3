"""LangGraph's SQLite saver with commits shared between runs that write at once.

A checkpoint is on disk when `put` returns, as before; but two hundred runs that step together wait for a
dozen commits instead of two hundred.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # read when LangGraph is imported

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver


class Commits:
    """What was written through one connection, and how much of it is on disk."""

    def __init__(self, connection: sqlite3.Connection, lock: threading.Lock) -> None:
        self._connection = connection
        self._lock = lock
        self._committing = threading.Lock()
        self._written = 0
        self._committed = 0
        self._lost: set[int] = set()
        """Writes that a commit took back which somebody else made; whoever waits for them is told."""

    def note(self) -> int:
        """Number of what was just written, to be called under the lock."""
        self._written += 1
        return self._written

    def commit(self, mine: int) -> None:
        """Return when write number `mine` is on disk; raises sqlite3.Error when it was taken back."""
        with self._committing:
            if mine in self._lost:
                self._lost.discard(mine)
                raise sqlite3.OperationalError("the commit that it was part of failed")
            if self._committed < mine:
                with self._lock:
                    self._commit(mine)

    def _commit(self, mine: int) -> None:
        try:
            self._connection.commit()
        except sqlite3.Error:  # SQLite takes back what all of them wrote
            self._lost.update(set(range(self._committed + 1, self._written + 1)) - {mine})
            self._connection.rollback()
            raise
        self._committed = self._written


class SharedCommits(SqliteSaver):
    """Whoever commits takes along what others have written and not committed yet.

    LangGraph makes shallow copies of a saver, one per graph; they share the counting.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
        self.commits = Commits(connection, self.lock)

    @contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        """A cursor; with `transaction` what was written is on disk when the block ends."""
        with self.lock:
            self.setup()
            with closing(self.conn.cursor()) as cursor:
                try:
                    yield cursor
                finally:
                    mine = self.commits.note()
        if transaction:
            self.commits.commit(mine)
