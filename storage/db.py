"""One DuckDB file: one writer thread, a cursor per reader.

Four threads updating one row of a DuckDB file lose updates; one writer loses none. What a person must
see as taken goes through `transact` and is on disk when it returns; the rest goes through `append` and
is on disk within `FLUSH_S`.
"""

import contextlib
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import duckdb
import pandas as pd
import structlog

from storage.errors import StoreDamaged, StoreError, StoreLocked, StoreUnwritable
from storage.faults import check_log, explained
from storage.migrations import migrate

T = TypeVar("T")
Connection = duckdb.DuckDBPyConnection
Row = dict[str, Any]

FLUSH_S = 0.15
"""Seconds after which buffered rows are on disk."""
RETRY_S = 1.0
"""Seconds between attempts when a flush fails; the rows stay in memory meanwhile."""
KEYS: Mapping[str, tuple[str, ...]] = {
    "budget_events": ("event_id",),
    "budgets": ("budget_id",),
    "call_texts": ("call_id",),
    "calls": ("idempotency_key",),
    "events": ("run_id", "seq"),
    "playbooks": ("playbook_hash",),
    "provider_events": ("event_id",),
    "trees": ("run_id", "version"),
}
"""Key by which a row is inserted if absent; a table that is not named takes every row."""

ROWS_AT_ONCE = 500
"""Rows of one insert statement."""
PLAIN: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
"""Nothing is fetched or loaded to open a file: DuckDB would for a file of another kind."""
BROKEN = (StoreLocked, StoreDamaged, StoreUnwritable)
"""Faults of the store itself, not of a record."""

log = structlog.get_logger()


class Store:
    """Open with `Store.open`; close it to flush and release the file."""

    def __init__(self, connection: Connection, file: Path) -> None:
        self.file = file
        self._connection = connection
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._buffer: dict[str, list[Row]] = {}
        self._lock = threading.Lock()
        self._closed = False
        self.fault: str | None = None
        """Sentence on why buffered rows are not on disk yet; None when all is well."""
        self._writer = threading.Thread(target=self._write, name="store-writer", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open or create the store.

        Raises StoreLocked, StoreDamaged or StoreUnwritable; the file is then as it was.
        """
        with explained(file):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            check_log(file)
            connection = duckdb.connect(str(file), config=PLAIN)
            try:
                migrate(connection)
            except BaseException:
                connection.close()
                raise
        return cls(connection, file)

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` alone in one transaction; it is on disk when this returns, undone when it raises."""
        done: Future[T] = Future()
        self._submit(lambda: _settle(done, lambda: self._transaction(work)))
        return done.result()

    def append(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows of equal columns soon; one whose key is already there is dropped."""
        with self._lock:
            if self._closed:
                raise StoreUnwritable(
                    "The store is closed, so nothing more can be recorded. Start Whytree again."
                )
            self._buffer.setdefault(table, []).extend(rows)

    def flush(self) -> None:
        """Return when everything appended so far is on disk."""
        done: Future[None] = Future()
        self._submit(lambda: _settle(done, self._flush))
        done.result()

    def read(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
        """Rows of a query as dictionaries."""
        with explained(self.file), contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(sql, parameters)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def frame(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> pd.DataFrame:
        """Result of a query as a frame."""
        with explained(self.file), contextlib.closing(self._connection.cursor()) as cursor:
            return cursor.execute(sql, parameters).df()

    def close(self) -> None:
        """Flush and release the file; raises StoreUnwritable when rows could not be written."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._jobs.put(None)
        self._writer.join()
        self._connection.close()
        if self.fault:
            raise StoreUnwritable(self.fault)

    def _submit(self, job: Callable[[], None]) -> None:
        with self._lock:
            if self._closed:
                raise StoreUnwritable("The store is closed, so nothing was changed. Start Whytree again.")
            self._jobs.put(job)

    def _write(self) -> None:
        wait = FLUSH_S
        while True:
            try:
                job = self._jobs.get(timeout=wait)
            except queue.Empty:
                wait = self._try_flush()
                continue
            if job is None:
                self._try_flush()
                return
            job()
            wait = FLUSH_S

    def _try_flush(self) -> float:
        """Flush; returns the seconds until the next attempt."""
        try:
            self._flush()
        except StoreError as error:
            self.fault = str(error)
            log.error("flush failed", file=str(self.file), error=str(error))
            return RETRY_S
        return FLUSH_S

    def _flush(self) -> None:
        with self._lock:
            batch, self._buffer = self._buffer, {}
        if not batch:
            return
        try:
            self._transaction(lambda connection: _insert_all(connection, batch))
        except BROKEN as error:
            self._put_back(batch)
            raise StoreUnwritable(
                f"The latest records could not be written to {self.file} and are kept in memory: {error}"
            ) from error
        except Exception:  # noqa: BLE001 - one record that cannot be stored must not hold up the others
            self._flush_singly(batch)
        self.fault = None

    def _flush_singly(self, batch: Mapping[str, Sequence[Row]]) -> None:
        """Store each row on its own; raises StoreError naming those that the tables refuse."""
        refused = []
        for table, rows in batch.items():
            for row in rows:
                try:
                    self._transaction(partial(insert, table=table, rows=[row]))
                except BROKEN:
                    self._put_back({table: [row]})
                except Exception as error:  # noqa: BLE001 - told below
                    refused.append(f"{table}: {error}")
        if refused:
            raise StoreError(
                f"{len(refused)} of the latest records cannot be stored and are lost ({refused[0]}). "
                f"All others are safe: report this."
            )

    def _put_back(self, batch: Mapping[str, Sequence[Row]]) -> None:
        with self._lock:
            for table, rows in batch.items():
                self._buffer[table] = [*rows, *self._buffer.get(table, [])]

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        with explained(self.file):
            self._connection.execute("begin")
            try:
                result = work(self._connection)
                self._connection.execute("commit")
            except BaseException:
                with contextlib.suppress(duckdb.Error):  # a failed commit has already rolled back
                    self._connection.execute("rollback")
                raise
        return result


def insert(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows of equal columns; those whose key is already there, or repeated, are dropped."""
    key = KEYS.get(table, ())
    if key:
        rows = list({tuple(row[column] for column in key): row for row in reversed(rows)}.values())[::-1]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        _insert_some(connection, table, rows[start : start + ROWS_AT_ONCE], key)


def _insert_some(connection: Connection, table: str, rows: Sequence[Row], key: Sequence[str]) -> None:
    columns = list(rows[0])
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError("rows of one insert need equal columns")
    names = ", ".join(columns)
    one = f"({', '.join('?' for _ in columns)})"
    values = ", ".join(one for _ in rows)
    sql = f"insert into {table} ({names}) select * from (values {values}) as new ({names})"
    if key:
        same = " and ".join(f"old.{column} = new.{column}" for column in key)
        sql += f" where not exists (select 1 from {table} as old where {same})"
    connection.execute(sql, [row[column] for row in rows for column in columns])


def _insert_all(connection: Connection, batch: Mapping[str, Sequence[Row]]) -> None:
    for table, rows in batch.items():
        insert(connection, table, rows)


def _settle(done: "Future[T]", work: Callable[[], T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - handed to the caller, who waits for it
        done.set_exception(error)
