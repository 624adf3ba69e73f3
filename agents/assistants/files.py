"""Files that come with a turn: checked, then kept under an id in the folder of attachments."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from agents.data.attachment import Attachment, shown_name
from agents.errors import BadInput
from storage.clock import new_id
from storage.messages import AttachedFile
from storage.runs import Run

MIB = 2**20
MOST_BYTES = 200 * MIB
"""Of one file; what reads it may have a lower limit of its own."""
MOST_FILES = 10


def keep(folder: Path, run: Run, attachments: Sequence[Attachment]) -> list[AttachedFile]:
    """Put the files into the folder; BadInput before anything is written when one cannot be taken."""
    if len(attachments) > MOST_FILES:
        raise BadInput(f"{MOST_FILES} files can be attached at once. Nothing was sent: attach fewer.")
    for attachment in attachments:
        if attachment.size > MOST_BYTES:
            raise BadInput(
                f"“{shown_name(attachment.name)}” is larger than {MOST_BYTES // MIB} MB. "
                f"Nothing was sent: attach a smaller extract of it."
            )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [_kept(folder, run, attachment) for attachment in attachments]


def _kept(folder: Path, run: Run, attachment: Attachment) -> AttachedFile:
    file = AttachedFile(
        attachment_id=new_id(),
        conversation_id=run.conversation_id or "",
        run_id=run.run_id,
        name=shown_name(attachment.name),
        size_bytes=attachment.size,
        added_at=run.created_at,
    )
    target = folder / file.attachment_id
    if isinstance(attachment.content, bytes):
        target.write_bytes(attachment.content)
    else:
        shutil.copyfile(attachment.content, target)
    target.chmod(0o600)
    return file
