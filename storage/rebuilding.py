"""Rows that a crash kept from the store, put back from the journal of paid replies."""

import structlog

from storage import calls, runs
from storage.calls import Call, CallText
from storage.db import Store
from storage.journal import Journal

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What an entry raises that is damaged, or that something else wrote."""

log = structlog.get_logger()


def rebuild(store: Store, journal: Journal) -> None:
    """Put rows back that a crash kept from being flushed; those that are there already stay as they are.

    The journal then lets go of runs that have ended, whose steps will not ask again: it would grow for ever.
    """
    kept = [entry for value in journal.values() if (entry := readable(value)) is not None]
    lost = calls.unknown_keys(store, [call.idempotency_key for call, _ in kept])
    for call, text in kept:
        if call.idempotency_key in lost:
            calls.record(store, call, text)
    store.flush()
    journal.forget(runs.ended_of(store, journal.run_ids()))


def readable(value: str) -> tuple[Call, CallText] | None:
    """The rows of a paid reply; None, and a line in the log, when they cannot be read: it is paid again."""
    try:
        return calls.from_json(value)
    except UNREADABLE as error:
        log.warning("a paid reply in the journal cannot be read", reason=f"{type(error).__name__}: {error}")
        return None
