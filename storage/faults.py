"""DuckDB's and the system's faults as sentences, and the one fault that DuckDB passes over."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from storage.errors import StoreDamaged, StoreError, StoreLocked, StoreUnwritable

LOG_HEAD = b"\x64\x00\x62"
"""First bytes of DuckDB's write-ahead log."""
UNREADABLE = (
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.InternalException,
    duckdb.FatalException,
)
"""What DuckDB raises on a file that is cut, flipped or of another kind."""

NOT_OPEN = ("has been invalidated", "connection already closed")
"""What DuckDB says behind a fault that ended it, until the file is opened again."""
UNWRITABLE = ("permission", "no space", "read-only", "could not write", "is a directory")
"""What DuckDB's text says when the file system refuses."""


def check_log(file: Path) -> None:
    """Raise StoreDamaged for a log that is none.

    DuckDB skips a log whose head is not one, and overwrites it: every record in it would vanish.
    """
    log_file = file.with_name(f"{file.name}.wal")
    if not log_file.is_file():
        return
    with log_file.open("rb") as opened:
        head = opened.read(len(LOG_HEAD))
    if not LOG_HEAD.startswith(head):
        raise StoreDamaged(
            f"The log {log_file} with the latest records cannot be read. It was left as it is: restore a "
            f"backup, or move it away to go on with what was stored before."
        )


@contextlib.contextmanager
def explained(file: Path) -> Iterator[None]:
    """Turn DuckDB's and the system's errors into sentences."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise _sentence(file, error) from error


def _sentence(file: Path, error: Exception) -> StoreError:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    lower = text.replace(str(file), "").casefold()
    if "lock" in lower and "conflict" in lower:
        return StoreLocked(
            f"Another process has the store {file} open. Nothing was changed: close the other Whytree, "
            f"or set WHYTREE_DATA to another folder."
        )
    if any(sign in lower for sign in NOT_OPEN):
        return StoreUnwritable(
            f"The store {file} is not open at the moment. What was stored before is safe: where the disk is "
            f"full, free space, and it opens again by itself; if it does not, start Whytree again."
        )
    if isinstance(error, OSError) or any(sign in lower for sign in UNWRITABLE):
        return StoreUnwritable(
            f"The store {file} cannot be written ({text}). What was stored before is safe: "
            f"free space or correct the folder's permissions, then try again."
        )
    if isinstance(error, UNREADABLE):
        return StoreDamaged(
            f"The store {file} cannot be read ({text}). The file was left as it is: restore a backup, "
            f"or move it away to start with an empty store."
        )
    return StoreError(f"The store {file} refused a request ({text}). Nothing was changed.")
