"""Files that no record points to any more: nothing removes them by itself, a person may.

An attached file is one when its process ended between writing it and admitting its turn; a copy of a log when
its end was found missing. Either may be all that is left of something, so both go by hand alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from agents.errors import Refused
from agents.keeping.beside import ATTACHMENTS, STORE
from storage import removed_files
from storage.clock import now
from storage.db import Store
from storage.highwater import copies_of_cuts

Kind = Literal["attachment", "log"]
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


def found(store: Store, data: Path) -> list[Leftover]:
    """Those of a data folder that are old enough, the oldest first."""
    every = [*_attachments(store, data), *_logs(data)]
    latest = now() - AGE
    return sorted((left for left in every if left.since < latest), key=lambda left: (left.since, left.name))


def remove(store: Store, data: Path, names: Sequence[str]) -> list[Leftover]:
    """Remove these; Refused, and nothing is removed, when one of them is none any more."""
    known = {left.name: left for left in found(store, data)}
    if missing := [name for name in names if name not in known]:
        raise Refused(
            f"Nothing was removed: {missing[0]} is no longer a file that nothing points to. Look again."
        )
    for name in names:
        try:
            (data / name).unlink(missing_ok=True)
        except OSError as error:
            raise Refused(
                f"{data / name} could not be removed ({error.strerror or error}); those listed before it are "
                f"gone. Correct the folder's permissions, then look again."
            ) from error
    return [known[name] for name in names]


def _attachments(store: Store, data: Path) -> list[Leftover]:
    files = {file.name: file for file in (data / ATTACHMENTS).glob("*") if ID.fullmatch(file.name)}
    unknown = removed_files.unknown(store, list(files))
    return [_leftover(data, files[name], "attachment", _written(files[name])) for name in unknown]


def _logs(data: Path) -> list[Leftover]:
    return [_leftover(data, file, "log", copied_at) for file, copied_at in copies_of_cuts(data / STORE)]


def _written(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(tzinfo=None)


def _leftover(data: Path, file: Path, kind: Kind, since: datetime) -> Leftover:
    return Leftover(str(file.relative_to(data)), kind, file.stat().st_size, since)
