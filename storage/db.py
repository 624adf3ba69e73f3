"""One DuckDB file: one writer thread, a cursor per reader.

Four threads updating one row of a DuckDB file lose updates; one writer loses none. What a person must
see as taken goes through `transact` and is on disk when it returns; the rest goes through `append` and
is on disk within `writer.FLUSH_S`.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import pandas as pd
import pyarrow as pa

from storage.buffer import Batch
from storage.connecting import connect
from storage.faults import explained
from storage.gaps import note_cut
from storage.grouping import Transaction, each
from storage.highwater import find_cut, shorten_log
from storage.memory import RunMemory
from storage.migrations import migrate
from storage.rows import KEYS, Connection, Row, insert
from storage.touched import Touched
from storage.usage import keeping
from storage.writer import Writer

__all__ = ["KEYS", "Connection", "Row", "Store", "insert"]

T = TypeVar("T")
W = TypeVar("W")


class Store:
    """Open with `Store.open`; close it to flush and release the file."""

    def __init__(self, connection: Connection, file: Path, gap: str | None = None) -> None:
        self.file = file
        self.gap = gap
        """Sentence on records that were missing when the store was opened; None when all was there."""
        self.touched = Touched()
        """What has changed, for what is derived from it."""
        self.memory = RunMemory()
        """The runs that were looked at last, as they stand on disk."""
        self._writer = Writer(connection, file, self.memory)

    @property
    def fault(self) -> str | None:
        """Sentence on why buffered rows are not on disk yet; None when all is well."""
        return self._writer.fault

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
    ) -> T:
        """Run `work` in a transaction; it is on disk when this returns, undone when it raises.

        Nothing else runs meanwhile. Several may share a commit; when that fails each runs once more.
        `then` is given the result once it is on disk, before anybody is told and in the order of the
        commits. Whoever writes into runs or events that may be known keeps `memory` right with it.
        """
        result: T = self._transact(Transaction(each, work, then))
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
        self._writer.submit(transaction)
        return transaction.done.result()

    def append(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows of equal columns soon; one whose key is already there is dropped."""
        self.append_together({table: rows})

    def append_together(self, batch: Batch) -> None:
        """Add rows of several tables soon, all in the same flush; else like `append`."""
        self._writer.append(batch)

    def flush(self) -> None:
        """Return when everything appended so far is on disk."""
        self._writer.flush()

    def read(
        self,
        sql: str,
        parameters: Sequence[object] | Mapping[str, object] = (),
        tables: Mapping[str, pa.Table] | None = None,
    ) -> list[Row]:
        """Rows of a query as dictionaries; it may name the `tables` that come with it."""
        with explained(self.file), contextlib.closing(self._writer.connection.cursor()) as cursor:
            for name, table in (tables or {}).items():
                cursor.register(name, table)
            cursor.execute(sql, parameters)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def frame(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> pd.DataFrame:
        """Result of a query as a frame: money as Decimal, whole numbers as Int64, unknown as null."""
        with explained(self.file), contextlib.closing(self._writer.connection.cursor()) as cursor:
            table = cursor.execute(sql, parameters).to_arrow_table()
            frame: pd.DataFrame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        return frame

    def close(self) -> None:
        """Flush and release the file; raises StoreUnwritable when rows could not be written."""
        self._writer.close()
