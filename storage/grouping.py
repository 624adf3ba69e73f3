"""Several transactions with one commit: a commit costs the same for one as for thirty."""

import contextlib
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import duckdb

from storage.memory import RunMemory

Connection = duckdb.DuckDBPyConnection
Work = Callable[[Connection], Any]
Then = Callable[[Any], object]
TOGETHER = 32
"""Transactions of one commit."""


@dataclass(frozen=True)
class Transaction:
    """Work that is on disk when `done` has its result."""

    work: Work
    then: Then | None = None
    """Given the work's result once it is on disk, before anybody is told; never raises."""
    run_id: str | None = None
    """The one run whose row and events it writes; None: it may write to any."""
    done: "Future[Any]" = field(default_factory=Future)


Job = Transaction | Callable[[], None]


def those_behind(first: Transaction, jobs: "queue.Queue[Job | None]") -> tuple[list[Transaction], list[Any]]:
    """The transactions that wait right behind one, and what ended their row: one other job, or nothing."""
    found = [first]
    while len(found) < TOGETHER:
        try:
            job = jobs.get_nowait()
        except queue.Empty:
            break
        if not isinstance(job, Transaction):
            return found, [job]
        found.append(job)
    return found, []


def commit_together(
    connection: Connection,
    group: Sequence[Transaction],
    memory: RunMemory,
    committed: Callable[[], None],
) -> bool:
    """Run all and commit once, then call `committed` before anybody is told.

    False, with nothing changed and nobody told, when anything went wrong.
    """
    try:
        connection.execute("begin")
        memory.begin()
        results = [_done(transaction, connection, memory) for transaction in group]
        connection.execute("commit")
    except BaseException:  # noqa: BLE001 - whose fault it was shows when each runs on its own
        with contextlib.suppress(duckdb.Error):  # a failed commit has already rolled back
            connection.execute("rollback")
        return False
    committed()
    for transaction, result in zip(group, results, strict=True):
        if transaction.then is not None:
            transaction.then(result)
        transaction.done.set_result(result)
    return True


def _done(transaction: Transaction, connection: Connection, memory: RunMemory) -> object:
    result = transaction.work(connection)
    memory.under_way(transaction.run_id)
    return result
