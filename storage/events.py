"""What has happened in a run, and where it stands: numbered events, and the state that each leaves it in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from storage.clock import now
from storage.db import Connection, Row, Store, insert

Status = Literal["queued", "running", "waiting", "completed", "failed", "cancelled"]
AT_WORK: tuple[Status, ...] = ("queued", "running")
"""States in which it is the tool's turn."""
HELD = "held"
"""Kind of the event with which a run begins to wait for what its step needs; its data holds the sentence."""
TOOLS_OWN = ("running", "retried", "recovered")
"""Kinds of events with which the tool itself sets a run to work; any other is a person's."""
FEW = 100
"""Up to so many events it is faster to name each value in the statement."""
NewEvent = tuple[str, dict[str, Any]]
"""Kind and data of an event that is still to be numbered."""


@dataclass(frozen=True)
class Event:
    """One thing that happened in a run; a screen is a fold over these."""

    run_id: str
    seq: int
    """1, 2, 3 ... within the run, without gaps."""
    kind: str
    occurred_at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    status: Status | None = None
    """The state that whoever added the event set, also where the run had it already; None: left as it was."""


@dataclass(frozen=True)
class Standing:
    """Where a run stands at one moment."""

    status: Status | None
    """None when there is no such run."""
    last: int
    """Number of its last event; 0 without any."""
    woken: int
    """Number of the last event with which a person set it to work; 0 when nobody did."""

    @property
    def is_at_work(self) -> bool:
        """Whether it is the tool's turn."""
        return self.status in AT_WORK


def status(store: Store, run_id: str) -> Status | None:
    """The run's status; None when there is no such run."""
    if (run := store.memory.of(run_id).run) is not None:
        return run.status
    rows = store.read("select status from runs where run_id = ?", [run_id])
    return rows[0]["status"] if rows else None


def standing(store: Store, run_id: str) -> Standing:
    """Where a run stands."""
    known = store.memory.of(run_id)
    if known.run is not None and known.events:
        return _standing_after(known.run.status, known.events)
    rows = store.read(STANDING, [run_id])
    return _standing_of(tuple(rows[0].values()) if rows else None)


def events(store: Store, run_id: str, after: int = 0) -> list[Event]:
    """Events of a run behind number `after`, in order; they are shared, so nobody changes their data."""
    if (known := store.memory.of(run_id).events) is not None:
        return [event for event in known if event.seq > after]
    writes = store.memory.writes
    sql = """
        select run_id, seq, kind, occurred_at, data, status from events
        where run_id = ? and seq > ? order by seq
    """
    rows = store.read(sql, [run_id, after])
    found = [as_event(row) for row in rows]
    if after == 0 and found:
        store.memory.keep_events(run_id, found, weight_of(rows), writes)
    return found


def latest_of(store: Store, run_id: str, kind: str) -> dict[str, Any] | None:
    """Data of a run's last event of a kind; None when it has none."""
    sql = "select data from events where run_id = ? and kind = ? order by seq desc limit 1"
    rows = store.read(sql, [run_id, kind])
    return json.loads(rows[0]["data"]) if rows else None


def last_kind(store: Store, run_id: str) -> str | None:
    """Kind of a run's last event; None when it has none."""
    if events := store.memory.of(run_id).events:
        return events[-1].kind
    sql = "select kind from events where run_id = ? order by seq desc limit 1"
    rows = store.read(sql, [run_id])
    return str(rows[0]["kind"]) if rows else None


def last_seq(store: Store, run_id: str) -> int:
    """Number of the run's last event; 0 without any."""
    if events := store.memory.of(run_id).events:
        return events[-1].seq
    return int(
        store.read("select coalesce(max(seq), 0) as seq from events where run_id = ?", [run_id])[0]["seq"]
    )


STANDING = f"""
    select (select status from runs where run_id = $1), coalesce(max(seq), 0),
           coalesce(max(seq) filter (status = 'running' and kind not in {TOOLS_OWN}), 0)
    from events where run_id = $1
"""


def standing_in(store: Store, connection: Connection, run_id: str) -> Standing:
    """Where a run stands in the writer's transaction."""
    known = store.memory.of(run_id)
    if known.run is not None and known.events:
        return _standing_after(known.run.status, known.events)
    return _standing_of(connection.execute(STANDING, [run_id]).fetchone())


def _standing_of(row: tuple[Any, ...] | None) -> Standing:
    status, last, woken = row or (None, 0, 0)
    return Standing(status, int(last), int(woken))


def _standing_after(status: Status, events: Sequence[Event]) -> Standing:
    """What `STANDING` finds."""
    woken = (event for event in reversed(events) if event.status == "running" and event.kind not in TOOLS_OWN)
    return Standing(status, events[-1].seq, next((event.seq for event in woken), 0))


def as_event(row: Row) -> Event:
    """The event that a row of the table tells of."""
    return Event(**{**row, "data": json.loads(row["data"])})


def weight_of(rows: Sequence[Row]) -> int:
    """Characters of the data of events."""
    return sum(len(row["data"]) for row in rows)


def event_rows(run_id: str, after: int, events: Sequence[NewEvent], status: Status | None) -> list[Row]:
    """Rows of events numbered from `after` + 1; the last one carries the status."""
    at, last = now(), after + len(events)
    return [
        {
            "run_id": run_id,
            "seq": seq,
            "kind": kind,
            "occurred_at": at,
            "data": json.dumps(data, ensure_ascii=False),
            "status": status if seq == last else None,
        }
        for seq, (kind, data) in enumerate(events, start=after + 1)
    ]


def insert_events(connection: Connection, rows: Sequence[Row]) -> None:
    """Write events whose numbers are free, as the one writer knows who has just looked."""
    if len(rows) > FEW:
        insert(connection, "events", rows)
    elif rows:
        marks = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(rows))
        sql = f"insert into events ({', '.join(rows[0])}) values {marks}"
        connection.execute(sql, [value for row in rows for value in row.values()])
