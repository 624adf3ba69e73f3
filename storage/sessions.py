"""Convenience that may be lost: drafts and cached replies (diskcache).

diskcache unpickles what it reads, so a planted file could run code; the disk here speaks JSON only.
"""

import contextlib
import sqlite3
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

import diskcache

from storage.errors import StoreUnwritable

T = TypeVar("T")

LARGEST = 256 * 2**20
"""Bytes the folder may hold; the least recently stored entries go first."""
UNAVAILABLE = (OSError, sqlite3.Error, diskcache.Timeout)
"""What a full, locked or lost folder raises; nothing is kept then."""
UNREADABLE = (*UNAVAILABLE, ValueError, TypeError, EOFError, RecursionError, zlib.error)
"""What a cut or foreign entry raises; the entry then counts as absent."""


class Convenience(Protocol):
    """Three calls, so that a table could take diskcache's place."""

    def get(self, key: str) -> Any | None:
        """The value, or None when there is none."""

    def put(self, key: str, value: Any, seconds: float | None = None) -> None:
        """Keep a JSON value, for `seconds` at most."""

    def drop(self, key: str) -> None:
        """Forget a value."""


class PlainDisk(diskcache.JSONDisk):  # type: ignore[misc]
    """JSON values under text keys; whatever is stored otherwise was not written by us and is not read."""

    def get(self, key: Any, raw: bool) -> Any:
        """The key as it was given."""
        if not raw:
            raise ValueError("a pickled key was refused")
        return super().get(key, raw)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        """The value; a pickled one is refused unread."""
        if mode == diskcache.core.MODE_PICKLE:
            raise ValueError("a pickled value was refused")
        return super().fetch(mode, filename, value, read)


class DiskConvenience:
    """`Convenience` on a folder; a damaged entry counts as absent, a damaged index is begun anew.

    One thread of its own does it all: diskcache opens its database anew for each thread that comes, which
    takes longer than what most of them come for.
    """

    def __init__(self, folder: Path, largest: int = LARGEST) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="convenience")
        self._known: set[str] = set()
        self._is_listed = False
        """Whether `_known` names every key that there is; some may be gone again."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._cache: diskcache.Cache = self._thread.submit(_open, folder, largest).result()
        except UNAVAILABLE as error:
            self._thread.shutdown()
            raise StoreUnwritable(
                f"The folder {folder} for drafts cannot be used ({error}). No record is in it: "
                f"move it away, or correct its permissions, and start again."
            ) from error

        self._thread.submit(self._list)

    def get(self, key: str) -> Any | None:
        """The value, or None when there is none or it cannot be read."""
        if self._is_listed and key not in self._known:
            return None
        try:
            return self._do(self._cache.get, key)
        except UNREADABLE:
            return None

    def put(self, key: str, value: Any, seconds: float | None = None) -> None:
        """Keep a JSON value, for `seconds` at most; a full disk keeps nothing."""
        self._known.add(key)
        with contextlib.suppress(*UNAVAILABLE):
            self._do(self._cache.set, key, value, seconds)

    def _list(self) -> None:
        """Learn which keys there are, so that most of those that are not need no look."""
        with contextlib.suppress(*UNREADABLE):
            self._known.update(key for key in self._cache.iterkeys() if isinstance(key, str))
            self._is_listed = True

    def drop(self, key: str) -> None:
        """Forget a value."""
        with contextlib.suppress(*UNAVAILABLE):
            self._do(self._cache.delete, key)

    def drop_where(self, is_unwanted: Callable[[str], bool]) -> None:
        """Forget every value whose key is unwanted."""
        with contextlib.suppress(*UNREADABLE):
            for key in self._do(lambda: list(self._cache.iterkeys())):
                if isinstance(key, str) and is_unwanted(key):
                    self.drop(key)

    def close(self) -> None:
        """Release the folder; nothing is kept or found from then on."""
        with contextlib.suppress(*UNAVAILABLE):  # closed before, or not well: nothing in it is needed
            self._do(self._cache.close)
        self._thread.shutdown()

    def _do(self, work: Callable[..., T], *arguments: object) -> T:
        try:
            done = self._thread.submit(work, *arguments)
        except RuntimeError as error:
            raise OSError("the folder for drafts is closed") from error
        return done.result()


def _open(folder: Path, largest: int) -> diskcache.Cache:
    try:
        return diskcache.Cache(str(folder), disk=PlainDisk, size_limit=largest)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:  # no database, or a malformed one: losing it loses nothing
        for file in folder.glob("cache.db*"):
            file.unlink()
        return diskcache.Cache(str(folder), disk=PlainDisk, size_limit=largest)
