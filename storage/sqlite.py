"""SQLite files beside the store, opened so that damage is told before anything is written."""

import contextlib
import sqlite3
from pathlib import Path

from storage.errors import StoreDamaged, StoreUnwritable

DAMAGED = ("malformed", "not a database")
"""What SQLite's text says of a file that is none, or no longer one."""


def open_checked(file: Path, holds: str, without_it: str) -> sqlite3.Connection:
    """Open or create a file whose commits are on disk when they return.

    Raises StoreDamaged or StoreUnwritable; the file is then as it was. The sentence says what the file
    `holds`, and how things go on `without_it`.
    """
    try:
        with contextlib.ExitStack() as opened:
            connection = sqlite3.connect(file, check_same_thread=False)
            opened.callback(connection.close)
            _check(connection)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            opened.pop_all()
    except sqlite3.DatabaseError as error:
        damaged = any(sign in str(error) for sign in DAMAGED)
        raise (StoreDamaged if damaged else StoreUnwritable)(
            f"The file {file} that holds {holds} cannot be used ({error}). It was left as it is: "
            f"move it away, and {without_it}."
        ) from error
    return connection


def _check(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("pragma quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict}")
