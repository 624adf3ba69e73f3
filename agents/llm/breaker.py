"""One breaker per provider and model: after failures in a row nobody is sent there for a while.

Only the state is locked, so calls run side by side. Behind an open breaker exactly one trial goes out at a
time; results of calls that were let through before the state last changed no longer count.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Self

from agents.llm.providers import Account, Provider

State = Literal["closed", "open", "half_open"]
Health = Literal["failed", "locked_out", "healthy", "unknown"]

FAILURES = 5
"""Failures in a row that open a breaker."""
PAUSE_S = 60.0
"""Seconds an open breaker lets nobody through."""


class BreakerOpen(Exception):
    """Nobody is let through; `retry_in_s` is when the next trial may go out, 0 while one is under way."""

    def __init__(self, retry_in_s: float) -> None:
        super().__init__("the breaker is open")
        self.retry_in_s = retry_in_s


@dataclass(frozen=True)
class Change:
    """A breaker changed its state."""

    provider_name: str
    model: str
    before: State
    after: State
    failures: int
    locked_out: bool
    """Whether the key was refused, which opens at once."""


@dataclass(frozen=True)
class Status:
    """How a breaker stands."""

    state: State
    """Half open: the pause is over, or a trial is under way."""
    failures: int
    """Failures in a row."""
    locked_out: bool
    """Whether the key was refused last."""


class Permit:
    """Leave to make one call; tell it once how the call went, or leave it to say nothing."""

    def __init__(self, breaker: "Breaker", epoch: int) -> None:
        self._breaker = breaker
        self._epoch = epoch
        self._told = False

    def tell(self, health: Health) -> None:
        """How the call went; only the first time counts."""
        if not self._told:
            self._told = True
            self._breaker.hear(health, self._epoch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.tell("unknown")


class Breaker:
    """The state for one provider and model."""

    def __init__(
        self, provider_name: str, model: str, clock: Callable[[], float], changed: Callable[[Change], None]
    ) -> None:
        self._names = (provider_name, model)
        self._clock = clock
        self._changed = changed
        self._lock = threading.Lock()
        self._state: State = "closed"
        self._failures = 0
        self._opened_at = 0.0
        self._epoch = 0
        self._trial = False
        self._locked_out = False

    @property
    def status(self) -> Status:
        """How the breaker stands."""
        with self._lock:
            due = self._state == "open" and self._left() <= 0
            return Status("half_open" if due else self._state, self._failures, self._locked_out)

    def admit(self) -> Permit:
        """Leave to make a call; raises BreakerOpen."""
        change = None
        with self._lock:
            if self._state == "open" and self._left() <= 0:
                change = self._become("half_open")
            if self._state == "open":
                raise BreakerOpen(self._left())
            if self._state == "half_open" and self._trial:
                raise BreakerOpen(0.0)
            self._trial = self._state == "half_open"
            permit = Permit(self, self._epoch)
        self._announce(change)
        return permit

    def hear(self, health: Health, epoch: int) -> None:
        """Take note of how a call went that was let through in `epoch`."""
        with self._lock:
            change = self._judge(health) if epoch == self._epoch else None
        self._announce(change)

    def _judge(self, health: Health) -> Change | None:
        self._trial = False
        if health == "unknown":
            return None
        if health == "healthy":
            self._failures, self._locked_out = 0, False
            return self._become("closed") if self._state == "half_open" else None
        self._failures += 1
        self._locked_out = health == "locked_out"
        if self._locked_out or self._state == "half_open" or self._failures >= FAILURES:
            return self._become("open")
        return None

    def _become(self, after: State) -> Change:
        """Change the state; calls let through before no longer count."""
        before, self._state = self._state, after
        self._epoch += 1
        self._trial = False
        if after == "open":
            self._opened_at = self._clock()
        if after == "closed":
            self._failures = 0
        return Change(*self._names, before, after, self._failures, self._locked_out)

    def _left(self) -> float:
        return self._opened_at + PAUSE_S - self._clock()

    def _announce(self, change: Change | None) -> None:
        if change:
            self._changed(change)


class Breakers:
    """A breaker for each model at each account, made when first asked for.

    An account is a provider's name with its address and key: a corrected key is not held up by the failures
    of the wrong one, and nobody's wrong key shuts others out who reach the same place with their own.
    """

    def __init__(self, clock: Callable[[], float], changed: Callable[[Change], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._lock = threading.Lock()
        self._known: dict[tuple[Account, str], Breaker] = {}

    def of(self, provider: Provider, model: str) -> Breaker:
        """The breaker of a model at a provider."""
        key = (provider.account, model)
        with self._lock:
            if key not in self._known:
                self._known[key] = Breaker(provider.name, model, self._clock, self._changed)
            return self._known[key]

    def statuses(self, providers: Iterable[Provider]) -> dict[tuple[str, str], Status]:
        """How every breaker of these providers stands that was used so far, by provider and model."""
        with self._lock:
            known = list(self._known.items())
        names = {provider.account: provider.name for provider in providers}
        return {
            (names[account], model): breaker.status for (account, model), breaker in known if account in names
        }
