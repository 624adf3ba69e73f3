"""Files that come with a turn: checked, then kept under an id in the folder of attachments.

A file has its name only when all of it is on disk. Half of one, left by a process that ended, goes with the
next start (`keeping.beside.sweep`); a whole one that no turn has stays until a
person removes it (`keeping.leftovers`).
"""

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from agents.data.attachment import Attachment, shown_name
from agents.errors import BadInput, Refused
from storage.clock import new_id
from storage.messages import AttachedFile
from storage.runs import Run

MIB = 2**20
MOST_BYTES = 200 * MIB
"""Of one file; what reads it may have a lower limit of its own."""
MOST_FILES = 10
PART = ".part"
"""Ends the name of a file that is still being written."""


def keep(folder: Path, run: Run, attachments: Sequence[Attachment]) -> list[AttachedFile]:
    """Put the files into the folder; BadInput before anything is written when one cannot be taken.

    Refused when the disk takes them not; none of them is left then.
    """
    if len(attachments) > MOST_FILES:
        raise BadInput(f"{MOST_FILES} files can be attached at once. Nothing was sent: attach fewer.")
    for attachment in attachments:
        if attachment.size > MOST_BYTES:
            raise BadInput(
                f"“{shown_name(attachment.name)}” is larger than {MOST_BYTES // MIB} MB. "
                f"Nothing was sent: attach a smaller extract of it."
            )
    files = [_named(run, attachment) for attachment in attachments]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file, attachment in zip(files, attachments, strict=True):
            _write(folder / file.attachment_id, attachment)
        _sync(folder)
    except OSError as error:
        _remove(folder, files)
        raise Refused(
            f"The attached files could not be kept in {folder} ({error.strerror or error}), so nothing was "
            f"sent: free space or correct the folder's permissions, then send it again."
        ) from error
    return files


def _named(run: Run, attachment: Attachment) -> AttachedFile:
    return AttachedFile(
        attachment_id=new_id(),
        conversation_id=run.conversation_id or "",
        run_id=run.run_id,
        name=shown_name(attachment.name),
        size_bytes=attachment.size,
        added_at=run.created_at,
    )


def _write(target: Path, attachment: Attachment) -> None:
    part = target.with_name(target.name + PART)
    part.touch(mode=0o600)
    with part.open("wb") as written:
        if isinstance(attachment.content, bytes):
            written.write(attachment.content)
        else:
            with attachment.content.open("rb") as source:
                shutil.copyfileobj(source, written, MIB)
        written.flush()
        os.fsync(written.fileno())
    part.replace(target)


def _sync(folder: Path) -> None:
    """Have the names in a folder on disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _remove(folder: Path, files: Sequence[AttachedFile]) -> None:
    for file in files:
        with contextlib.suppress(OSError):  # the folder itself may be what cannot be used
            (folder / file.attachment_id).unlink(missing_ok=True)
            (folder / f"{file.attachment_id}{PART}").unlink(missing_ok=True)
