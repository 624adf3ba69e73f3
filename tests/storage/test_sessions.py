"""Convenience that may be lost, and that runs nobody's code."""

import pickle
import random
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import diskcache
import pytest

from storage.errors import StoreUnwritable
from storage.sessions import DiskConvenience, PlainDisk


class Trap:
    """Pickled, it makes a file when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.mark,)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "convenience"


@pytest.fixture
def kept(folder: Path) -> Iterator[DiskConvenience]:
    opened = DiskConvenience(folder)
    yield opened
    opened.close()


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The file that exists when planted code has run."""
    return tmp_path / "executed"


LONG = random.Random(1).randbytes(100_000).hex()
"""Too long, and too random to be compressed, for the index: it goes into a file of its own."""
VALUES = [None, True, 0.1 + 0.2, "\u202e 📉 {x}", [1, {"a": [None]}], {"long": LONG}]


@pytest.mark.parametrize("value", VALUES, ids=[type(value).__name__ for value in VALUES])
def test_a_value_comes_back_as_it_was_also_after_reopening(folder: Path, value: object) -> None:
    first = DiskConvenience(folder)
    first.put("draft:me", value)
    assert first.get("draft:me") == value
    first.close()
    again = DiskConvenience(folder)
    assert again.get("draft:me") == value
    again.close()


def test_what_was_dropped_expired_or_never_kept_is_absent(kept: DiskConvenience) -> None:
    kept.put("a", 1)
    kept.drop("a")
    kept.put("b", 1, seconds=-1)
    assert [kept.get(key) for key in "abc"] == [None, None, None]
    kept.drop("never kept")


def test_a_folder_that_cannot_be_closed_well_still_ends_its_thread(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    before = set(threading.enumerate())
    opened = DiskConvenience(folder)
    assert set(threading.enumerate()) > before
    monkeypatch.setattr(diskcache.Cache, "close", fail)
    opened.close()
    assert set(threading.enumerate()) <= before


def test_a_value_that_is_not_json_is_refused_loudly(kept: DiskConvenience) -> None:
    with pytest.raises(TypeError):
        kept.put("a", object())


def test_only_the_owner_may_enter_the_folder(kept: DiskConvenience, folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700


def plant(folder: Path, column: str, value: object) -> None:
    with sqlite3.connect(folder / "cache.db") as connection:
        connection.execute(f"update Cache set {column} = ?", [value])
    connection.close()


def test_a_planted_pickle_is_never_executed(folder: Path, mark: Path) -> None:
    with diskcache.Cache(str(folder)) as foreign:  # the library's own disk pickles
        foreign.set("draft:me", Trap(mark))
        foreign.set(("a", "tuple"), Trap(mark))
    ours = DiskConvenience(folder)
    ours.put("x", 1)
    with sqlite3.connect(folder / "cache.db") as connection:
        pickled = sqlite3.Binary(pickle.dumps(Trap(mark)))
        connection.execute("update Cache set mode = 4, value = ?", [pickled])
    connection.close()
    assert [ours.get(key) for key in ("draft:me", "x", "nothing")] == [None, None, None]
    ours.close()
    assert not mark.exists()


def test_a_planted_pickled_key_is_never_executed(folder: Path, mark: Path) -> None:
    disk = PlainDisk(str(folder))
    with pytest.raises(ValueError, match="pickled key"):
        disk.get(pickle.dumps(Trap(mark)), raw=False)
    assert not mark.exists()


DAMAGES = {
    "not compressed": ("value", b"garbage"),
    "cut": ("value", zlib.compress(b'{"a": 1}')[:-3]),
    "not json": ("value", zlib.compress(b"{")),
    "deep": ("value", zlib.compress(b"[" * 200_000)),
    "text": ("value", "a text"),
    "number": ("value", 7),
    "nothing": ("value", None),
    "file that is gone": ("filename", "no/such.val"),
    "unknown mode": ("mode", 9),
    "file mode without file": ("mode", 2),
}


@pytest.mark.parametrize(("column", "value"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_entry_counts_as_absent_and_can_be_replaced(
    kept: DiskConvenience, folder: Path, column: str, value: object
) -> None:
    kept.put("a", {"x": 1})
    plant(folder, column, value)
    assert kept.get("a") in (None, {"x": 1})
    kept.put("a", 2)
    assert kept.get("a") == 2


@pytest.mark.parametrize("content", [b"", b"garbage" * 1_000, b"SQLite format 3\x00" + b"x" * 9_000])
def test_a_damaged_index_is_begun_anew(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "cache.db").write_bytes(content)
    opened = DiskConvenience(folder)
    opened.put("a", 1)
    assert opened.get("a") == 1
    opened.close()


def test_a_place_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnwritable, match="No record is in it: move it away"):
        DiskConvenience(tmp_path / "file")


def test_a_lost_folder_keeps_nothing_and_raises_nothing(kept: DiskConvenience, folder: Path) -> None:
    kept.put("a", LONG)
    for file in list(folder.rglob("*.val")):
        file.unlink()
    assert kept.get("a") is None
