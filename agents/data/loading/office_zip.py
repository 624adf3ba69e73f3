"""Office files are zip archives: opened only when their unpacked size is bearable."""

import zipfile
from pathlib import Path

from agents.errors import BadInput

MOST_MEMBERS = 10_000
MOST_RATIO = 300
"""Unpacked bytes to packed bytes of one member; real sheets reach some dozens."""
SMALL = 10 * 2**20
"""Members up to this size may be packed as tightly as they like."""


def check_office_zip(path: Path, name: str, most_bytes: int, needed: str) -> None:
    """Raise BadInput unless `path` is a sound zip with the part `needed` and at most `most_bytes` inside.

    The sizes checked are those in the archive's directory; reading a member stops at that size.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise BadInput(f"“{name}” is damaged. Nothing was read: save it again and attach that.") from error
    if any(member.flag_bits & 1 for member in members):
        raise BadInput(
            f"“{name}” is encrypted. Nothing was read: save it without a password and attach that."
        )
    if needed not in {member.filename for member in members}:
        raise BadInput(f"“{name}” is not the kind of file its name says. Nothing was read: check the file.")
    if _is_bomb(members, most_bytes):
        raise BadInput(
            f"“{name}” unpacks to far more than its size shows, which office files do not do. "
            "Nothing was read: attach a smaller extract, or a CSV file."
        )


def _is_bomb(members: list[zipfile.ZipInfo], most_bytes: int) -> bool:
    packed_too_well = any(
        member.file_size > SMALL and member.file_size > MOST_RATIO * max(1, member.compress_size)
        for member in members
    )
    return packed_too_well or len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > most_bytes
