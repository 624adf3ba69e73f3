"""Versions of problem trees; a version is never changed, an edit adds one."""

from dataclasses import asdict, dataclass
from datetime import datetime

from storage.clock import now
from storage.db import Row, Store


@dataclass(frozen=True)
class TreeVersion:
    """One version of the tree of a run."""

    run_id: str
    version: int
    """1, 2, 3 ... within the run."""
    author: str
    """`engine`, `model`, or the id of a person."""
    note: str
    """What was done."""
    document: str
    """The tree as JSON."""
    created_at: datetime


def row(run_id: str, version: int, author: str, note: str, document: str) -> Row:
    """The row of a new version; it is inserted in one transaction with the event that tells of it."""
    return asdict(TreeVersion(run_id, version, author, note, document, now()))


def find(store: Store, run_id: str, version: int) -> TreeVersion | None:
    """One version, or None."""
    rows = store.read("select * from trees where run_id = ? and version = ?", [run_id, version])
    return TreeVersion(**rows[0]) if rows else None


def history(store: Store, run_id: str) -> list[TreeVersion]:
    """All versions, oldest first."""
    rows = store.read("select * from trees where run_id = ? order by version", [run_id])
    return [TreeVersion(**row) for row in rows]
