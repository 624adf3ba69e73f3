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


class SharedCommits(SqliteSaver):
    """Whoever commits takes along what others have written and not committed yet."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
        self._committing = threading.Lock()
        self._written = 0
        self._committed = 0

    @contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        """A cursor; with `transaction` what was written is on disk when the block ends."""
        with self.lock:
            self.setup()
            with closing(self.conn.cursor()) as cursor:
                try:
                    yield cursor
                finally:
                    self._written += 1
                    mine = self._written
        if transaction:
            self._commit(mine)

    def _commit(self, mine: int) -> None:
        with self._committing:
            if self._committed >= mine:
                return
            with self.lock:
                written = self._written
                self.conn.commit()
                self._committed = written
