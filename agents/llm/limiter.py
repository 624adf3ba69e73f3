"""Requests and tokens per minute: a call waits for its place, and how long is measured.

The window moves: in no 60 seconds does more go out than is allowed. Both windows are taken in one step. The
`limits` package was tried: its memory storage starts a thread per call, keeps an entry per token, takes no
clock, and its `test` and `hit` disagree about what went out exactly 60 seconds ago.
"""

import threading
from collections import deque

from agents.llm.clock import Clock
from agents.llm.faults import Fault, Kind
from agents.llm.providers import Account, Limits, Provider

MINUTE_S = 60.0


class NoRoom(Exception):
    """The limit leaves no place before the call's deadline."""


class Window:
    """What went out in the last minute, oldest first; not locked, the limiter is."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._out: deque[tuple[float, int]] = deque()

    def wait(self, amount: int, now: float) -> float:
        """Seconds until `amount` finds room; an amount larger than the window waits until it is empty."""
        while self._out and self._out[0][0] + MINUTE_S <= now:
            self.used -= self._out.popleft()[1]
        missing = self.used + min(amount, self.limit) - self.limit
        wait = 0.0
        for at, taken in self._out:
            if missing <= 0:
                break
            missing -= taken
            wait = at + MINUTE_S - now
        return wait

    def take(self, amount: int, now: float) -> None:
        """Count an amount that goes out."""
        self._out.append((now, min(amount, self.limit)))
        self.used += min(amount, self.limit)


class Limiter:
    """Gives each provider's calls their places; safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[tuple[Account, str, int], Window] = {}

    def acquire(self, provider: Provider, tokens: int, cancel: threading.Event, deadline: float) -> float:
        """Wait for a place; returns the seconds waited.

        Raises NoRoom when there is none before `deadline`, a monotonic second, and Fault when cancelled.
        """
        started = self._clock.monotonic()
        while (left := self._take(provider, tokens)) > 0:
            if self._clock.monotonic() + left >= deadline:
                raise NoRoom
            if self._clock.wait(cancel, left):
                raise Fault(Kind.CANCELLED)
        return self._clock.monotonic() - started

    def used(self, provider: Provider) -> dict[str, float]:
        """Share of each limit that the last minute used, by `requests` and `tokens`."""
        with self._lock:
            now = self._clock.monotonic()
            return {
                kind: self._share(self._window(provider, kind, limit), now)
                for kind, limit, _ in _wanted(provider.limits, 0)
            }

    def _take(self, provider: Provider, tokens: int) -> float:
        """Take a place in every window, or in none and tell how many seconds to wait."""
        with self._lock:
            now = self._clock.monotonic()
            places = [
                (self._window(provider, kind, limit), amount)
                for kind, limit, amount in _wanted(provider.limits, tokens)
            ]
            wait = max((window.wait(amount, now) for window, amount in places), default=0.0)
            if wait <= 0:
                for window, amount in places:
                    window.take(amount, now)
            return wait

    def _window(self, provider: Provider, kind: str, limit: int) -> Window:
        return self._windows.setdefault((provider.account, kind, limit), Window(limit))

    def _share(self, window: Window, now: float) -> float:
        window.wait(0, now)
        return window.used / window.limit


def _wanted(limits: Limits, tokens: int) -> list[tuple[str, int, int]]:
    """Kind, limit and amount of what a call takes out of each window."""
    both = (("requests", limits.requests_per_minute, 1), ("tokens", limits.tokens_per_minute, tokens))
    return [(kind, limit, amount) for kind, limit, amount in both if limit]
