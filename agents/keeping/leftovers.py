"""Files that no record points to any more: nothing removes them by itself, a person may.

An attached file is one when its process ended between writing it and admitting its turn; a copy of a log when
its end was found missing. Either may be all that is left of something, so both go by hand alone.
"""

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from agents import signatures
from agents.errors import Refused
from agents.keeping.beside import ATTACHMENTS, STORE
from storage import removed_files
from storage.clock import now
from storage.db import Store
from storage.highwater import copies_of_cuts

Kind = Literal["attachment", "log"]
KINDS = {
    signatures.PDF: "PDF",
    signatures.PARQUET: "Parquet",
    signatures.ZIP: "Excel, Word or another archive",
}
READ_BYTES, LONGEST_BEGINNING = 400, 60
CUT_BYTES = 4
"""Fewer are what is left of a character that the end of reading cut."""
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
AGE = timedelta(days=1)
"""A younger file may be about to be admitted, or be looked into."""


@dataclass(frozen=True)
class Leftover:
    """One such file."""

    name: str
    """Below the data folder."""
    kind: Kind
    size_bytes: int
    since: datetime
    """When it was written, or copied (UTC)."""
    begins: str
    """How a person knows it, as its record with the name is lost: its first words, or what kind it is."""


class BrokeOff(Refused):
    """A removal that ended early; what is gone is gone."""

    def __init__(self, sentence: str, gone: Sequence[Leftover]) -> None:
        super().__init__(sentence)
        self.gone = list(gone)


def found(store: Store, data: Path) -> list[Leftover]:
    """Those of a data folder that are old enough, the oldest first."""
    every = [*_attachments(store, data), *_logs(data)]
    latest = now() - AGE
    return sorted((left for left in every if left.since < latest), key=lambda left: (left.since, left.name))


def chosen(store: Store, data: Path, names: Sequence[str]) -> list[Leftover]:
    """These of them; Refused when one of them is none any more."""
    known = {left.name: left for left in found(store, data)}
    if missing := [name for name in names if name not in known]:
        raise Refused(
            f"Nothing was removed: {missing[0]} is no longer a file that nothing points to. Look again."
        )
    return [known[name] for name in dict.fromkeys(names)]


def content(store: Store, data: Path, name: str) -> bytes:
    """What is in one of them; Refused when it is none any more."""
    if name not in {left.name for left in found(store, data)}:
        raise Refused(f"{name} is no longer a file that nothing points to. Nothing was changed; look again.")
    try:
        return (data / name).read_bytes()
    except OSError as error:
        raise Refused(
            f"{data / name} could not be read ({error.strerror or error}). Nothing was changed. Correct the "
            f"folder's permissions, then look again."
        ) from error


def remove(data: Path, every: Sequence[Leftover]) -> None:
    """Remove these, one after the other; BrokeOff tells what is gone when one cannot be removed."""
    for count, left in enumerate(every):
        try:
            (data / left.name).unlink(missing_ok=True)
        except OSError as error:
            raise BrokeOff(
                f"{data / left.name} could not be removed ({error.strerror or error}). {count} of the "
                f"{len(every)} files are gone, the others are still there. Correct the folder's permissions, "
                f"then look again.",
                every[:count],
            ) from error


def _attachments(store: Store, data: Path) -> list[Leftover]:
    """Only what no record has is looked at, however many files turns have."""
    try:
        with os.scandir(data / ATTACHMENTS) as entries:
            files = [
                entry.name
                for entry in entries
                if ID.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
            ]
    except FileNotFoundError:  # nothing was ever attached
        return []
    every = [
        _leftover(data, data / ATTACHMENTS / name, "attachment")
        for name in removed_files.unknown(store, files)
    ]
    return [left for left in every if left]


def _logs(data: Path) -> list[Leftover]:
    every = [_leftover(data, file, "log", copied_at) for file, copied_at in copies_of_cuts(data / STORE)]
    return [left for left in every if left]


def _leftover(data: Path, file: Path, kind: Kind, since: datetime | None = None) -> Leftover | None:
    """None for what is no file of its own, or is gone by now."""
    try:
        status = file.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    written = datetime.fromtimestamp(status.st_mtime, UTC).replace(tzinfo=None)
    begins = _beginning(file) if kind == "attachment" else ""
    return Leftover(str(file.relative_to(data)), kind, status.st_size, since or written, begins)


def _beginning(file: Path) -> str:
    """The first line that says anything, or the kind of what holds no text."""
    try:
        with file.open("rb") as opened:
            first = opened.read(READ_BYTES)
    except OSError as error:
        return f"Cannot be read ({error.strerror or error})"
    if found := next((kind for magic, kind in KINDS.items() if first.startswith(magic)), None):
        return found
    text = first.decode("utf-8", "ignore")
    if not first:
        return "Empty"
    lost = len(first) - len(text.encode())
    if lost >= CUT_BYTES or not " ".join(text.split()).isprintable():
        return "No text"
    line = " ".join(next((line for line in text.splitlines() if line.strip()), "").split())
    return line if len(line) <= LONGEST_BEGINNING else f"{line[:LONGEST_BEGINNING]}\u2026"
