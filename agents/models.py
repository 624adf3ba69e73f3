"""Which models are connected: those of the environment, and those pasted for one browser session.

A pasted key lives in this object's memory alone, and so does which session a run belongs to. What a run
keeps on record is that it uses a pasted key, by the provider's name: when the key is gone, as after a
restart, and the environment has no model either, the run waits until a person gives one.
"""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agents.errors import BadInput, Refused
from agents.running.control import MustWait
from agents.settings import ModelSetting
from agents.who import Who
from storage import budgets
from storage.budgets import Scope
from storage.calls import Call, last_failures
from storage.db import Store
from storage.events import HELD
from storage.journal import Journal
from storage.runs import Environment, NewEvent, latest_of, waiting_for_key
from storage.sessions import Convenience

if TYPE_CHECKING:
    from agents.llm.budget import Payer
    from agents.llm.build import Clients
    from agents.llm.client import LlmClient
    from agents.llm.probe import Finding
    from agents.llm.providers import Provider, Role

BudgetScope = Scope
"""What a limit on money counts, for pages that set one."""
USUAL_WARNINGS, USUAL_STOP = budgets.warns_at(None), budgets.USUAL_STOP
"""The shares at which a limit warns and stops that has no thresholds of its own."""
NOT_CONNECTED = "No model is connected. Connect one in Settings, or go on with the built-in analyst."
KEYED = "keyed"
"""Kind of the event that says which providers, by name, a run reaches with a key that was pasted."""


