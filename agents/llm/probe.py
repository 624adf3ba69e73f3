"""A few small calls that show what a provider really supports for a model; what they find is kept."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import BaseModel

from agents.llm.attempt import Asking, Attempts, Parts
from agents.llm.breaker import BreakerOpen
from agents.llm.call import CallContext, Order, Progress, Reply, Target, TextSink
from agents.llm.capability import Capability, JsonMode, learned
from agents.llm.errors import ADVICE, BudgetExceeded, CallCancelled, Failure
from agents.llm.faults import Fault, Kind
from agents.llm.limiter import NoRoom
from agents.llm.request import Schema, first_request, schema_of
from agents.llm.taking import take_text, taking
from agents.prompts.prompt import FilledPrompt

T = TypeVar("T")

DEADLINE_S = 30.0
"""Seconds each small call may take."""
OUTPUT_TOKENS = 512
"""Enough for a model that thinks before it says one word."""
SAMPLING = 1.0
"""A temperature that every model takes, and whose replies no cache keeps."""
WORD = "Say the word pong."
OBJECT = 'Answer with this JSON object: {"reply": "pong"}'
TRY_AGAIN = "Try again in a while, or choose another model."
MODES: tuple[tuple[JsonMode, str], ...] = (("json_schema", WORD), ("json_object", OBJECT))
UNSUPPORTED = {Kind.BAD_REQUEST, Kind.BAD_JSON, Kind.WRONG_SHAPE, Kind.CUT, Kind.NOT_A_REPLY}
"""Faults that show that a form is not supported, rather than that the provider is in trouble."""


class Pong(BaseModel):
    """What the small calls ask for."""

    reply: str


@dataclass(frozen=True)
class Finding:
    """What the test of a model showed."""

    reachable: bool
    latency_s: float | None
    """Seconds the first good reply took; None when there was none."""
    price_known: bool
    capability: Capability | None
    """None when the model could not be used at all."""
    failure: str | None
    """Sentence on why not; None when it can be used."""


class _Quiet:
    """Takes a text that nobody reads."""

    def chunk(self, text: str) -> None:
        """More text."""

    def restart(self) -> None:
        """Begin anew."""


class Probe:
    """Tests one model; every call is on record like any other."""

    def __init__(self, parts: Parts, target: Target, context: CallContext, cancel: threading.Event) -> None:
        self._parts = parts
        self._attempts = Attempts(parts)
        self._target = target
        self._context = context
        self._cancel = cancel
        self._progress = Progress()
        self._known = Capability(target.provider.output_limit, proven=True)

    def run(self) -> Finding:
        """Ask, and keep what was found; raises CallCancelled."""
        clock, provider, model = self._parts.clock, self._target.provider, self._target.model
        self._parts.wire.ready(provider)
        try:
            start = clock.monotonic()
            reply = self._ask(WORD, take_text)
            latency_s = clock.monotonic() - start
            json_mode, (streaming, stream_usage) = self._json_mode(), self._streaming()
        except Fault as fault:
            if fault.kind is Kind.CANCELLED:
                raise CallCancelled from None
            return self._failed(fault.clause(), fault.kind)
        except BudgetExceeded:
            return self._failed("was not asked, because a budget would be passed", None)
        except BreakerOpen as pause:
            wait = f"for another {pause.retry_in_s:.0f} s" if pause.retry_in_s else "until a trial is back"
            return self._failed(f"was not asked: it is left alone {wait} after failures", None)
        except NoRoom:
            return self._failed("was not asked: its rate limit leaves no room", None)
        found = replace(self._known, json_mode=json_mode, streaming=streaming, stream_usage=stream_usage)
        self._parts.capabilities.keep(provider, model, found)
        return Finding(True, latency_s, reply.cost is not None, found, None)

    def _json_mode(self) -> JsonMode:
        """The strictest form that is obeyed by a model that was not told of it in words."""
        for mode, text in MODES:
            self._known = replace(self._known, json_mode=mode)
            try:
                self._ask(text, taking(Pong), schema_of(Pong))
            except Fault as fault:
                if fault.kind not in UNSUPPORTED:
                    raise
            else:
                return self._known.json_mode
        return "none"

    def _streaming(self) -> tuple[bool, bool]:
        """Whether texts come in pieces, and whether usage comes with them."""
        try:
            reply = self._ask(WORD, take_text, sink=_Quiet())
        except Fault as fault:
            if fault.kind not in UNSUPPORTED:
                raise
            return False, False
        return self._known.streaming, bool(reply.usage and reply.usage.source == "provider")

    def _ask(
        self, text: str, take: Callable[[str], T], schema: Schema | None = None, sink: TextSink | None = None
    ) -> Reply[T]:
        """One small call; what a refusal teaches is used at once."""
        prompt = FilledPrompt("probe", "1", ({"role": "user", "content": text},), SAMPLING, OUTPUT_TOKENS)
        deadline = self._parts.clock.monotonic() + DEADLINE_S
        order = Order(prompt, "router", self._context, take, schema, self._cancel, deadline, sink)
        request = first_request(prompt, schema, stream=sink is not None)
        while True:
            try:
                return self._attempts.make(Asking(order, self._progress, self._target, request, self._known))
            except Fault as fault:
                lesson = learned(self._known, fault)
                if lesson is None:
                    raise
                self._known = lesson

    def _failed(self, clause: str, kind: Kind | None) -> Finding:
        failure = Failure(self._target.provider.name, self._target.model, clause, kind)
        advice = ADVICE.get(kind, TRY_AGAIN) if kind else TRY_AGAIN
        reachable = kind not in (None, Kind.UNREACHABLE, Kind.TIMEOUT)
        return Finding(reachable, None, False, None, f"{failure.sentence()} {advice}")
