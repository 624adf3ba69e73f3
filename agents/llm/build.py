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
from agents.llm.record import Recorder, rebuild
from agents.llm.wire import Wire
from storage import calls
from storage.db import Store
from storage.journal import Journal
from storage.sessions import Convenience

BREAKER_EVENT = "breaker"


def build_client(
    store: Store,
    journal: Journal,
    cache: Convenience,
    providers: Iterable[Provider],
    clock: Clock | None = None,
    rng: random.Random | None = None,
) -> LlmClient:
    """A client for a chain of providers, tried in this order.

    Rows that a crash kept from the store are put back first, so that budgets count them. Raises BadInput
    when two providers have the same name.
    """
    clock, found = clock or Clock(), checked(providers)
    rebuild(store, journal)
    keys = Keys(found)
    parts = Parts(
        clock=clock,
        keys=keys,
        wire=Wire(keys, clock),
        capabilities=Capabilities(store),
        breakers=Breakers(clock.monotonic, lambda change: _note(store, change)),
        limiter=Limiter(clock),
        budgets=Budgets(store, clock.utc),
        cache=ReplyCache(cache),
        recorder=Recorder(store, journal, keys),
    )
    return LlmClient(found, parts, rng or random.Random())


def _note(store: Store, change: Change) -> None:
    data = {name: value for name, value in asdict(change).items() if name not in ("provider_name", "model")}
    calls.note_provider(store, change.provider_name, change.model, BREAKER_EVENT, data)
