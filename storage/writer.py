"""The one thread that writes a store: transactions as they come, buffered rows when it is time."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import structlog

from storage import tidying
from storage.buffer import Batch, Buffer
from storage.connecting import ENDED, connect_again
from storage.errors import StoreDamaged, StoreError, StoreLocked, StoreUnwritable
from storage.faults import explained
from storage.grouping import Job, Transaction, commit_together, follow, those_behind
from storage.highwater import HighWater
from storage.memory import RunMemory
from storage.rows import Connection, insert
from storage.tidying import Tidying
from storage.usage import keeping

T = TypeVar("T")

FLUSH_S = 0.2
"""Seconds after which buffered rows are on disk."""
RETRY_S = 1.0
"""Seconds between attempts when a flush fails; the rows stay in memory meanwhile."""
BROKEN = (StoreLocked, StoreDamaged, StoreUnwritable)  # faults of the store itself, not of a record

log = structlog.get_logger()


class Writer:
    """Owns the connection; begins with `Writer(...)` and ends with `close`."""

    def __init__(self, connection: Connection, file: Path, memory: RunMemory) -> None:
        self.connection = connection
        """Whoever reads takes a cursor of it; another one when DuckDB had to be opened again."""
        self.fault: str | None = None
        """Sentence on why buffered rows are not on disk yet; None when all is well."""
        self.high_water = HighWater(file)
        self._file = file
        self._memory = memory
        self._tidying = Tidying(file, self.high_water.checkpoint)
        self._has_ended = False
        """Whether DuckDB has, as it does when a checkpoint meets a full disk; the file is whole."""
        self.jobs: queue.Queue[Job | None] = queue.Queue()
        self._buffer = Buffer(lambda: self.fault is not None)
        self._longest_tail = keeping.TAIL_ROWS
        """Rows that the rollups' tail may have; what an earlier process left there is not known."""
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Let the thread do something; StoreUnwritable when the store is closed."""
        with self._lock:
            if self._closed:
                raise StoreUnwritable("The store is closed, so nothing was changed. Start Whytree again.")
            self.jobs.put(job)

    def append(self, batch: Batch) -> None:
        """Add rows to those that the next flush writes."""
        if self._buffer.add(batch):
            self.jobs.put(_nothing)  # wakes the writer, which then sees how many there are

    def flush(self) -> None:
        """Return when everything appended so far is on disk."""
        done: Future[None] = Future()
        self.submit(lambda: _settle(done, self._flush))
        done.result()

    def close(self) -> None:
        """Flush and release the file; raises StoreUnwritable when rows could not be written."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._buffer.close()
        self.jobs.put(None)
        self._thread.join()
        with contextlib.suppress(duckdb.Error):  # one that has ended is only released
            tidying.allow(self.connection)
        self.connection.close()
        self.high_water.close()
        if self.fault:
            raise StoreUnwritable(self.fault)

    def _write(self) -> None:
        """Do jobs as they come, and flush when it is time or when many rows wait."""
        due = time.monotonic() + FLUSH_S
        while (job := self._next_job(due)) is not None:
            if job is not _nothing:
                self._tidying.worked()
            if isinstance(job, Transaction):
                job = self._do_group(job)
                if job is None:
                    break
            job()
            if time.monotonic() >= due or (self._buffer.are_many and self.fault is None):
                due = self._try_flush() + time.monotonic()
                self._tidy()
        self._try_flush()

    def _do_group(self, first: Transaction) -> Callable[[], None] | None:
        """Do a transaction and those behind it; returns the job that follows them."""
        group, behind = those_behind(first, self.jobs)
        if len(group) > 1 and commit_together(self.connection, group, self._memory, self.high_water.note):
            return behind[0] if behind else _nothing
        for transaction in group:
            _settle(transaction.done, partial(self._alone, transaction))
        return behind[0] if behind else _nothing

    def _alone(self, transaction: Transaction) -> Any:
        def work(connection: Connection) -> Any:
            (result,) = transaction.do(connection, [transaction.what])
            self._memory.under_way(transaction.concerns)
            return result

        return self._transaction(work, transaction.then)

    def _next_job(self, due: float) -> Job | None:
        """The next job; one that does nothing when none came until it is time to flush."""
        try:
            return self.jobs.get(timeout=max(due - time.monotonic(), 0))
        except queue.Empty:
            return _nothing

    def _try_flush(self) -> float:
        """Flush; returns the seconds until the next attempt."""
        try:
            if self._has_ended:
                self._reopen()
            self._flush()
        except StoreError as error:
            self.fault = str(error)
            log.error("flush failed", file=str(self._file), error=str(error))
            return RETRY_S
        return FLUSH_S

    def _flush(self) -> None:
        batch = self._buffer.take()
        if not batch:
            return
        self._tidying.worked()
        start = time.monotonic()
        try:
            self._transaction(lambda connection: _insert_all(connection, batch))
        except BROKEN as error:
            self._buffer.put_back(batch)
            raise StoreUnwritable(
                f"The latest records could not be written to {self._file} and are kept in memory: {error}"
            ) from error
        except Exception:  # noqa: BLE001 - one record that cannot be stored must not hold up the others
            self._flush_singly(batch)
        self.fault = None
        written = sum(map(len, batch.values()))
        self._merge_rollups(written)
        self._buffer.make_room(written, time.monotonic() - start)

    def _merge_rollups(self, written: int) -> None:
        """Merge the rollups' tail when it may be long; a failure costs speed alone, so it is only logged."""
        self._longest_tail += written
        if self._longest_tail <= keeping.TAIL_ROWS:
            return
        try:
            self._longest_tail = self._transaction(partial(keeping.merge, longest_tail=keeping.TAIL_ROWS))
        except StoreError as error:
            log.error("rollups were not merged", file=str(self._file), error=str(error))

    def _tidy(self) -> None:
        """Put the pieces of the tables together when nobody waits."""
        mark = self.high_water
        if self.fault is not None or not self._tidying.is_due(mark.checkpoint, mark.log_bytes):
            return
        try:
            self._tidying.tidy(self.connection, mark.checkpoint)
        except duckdb.Error as error:
            self._has_ended = isinstance(error, ENDED)
            log.error("the store was not tidied", file=str(self._file), error=str(error))
        mark.note()

    def _reopen(self) -> None:
        """Open the file again after DuckDB has ended; raises StoreError while that cannot be."""
        with explained(self._file):
            connection = connect_again(self.connection, self._file)
        self._memory.forget_all()  # DuckDB may have ended in the middle of a commit
        self.connection, self._has_ended, self.fault = connection, False, None
        self.high_water.note()
        log.warning("the store was opened again", file=str(self._file))

    def _flush_singly(self, batch: Batch) -> None:
        """Store each row on its own; raises StoreError naming those that the tables refuse."""
        refused = []
        for table, rows in batch.items():
            for row in rows:
                try:
                    self._transaction(partial(insert, table=table, rows=[row]))
                except BROKEN:
                    self._buffer.put_back({table: [row]})
                except Exception as error:  # noqa: BLE001 - told below
                    refused.append(f"{table}: {error}")
        if refused:
            raise StoreError(
                f"{len(refused)} of the latest records cannot be stored and are lost ({refused[0]}). "
                f"All others are safe: report this."
            )

    def _transaction(self, work: Callable[[Connection], T], then: Callable[[T], object] | None = None) -> T:
        try:
            result = self._committed(work)
            follow(then, result, self._memory)
        finally:
            self._memory.settled()
        return result

    def _committed(self, work: Callable[[Connection], T]) -> T:
        with explained(self._file):
            try:
                self.connection.execute("begin")
                result = work(self.connection)
                self.connection.execute("commit")
                self.high_water.note()
            except BaseException as error:
                self._has_ended = self._has_ended or isinstance(error, ENDED)
                with contextlib.suppress(duckdb.Error):  # a failed commit has already rolled back
                    self.connection.execute("rollback")
                raise
        return result


def _insert_all(connection: Connection, batch: Batch) -> None:
    for table, rows in batch.items():
        insert(connection, table, rows)


def _nothing() -> None:
    """A job that only lets the writer look around."""


def _settle(done: "Future[T]", work: Callable[[], T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - handed to the caller, who waits for it
        done.set_exception(error)
