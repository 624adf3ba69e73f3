"""How far a store's log has been on disk, in a small file beside it, so that a cut one is noticed.

DuckDB opens a store whose log ends too early with the transactions before the cut, and says nothing. The mark
holds the number of the store's last checkpoint, which DuckDB keeps in the file's head, and the length of the
log after the last commit: a shorter log behind the same checkpoint has lost its end.
"""

import contextlib
import glob
import os
import shutil
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import structlog

from storage.clock import now

MARK = struct.Struct("<QQ")
"""Number of the checkpoint, bytes of the log."""
HEADS = (4096, 8192)
"""Where DuckDB keeps its two heads in turn; the one of the later checkpoint holds."""
NUMBER = struct.Struct("<8xQ")
"""A head: its checksum, and the number of its checkpoint."""
IN_A_CHECKPOINT = ("checkpoint", "recovery")
"""What DuckDB calls a log that it was about to work into the store when the process ended."""
CUT = ".cut-"
"""Stands in the name of a copy of a log that was found cut."""
STAMP = "%Y%m%d-%H%M%S"
"""When it was found, at the end of that name."""
LONG_LOG = 256 * 2**10
"""Bytes of a log that is worked into the store when it is opened."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Cut:
    """The end of a log that is missing."""

    missing: int
    """Bytes."""
    of: int
    """Bytes of the log as it was after the last commit."""
    last_commit: datetime
    """When that was (UTC)."""
    kept_as: Path | None
    """Copy of the log as it was found; None when there was none."""


class HighWater:
    """The mark of an open store; call `note` after each commit."""

    def __init__(self, file: Path) -> None:
        self._log = log_of(file)
        self.checkpoint = self.log_bytes = 0
        """Number of the last checkpoint, and how long the log is, as of the last commit."""
        self._store = self._mark = -1
        with contextlib.suppress(OSError):  # the mark is no record: without one a cut is not noticed
            self._store = os.open(file, os.O_RDONLY)
            self._mark = os.open(mark_of(file), os.O_WRONLY | os.O_CREAT, 0o600)
            self.note()

    def note(self) -> None:
        """Keep how long the log is now."""
        if self._mark < 0:
            return
        try:
            self.checkpoint, self.log_bytes = _checkpoint(self._store), _size(self._log)
            os.pwrite(self._mark, MARK.pack(self.checkpoint, self.log_bytes), 0)
        except OSError as error:
            log.warning("the end of the log could not be marked", file=str(self._log), reason=str(error))

    def close(self) -> None:
        """Release the files."""
        for opened in (self._store, self._mark):
            if opened >= 0:
                os.close(opened)
        self._store = self._mark = -1


def find_cut(file: Path) -> Cut | None:
    """Whether the log of a closed store has lost its end; what is left of it is copied first."""
    mark, there = mark_of(file), log_of(file)
    try:
        number, size = MARK.unpack(mark.read_bytes())
        with file.open("rb") as opened:
            same = _checkpoint(opened.fileno()) == number
    except (OSError, struct.error):
        return None  # no store yet, or one of an earlier version
    found = _size(there)
    midway = any(there.with_name(f"{there.name}.{part}").exists() for part in IN_A_CHECKPOINT)
    if not same or midway or found >= size:
        return None
    last_commit = datetime.fromtimestamp(mark.stat().st_mtime, UTC).replace(tzinfo=None)
    kept_as = there.with_name(f"{there.name}{CUT}{now():{STAMP}}") if found else None
    if kept_as is not None:
        shutil.copy2(there, kept_as)
    return Cut(size - found, size, last_commit, kept_as)


def shorten_log(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Work a long log into its store, so that it is read again at the next start only if need be.

    Reading it takes a second for three megabytes of small transactions; a kill leaves up to sixteen.
    """
    if _size(log_of(file)) > LONG_LOG:
        with contextlib.suppress(duckdb.Error):  # a full disk: the log stays, and holds everything
            connection.execute("checkpoint")


def mark_of(file: Path) -> Path:
    """The mark beside a store."""
    return file.with_name(f"{file.name}.mark")


def log_of(file: Path) -> Path:
    """The log beside a store."""
    return file.with_name(f"{file.name}.wal")


def is_copy_of_cut(file: Path) -> bool:
    """Whether a file is what `find_cut` has copied."""
    return CUT in file.name


def copies_of_cuts(file: Path) -> list[tuple[Path, datetime]]:
    """What `find_cut` has copied of a store's log, with when (UTC), the oldest first."""
    found = []
    for copy in sorted(file.parent.glob(f"{glob.escape(log_of(file).name)}{CUT}*")):
        with contextlib.suppress(ValueError):  # named by somebody else
            found.append((copy, datetime.strptime(copy.name.rpartition(CUT)[2], STAMP)))
    return found


def _checkpoint(opened: int) -> int:
    """Number of the last checkpoint of a store; 0 before the first."""
    heads = [os.pread(opened, NUMBER.size, at) for at in HEADS]
    return max((NUMBER.unpack(head)[0] for head in heads if len(head) == NUMBER.size), default=0)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
