"""Replies that were paid for, kept before they are used (one small SQLite file).

A step that was in flight when the process died runs again; it finds its paid replies here instead of
paying twice. Every write is on disk when it returns. Values are JSON text.
"""

import sqlite3
import threading
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from storage.errors import StoreDamaged, StoreUnwritable

LOG_PAGES = 200
"""Pages after which the log is written over from its start; a commit that grows no file takes about a quarter
less time to reach the disk.
"""
SCHEMA = """
create table if not exists replies (
    run_id text not null,
    node text not null,
    call text not null,
    attempt_no integer not null,
    value text not null,
    primary key (run_id, node, call, attempt_no)
) without rowid
"""


class Journal:
    """Open with `Journal.open`; safe to share between threads."""

    def __init__(self, connection: sqlite3.Connection, file: Path) -> None:
        self.file = file
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open or create the journal; raises StoreUnwritable or StoreDamaged."""
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            try:
                connection.execute("pragma journal_mode = wal")
                connection.execute("pragma synchronous = full")
                connection.execute(f"pragma wal_autocheckpoint = {LOG_PAGES}")
                connection.execute(SCHEMA)
            except BaseException:
                connection.close()
                raise
            file.chmod(0o600)
        except (OSError, sqlite3.OperationalError) as error:
            raise StoreUnwritable(
                f"The journal {file} cannot be written ({error}). Nothing was changed: "
                f"free space or correct the folder's permissions, then try again."
            ) from error
        except sqlite3.DatabaseError as error:
            raise StoreDamaged(
                f"The journal {file} cannot be read ({error}). The file was left as it is: "
                f"move it away to start with an empty journal."
            ) from error
        return cls(connection, file)

    def keep(self, run_id: str, node: str, call: str, attempt_no: int, value: str) -> None:
        """Put a paid reply on disk; one that is already there stays as it is."""
        sql = "insert or ignore into replies values (?, ?, ?, ?, ?)"
        try:
            with self._lock:
                self._connection.execute(sql, (run_id, node, call, attempt_no, value))
        except sqlite3.Error as error:
            raise StoreUnwritable(
                f"A paid reply could not be kept in {self.file} ({error}), so the step was stopped before "
                f"using it. Free space or correct the folder's permissions, then resume the run."
            ) from error

    def entries(self, run_id: str, node: str, call: str) -> list[tuple[int, str]]:
        """Paid replies of one call as (attempt number, value), oldest first."""
        sql = (
            "select attempt_no, value from replies where run_id = ? and node = ? and call = ? "
            "order by attempt_no"
        )
        return [(number, value) for number, value in self._rows(sql, (run_id, node, call))]

    def values(self) -> list[str]:
        """Every value, to rebuild rows that were not flushed before a crash."""
        return [value for (value,) in self._rows("select value from replies", ())]

    def run_ids(self) -> list[str]:
        """Runs that have replies here."""
        return [run_id for (run_id,) in self._rows("select distinct run_id from replies", ())]

    def forget(self, run_ids: Iterable[str]) -> None:
        """Drop the replies of runs that have ended."""
        with self._lock:
            self._connection.executemany(
                "delete from replies where run_id = ?", [(run_id,) for run_id in run_ids]
            )

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._connection.close()

    def _rows(self, sql: str, parameters: tuple[str, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._lock, closing(self._connection.execute(sql, parameters)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as error:
            raise StoreDamaged(
                f"The journal {self.file} cannot be read ({error}). The file was left as it is: "
                f"move it away to start with an empty journal."
            ) from error
