"""The pieces that rows are stored in are put together while nobody waits for the writer.

A checkpoint makes a small piece of the latest rows of each table. DuckDB would put pieces together in
the same moment, which is in the middle of a commit: for a few thousand new rows it packs a hundred
thousand old ones again, and takes up to seconds.
"""

import time

import duckdb
import structlog

AT_ONCE = 8
"""So many times up to three pieces become fewer, when nobody waits."""
PLAIN = {"max_vacuum_tasks": 0}
"""How to open a store: no pieces are put together."""
QUIET_S = 2.0
"""Seconds without work after which nobody waits."""
CHECKPOINTS = 4
"""So many make it worth while."""

log = structlog.get_logger()


class Tidying:
    """What the writer does when it has nothing to do."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, checkpoint: int) -> None:
        self._connection = connection
        self._tidied = checkpoint
        self._worked = time.monotonic()

    def worked(self) -> None:
        """The writer had something to do."""
        self._worked = time.monotonic()

    def is_due(self, checkpoint: int, log_bytes: int) -> bool:
        """Whether nobody waits and it is worth while.

        `checkpoint` is the number of the last one; DuckDB makes none while the log is empty.
        """
        is_quiet = time.monotonic() - self._worked >= QUIET_S
        return is_quiet and log_bytes > 0 and checkpoint - self._tidied >= CHECKPOINTS

    def tidy(self, checkpoint: int) -> None:
        """Put pieces together; what cannot be done now, as on a full disk, can be done later."""
        self._tidied = checkpoint + 1
        try:
            allow(self._connection)
            self._connection.execute("checkpoint")
        except duckdb.Error as error:
            log.warning("the store was not tidied", reason=str(error))
        finally:
            self._connection.execute(f"set max_vacuum_tasks = {PLAIN['max_vacuum_tasks']}")


def allow(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the next checkpoint put pieces together."""
    connection.execute(f"set max_vacuum_tasks = {AT_ONCE}")
