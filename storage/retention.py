"""What people and models wrote is removed at a set age; figures stay.

Three kinds: `prompts` (prompts and answers of models), `messages` (turns of conversations with their files)
and `events` (the record of runs that have ended: what was asked, answered and concluded).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, get_args

from storage import removed_files
from storage.clock import new_id, now
from storage.db import Connection, Store, insert

What = Literal["prompts", "messages", "events"]
REMOVED = "(removed for its age)"
"""Title of a run without its texts."""
ENDED = "('completed', 'failed', 'cancelled')"
DOCUMENTS = "('tree')"
"""Kinds of runs that are documents: people go on with them at any age."""
OLD_RUNS = f"""
    select run_id from runs
    where status in {ENDED} and kind not in {DOCUMENTS} and updated_at < $before
          and texts_removed_at is null and deleted_at is null
"""
OLD_MESSAGES = f"""
    select messages.run_id from messages join runs using (run_id)
    where messages.created_at < $before and runs.status in {ENDED}
"""
COUNTS: Mapping[What, str] = {
    "prompts": "select count(*) as n, min(recorded_at) as oldest from call_texts where recorded_at < $before",
    "messages": f"""
        select count(*) as n, min(created_at) as oldest from messages where run_id in ({OLD_MESSAGES})
    """,
    "events": f"""
        select count(*) as n, min(occurred_at) as oldest from events where run_id in ({OLD_RUNS})
    """,
}


@dataclass(frozen=True)
class Policy:
    """How long a kind is kept; the newest of a kind holds."""

    what: What
    keep_days: int | None
    """None: for ever."""
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class Due:
    """What is older than it may be."""

    what: What
    before: datetime
    rows: int
    oldest: datetime | None
    """None when nothing is due."""


@dataclass(frozen=True)
class Removed:
    """What was removed, and what stands in other files for it."""

    due: tuple[Due, ...]
    run_ids: tuple[str, ...]
    """Runs whose paid replies, checkpoints and words for searching are to go too."""
    attachment_ids: tuple[str, ...]


def set_policy(store: Store, what: What, keep_days: int | None, set_by: str) -> None:
    """Keep a kind for so many days, or for ever."""
    row = {
        "policy_id": new_id(),
        "what": what,
        "keep_days": keep_days,
        "set_by": set_by,
        "set_at": now(),
    }
    store.transact(lambda connection: insert(connection, "retention_policies", [row]))


def policies(store: Store) -> dict[What, Policy]:
    """The policy of each kind; kinds without one are kept for ever."""
    sql = "select what, keep_days, set_by, set_at from retention_policies order by set_at, policy_id"
    return {row["what"]: Policy(**row) for row in store.read(sql)}


def ages(store: Store) -> dict[What, int]:
    """Days for which each kind is kept, where there is an end."""
    found = policies(store)
    return {what: days for what, policy in found.items() if (days := policy.keep_days) is not None}


def preview(store: Store, days: Mapping[What, int]) -> list[Due]:
    """What would be removed now."""
    store.flush()
    return [_due(store, what, _before(days[what])) for what in get_args(What) if what in days]


def remove(store: Store, days: Mapping[What, int]) -> Removed:
    """Remove what is older than it may be."""
    due = preview(store, days)
    found: list[tuple[list[str], list[str]]] = []
    for entry in due:
        if entry.rows:
            work = partial(_remove, due=entry)
            found.append(store.transact(work, lambda removed: store.memory.forget(removed[0])))
    run_ids = {run_id for ids, _ in found for run_id in ids}
    files = {attachment_id for _, ids in found for attachment_id in ids}
    for run_id in run_ids:
        store.touched.add(run_id)
    return Removed(tuple(due), tuple(sorted(run_ids)), tuple(sorted(files)))


def _before(days: int) -> datetime:
    return now() - timedelta(days=days)


def _due(store: Store, what: What, before: datetime) -> Due:
    (row,) = store.read(COUNTS[what], {"before": before})
    return Due(what, before, int(row["n"]), row["oldest"])


def _remove(connection: Connection, due: Due) -> tuple[list[str], list[str]]:
    """Remove one kind; ids of the runs and attachments that it concerns."""
    if due.what == "prompts":
        return _remove_prompts(connection, due.before), []
    if due.what == "messages":
        return _remove_messages(connection, due.before)
    return _remove_events(connection, due.before), []


def _remove_prompts(connection: Connection, before: datetime) -> list[str]:
    sql = f"""
        select distinct run_id from call_texts join runs using (run_id)
        where recorded_at < $before and status in {ENDED}
    """
    concerned = _column(connection, sql, before)
    connection.execute("delete from call_texts where recorded_at < $before", {"before": before})
    return concerned


def _remove_messages(connection: Connection, before: datetime) -> tuple[list[str], list[str]]:
    run_ids = _column(connection, f"select distinct run_id from ({OLD_MESSAGES})", before)
    these = "run_id in (select unnest($ids::varchar[]))"
    values = {"ids": run_ids}
    sql = f"select attachment_id from attachments where {these}"
    files = [str(row[0]) for row in connection.execute(sql, values).fetchall()]
    removed_files.note(connection, "run_id", run_ids)
    for table in ("messages", "attachments"):
        connection.execute(f"delete from {table} where {these}", values)
    for table in ("conversation_names", "conversations"):
        connection.execute(
            f"delete from {table} where conversation_id not in (select conversation_id from messages)"
        )
    return run_ids, files


def _remove_events(connection: Connection, before: datetime) -> list[str]:
    run_ids = _column(connection, OLD_RUNS, before)
    these = "run_id in (select unnest($ids::varchar[]))"
    for table in ("events", "trees"):
        connection.execute(f"delete from {table} where {these}", {"ids": run_ids})
    connection.execute(f"update outcomes set note = '' where {these}", {"ids": run_ids})
    sql = f"""
        update runs set title = $title, input = '', routing_reason = null, error_text = null,
            error_trace = null, texts_removed_at = $at
        where {these}
    """
    connection.execute(sql, {"ids": run_ids, "title": REMOVED, "at": now()})
    return run_ids


def _column(connection: Connection, sql: str, before: datetime) -> list[str]:
    rows: Sequence[tuple[str]] = connection.execute(sql, {"before": before}).fetchall()
    return [run_id for (run_id,) in rows]
