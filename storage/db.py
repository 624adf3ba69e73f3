"""One DuckDB file: one writer thread, a cursor per reader.

Four threads updating one row of a DuckDB file lose updates; one writer loses none. What a person must
see as taken goes through `transact` and is on disk when it returns; the rest goes through `append` and
is on disk within `FLUSH_S`.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa
import structlog

from storage import tidying
from storage.buffer import Batch, Buffer
from storage.connecting import ENDED, connect, connect_again
from storage.errors import StoreDamaged, StoreError, StoreLocked, StoreUnwritable
from storage.faults import explained
from storage.gaps import note_cut
from storage.grouping import Job, Transaction, commit_together, each, those_behind
from storage.highwater import HighWater, find_cut, shorten_log
from storage.memory import RunMemory
from storage.migrations import migrate
from storage.rows import KEYS, Connection, Row, insert
from storage.tidying import Tidying
from storage.touched import Touched
from storage.usage import keeping

__all__ = ["KEYS", "Connection", "Row", "Store", "insert"]

T = TypeVar("T")
W = TypeVar("W")

FLUSH_S = 0.2
"""Seconds after which buffered rows are on disk."""
RETRY_S = 1.0
"""Seconds between attempts when a flush fails; the rows stay in memory meanwhile."""
BROKEN = (StoreLocked, StoreDamaged, StoreUnwritable)  # faults of the store itself, not of a record

log = structlog.get_logger()


class Store:
    """Open with `Store.open`; close it to flush and release the file."""

    def __init__(self, connection: Connection, file: Path, gap: str | None = None) -> None:
        self.file = file
        self.gap = gap
        """Sentence on records that were missing when the store was opened; None when all was there."""
        self._high_water = HighWater(file)
        self._connection = connection
        self._tidying = Tidying(file, self._high_water.checkpoint)
        self._has_ended = False
        """Whether DuckDB has, as it does when a checkpoint meets a full disk; the file is whole."""
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._buffer = Buffer(lambda: self.fault is not None)
        self._longest_tail = keeping.TAIL_ROWS
        """Rows that the rollups' tail may have; what an earlier process left there is not known."""
        self._lock = threading.Lock()
        self._closed = False
        self.fault: str | None = None
        """Sentence on why buffered rows are not on disk yet; None when all is well."""
        self.touched = Touched()
        """What has changed, for what is derived from it."""
        self.memory = RunMemory()
        """The runs that were looked at last, as they stand on disk."""
        self._writer = threading.Thread(target=self._write, name="store-writer", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open or create the store.

        Raises StoreLocked, StoreDamaged or StoreUnwritable; the file is then as it was.
        """
        with explained(file):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            cut = find_cut(file)
            connection = connect(file)
            try:
                migrate(connection)
                keeping.ensure(connection)
                gap = None if cut is None else note_cut(connection, file, cut)
                shorten_log(connection, file)
            except BaseException:
                connection.close()
                raise
        return cls(connection, file, gap)

    def transact(
        self,
        work: Callable[[Connection], T],
        then: Callable[[T], object] | None = None,
        run_id: str | None = None,
    ) -> T:
        """Run `work` in a transaction; it is on disk when this returns, undone when it raises.

        Nothing else runs meanwhile. Several may share a commit; when that fails each runs once more.
        `then` is given the result once it is on disk, before anybody is told and in the order of the
        commits; it must not raise. Whoever writes into runs or events keeps `memory` right with it, and
        names the run when it writes to one alone.
        """
        result: T = self._transact(Transaction(each, work, then, run_id))
        return result

    def transact_alike(
        self,
        do: Callable[[Connection, Sequence[W]], Sequence[T]],
        what: W,
        then: Callable[[T], object],
        run_id: str,
    ) -> T:
        """`transact` what many ask for at once, each for a run of its own.

        `do` takes all of those that share a commit, and returns the result of each in their order.
        """
        result: T = self._transact(Transaction(do, what, then, run_id))
        return result

    def _transact(self, transaction: Transaction) -> Any:
        self._submit(transaction)
        return transaction.done.result()

    def append(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows of equal columns soon; one whose key is already there is dropped."""
        self.append_together({table: rows})

    def append_together(self, batch: Batch) -> None:
        """Add rows of several tables soon, all in the same flush; else like `append`."""
        if self._buffer.add(batch):
            self._jobs.put(_nothing)  # wakes the writer, which then sees how many there are

    def flush(self) -> None:
        """Return when everything appended so far is on disk."""
        done: Future[None] = Future()
        self._submit(lambda: _settle(done, self._flush))
        done.result()

    def read(
        self,
        sql: str,
        parameters: Sequence[object] | Mapping[str, object] = (),
        tables: Mapping[str, pa.Table] | None = None,
    ) -> list[Row]:
        """Rows of a query as dictionaries; it may name the `tables` that come with it."""
        with explained(self.file), contextlib.closing(self._connection.cursor()) as cursor:
            for name, table in (tables or {}).items():
                cursor.register(name, table)
            cursor.execute(sql, parameters)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def frame(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> pd.DataFrame:
        """Result of a query as a frame: money as Decimal, whole numbers as Int64, unknown as null."""
        with explained(self.file), contextlib.closing(self._connection.cursor()) as cursor:
            table = cursor.execute(sql, parameters).to_arrow_table()
            frame: pd.DataFrame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        return frame

    def close(self) -> None:
        """Flush and release the file; raises StoreUnwritable when rows could not be written."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._buffer.close()
        self._jobs.put(None)
        self._writer.join()
        with contextlib.suppress(duckdb.Error):  # one that has ended is only released
            tidying.allow(self._connection)
        self._connection.close()
        self._high_water.close()
        if self.fault:
            raise StoreUnwritable(self.fault)

    def _submit(self, job: Job) -> None:
        with self._lock:
            if self._closed:
                raise StoreUnwritable("The store is closed, so nothing was changed. Start Whytree again.")
            self._jobs.put(job)

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
        group, behind = those_behind(first, self._jobs)
        if len(group) > 1 and commit_together(self._connection, group, self.memory, self._high_water.note):
            return behind[0] if behind else _nothing
        for transaction in group:
            _settle(transaction.done, partial(self._alone, transaction))
        return behind[0] if behind else _nothing

    def _alone(self, transaction: Transaction) -> Any:
        def work(connection: Connection) -> Any:
            (result,) = transaction.do(connection, [transaction.what])
            return result

        return self._transaction(work, transaction.then)

    def _next_job(self, due: float) -> Job | None:
        """The next job; one that does nothing when none came until it is time to flush."""
        try:
            return self._jobs.get(timeout=max(due - time.monotonic(), 0))
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
            log.error("flush failed", file=str(self.file), error=str(error))
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
                f"The latest records could not be written to {self.file} and are kept in memory: {error}"
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
            log.error("rollups were not merged", file=str(self.file), error=str(error))

    def _tidy(self) -> None:
        """Put the pieces of the tables together when nobody waits."""
        mark = self._high_water
        if self.fault is not None or not self._tidying.is_due(mark.checkpoint, mark.log_bytes):
            return
        try:
            self._tidying.tidy(self._connection, mark.checkpoint)
        except duckdb.Error as error:
            self._has_ended = isinstance(error, ENDED)
            log.error("the store was not tidied", file=str(self.file), error=str(error))
        mark.note()

    def _reopen(self) -> None:
        """Open the file again after DuckDB has ended; raises StoreError while that cannot be."""
        with explained(self.file):
            connection = connect_again(self._connection, self.file)
        self._connection, self._has_ended, self.fault = connection, False, None
        self.memory.forget_all()  # DuckDB may have ended in the middle of a commit
        self._high_water.note()
        log.warning("the store was opened again", file=str(self.file))

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
        with explained(self.file):
            self._connection.execute("begin")
            self.memory.begin()
            try:
                result = work(self._connection)
                self._connection.execute("commit")
                self._high_water.note()
            except BaseException as error:
                self._has_ended = self._has_ended or isinstance(error, ENDED)
                with contextlib.suppress(duckdb.Error):  # a failed commit has already rolled back
                    self._connection.execute("rollback")
                raise
        if then is not None:
            then(result)
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
