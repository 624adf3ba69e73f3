"""Runs that something is done to, and what memory and file tell of them."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

from storage import messages, runs
from storage.clock import new_id, now
from storage.db import Store
from storage.memory import RunMemory
from storage.runs import Run

TIMEOUT_S = 10.0


def admitted(store: Store, user_id: str = "ann") -> Run:
    """A run with one event and one message of a conversation of its own."""
    at = now()
    run = Run(new_id(), "diagnosis", "Late", "Buses late", "running", user_id, "default", "test", at, at)
    run = replace(run, routing_confidence=0.1, max_cost=Decimal("2E+1"), priority=3, started_at=at)
    said = messages.Message(run.run_id, "of " + run.run_id, "user", "Buses late", at)
    first = [("complained", {"text": "Buses late", "odd": (1, 2.5, None)})]
    runs.admit(store, run, first, [messages.said(said)])
    return run


def told(store: Store, run_id: str) -> tuple[object, ...]:
    """All that is told of a run."""
    return (
        run := runs.find(store, run_id),
        str(run),  # an amount has as many digits as the file tells, though fewer would be equal
        runs.events(store, run_id),
        runs.events(store, run_id, after=2),
        runs.find_with_last(store, run_id),
        runs.standing(store, run_id),
        runs.status(store, run_id),
        runs.last_seq(store, run_id),
        runs.last_kind(store, run_id),
    )


def told_by_the_file(store: Store, run_id: str) -> tuple[object, ...]:
    """The same without what is remembered."""
    kept, store.memory = store.memory, RunMemory()
    try:
        return told(store, run_id)
    finally:
        store.memory = kept


def add(store: Store, run_id: str, **changes: Any) -> None:
    """Two events more."""
    event = ("answered", {"text": "“yes”", "belief": {"a": 0.1, "b": 1e-9}})
    runs.add_events(store, run_id, [event, event], runs.last_seq(store, run_id), **changes)


def row(store: Store, run_id: str) -> Run:
    """The row of a run that there is."""
    found = runs.find(store, run_id)
    assert found
    return found


def together(store: Store, acts: list[Callable[[], object]]) -> list[object]:
    """What each of these returns, or raises, when all of them wait for the writer at the same time."""
    ready, go = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        ready.set()
        go.wait(TIMEOUT_S)

    with ThreadPoolExecutor(len(acts) + 1) as threads:
        held = threads.submit(store.transact, hold)
        ready.wait(TIMEOUT_S)
        done = []
        for number, act in enumerate(acts, start=1):
            done.append(threads.submit(act))
            until(lambda number=number: store._writer.jobs.qsize() >= number)  # type: ignore[misc]
        go.set()
        held.result(TIMEOUT_S)
        return [each.exception(TIMEOUT_S) or each.result() for each in done]


def until(holds: Callable[[], bool]) -> None:
    """Return when something holds."""
    end = time.monotonic() + TIMEOUT_S
    while not holds():
        assert time.monotonic() < end
