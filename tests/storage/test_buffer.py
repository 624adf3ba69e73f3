"""Rows wait for the writer in their order, and whoever brings more waits for room, but not for ever."""

import threading
from collections.abc import Iterator

import pytest

from storage import buffer
from storage.buffer import LEAST_ROOM, MOST_ROOM, Buffer
from storage.errors import StoreUnwritable

TIMEOUT_S = 30


@pytest.fixture
def stuck() -> list[bool]:
    """Whether the writer cannot write."""
    return [False]


@pytest.fixture
def waiting(stuck: list[bool]) -> Iterator[Buffer]:
    held = Buffer(lambda: stuck[0])
    yield held
    held.close()


def rows(count: int, start: int = 0) -> list[dict[str, object]]:
    return [{"n": n} for n in range(start, start + count)]


def add_beside(waiting: Buffer) -> tuple[threading.Thread, threading.Event]:
    """A thread that adds a row, and what is set once it has."""
    added = threading.Event()
    thread = threading.Thread(target=lambda: (waiting.add({"steps": rows(1)}), added.set()))
    thread.start()
    return thread, added


def test_rows_come_out_as_they_went_in_and_only_once(waiting: Buffer) -> None:
    waiting.add({"calls": rows(2), "call_texts": rows(1)})
    waiting.add({"calls": rows(1, start=2)})
    assert waiting.take() == {"calls": rows(3), "call_texts": rows(1)}
    assert waiting.take() == {}


def test_rows_that_could_not_be_written_stand_before_those_that_came_since(waiting: Buffer) -> None:
    waiting.add({"calls": rows(2)})
    failed = waiting.take()
    waiting.add({"calls": rows(1, start=2), "steps": rows(1)})
    waiting.put_back(failed)
    assert waiting.take() == {"calls": rows(3), "steps": rows(1)}


def test_the_writer_is_woken_once_when_the_rows_become_many(waiting: Buffer) -> None:
    half = LEAST_ROOM // 2
    assert [waiting.add({"steps": rows(half - 1)}), waiting.are_many] == [False, False]
    assert [waiting.add({"steps": rows(1)}), waiting.are_many] == [True, True]
    assert waiting.add({"steps": rows(1)}) is False


def test_whoever_brings_rows_to_a_full_buffer_waits_until_they_are_taken(waiting: Buffer) -> None:
    waiting.add({"steps": rows(LEAST_ROOM)})
    thread, added = add_beside(waiting)
    assert not added.wait(0.05)
    assert len(waiting.take()["steps"]) == LEAST_ROOM
    assert added.wait(TIMEOUT_S)
    thread.join(TIMEOUT_S)
    assert len(waiting.take()["steps"]) == 1


def test_nobody_waits_while_the_writer_cannot_write_and_nobody_for_long(
    waiting: Buffer, stuck: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.add({"steps": rows(LEAST_ROOM)})
    monkeypatch.setattr(buffer, "LONGEST_WAIT_S", 0.01)
    waiting.add({"steps": rows(1)})
    monkeypatch.setattr(buffer, "LONGEST_WAIT_S", float(TIMEOUT_S))
    stuck[0] = True
    waiting.add({"steps": rows(1)})
    assert len(waiting.take()["steps"]) == LEAST_ROOM + 2


def test_the_room_follows_how_fast_the_writer_is_within_its_bounds(waiting: Buffer) -> None:
    for _ in range(40):
        waiting.make_room(100_000, 0.1)
    assert waiting._room == MOST_ROOM
    waiting.make_room(10, 60.0)
    assert waiting._room == MOST_ROOM
    for _ in range(40):
        waiting.make_room(100_000, 1e6)
    assert waiting._room == LEAST_ROOM


def test_a_closed_buffer_takes_no_rows_and_gives_those_it_has(waiting: Buffer) -> None:
    waiting.add({"steps": rows(1)})
    waiting.close()
    with pytest.raises(StoreUnwritable, match="Start Whytree again"):
        waiting.add({"steps": rows(1)})
    assert waiting.take() == {"steps": rows(1)}
