"""The notes of one persona for one person: really kept, really read back."""

from dataclasses import dataclass

from storage import notes
from storage.clock import now
from storage.db import Store
from storage.notes import Note, NoteKind

LONGEST = 500
"""Characters of one note."""
MOST = 200
"""Notes of one kind that are read back."""


@dataclass(frozen=True)
class Notebook:
    """Save, list and goals; a note's id comes from run and place, so that repeating a step adds nothing."""

    store: Store
    persona: str
    user_id: str
    run_id: str

    def save(self, place: int, kind: NoteKind, text: str) -> Note:
        """Keep a note."""
        note = Note(f"{self.run_id}:{place}", self.persona, self.user_id, kind, text[:LONGEST], now())
        notes.save(self.store, note)
        return note

    def listed(self, kind: NoteKind) -> list[Note]:
        """What is kept, oldest first."""
        return notes.listed(self.store, self.persona, self.user_id, kind)[-MOST:]
