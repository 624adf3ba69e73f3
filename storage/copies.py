"""A run begun from another one's record: its first events, the trees that they tell of, or its tags."""

import json
from collections.abc import Sequence

from storage.clock import now
from storage.db import Connection, Row, Store, insert
from storage.events import event_rows, insert_events
from storage.runs import NewEvent, Run


def admission_end(store: Store, run_id: str) -> int:
    """Number of the last event that a run was admitted with."""
    sql = "select coalesce(min(seq), 1) as seq from events where run_id = ? and status is not null"
    return int(store.read(sql, [run_id])[0]["seq"])


def admit_copy(store: Store, run: Run, source: str, before: int, then: Sequence[NewEvent]) -> None:
    """Record a new run with the source's events before number `before`, and others behind them."""

    def work(connection: Connection) -> None:
        insert(connection, "runs", [dict(vars(run))])
        sql = """
            insert into events (run_id, seq, kind, occurred_at, data, status)
            select ?, seq, kind, occurred_at, data, status from events where run_id = ? and seq < ?
        """
        connection.execute(sql, [run.run_id, source, before])
        insert_events(connection, event_rows(run.run_id, before - 1, then, run.status))
        _copy_trees(connection, run.run_id, source, before)

    store.transact(work)
    store.touched.add(run.run_id)


def born(store: Store, run: Run, first: Sequence[NewEvent]) -> list[tuple[str, Row]]:
    """Rows of a new run, its first events and the tags of its parent, for the transaction that ends that."""
    events = event_rows(run.run_id, 0, first, run.status)
    at = now()
    tags = [
        {"run_id": run.run_id, "tag": row["tag"], "tagged_by": row["tagged_by"], "tagged_at": at}
        for row in store.read("select tag, tagged_by from run_tags where run_id = ?", [run.parent_run_id])
    ]
    return [
        ("runs", dict(vars(run))),
        *(("events", row) for row in events),
        *(("run_tags", row) for row in tags),
    ]


def _copy_trees(connection: Connection, run_id: str, source: str, before: int) -> None:
    """Take over the versions of the tree that the copied events tell of."""
    sql = "select data from events where run_id = ? and seq < ? and kind = 'drawn'"
    told = [json.loads(data) for (data,) in connection.execute(sql, [source, before]).fetchall()]
    sql = """
        insert into trees (run_id, version, author, note, document, created_at)
        select ?, version, author, note, document, created_at from trees where run_id = ? and version <= ?
    """
    newest = max((int(data["version"]) for data in told), default=0)
    connection.execute(sql, [run_id, source, newest])
