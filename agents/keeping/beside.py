"""What is kept of runs beside the store: paid replies, checkpoints, the queue, words, drafts and files."""

import contextlib
import shutil
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from agents.assistants.files import PART
from agents.running.background import Background
from agents.running.checkpoints import Checkpoints
from agents.running.indexing import Indexer
from storage import backup, removed_files, text_index
from storage.db import Store
from storage.journal import Journal
from storage.sessions import DiskConvenience

STORE = backup.STORE
JOURNAL = backup.JOURNAL
CHECKPOINTS = backup.CHECKPOINTS
ATTACHMENTS = "attachments"
QUEUE = "queue.sqlite"
WORDS = "search.sqlite"
CONVENIENCE = "convenience"
TO_ERASE = ".erase"
"""Lies in the data folder when deleted data is still to leave the files themselves."""
HUNG_ON_RUNS = (
    (JOURNAL, "replies", "run_id"),
    (CHECKPOINTS, "checkpoints", "thread_id"),
    (CHECKPOINTS, "writes", "thread_id"),
)
"""File, table and column that name runs."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Beside:
    """Open stores beside the main one."""

    journal: Journal
    checkpoints: Checkpoints
    background: Background | None
    indexer: Indexer
    convenience: DiskConvenience
    attachments: Path

    def forget(self, run_ids: Sequence[str], attachment_ids: Sequence[str]) -> None:
        """Drop everything about runs, and these files."""
        self.journal.forget(run_ids)
        for run_id in run_ids:
            self.checkpoints.forget(run_id)
        if self.background is not None:
            self.background.drop(run_ids)
        self.indexer.forget(run_ids)
        known = frozenset(run_ids)
        self.convenience.drop_where(lambda key: _tells_of(key, known))
        forget_files(self.attachments, attachment_ids)

    def forget_drafts(self) -> None:
        """Drop every draft and cached reply: whose they are is not known."""
        self.convenience.drop_where(lambda key: True)


def forget_files(folder: Path, attachment_ids: Sequence[str]) -> None:
    """Remove attached files."""
    for attachment_id in attachment_ids:
        (folder / attachment_id).unlink(missing_ok=True)


def sweep(store: Store, folder: Path) -> None:
    """Remove files that were deleted, and halves of files, whose turn was never admitted.

    A whole file that the store does not know stays: the store may have lost its end, or be another one. To be
    called while nothing is admitted.
    """
    removed = removed_files.noted(store)
    gone = [name for name in removed if _is_gone(folder / name)]
    for half in folder.glob(f"*{PART}"):
        _is_gone(half)
    if gone:
        removed_files.forget(store, gone)


def _is_gone(file: Path) -> bool:
    """Whether a file was removed, or never was there."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:  # the next start tries again
        log.warning("a file could not be removed", file=str(file), error=str(error))
        return False
    return True


def mark_for_erasure(data: Path) -> None:
    """Have the next start write the files anew without what was deleted."""
    (data / TO_ERASE).touch(mode=0o600)


def finish_erasure(data: Path) -> str | None:
    """Write the files anew when something deleted is still in them; to be called before any is opened.

    Returns what `erase` does.
    """
    return erase(data) if (data / TO_ERASE).exists() else None


def erase(data: Path) -> str | None:
    """Write every file of a folder that nobody has open anew, so that what was deleted leaves it.

    What hangs on runs that are gone goes with them. What can be made again, or may be lost, is removed: words
    for searching, the queue, drafts; and with them what a restored backup took the place of. Raises as
    `Store.open` does. When records of the store are missing it is put off to the next start, and the sentence
    on them returned: opening the store anew would not tell it again.
    """
    with contextlib.closing(Store.open(data / STORE)) as store:
        if store.gap is not None:
            return store.gap
        _drop_orphans(store, data)
    backup.compact(data / STORE)
    for name in (JOURNAL, CHECKPOINTS):
        backup.vacuum(data / name)
    text_index.erase(data / WORDS)
    for file in data.glob(f"{QUEUE}*"):
        file.unlink()
    for folder in (data / CONVENIENCE, *data.glob(f"{backup.FORMER}*")):
        shutil.rmtree(folder, ignore_errors=True)
    (data / f"{STORE}.compact").unlink(missing_ok=True)
    shutil.rmtree(data / ".restoring", ignore_errors=True)
    (data / TO_ERASE).unlink(missing_ok=True)
    return None


def _drop_orphans(store: Store, data: Path) -> None:
    """Drop replies, checkpoints and files of runs that are gone or have no texts any more."""
    sql = "select run_id as id from runs where texts_removed_at is null and deleted_at is null"
    run_ids = [row["id"] for row in store.read(sql)]
    for name, table, column in HUNG_ON_RUNS:
        if (data / name).exists():
            with contextlib.closing(sqlite3.connect(data / name)) as connection, connection:
                connection.execute("create temp table known (id text primary key)")
                connection.executemany("insert into known values (?)", [(run_id,) for run_id in run_ids])
                connection.execute(f"delete from {table} where {column} not in (select id from known)")
    sweep(store, data / ATTACHMENTS)


def _tells_of(key: str, run_ids: Collection[str]) -> bool:
    """Whether a key of the convenience folder may hold texts of these runs; cached replies name no run."""
    return key.startswith("reply:") or any(part in run_ids for part in key.split(":"))
