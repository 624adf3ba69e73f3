"""One attempt at one provider: cache, budget, breaker, limit, request, check, record."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from agents.llm import prices
from agents.llm.assembly import Assembly
from agents.llm.breaker import Breakers
from agents.llm.budget import Budgets, Payer
from agents.llm.cache import Cached, ReplyCache
from agents.llm.call import Order, Progress, Reply, Target, TextSink
from agents.llm.capability import Capabilities, Capability
from agents.llm.clock import Clock
from agents.llm.faults import Fault, Kind
from agents.llm.keys import Keys
from agents.llm.limiter import Limiter
from agents.llm.prices import Cost
from agents.llm.record import Outcome, Recorder
from agents.llm.reply import RawReply, check_ending
from agents.llm.request import Request, fingerprint
from agents.llm.usage import Usage, estimated, upper_input_tokens
from agents.llm.wire import Wire
from storage.calls import Call

if TYPE_CHECKING:
    from agents.llm.transport import Watch

T = TypeVar("T")

NOTHING_USED = Usage(0, 0, source=None)


@dataclass(frozen=True)
class Parts:
    """What attempts are made with."""

    clock: Clock
    keys: Keys
    wire: Wire
    capabilities: Capabilities
    breakers: Breakers
    limiter: Limiter
    budgets: Budgets
    cache: ReplyCache
    recorder: Recorder


@dataclass
class Heard:
    """What came back so far."""

    started_at: datetime
    start: float
    raw: RawReply | None = None
    assembly: Assembly | None = None
    first_chunk: float | None = None
    sent: bool = False

    @property
    def text(self) -> str:
        """What the model said, or the part of it that came."""
        if self.raw:
            return self.raw.text
        return self.assembly.text if self.assembly else ""


@dataclass(frozen=True)
class Asking(Generic[T]):
    """One attempt: what is wanted, of whom, and in which words."""

    order: Order[T]
    progress: Progress
    target: Target
    request: Request
    known: Capability

    @cached_property
    def body(self) -> dict[str, Any]:
        """The request in the protocol's form."""
        return self.request.body(self.target.model, self.known)

    @property
    def streaming(self) -> bool:
        """Whether the reply is asked for piece by piece."""
        return bool(self.body.get("stream"))

    @property
    def payer(self) -> Payer:
        """Whom it is counted against."""
        context = self.order.context
        return Payer(
            context.user_id, context.project_id, context.environment, context.run_id, context.agent_name
        )

    @property
    def cache_key(self) -> str | None:
        """Where an equal request's reply is kept; None when equal requests may get different replies."""
        if self.body.get("temperature") != 0 or self.order.context.is_shadow:
            return None
        return fingerprint(self.target.provider.base_url, self.body)

    def limited_tokens(self) -> int:
        """What a limit on tokens counts: the prompt and the longest reply; 0 when there is no limit."""
        if self.target.provider.limits.tokens_per_minute is None:
            return 0
        return (estimated(self.request.messages, "").input_tokens or 0) + self.request.max_output_tokens

    def upper_usage(self) -> Usage:
        """More tokens than the attempt can take."""
        schema = self.request.schema.text if self.request.schema and "response_format" in self.body else ""
        return Usage(upper_input_tokens(self.body["messages"], schema), self.request.max_output_tokens)


