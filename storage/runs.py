"""Runs, their events and what hangs on them: row types with their SQL."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from storage.clock import now
from storage.db import Connection, Row, Store, insert

Status = Literal["queued", "running", "waiting", "completed", "failed", "cancelled"]
Environment = Literal["live", "demo", "test"]


@dataclass(frozen=True)
class Run:
    """One task, from admission to its end."""

    run_id: str
    kind: str
    """What is run: `diagnosis`, or an agent's id."""
    title: str
    input: str
    status: Status
    user_id: str
    project_id: str
    environment: Environment
    created_at: datetime
    updated_at: datetime
    agent_name: str | None = None
    routing_label: str | None = None
    routing_confidence: float | None = None
    routing_reason: str | None = None
    routing_method: str | None = None
    conversation_id: str | None = None
    playbook_hash: str | None = None
    parent_run_id: str | None = None
    """The run this one was forked from or repeats."""
    error_type: str | None = None
    error_text: str | None = None
    """Sentence for a person; set when the status is failed."""
    error_step: str | None = None
    error_trace: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Event:
    """One thing that happened in a run; a screen is a fold over these."""

    run_id: str
    seq: int
    """1, 2, 3 ... within the run, without gaps."""
    kind: str
    occurred_at: datetime
    data: dict[str, Any] = field(default_factory=dict)


class OutOfStep(Exception):
    """An event was to follow one that is no longer the run's last; `last` is."""

    def __init__(self, last: int) -> None:
        super().__init__(f"the run's last event is {last}")
        self.last = last


def admit(
    store: Store,
    run: Run,
    first: Sequence[tuple[str, dict[str, Any]]] = (),
    rows: Sequence[tuple[str, Row]] = (),
) -> None:
    """Record a new run, its first events and rows of other tables, before any work on it."""

    def work(connection: Connection) -> None:
        insert(connection, "runs", [asdict(run)])
        insert(connection, "events", _rows(run.run_id, 0, first))
        for table, row in rows:
            insert(connection, table, [row])

    store.transact(work)


def add_events(
    store: Store,
    run_id: str,
    events: Sequence[tuple[str, dict[str, Any]]],
    after: int,
    status: Status | None = None,
    rows: Sequence[tuple[str, Row]] = (),
    **changes: object,
) -> int:
    """Append events behind number `after`; returns the last number.

    The run's status and other columns (`changes`) and rows of other tables (`rows`: table, row) go into
    the same transaction. Raises OutOfStep, and changes nothing, when the run has gone on since.
    """

    def work(connection: Connection) -> int:
        row = connection.execute(
            "select coalesce(max(seq), 0) from events where run_id = ?", [run_id]
        ).fetchone()
        last = int(row[0]) if row else 0
        if last != after:
            raise OutOfStep(last)
        insert(connection, "events", _rows(run_id, after, events))
        for table, other in rows:
            insert(connection, table, [other])
        if status is not None or changes:
            _update(connection, run_id, {**({"status": status} if status else {}), **changes})
        return after + len(events)

    return store.transact(work)


def set_status(store: Store, run_id: str, status: Status, **changes: object) -> None:
    """Change a run's status, and any other column with it."""
    store.transact(lambda connection: _update(connection, run_id, {"status": status, **changes}))


def find(store: Store, run_id: str) -> Run | None:
    """The run, or None."""
    rows = store.read("select * from runs where run_id = ?", [run_id])
    return Run(**rows[0]) if rows else None


def events(store: Store, run_id: str, after: int = 0) -> list[Event]:
    """Events of a run behind number `after`, in order."""
    sql = "select run_id, seq, kind, occurred_at, data from events where run_id = ? and seq > ? order by seq"
    return [Event(**{**row, "data": json.loads(row["data"])}) for row in store.read(sql, [run_id, after])]


def last_seq(store: Store, run_id: str) -> int:
    """Number of the run's last event; 0 without any."""
    return int(
        store.read("select coalesce(max(seq), 0) as seq from events where run_id = ?", [run_id])[0]["seq"]
    )


def recent(
    store: Store,
    user_id: str,
    project_id: str,
    kind: str,
    limit: int = 8,
    environment: Environment | None = None,
) -> list[Run]:
    """Runs of a person in a project, the one touched last first; of any environment unless one is given."""
    sql = """
        select * from runs
        where user_id = $1 and project_id = $2 and kind = $3 and environment = coalesce($5, environment)
        order by updated_at desc limit $4
    """
    return [Run(**row) for row in store.read(sql, [user_id, project_id, kind, limit, environment])]


def newest_child(store: Store, parent_run_id: str, kind: str) -> str | None:
    """Id of the run of a kind that was made last from another run, or None."""
    sql = "select run_id from runs where parent_run_id = ? and kind = ? order by created_at desc limit 1"
    rows = store.read(sql, [parent_run_id, kind])
    return str(rows[0]["run_id"]) if rows else None


def event_data(store: Store, kind: str, user_id: str) -> list[dict[str, Any]]:
    """Data of all events of a kind in a person's runs, oldest first."""
    sql = """
        select events.data from events join runs using (run_id)
        where events.kind = ? and runs.user_id = ? order by events.occurred_at
    """
    return [json.loads(row["data"]) for row in store.read(sql, [kind, user_id])]


def with_status(store: Store, statuses: Iterable[Status]) -> list[Run]:
    """Runs in any of these states, oldest first."""
    wanted = list(statuses)
    marks = ", ".join("?" for _ in wanted)
    sql = f"select * from runs where status in ({marks}) order by created_at"
    return [Run(**row) for row in store.read(sql, wanted)]


def people(store: Store) -> tuple[list[str], list[str]]:
    """Users and projects that have runs, in alphabetical order."""
    users = store.read("select distinct user_id as name from runs order by name")
    projects = store.read("select distinct project_id as name from runs order by name")
    return [row["name"] for row in users], [row["name"] for row in projects]


def _rows(run_id: str, after: int, events: Sequence[tuple[str, dict[str, Any]]]) -> list[Row]:
    at = now()
    return [
        {
            "run_id": run_id,
            "seq": after + n,
            "kind": kind,
            "occurred_at": at,
            "data": json.dumps(data, ensure_ascii=False),
        }
        for n, (kind, data) in enumerate(events, start=1)
    ]


def _update(connection: Connection, run_id: str, changes: dict[str, object]) -> None:
    changes = {**changes, "updated_at": now()}
    assignments = ", ".join(f"{column} = ?" for column in changes)
    connection.execute(f"update runs set {assignments} where run_id = ?", [*changes.values(), run_id])
