"""Runs: their row, their admission, and who has which."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from storage.db import Connection, Row, Store, insert
from storage.events import (
    AT_WORK,
    TOOLS_OWN,
    Event,
    NewEvent,
    Standing,
    Status,
    as_event,
    event_rows,
    events,
    insert_events,
    last_kind,
    last_seq,
    latest_of,
    standing,
    status,
    weight_of,
)
from storage.rows import kept
from storage.states import OutOfStep, add_events, begin, set_status, settle

__all__ = [
    "AT_WORK",
    "TOOLS_OWN",
    "Environment",
    "Event",
    "NewEvent",
    "OutOfStep",
    "Run",
    "Standing",
    "Status",
    "add_events",
    "admit",
    "begin",
    "deleted_at",
    "ended_of",
    "event_data",
    "events",
    "find",
    "find_with_last",
    "last_kind",
    "last_seq",
    "latest_of",
    "newest_child",
    "people",
    "recent",
    "set_status",
    "settle",
    "standing",
    "status",
    "waiting_for_key",
    "with_status",
]

Environment = Literal["live", "demo", "test"]


Other = tuple[str, Row]
"""A row of another table."""


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
    queue: str | None = None
    """The queue it runs from in the background; None for a run that starts at once."""
    priority: int | None = None
    """Order within the queue: the smallest goes first."""
    max_steps: int | None = None
    """Steps that all its work may take, until a person lets it go on behind them; None: default."""
    max_seconds: float | None = None
    """Seconds of all its work, likewise."""
    max_cost: Decimal | None = None
    """US dollars the whole run may cost; None: no limit of its own."""
    texts_removed_at: datetime | None = None
    """When what people and models wrote in it was removed: for its age, or by a person."""
    deleted_at: datetime | None = None
    """When a person deleted it; its figures stay, and nothing lists or finds it any more."""


Admitted = tuple[Run, Sequence[NewEvent], Sequence[Other]]
"""A new run, its first events, and rows of other tables."""


def admit(store: Store, run: Run, first: Sequence[NewEvent] = (), rows: Sequence[Other] = ()) -> None:
    """Record a new run, its first events and rows of other tables, before any work on it."""

    def then(events: Sequence[Row]) -> None:
        known = replace(run, max_cost=kept(run.max_cost))
        store.memory.admit(known, [as_event(row) for row in events], weight_of(events))

    store.transact_alike(admit_all_in, (run, first, rows), then, run.run_id)
    store.touched.add(run.run_id)


def admit_all_in(connection: Connection, admitted: Sequence[Admitted]) -> list[list[Row]]:
    """`admit` for many runs inside a transaction of the caller; returns the rows of each one's events."""
    _insert_alike(connection, "runs", [_known(run) for run, _, _ in admitted])
    events = [
        event_rows(run.run_id, 0, first or [(run.status, {})], run.status) for run, first, _ in admitted
    ]
    insert_events(connection, [row for rows in events for row in rows])
    others: dict[str, list[Row]] = {}
    for _, _, rows in admitted:
        for table, row in rows:
            others.setdefault(table, []).append(row)
    for table, of_table in others.items():
        _insert_alike(connection, table, of_table)
    return events


def _known(run: Run) -> Row:
    return {column: value for column, value in vars(run).items() if value is not None}


def _insert_alike(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows of unequal columns: in one statement those that have the same ones."""
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    for of_columns in alike.values():
        insert(connection, table, of_columns)


def find(store: Store, run_id: str) -> Run | None:
    """The run, or None when there is none or it was deleted."""
    if (known := store.memory.of(run_id).run) is not None:
        return known
    writes = store.memory.writes
    rows = store.read("select * from runs where run_id = ? and deleted_at is null", [run_id])
    if not rows:
        return None
    run = Run(**rows[0])
    store.memory.keep_run(run, writes)
    return run


def find_with_last(store: Store, run_id: str) -> tuple[Run, int] | None:
    """The run and the number of its last event, of one moment; None as in `find`."""
    known, writes = store.memory.of(run_id), store.memory.writes
    if known.run is not None and known.events:
        return known.run, known.events[-1].seq
    sql = """
        select runs.*, (select coalesce(max(seq), 0) from events where run_id = $1) as last
        from runs where run_id = $1 and deleted_at is null
    """
    rows = store.read(sql, [run_id])
    if not rows:
        return None
    last = int(rows[0].pop("last"))
    run = Run(**rows[0])
    store.memory.keep_run(run, writes)
    return run, last


def deleted_at(store: Store, run_id: str) -> datetime | None:
    """When the run was deleted; None when it was not, or never was."""
    rows = store.read("select deleted_at from runs where run_id = ?", [run_id])
    return rows[0]["deleted_at"] if rows else None


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
              and deleted_at is null
        order by updated_at desc limit $4
    """
    return [Run(**row) for row in store.read(sql, [user_id, project_id, kind, limit, environment])]


def newest_child(store: Store, parent_run_id: str, kind: str) -> str | None:
    """Id of the run of a kind that was made last from another run, or None."""
    sql = """
        select run_id from runs where parent_run_id = ? and kind = ? and deleted_at is null
        order by created_at desc limit 1
    """
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
    sql = f"select * from runs where status in ({marks}) and deleted_at is null order by created_at"
    return [Run(**row) for row in store.read(sql, wanted)]


def waiting_for_key(store: Store, user_id: str, project_id: str, held: str, keyed: str) -> list[str]:
    """Runs of a person that stand at an event `held` and have one of `keyed`, oldest first."""
    sql = """
        select run_id from runs join events using (run_id)
        where runs.status = 'waiting' and deleted_at is null and user_id = $1 and project_id = $2
        group by run_id
        having arg_max(events.kind, events.seq) = $3 and bool_or(events.kind = $4)
        order by run_id
    """
    return [str(row["run_id"]) for row in store.read(sql, [user_id, project_id, held, keyed])]


def ended_of(store: Store, run_ids: Sequence[str]) -> list[str]:
    """Those of these runs that are completed or cancelled; a failed one may be tried again."""
    sql = """
        select run_id from runs
        where run_id in (select unnest(?::varchar[])) and status in ('completed', 'cancelled')
    """
    return [str(row["run_id"]) for row in store.read(sql, [list(run_ids)])]


def people(store: Store) -> tuple[list[str], list[str]]:
    """Users and projects that have runs, in alphabetical order."""
    users = store.read("select distinct user_id as name from runs order by name")
    projects = store.read("select distinct project_id as name from runs order by name")
    return [row["name"] for row in users], [row["name"] for row in projects]