class NeedsKey(MustWait):
    """The key that was pasted for a run is gone; the run waits until a person gives one."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"This needs a key: that of {', '.join(names)} was pasted for one browser session and is kept "
            f"nowhere, so it went when Whytree was started anew or the key was forgotten. Everything so far "
            f"is kept. Paste the key in Settings, then go on here."
        )


class Models:
    """Connects models and hands out clients; the client's libraries load when one is first needed."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        cache: Convenience,
        settings: Sequence[ModelSetting],
        environment: Environment,
    ) -> None:
        self._store, self._journal, self._cache = store, journal, cache
        self._settings = tuple(settings)
        self._environment = environment
        self._lock = threading.Lock()
        self._clients: Clients | None = None
        self._own: tuple[tuple[Provider, ...], tuple[str, ...]] | None = None
        self._pasted: dict[str, tuple[Provider, ...]] = {}
        self._session_of_run: dict[str, str] = {}
        self._made: dict[tuple[int, ...], LlmClient] = {}

    def connected(self, session: str | None = None) -> "tuple[Provider, ...]":
        """Providers that a session may use, in the order they are tried: pasted ones first.

        A pasted one stands in for one of the environment that has its name.
        """
        pasted = self._pasted.get(session or "", ())
        names = {provider.name for provider in pasted}
        return (*pasted, *(own for own in self._from_environment()[0] if own.name not in names))

    @property
    def refused(self) -> tuple[str, ...]:
        """Why models of the environment cannot be used, a sentence for each; the others are connected."""
        return self._from_environment()[1]

    def connect(self, session: str, provider: "Provider") -> None:
        """Use a provider for one browser session; one of the same name takes its place."""
        with self._lock:
            self._pasted[session] = (provider, *self._without(session, provider.name))

    def disconnect(self, session: str, name: str) -> None:
        """Forget a pasted provider and its key; a call that is under way ends with it."""
        with self._lock:
            self._pasted[session] = self._without(session, name)

    def is_pasted(self, session: str, name: str) -> bool:
        """True for a provider of this browser session, not of the environment."""
        return any(provider.name == name for provider in self._pasted.get(session, ()))

    def last_failures(self, limit: int = 10) -> list[Call]:
        """The latest attempts that failed, newest first."""
        return last_failures(self._store, limit)

    def payer(self, who: Who) -> "Payer":
        """Whom a person's calls are counted against."""
        from agents.llm.budget import Payer

        return Payer(who.user_id, who.project_id, self._environment)

    def remember(self, run_id: str, session: str | None) -> list[NewEvent]:
        """Let a run use the models of the session that works on it; returns what to record with the run."""
        pasted = self._pasted.get(session or "", ())
        if not session or not pasted:
            return []
        self._session_of_run[run_id] = session
        return [(KEYED, {"providers": [provider.name for provider in pasted]})]

    def waiting(self, who: Who) -> list[str]:
        """A person's runs that wait for a key, oldest first."""
        return waiting_for_key(self._store, who.user_id, who.project_id, HELD, KEYED)

    def client_of(self, run_id: str) -> "LlmClient":
        """The client for a run; NeedsKey when its pasted key is gone, Refused when no model was connected."""
        providers = self.connected(self._session_of_run.get(run_id))
        if not providers and (keyed := latest_of(self._store, run_id, KEYED)) is not None:
            raise NeedsKey(keyed["providers"])
        return self.client(providers)

    def client(self, providers: "tuple[Provider, ...]") -> "LlmClient":
        """The client for a chain of providers; raises Refused for an empty one."""
        if not providers:
            raise Refused(NOT_CONNECTED)
        with self._lock:
            key = tuple(map(id, providers))  # the client keeps its providers, so an id is not used again
            if key not in self._made:
                self._made[key] = self._shared().client(providers)
            return self._made[key]

    def test(self, provider: "Provider", model: str, who: Who) -> "Finding":
        """Small calls that show what a provider supports; they are on record like any other."""
        from agents.llm.call import CallContext

        context = CallContext("probe", "probe", who.user_id, who.project_id, "test", agent_name="settings")
        return self.client((provider,)).probe(provider.name, model, context, threading.Event())

    def clients(self) -> "Clients":
        """What all clients share: budgets, breakers, limits."""
        with self._lock:
            return self._shared()

    def close(self) -> None:
        """Close all connections."""
        for client in self._made.values():
            client.close()

    def _without(self, session: str, name: str) -> "tuple[Provider, ...]":
        """What a session pasted under other names; clients that hold this one are let go with its key."""
        pasted = self._pasted.get(session, ())
        gone = {id(provider) for provider in pasted if provider.name == name}
        self._made = {key: client for key, client in self._made.items() if gone.isdisjoint(key)}
        return tuple(provider for provider in pasted if provider.name != name)

    def _shared(self) -> "Clients":
        from agents.llm.build import Clients

        if self._clients is None:
            self._clients = Clients(self._store, self._journal, self._cache)
        return self._clients

    def _from_environment(self) -> "tuple[tuple[Provider, ...], tuple[str, ...]]":
        """The providers of the environment, and why others cannot be used."""
        if self._own is None:
            made: dict[str, Provider] = {}
            refused = []
            for number, setting in enumerate(self._settings):
                try:
                    provider = _provider(setting, number)
                    if provider.name in made:
                        raise BadInput(f"More than one is called {provider.name}. Give each its own name.")
                except BadInput as error:
                    refused.append(f"Model {number + 1} of WHYTREE_MODELS is left out. {error}")
                else:
                    made[provider.name] = provider
            self._own = tuple(made.values()), tuple(refused)
        return self._own


def _provider(setting: ModelSetting, number: int) -> "Provider":
    from agents.llm.providers import from_preset

    key = setting.key.get_secret_value() if setting.key else None
    name = setting.name or (setting.preset if number == 0 else f"{setting.preset} {number + 1}")
    models = roles(setting.model) if isinstance(setting.model, str) else setting.model
    chosen = {"rates": setting.rates, "timeout_s": setting.timeout_s}
    others = {field: value for field, value in chosen.items() if value}
    return from_preset(
        setting.preset, models, key, setting.base_url, name=name, limits=setting.limits, **others
    )


def roles(model: str) -> "dict[Role, str]":
    """One model for every kind of task."""
    return {"router": model, "diagnosis": model, "writing": model, "code": model}
