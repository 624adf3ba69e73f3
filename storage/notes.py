"""Notes that a person has an assistant keep: facts and goals, by assistant and user."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from storage.db import Connection, Store, insert

NoteKind = Literal["note", "goal"]


@dataclass(frozen=True)
class Note:
    """One note."""

    note_id: str
    """Made from run and place, so that a step that runs again keeps it once."""
    persona: str
    user_id: str
    kind: NoteKind
    text: str
    created_at: datetime


def save(store: Store, note: Note) -> None:
    """Keep a note; one whose id is there already stays as it is."""

    def work(connection: Connection) -> None:
        known = connection.execute("select 1 from notes where note_id = ?", [note.note_id]).fetchone()
        if known is None:
            insert(connection, "notes", [asdict(note)])

    store.transact(work)


def listed(store: Store, persona: str, user_id: str, kind: NoteKind | None = None) -> list[Note]:
    """A person's notes with an assistant, oldest first; of one kind, or of both."""
    sql = """
        select * from notes where persona = $1 and user_id = $2 and ($3 is null or kind = $3)
        order by created_at, note_id
    """
    return [Note(**row) for row in store.read(sql, [persona, user_id, kind])]


def delete(store: Store, note_id: str, user_id: str) -> None:
    """Take one of a person's notes away."""
    sql = "delete from notes where note_id = ? and user_id = ?"
    store.transact(lambda connection: connection.execute(sql, [note_id, user_id]))
