"""What a caller gives to a call and gets from it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from agents.llm.errors import BudgetExceeded, Failure
from agents.llm.faults import Kind
from agents.llm.providers import Provider, Role
from agents.llm.request import Schema
from agents.llm.usage import Usage
from agents.prompts.prompt import FilledPrompt
from storage.calls import ServedFrom
from storage.runs import Environment

T = TypeVar("T")


@dataclass(frozen=True)
class CallContext:
    """Where a call belongs."""

    node: str
    """The step of the graph."""
    call: str
    """Name of the call within its node; with run and node it finds a paid reply again."""
    user_id: str
    project_id: str
    environment: Environment
    agent_name: str | None = None
    run_id: str | None = None
    """None for a call outside of any run, which is not kept for a resume."""
    step_id: str | None = None
    is_shadow: bool = False


class TextSink(Protocol):
    """Where a text goes while it comes."""

    def chunk(self, text: str) -> None:
        """More text."""

    def restart(self) -> None:
        """What came so far is void; the text begins anew."""


@dataclass(frozen=True)
class Reply(Generic[T]):
    """What a call brought."""

    value: T
    text: str
    """What the model said, word for word."""
    call_id: str
    provider_name: str
    model: str
    served_from: ServedFrom
    """`replay` when it had been paid for before a crash."""
    usage: Usage | None
    cost: Decimal | None
    """None when the price is unknown; 0 from the cache."""
    attempts: int
    """Requests this call has made in all."""


@dataclass(frozen=True)
class Target:
    """A provider with the model to ask."""

    provider: Provider
    model: str

    @property
    def name(self) -> str:
        """`provider/model`."""
        return f"{self.provider.name}/{self.model}"


@dataclass(frozen=True)
class Order(Generic[T]):
    """What one call wants."""

    prompt: FilledPrompt
    role: Role
    context: CallContext
    take: Callable[[str], T]
    """Reads the value out of a reply's text; raises Fault."""
    schema: Schema | None
    cancel: threading.Event
    deadline: float
    """Monotonic second at which the whole call ends."""
    sink: TextSink | None = None


@dataclass
class Progress:
    """How far a call has come."""

    attempts: int = 0
    fallback_from: str | None = None
    """`provider/model` that failed before the one being asked."""
    failures: list[Failure] = field(default_factory=list)
    budget: BudgetExceeded | None = None
    """The last budget that kept a provider from being asked."""
    shown: bool = False
    """Whether text of an attempt has reached the sink."""

    def note(self, target: Target, clause: str, kind: Kind | None = None) -> None:
        """Remember why a provider was of no use; without a kind nothing was sent."""
        self.failures.append(Failure(target.provider.name, target.model, clause, kind))
