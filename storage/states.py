"""Changing a run: events behind its last one, and the state and columns that go with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from storage.clock import now
from storage.db import Connection, Row, Store, insert
from storage.events import (
    NewEvent,
    Standing,
    Status,
    as_event,
    event_rows,
    insert_events,
    standing_in,
    weight_of,
)
from storage.rows import bound, kept
from storage.usage import run_days


@dataclass(frozen=True)
class Change:
    """What is to happen to a run."""

    events: Sequence[NewEvent] = ()
    status: Status | None = None
    """Stands on the last event; without events it becomes one of its own."""
    columns: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[tuple[str, Row]] = ()
    """Rows of other tables: table, row."""


NOTHING = Change()


@dataclass(frozen=True)
class Written:
    """What a transaction did with a run."""

    run_id: str
    found: Standing
    """Where the run stood before."""
    events: Sequence[Row]
    """Rows of the events behind that."""
    columns: Mapping[str, Any]
    """What the run's row holds now."""

    @property
    def last(self) -> int:
        """Number of the run's last event."""
        return self.found.last + len(self.events)

    @property
    def standing(self) -> Standing:
        """Where the run stands now, when the tool itself set its status."""
        return replace(self.found, status=self.columns.get("status", self.found.status), last=self.last)


Decide = Callable[[Standing], Change]
Asked = tuple[Store, str, Decide]


class OutOfStep(Exception):
    """An event was to follow one that is no longer the run's last; `last` is."""

    def __init__(self, last: int) -> None:
        super().__init__(f"the run's last event is {last}")
        self.last = last


def add_events(
    store: Store,
    run_id: str,
    events: Sequence[NewEvent],
    after: int,
    status: Status | None = None,
    rows: Sequence[tuple[str, Row]] = (),
    **changes: object,
) -> int:
    """Append events behind number `after`; returns the last number.

    The run's status and other columns (`changes`) and rows of other tables (`rows`: table, row) go into
    the same transaction. A new status stands on the last event; without events it becomes one of its own.
    Raises OutOfStep, and changes nothing, when the run has gone on since, or was cancelled and is to take
    another status.
    """

    def decide(found: Standing) -> Change:
        if found.last != after or (found.status == "cancelled" and status not in (None, found.status)):
            raise OutOfStep(found.last)
        return Change(events, status, changes, rows)

    written = _write(store, run_id, decide)
    store.touched.add(run_id, moved=status is not None or bool(changes))
    return written.last


def set_status(
    store: Store,
    run_id: str,
    status: Status,
    kind: str | None = None,
    before: Sequence[NewEvent] = (),
    **changes: object,
) -> None:
    """Change a run's status, and any other column with it, whatever else happened since.

    The change is an event of `kind`, or of the status's own name, behind the events `before`.
    """

    def decide(found: Standing) -> Change:
        events = [*before, (kind or status, dict[str, Any]())] if found.status != status else []
        return Change(events, status, changes)

    _write(store, run_id, decide)
    store.touched.add(run_id)


def begin(store: Store, run_id: str) -> Standing:
    """Take a queued run to work; any other stays as it is. Returns where it stands then."""

    def decide(found: Standing) -> Change:
        if found.status != "queued":
            return NOTHING
        return Change(status="running", columns={"started_at": now()})

    began = _write(store, run_id, decide)
    store.touched.moved()
    return began.standing


def settle(store: Store, run_id: str, since: int, status: Status, **changes: object) -> Standing:
    """Give a run at work the status its work ended with, unless a person acted behind event `since`.

    Returns where it stands then.
    """

    def decide(found: Standing) -> Change:
        if not found.is_at_work or found.woken > since:
            return NOTHING
        return Change(status=status, columns=changes)

    settled = _write(store, run_id, decide)
    store.touched.add(run_id)
    return settled.standing


def _write(store: Store, run_id: str, decide: Decide) -> Written:
    then = partial(_remember, store)
    written: Written = store.transact_alike(_write_all, (store, run_id, decide), then, run_id)
    return written


def _write_all(connection: Connection, asked: Sequence[Asked]) -> list[Written]:
    """Decide what happens to each of these runs from where it stands, then write it all."""
    decided = [
        (run_id, found, decide(found))
        for store, run_id, decide in asked
        for found in [standing_in(store, connection, run_id)]
    ]
    written = [_numbered(run_id, found, change) for run_id, found, change in decided]
    insert_events(connection, [row for one in written for row in one.events])
    for _, _, change in decided:
        for table, row in change.rows:
            insert(connection, table, [row])
    _update(connection, {one.run_id: one.columns for one in written if one.columns})
    return written


def _numbered(run_id: str, found: Standing, change: Change) -> Written:
    events, status = change.events, change.status
    if status is not None and not events and status != found.status:
        events = [(status, {})]
    columns = {**({} if status is None else {"status": status}), **change.columns}
    if columns:
        columns["updated_at"] = now()
    return Written(run_id, found, event_rows(run_id, found.last, events, status), columns)


def _remember(store: Store, written: Written) -> None:
    if written.events or written.columns:
        new = [as_event(row) for row in written.events]
        columns = {name: kept(value) for name, value in written.columns.items()}
        weight = weight_of(written.events)
        store.memory.follow(written.run_id, written.found.last, new, weight, columns)


def _update(connection: Connection, changed: Mapping[str, Mapping[str, Any]]) -> None:
    """Set columns of runs: in one statement for those that change the same ones."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for run_id, columns in changed.items():
        alike.setdefault(tuple(columns), []).append(run_id)
    for names, run_ids in alike.items():
        if len(run_ids) == 1:
            _update_one(connection, run_ids[0], changed[run_ids[0]])
        else:
            _update_many(connection, names, {run_id: changed[run_id] for run_id in run_ids})
    run_days.changed(connection, [columns["updated_at"] for columns in changed.values()])


def _update_one(connection: Connection, run_id: str, columns: Mapping[str, Any]) -> None:
    assignments = ", ".join(f"{name} = ?" for name in columns)
    values = map(bound, columns.values())
    connection.execute(f"update runs set {assignments} where run_id = ?", [*values, run_id])


def _update_many(
    connection: Connection, names: Sequence[str], changed: Mapping[str, Mapping[str, Any]]
) -> None:
    given = [name for name in names if any(columns[name] is not None for columns in changed.values())]
    emptied = [name for name in names if name not in given]  # a column of nulls alone has no type
    assignments = [f"{name} = new.{name}" for name in given] + [f"{name} = null" for name in emptied]
    one = f"({', '.join('?' for _ in ('run_id', *given))})"
    connection.execute(
        f"""
        update runs set {", ".join(assignments)}
        from (values {", ".join(one for _ in changed)}) as new (run_id, {", ".join(given)})
        where runs.run_id = new.run_id
        """,
        [
            value
            for run_id, columns in changed.items()
            for value in (run_id, *(bound(columns[name]) for name in given))
        ],
    )
