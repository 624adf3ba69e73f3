"""Requests and tokens per minute: a call waits for its place, and how long is measured.

The window moves: in no 60 seconds does more go out than is allowed.
"""

import threading
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from limits.util import WindowStats

from agents.llm.clock import Clock
from agents.llm.faults import Fault, Kind
from agents.llm.providers import Limits, Provider

NEAR_S = 0.005
"""Shortest wait, so that rounding never makes a waiting call spin."""
STEPS = 1000
"""Tokens are counted in steps of this part of the limit, rounded up, because each step is kept apart."""


class NoRoom(Exception):
    """The limit leaves no place before the call's deadline."""


@dataclass(frozen=True)
class Place:
    """What a call takes out of one window."""

    kind: str
    item: RateLimitItem
    cost: int


class Limiter:
    """Gives each provider's calls their places; safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._strategy = MovingWindowRateLimiter(MemoryStorage())
        self._lock = threading.Lock()

    def acquire(self, provider: Provider, tokens: int, cancel: threading.Event, deadline: float) -> float:
        """Wait for a place; returns the seconds waited.

        Raises NoRoom when there is none before `deadline`, a monotonic second, and Fault when cancelled.
        """
        places = _places(provider.limits, tokens)
        if not places:
            return 0.0
        started = self._clock.monotonic()
        while (left := self._take(provider.name, places)) > 0:
            if self._clock.monotonic() + left >= deadline:
                raise NoRoom
            if self._clock.wait(cancel, left):
                raise Fault(Kind.CANCELLED)
        return self._clock.monotonic() - started

    def used(self, provider: Provider) -> dict[str, float]:
        """Share of each limit that the last minute used, by `requests` and `tokens`."""
        with self._lock:
            return {
                place.kind: 1 - self._stats(provider.name, place).remaining / place.item.amount
                for place in _places(provider.limits, 0)
            }

    def _take(self, name: str, places: list[Place]) -> float:
        """Take every place, or none and tell how many seconds to wait."""
        with self._lock:
            full = [
                place
                for place in places
                if not self._strategy.test(place.item, name, place.kind, cost=place.cost)
            ]
            if full:
                reset = max(self._stats(name, place).reset_time for place in full)
                return max(reset - self._clock.epoch(), NEAR_S)
            for place in places:
                self._strategy.hit(place.item, name, place.kind, cost=place.cost)
            return 0.0

    def _stats(self, name: str, place: Place) -> WindowStats:
        return self._strategy.get_window_stats(place.item, name, place.kind)


def _places(limits: Limits, tokens: int) -> list[Place]:
    """What a call takes; one larger than a window takes all of it."""
    places: list[Place] = []
    if limits.requests_per_minute:
        places.append(Place("requests", RateLimitItemPerMinute(limits.requests_per_minute), 1))
    if limits.tokens_per_minute:
        step = -(-limits.tokens_per_minute // STEPS)
        steps = limits.tokens_per_minute // step
        places.append(Place("tokens", RateLimitItemPerMinute(steps), min(-(-tokens // step), steps)))
    return places
