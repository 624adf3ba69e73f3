"""Taking data away: single runs, or everything of one person or project.

Rows are gone when these return. The bytes they stood in leave the file when it is written anew
(`backup.compact`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storage import removed_files
from storage.clock import now
from storage.db import Connection, Store
from storage.reach import DELETED, TABLES, Reach, Subject
from storage.usage import keeping, run_days

SCOPES: dict[Subject, str] = {"user_id": "user", "project_id": "project"}
THESE = "(select unnest(?::varchar[]))"


@dataclass(frozen=True)
class Owned:
    """What belongs to a person or project."""

    run_ids: tuple[str, ...]
    of_others: int
    """Runs among them that others made from such a run, and that hold its texts."""
    conversation_ids: tuple[str, ...]
    attachment_ids: tuple[str, ...]


def is_known(store: Store, subject: Subject, name: str) -> bool:
    """Whether anything here is of a person or project, or names them."""
    found = {table: _concerns(reach, subject) for table, reach in TABLES.items()}
    sql = " union all ".join(f"select 1 from {table} where {how}" for table, how in found.items() if how)
    return bool(store.read(f"{sql} limit 1", {"name": name}))


def _concerns(reach: Reach, subject: Subject) -> str:
    """SQL: a row of a table is deleted, or blotted, with a person or project; empty where none is."""
    own = _owners(reach, subject)
    columns = (*own, *reach.names) if subject == "user_id" else own
    found = [f"{column} = $name" for column in columns]
    found += [f"(scope = '{SCOPES[subject]}' and subject = $name)"] if reach.is_scoped else []
    return " or ".join((*found, *(_names(column, subject) for column in reach.mentions)))


def _owners(reach: Reach, subject: Subject) -> tuple[str, ...]:
    """Columns that say that a row is a person's, or project's, own."""
    own = (subject,) if subject in reach.by_subject else ()
    return (*own, *reach.actors) if subject == "user_id" else own


def owned_by(store: Store, subject: Subject, name: str) -> Owned:
    """What would be deleted with a person (`user_id`) or project (`project_id`)."""
    sql = f"""
        with recursive family as (
            select run_id, {subject} = $1 as is_own from runs where {subject} = $1
            union
            select runs.run_id, runs.{subject} = $1
            from runs join family on runs.parent_run_id = family.run_id
        )
        select run_id, is_own from family
    """
    rows = store.read(sql, [name])
    talks = store.read(f"select conversation_id from conversations where {subject} = ?", [name])
    run_ids = tuple(row["run_id"] for row in rows)
    conversation_ids = tuple(row["conversation_id"] for row in talks)
    others = sum(not row["is_own"] for row in rows)
    files = _attachments(store, run_ids, conversation_ids)
    return Owned(run_ids, others, conversation_ids, files)


def delete_owned(store: Store, subject: Subject, name: str) -> Owned:
    """Delete everything of a person or project, figures included; returns what it was."""
    store.flush()
    owned = owned_by(store, subject, name)
    store.transact(
        lambda connection: _delete_owned(connection, subject, name, owned),
        lambda _: store.memory.forget_all(),
    )
    store.touched.deleted()
    return owned


def delete_runs(store: Store, run_ids: Sequence[str]) -> tuple[str, ...]:
    """Take runs out of every list, with all their texts; what they cost stays. Ids of their attachments."""
    store.flush()
    files = _attachments(store, run_ids, ())
    store.transact(
        lambda connection: _delete_runs(connection, run_ids), lambda _: store.memory.forget(run_ids)
    )
    store.touched.moved()
    return files


def _attachments(store: Store, run_ids: Sequence[str], conversation_ids: Sequence[str]) -> tuple[str, ...]:
    sql = f"select attachment_id from attachments where run_id in {THESE} or conversation_id in {THESE}"
    rows = store.read(sql, [list(run_ids), list(conversation_ids)])
    return tuple(row["attachment_id"] for row in rows)


def _delete_runs(connection: Connection, run_ids: Sequence[str]) -> None:
    wanted = list(run_ids)
    removed_files.note(connection, "run_id", wanted)
    for table, reach in TABLES.items():
        if reach.by_run and not reach.is_figure:
            connection.execute(f"delete from {table} where run_id in {THESE}", [wanted])
    at = now()
    sql = f"""
        update runs set title = ?, input = '', routing_reason = null, error_text = null, error_trace = null,
            texts_removed_at = ?, deleted_at = ?, updated_at = ?
        where run_id in {THESE}
    """
    connection.execute(sql, [DELETED, at, at, at, wanted])
    run_days.changed(connection, [at])
    _drop_unused(connection)


def _delete_owned(connection: Connection, subject: Subject, name: str, owned: Owned) -> None:
    removed_files.note(connection, "run_id", owned.run_ids)
    removed_files.note(connection, "conversation_id", owned.conversation_ids)
    calls = f"select call_id from calls where {subject} = ? or run_id in {THESE}"
    connection.execute(f"delete from call_texts where call_id in ({calls})", [name, list(owned.run_ids)])
    for table, reach in TABLES.items():
        if reach.by_run:
            connection.execute(f"delete from {table} where run_id in {THESE}", [list(owned.run_ids)])
        if reach.by_conversation:
            values = [list(owned.conversation_ids)]
            connection.execute(f"delete from {table} where conversation_id in {THESE}", values)
        for column in _owners(reach, subject):
            connection.execute(f"delete from {table} where {column} = ?", [name])
        if reach.is_scoped:
            scope = SCOPES[subject]
            connection.execute(f"delete from {table} where scope = ? and subject = ?", [scope, name])
        for column in reach.mentions:
            connection.execute(f"delete from {table} where {_names(column, subject)}", {"name": name})
        if subject == "user_id":
            for column in reach.names:
                connection.execute(f"update {table} set {column} = ? where {column} = ?", [DELETED, name])
    connection.execute("delete from alerts where rule_id not in (select rule_id from alert_rules)")
    for table in ("alert_acks", "alert_deliveries"):
        connection.execute(f"delete from {table} where alert_id not in (select alert_id from alerts)")
    _drop_unused(connection)
    keeping.rebuild(connection)


def _names(column: str, subject: Subject) -> str:
    """SQL: a text names somebody, as a word of its own; `project x` alone does not name a user x."""
    (other,) = (scope for one, scope in SCOPES.items() if one != subject)
    of_other = f"{column} = '{other} ' || $name"
    word = f"regexp_matches({column}, '(^|[^\\w])' || regexp_escape($name) || '($|[^\\w])')"
    return f"({word} and not {of_other})"


def _drop_unused(connection: Connection) -> None:
    """Playbooks that no run needs any more: one that a model drafted holds the words of its complaint."""
    connection.execute(
        """
        delete from playbooks where not exists (
            select 1 from runs where runs.playbook_hash = playbooks.playbook_hash and deleted_at is null
        ) and not exists (
            select 1 from events
            where events.kind = 'drafted' and contains(events.data, playbooks.playbook_hash)
        )
        """
    )
