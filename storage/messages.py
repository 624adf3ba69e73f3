"""Conversations: their names, what was said in them, what was attached, how routing was corrected.

A conversation is a chain: what a person says names the run it follows, so that an edited or repeated turn
is a second one behind the same run. Nothing is overwritten; deleting takes the texts away for good.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from storage import removed_files
from storage.clock import now
from storage.db import Connection, Row, Store, insert
from storage.usage import run_days

Role = Literal["user", "assistant"]
DELETED = "(deleted)"


@dataclass(frozen=True)
class Conversation:
    """A conversation as it is listed."""

    conversation_id: str
    user_id: str
    project_id: str
    environment: str
    created_at: datetime


@dataclass(frozen=True)
class Line:
    """One line of the list of conversations."""

    conversation_id: str
    name: str
    touched_at: datetime


@dataclass(frozen=True)
class Message:
    """What one side said in a turn; a turn is a run."""

    run_id: str
    conversation_id: str
    role: Role
    text: str
    created_at: datetime
    after_run_id: str | None = None
    """The turn this one follows; set for what the person says, None at the beginning."""


@dataclass(frozen=True)
class AttachedFile:
    """A file that came with a turn; its content lies in the folder of attachments under its id."""

    attachment_id: str
    conversation_id: str
    run_id: str
    name: str
    """As the person knows it."""
    size_bytes: int
    added_at: datetime


def started(conversation: Conversation, name: str) -> list[tuple[str, Row]]:
    """Rows of a new conversation."""
    return [
        ("conversations", asdict(conversation)),
        ("conversation_names", _name(conversation.conversation_id, name, conversation.user_id)),
    ]


def said(message: Message) -> tuple[str, Row]:
    """The row of a message."""
    return "messages", asdict(message)


def attached(file: AttachedFile) -> tuple[str, Row]:
    """The row of an attachment."""
    return "attachments", asdict(file)


def corrected(run_id: str, routing_label: str | None, chosen_label: str, user_id: str) -> tuple[str, Row]:
    """The row of a person's choice of an agent."""
    row = {
        "run_id": run_id,
        "routing_label": routing_label,
        "chosen_label": chosen_label,
        "user_id": user_id,
        "chosen_at": now(),
    }
    return "routing_corrections", row


def find(store: Store, conversation_id: str) -> Conversation | None:
    """The conversation, or None."""
    rows = store.read("select * from conversations where conversation_id = ?", [conversation_id])
    return Conversation(**rows[0]) if rows else None


def name_of(store: Store, conversation_id: str) -> str:
    """The name given last."""
    sql = "select name from conversation_names where conversation_id = ? order by named_at desc limit 1"
    rows = store.read(sql, [conversation_id])
    return str(rows[0]["name"]) if rows else ""


def rename(store: Store, conversation_id: str, name: str, user_id: str) -> None:
    """Give a conversation another name."""
    row = _name(conversation_id, name, user_id)
    store.transact(lambda connection: insert(connection, "conversation_names", [row]))


def listed(
    store: Store, user_id: str, project_id: str, environment: str, search: str = "", limit: int = 50
) -> list[Line]:
    """Conversations in which the words occur, by name or text; the one touched last first.

    A request of a batch is none until a person goes on with it.
    """
    sql = """
        with named as (
            select conversation_id, arg_max(name, named_at) as name from conversation_names group by all
        )
        select conversation_id, any_value(named.name) as name, max(messages.created_at) as touched_at
        from conversations join named using (conversation_id) join messages using (conversation_id)
        left join (select run_id from runs where queue is not null) as batched using (run_id)
        where user_id = $1 and project_id = $2 and environment = $3
        group by conversation_id
        having bool_or(batched.run_id is null) and (
            $4 = '' or contains(lower(any_value(named.name)), lower($4))
            or bool_or(contains(lower(messages.text), lower($4))))
        order by touched_at desc limit $5
    """
    return [Line(**row) for row in store.read(sql, [user_id, project_id, environment, search, limit])]


def messages(store: Store, conversation_id: str) -> list[Message]:
    """Everything said in a conversation, in order, turns that were replaced among it."""
    sql = "select * from messages where conversation_id = ? order by created_at, role desc"
    return [Message(**row) for row in store.read(sql, [conversation_id])]


def attachments(store: Store, conversation_id: str) -> list[AttachedFile]:
    """Files of a conversation, in the order in which they came."""
    sql = "select * from attachments where conversation_id = ? order by added_at, attachment_id"
    return [AttachedFile(**row) for row in store.read(sql, [conversation_id])]


def corrections(store: Store, run_id: str) -> list[str]:
    """Agents that a person chose for a run, in order."""
    sql = "select chosen_label from routing_corrections where run_id = ? order by chosen_at"
    return [str(row["chosen_label"]) for row in store.read(sql, [run_id])]


def delete(store: Store, conversation_id: str, folder: Path) -> None:
    """Take a conversation's texts and files away for good; figures of its runs (cost, time) stay."""
    store.flush()  # texts of calls that are still on their way
    runs = [m.run_id for m in messages(store, conversation_id) if m.role == "user"]
    files = attachments(store, conversation_id)
    store.transact(
        lambda connection: _delete(connection, conversation_id, runs), lambda _: store.memory.forget(runs)
    )
    for run_id in runs:  # search forgets the words
        store.touched.add(run_id)
    for file in files:
        (folder / file.attachment_id).unlink(missing_ok=True)


def _delete(connection: Connection, conversation_id: str, run_ids: Sequence[str]) -> None:
    removed_files.note(connection, "conversation_id", [conversation_id])
    for table in ("conversations", "conversation_names", "messages", "attachments"):
        connection.execute(f"delete from {table} where conversation_id = ?", [conversation_id])
    at = now()
    for run_id in run_ids:
        connection.execute("delete from call_texts where run_id = ?", [run_id])
        connection.execute("update events set data = '{}' where run_id = ?", [run_id])
        sql = """
            update runs set title = $title, input = '', routing_reason = null, error_text = null,
                error_trace = null, texts_removed_at = $at, updated_at = $at
            where run_id = $run_id
        """
        connection.execute(sql, {"title": DELETED, "at": at, "run_id": run_id})
    run_days.changed(connection, [at])


def _name(conversation_id: str, name: str, user_id: str) -> Row:
    return {"conversation_id": conversation_id, "name": name, "named_by": user_id, "named_at": now()}
