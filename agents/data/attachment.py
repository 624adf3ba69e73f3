"""Attached tables: what kind of file it is and whether it may be read at all. Nothing is parsed here."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agents import signatures
from agents.data.limits import MIB, Limits
from agents.errors import BadInput

Kind = Literal["csv", "parquet", "excel"]
ENDINGS: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "excel",
    ".xlsm": "excel",
}
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of .xls, and of workbooks with a password."""
MAGIC: dict[bytes, Kind] = {signatures.PARQUET: "parquet", signatures.ZIP: "excel"}
LONGEST_NAME, LONGEST_ENDING = 120, 20
NAMES: dict[Kind, str] = {"csv": "CSV", "parquet": "Parquet", "excel": "Excel"}


@dataclass(frozen=True)
class Attachment:
    """A file as a person attached it: its name as they know it, and its bytes or the place where it lies."""

    name: str
    content: bytes | Path

    @property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def beginning(self, count: int = 8) -> bytes:
        """The first bytes."""
        if isinstance(self.content, bytes):
            return self.content[:count]
        with self.content.open("rb") as file:
            return file.read(count)


def checked_kind(attachment: Attachment, limits: Limits) -> Kind:
    """What the file is by its ending and its first bytes; BadInput when it cannot be read as a table."""
    name = shown_name(attachment.name)
    if isinstance(attachment.content, Path) and not attachment.content.is_file():
        raise BadInput(f"“{name}” is no longer there. Nothing was read: attach it again.")
    if attachment.size == 0:
        raise BadInput(f"“{name}” is empty. Nothing was read: attach the file with its content.")
    kind = ENDINGS.get(Path(attachment.name).suffix.lower())
    first = attachment.beginning()
    if first.startswith(OLD_EXCEL):
        raise BadInput(
            f"“{name}” is an old Excel file (.xls) or has a password. Nothing was read: "
            "save it as .xlsx without a password and attach that."
        )
    if kind is None:
        raise BadInput(
            f"“{name}” is not a table this can read. Nothing was read: attach CSV, Parquet or Excel (.xlsx)."
        )
    _check_magic(name, kind, first)
    _check_size(name, kind, attachment.size, limits)
    return kind


def _check_magic(name: str, kind: Kind, first: bytes) -> None:
    found: Kind = next((held for magic, held in MAGIC.items() if first.startswith(magic)), "csv")
    if found != kind:
        raise BadInput(
            f"“{name}” is named like a {NAMES[kind]} file, but its content is not one. "
            "Nothing was read: check the file and attach it again."
        )


def _check_size(name: str, kind: Kind, size: int, limits: Limits) -> None:
    most = {"csv": limits.csv_bytes, "parquet": limits.parquet_bytes, "excel": limits.excel_bytes}[kind]
    if size > most:
        raise BadInput(
            f"“{name}” has {size / MIB:,.1f} MB; a {NAMES[kind]} file may have {most / MIB:,.0f}. "
            "Nothing was read: attach a smaller extract of it."
        )


def shown_name(name: str) -> str:
    """A file's name without folders and without characters that cannot be shown."""
    last = re.split(r"[\\/]", name)[-1]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    stem, ending = Path(shown).stem, Path(shown).suffix[:LONGEST_ENDING]
    return f"{stem[: LONGEST_NAME - len(ending)]}{ending}" or "file"
