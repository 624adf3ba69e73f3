"""Puts the client together; time and chance are parameters, so that no test waits."""

import random
from collections.abc import Iterable
from dataclasses import asdict

from agents.llm.attempt import Parts
from agents.llm.breaker import Breakers, Change
from agents.llm.budget import Budgets
from agents.llm.cache import ReplyCache
from agents.llm.capability import Capabilities
from agents.llm.client import LlmClient
from agents.llm.clock import Clock
from agents.llm.keys import Keys
from agents.llm.limiter import Limiter
from agents.llm.providers import Provider, checked
from agents.llm.record import Recorder
from agents.llm.wire import Wire
from storage import calls
from storage.db import Store
from storage.journal import Journal
from storage.rebuilding import rebuild
from storage.sessions import Convenience

BREAKER_EVENT = "breaker"


class Clients:
    """Makes clients for chains of providers that share breakers, limits, budgets, cache and record."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        cache: Convenience,
        clock: Clock | None = None,
        rng: random.Random | None = None,
    ) -> None:
        """Rows that a crash kept from the store are put back first, so that budgets count them."""
        self._store, self._journal, self._cache = store, journal, cache
        self._clock, self._rng = clock or Clock(), rng or random.Random()
        rebuild(store, journal)
        self._capabilities = Capabilities(store)
        self._breakers = Breakers(self._clock.monotonic, lambda change: _note(store, change))
        self._limiter = Limiter(self._clock)
        self.budgets = Budgets(store, self._clock.utc)
        """Limits on money and what was spent, over all clients."""

    def client(self, providers: Iterable[Provider]) -> LlmClient:
        """A client for a chain, tried in this order; BadInput when two providers have the same name."""
        found = checked(providers)
        keys = Keys(found)
        parts = Parts(
            clock=self._clock,
            keys=keys,
            wire=Wire(keys, self._clock),
            capabilities=self._capabilities,
            breakers=self._breakers,
            limiter=self._limiter,
            budgets=self.budgets,
            cache=ReplyCache(self._cache),
            recorder=Recorder(self._store, self._journal, keys),
        )
        return LlmClient(found, parts, self._rng)


def build_client(
    store: Store,
    journal: Journal,
    cache: Convenience,
    providers: Iterable[Provider],
    clock: Clock | None = None,
    rng: random.Random | None = None,
) -> LlmClient:
    """A client on its own, for a chain of providers."""
    return Clients(store, journal, cache, clock, rng).client(providers)


def _note(store: Store, change: Change) -> None:
    data = {name: value for name, value in asdict(change).items() if name not in ("provider_name", "model")}
    calls.note_provider(store, change.provider_name, change.model, BREAKER_EVENT, data)