class Attempts:
    """Makes attempts; safe to share between threads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def make(self, asking: Asking[T]) -> Reply[T]:
        """Ask once.

        Raises Fault when the attempt failed (it is on record), and BudgetExceeded, BreakerOpen or NoRoom when
        it was not made.
        """
        key, cache = asking.cache_key, self._parts.cache
        if key and (found := cache.get(key)) and (reply := self._from_cache(asking, found)):
            return reply
        value, call, outcome = self._ask(asking)
        if outcome.fault:
            outcome.fault.said = outcome.text
            raise outcome.fault
        if asking.order.sink and not asking.streaming:
            asking.order.sink.chunk(outcome.text)
        if key and outcome.raw:
            cache.put(key, Cached(outcome.raw, outcome.cost.amount, outcome.cost.currency))
        return _reply(value, call, outcome)

    def _ask(self, asking: Asking[T]) -> tuple[Any, Call, Outcome]:
        parts, provider = self._parts, asking.target.provider
        with (
            parts.budgets.reserve(asking.payer, self._upper_cost(asking)) as reservation,
            parts.breakers.of(provider, asking.target.model).admit() as permit,
        ):
            tokens, order = asking.limited_tokens(), asking.order
            waited = parts.limiter.acquire(provider, tokens, order.cancel, order.deadline)
            asking.progress.attempts += 1
            parts.wire.ready(provider)
            heard = Heard(parts.clock.utc(), parts.clock.monotonic())
            value: Any = None
            fault: Fault | None = Fault(Kind.CANCELLED)  # stands when whoever receives the text breaks off
            try:
                value, fault = self._exchange(asking, heard)
            finally:
                permit.tell(fault.policy.health if fault else "healthy")
                outcome = self._outcome(asking, heard, fault, waited)
                try:
                    call = self._record(
                        asking, outcome
                    )  # first: between the two it may count twice, never not
                finally:
                    reservation.settle(outcome.cost)
        return value, call, outcome

    def _exchange(self, asking: Asking[T], heard: Heard) -> tuple[Any, Fault | None]:
        try:
            raw = self._hear(asking, heard)
            if self._holds_key(raw):
                raise Fault(Kind.KEY_IN_REPLY, http_status=raw.http_status)
            heard.raw = raw
            check_ending(raw)
            return asking.order.take(raw.text), None
        except Fault as fault:
            return None, fault

    def _hear(self, asking: Asking[T], heard: Heard) -> RawReply:
        order, provider = asking.order, asking.target.provider
        sink = order.sink if asking.streaming else None
        deadline = order.deadline if sink else min(order.deadline, heard.start + provider.timeout_s)
        watch = self._parts.wire.watch(order.cancel, deadline, provider.timeout_s, sink is not None)
        try:
            if sink is None:
                return self._parts.wire.ask(provider, asking.body, watch)
            return self._stream(asking, heard, watch, sink)
        finally:
            heard.sent = watch.sent

    def _stream(self, asking: Asking[T], heard: Heard, watch: "Watch", sink: TextSink) -> RawReply:
        heard.assembly = assembly = Assembly(self._parts.keys)
        pieces = self._parts.wire.stream(asking.target.provider, asking.body, watch, assembly)
        with closing(pieces):
            for text in pieces:
                heard.first_chunk = heard.first_chunk or self._parts.clock.monotonic()
                asking.progress.shown = True
                sink.chunk(text)
        if assembly.reply is None:
            raise Fault(Kind.CUT, http_status=200)
        return assembly.reply

    def _outcome(self, asking: Asking[T], heard: Heard, fault: Fault | None, waited: float) -> Outcome:
        provider, model = asking.target.provider, asking.target.model
        usage = heard.raw.usage if heard.raw else None
        if fault is None or (fault.policy.billed and heard.sent):
            usage = usage or estimated(asking.request.fitted(asking.known), heard.text)
            cost = prices.cost(provider, model, usage, heard.started_at, heard.raw)
        else:
            cost = prices.not_billed(provider, model)
        return Outcome(
            started_at=heard.started_at,
            duration_s=self._parts.clock.monotonic() - heard.start,
            text=heard.text,
            raw=heard.raw,
            fault=fault,
            usage=usage,
            cost=cost,
            queue_wait_s=waited,
            time_to_first_chunk_s=heard.first_chunk - heard.start if heard.first_chunk else None,
        )

    def _from_cache(self, asking: Asking[T], found: Cached) -> Reply[T] | None:
        try:
            value = asking.order.take(found.reply.text)
        except Fault:  # kept for another form of result, so it is no answer to this call
            return None
        asking.progress.attempts += 1
        zero = Decimal(0)
        outcome = Outcome(
            started_at=self._parts.clock.utc(),
            duration_s=0.0,
            text=found.reply.text,
            raw=found.reply,
            fault=None,
            usage=NOTHING_USED,
            cost=Cost(zero, zero, zero, found.currency, "cache"),
            served_from="cache",
            cost_avoided=found.cost,
        )
        call = self._record(asking, outcome)
        if asking.order.sink:
            asking.order.sink.chunk(found.reply.text)
        return _reply(value, call, outcome)

    def _record(self, asking: Asking[T], outcome: Outcome) -> Call:
        messages = asking.request.fitted(asking.known)
        return self._parts.recorder.attempt(asking.order, asking.progress, asking.target, messages, outcome)

    def _upper_cost(self, asking: Asking[T]) -> Cost:
        """What the attempt costs at most; also without a budget, as one may be set while it is under way."""
        target = asking.target
        return prices.cost(target.provider, target.model, asking.upper_usage(), self._parts.clock.utc())

    def _holds_key(self, raw: RawReply) -> bool:
        labels = (raw.text, raw.response_model, raw.response_id, raw.finish_reason, raw.service_tier)
        return any(text and self._parts.keys.stand_in(text) for text in labels)


def _reply(value: T, call: Call, outcome: Outcome) -> Reply[T]:
    return Reply(
        value=value,
        text=outcome.text,
        call_id=call.call_id,
        provider_name=call.provider_name,
        model=call.request_model,
        served_from=call.served_from,
        usage=outcome.usage,
        cost=outcome.cost.amount,
        attempts=call.attempt_no,
    )
