"""What the tests of the client share: a clock that never waits, a prompt, a client on a real store."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from agents.llm.call import CallContext, Reply
from agents.llm.client import LlmClient
from agents.llm.clock import Clock
from agents.llm.providers import Provider
from agents.prompts.prompt import FilledPrompt, load_prompt
from storage import calls
from storage.calls import Call
from storage.clock import now
from storage.db import Store
from storage.journal import Journal

KEY = "sk-test-5f1c9d2e7b4a8063"
PROMPT = load_prompt(Path(__file__).parent / "prompts" / "example.md")


class Causes(BaseModel):
    """What the tests ask for."""

    model_config = ConfigDict(extra="forbid")

    causes: list[str]
    confidence: float


class FastClock(Clock):
    """Real time, which waiting moves on at once instead of passing."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.waits: list[float] = []

    def monotonic(self) -> float:
        """Real seconds and those that were skipped."""
        return time.monotonic() + self.ahead

    def utc(self) -> datetime:
        """Real time and what was skipped."""
        return now() + timedelta(seconds=self.ahead)

    def wait(self, cancel: threading.Event, seconds: float) -> bool:
        """Skip the time."""
        self.waits.append(seconds)
        self.ahead += seconds
        return cancel.is_set()


@dataclass
class Sink:
    """Keeps what a text sink is given."""

    pieces: list[str] = field(default_factory=list)
    restarts: int = 0

    def chunk(self, text: str) -> None:
        """More text."""
        self.pieces.append(text)

    def restart(self) -> None:
        """Begin anew."""
        self.restarts += 1
        self.pieces.clear()

    @property
    def text(self) -> str:
        """What stands now."""
        return "".join(self.pieces)


@dataclass
class World:
    """A client, and everything it writes to."""

    client: LlmClient
    store: Store
    journal: Journal
    clock: FastClock
    folder: Path
    cancel: threading.Event = field(default_factory=threading.Event)

    def ask(self, call: str = "first", deadline_s: float = 20.0, **context: Any) -> Reply[Causes]:
        """One structured call."""
        return self.client.ask(
            Causes, filled(), "diagnosis", context_of(call, **context), self.cancel, deadline_s
        )

    def write(self, sink: Sink, call: str = "first", deadline_s: float = 20.0, **context: Any) -> Reply[str]:
        """One streamed call."""
        return self.client.write(
            filled(), "diagnosis", context_of(call, **context), sink, self.cancel, deadline_s
        )

    def rows(self) -> list[Call]:
        """Attempts so far."""
        self.store.flush()
        return calls.of_run(self.store, "run-1")

    def answers(self) -> list[str | None]:
        """What models said, attempt by attempt."""
        texts = [calls.text_of(self.store, row.call_id) for row in self.rows()]
        return [text.answer if text else None for text in texts]


def filled(problem: str = "Sales fell by 20 %.") -> FilledPrompt:
    """The example prompt."""
    return PROMPT.fill({"problem": problem, "facts": "Prices rose in May."})


def context_of(call: str = "first", **changes: Any) -> CallContext:
    """Where the tests' calls belong."""
    plain: dict[str, Any] = {
        "node": "draft",
        "call": call,
        "user_id": "me",
        "project_id": "default",
        "environment": "test",
        "agent_name": "diagnosis",
        "run_id": "run-1",
    }
    return CallContext(**{**plain, **changes})


def provider(url: str, name: str = "alpha", **changes: Any) -> Provider:
    """A provider at a test server."""
    plain: dict[str, Any] = {
        "name": name,
        "base_url": url,
        "key": SecretStr(KEY),
        "models": {"diagnosis": "gpt-4.1"},
        "timeout_s": 5.0,
    }
    return Provider(**{**plain, **changes})
