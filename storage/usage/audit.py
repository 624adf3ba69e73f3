"""Who changed a limit, a rate or an alert: append-only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from storage.clock import new_id, now
from storage.rows import Row

if TYPE_CHECKING:
    from storage.db import Store


@dataclass(frozen=True)
class AuditEvent:
    """One thing that somebody did."""

    event_id: str
    actor: str
    """The user's id, or `whytree` for what happened by itself."""
    action: str
    subject: str
    """What it was done to."""
    data: dict[str, Any]
    occurred_at: datetime


def event(actor: str, action: str, subject: str, data: Mapping[str, Any]) -> Row:
    """The row of something done; it goes into the transaction that does it."""
    return {
        "event_id": new_id(),
        "actor": actor,
        "action": action,
        "subject": subject,
        "data": json.dumps(data, ensure_ascii=False),
        "occurred_at": now(),
    }


def latest(store: "Store", limit: int = 100) -> list[AuditEvent]:
    """What was done, newest first."""
    sql = "select * from audit_events order by occurred_at desc, event_id desc limit ?"
    return [_read(row) for row in store.read(sql, [limit])]


def last(store: "Store", actions: Sequence[str]) -> AuditEvent | None:
    """The newest of these actions; None when there was none."""
    sql = """
        select * from audit_events where action in (select unnest(?::varchar[])) order by rowid desc limit 1
    """
    return next((_read(row) for row in store.read(sql, [list(actions)])), None)


def _read(row: Row) -> AuditEvent:
    return AuditEvent(**{**row, "data": json.loads(row["data"])})
