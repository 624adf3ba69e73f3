"""Several transactions with one commit: a commit costs the same for one as for thirty."""

import contextlib
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import duckdb
import structlog

from storage.memory import RunMemory

Connection = duckdb.DuckDBPyConnection
Do = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""What several transactions do together: from what each asks for to the result of each."""
Then = Callable[[Any], object]
TOGETHER = 32
"""Transactions of one commit."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Transaction:
    """What somebody asks for; it is on disk when `done` has its result."""

    do: Do
    what: Any
    then: Then | None = None
    """Given the result once it is on disk, before anybody is told: keeps memory right."""
    run_id: str | None = None
    """The one run whose row and events it writes; None: with `then` it may write to any, else to none."""
    done: "Future[Any]" = field(default_factory=Future)

    @property
    def concerns(self) -> tuple[str | None, ...]:
        """Runs of which memory is to know nothing until `then` was called; None: all."""
        return () if self.then is None else (self.run_id,)


Job = Transaction | Callable[[], None]


def each(connection: Connection, works: Sequence[Callable[[Connection], Any]]) -> Sequence[Any]:
    """Do works of any kind, one after the other."""
    return [work(connection) for work in works]


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
    """Do all and commit once, then call `committed` before anybody is told.

    They were asked for at the same time, so that any order is right: those that are alike are done at once.
    False, with nothing changed and nobody told, when anything went wrong.
    """
    results: list[tuple[Transaction, Any]] = []
    try:
        connection.execute("begin")
        for alike in _alike(group):
            found = alike[0].do(connection, [transaction.what for transaction in alike])
            results += zip(alike, found, strict=True)
            memory.under_way(run_id for transaction in alike for run_id in transaction.concerns)
        connection.execute("commit")
    except BaseException:  # noqa: BLE001 - whose fault it was shows when each runs on its own
        with contextlib.suppress(duckdb.Error):  # a failed commit has already rolled back
            connection.execute("rollback")
        memory.settled()
        return False
    committed()
    for transaction, result in results:
        follow(transaction.then, result, memory)
    memory.settled()
    for transaction, result in results:
        transaction.done.set_result(result)
    return True


def follow(then: Then | None, result: Any, memory: RunMemory) -> None:
    """Let memory follow what is on disk; where it cannot it is emptied, since nothing is taken back now."""
    if then is None:
        return
    try:
        then(result)
    except Exception as error:  # noqa: BLE001 - whoever waits is told of the disk, and the writer goes on
        memory.forget_all()
        log.error("what is remembered of runs could not be kept up, so it is read anew", reason=repr(error))


def _alike(group: Sequence[Transaction]) -> list[list[Transaction]]:
    """Those that do the same to different runs together, every other one alone."""
    alone: list[list[Transaction]] = []
    together: dict[Do, dict[str, Transaction]] = {}
    for transaction in group:
        same = together.setdefault(transaction.do, {})
        if transaction.run_id is None or transaction.run_id in same:
            alone.append([transaction])
        else:
            same[transaction.run_id] = transaction
    return [*(list(same.values()) for same in together.values() if same), *alone]
