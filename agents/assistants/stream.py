"""A text on its way into a run's events, so that a reload, or another tab, goes on where it is."""

import time
from collections.abc import Callable
from typing import Any

WRITE_S = 0.15
"""Seconds between two events of a stream; a commit costs a millisecond whatever its size."""


class EventSink:
    """Gathers what a model says and writes it down in pieces."""

    def __init__(self, note: Callable[[str, dict[str, Any]], None]) -> None:
        self._note = note
        self._held: list[str] = []
        self._written = time.monotonic()
        note("restarted", {})

    def chunk(self, text: str) -> None:
        """More text."""
        self._held.append(text)
        if time.monotonic() - self._written >= WRITE_S:
            self.flush()

    def restart(self) -> None:
        """What came so far is void."""
        self._held.clear()
        self._note("restarted", {})

    def flush(self) -> None:
        """Write down what is held back."""
        if self._held:
            self._note("piece", {"text": "".join(self._held)})
        self._held.clear()
        self._written = time.monotonic()
