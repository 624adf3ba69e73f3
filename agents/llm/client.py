"""One call of a model: a checked result, or one error whose text a person can use.

The order is: a paid reply from before a crash, then provider by provider the request, tried again where
that helps, one turn in which the model corrects itself, and the next provider.
"""

import random
import threading
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from agents.errors import NotFound
from agents.llm.attempt import Asking, Attempts, Parts
from agents.llm.breaker import BreakerOpen, Status
from agents.llm.budget import Budgets
from agents.llm.call import CallContext, Order, Progress, Reply, Target, TextSink
from agents.llm.capability import Capability, learned
from agents.llm.errors import AllFailed, BudgetExceeded, CallCancelled, NoProvider
from agents.llm.faults import Fault, Kind
from agents.llm.limiter import NoRoom
from agents.llm.probe import Finding, Probe
from agents.llm.providers import Provider, Role, chain
from agents.llm.request import Request, first_request, schema_of
from agents.llm.taking import take_text, taking
from agents.llm.usage import Usage
from agents.prompts.prompt import FilledPrompt

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

DEADLINE_S = 180.0
"""Seconds a call may take in all when the caller does not say."""
TRIES = 3
"""Times one provider is sent the same request."""
BACKOFF_S = 0.5
"""Longest wait before the second try; it doubles with each further one."""
LONGEST_BACKOFF_S = 8.0
LONGEST_RETRY_AFTER_S = 20.0
"""A provider that asks for a longer wait is not tried again in this call."""


class LlmClient:
    """Asks models; safe to share between threads. Made by `build_client`."""

    def __init__(self, providers: Sequence[Provider], parts: Parts, rng: random.Random) -> None:
        self.providers = tuple(providers)
        self._parts = parts
        self._attempts = Attempts(parts)
        self._rng = rng

    @property
    def budgets(self) -> Budgets:
        """Limits on money and what was spent."""
        return self._parts.budgets

    def breakers(self) -> dict[tuple[str, str], Status]:
        """How the breaker of each of these providers and models stands that was used so far."""
        return self._parts.breakers.statuses(self.providers)

    def limits_used(self) -> dict[str, dict[str, float]]:
        """Share of each provider's limits that the last minute used."""
        return {provider.name: self._parts.limiter.used(provider) for provider in self.providers}

    def ask(
        self,
        result_type: type[M],
        prompt: FilledPrompt,
        role: Role,
        context: CallContext,
        cancel: threading.Event,
        deadline_s: float = DEADLINE_S,
    ) -> Reply[M]:
        """A result of `result_type`, read strictly; extra keys are treated as the type says.

        Raises AllFailed, NoProvider, BudgetExceeded or CallCancelled.
        """
        deadline = self._parts.clock.monotonic() + deadline_s
        order = Order(prompt, role, context, taking(result_type), schema_of(result_type), cancel, deadline)
        return self._answer(order)

    def write(
        self,
        prompt: FilledPrompt,
        role: Role,
        context: CallContext,
        sink: TextSink,
        cancel: threading.Event,
        deadline_s: float = DEADLINE_S,
    ) -> Reply[str]:
        """A text, handed to `sink` while it comes; raises as `ask` does."""
        deadline = self._parts.clock.monotonic() + deadline_s
        return self._answer(Order(prompt, role, context, take_text, None, cancel, deadline, sink))

    def probe(self, provider_name: str, model: str, context: CallContext, cancel: threading.Event) -> Finding:
        """Test a model of a provider in a few small calls and keep what it supports.

        Raises NotFound for a provider that is not in the chain, and CallCancelled.
        """
        found = next((each for each in self.providers if each.name == provider_name), None)
        if found is None:
            raise NotFound(f"There is no model provider called {provider_name}. Add it in Settings first.")
        return Probe(self._parts, Target(found, model), context, cancel).run()

    def close(self) -> None:
        """Close all connections."""
        self._parts.wire.close()

    def _answer(self, order: Order[T]) -> Reply[T]:
        targets = [Target(*pair) for pair in chain(self.providers, order.role)]
        if not targets:
            raise NoProvider(
                f"No model is set up for {order.role}. Connect one in Settings, or go on without a model."
            )
        progress = Progress()
        if (paid := self._paid_before(order, progress)) is not None:
            return paid
        for target in targets:
            if (reply := self._at(order, progress, target)) is not None:
                return reply
            progress.fallback_from = target.name
        if progress.budget and all(failure.kind is None for failure in progress.failures):
            raise progress.budget
        raise AllFailed(progress.failures)

    def _paid_before(self, order: Order[T], progress: Progress) -> Reply[T] | None:
        """The reply that was paid for before a crash, when it can be used."""
        for call, text in reversed(self._parts.recorder.paid(order.context)):
            progress.attempts = max(progress.attempts, call.attempt_no)
            if call.error_type is not None or text.answer is None:
                continue
            try:
                value = order.take(text.answer)
            except Fault:  # the form that is asked for has changed since, so the model is asked again
                continue
            if order.sink:
                order.sink.restart()
                order.sink.chunk(text.answer)
            return Reply(
                value=value,
                text=text.answer,
                call_id=call.call_id,
                provider_name=call.provider_name,
                model=call.request_model,
                served_from="replay",
                usage=Usage(call.input_tokens, call.output_tokens, source=call.usage_source),
                cost=call.cost_amount,
                attempts=progress.attempts,
            )
        return None

    def _at(self, order: Order[T], progress: Progress, target: Target) -> Reply[T] | None:
        """A reply of one provider, or None when the next one is to be asked."""
        if self._late(order):
            progress.note(target, "was not asked, because the time for this call was used up")
            return None
        request = first_request(order.prompt, order.schema, stream=order.sink is not None)
        try:
            return self._with_repair(order, progress, target, request)
        except Fault as fault:
            if fault.policy.then == "stop":
                raise AllFailed(progress.failures) from None
        except BudgetExceeded as refusal:
            progress.budget = refusal
            progress.note(target, "may not be asked, because a budget would be passed")
        except BreakerOpen as pause:
            wait = f"for another {pause.retry_in_s:.0f} s" if pause.retry_in_s else "until a trial is back"
            progress.note(target, f"is left alone {wait} after repeated failures")
        except NoRoom:
            progress.note(target, "has no room left under its rate limit in time")
        return None

    def _with_repair(self, order: Order[T], progress: Progress, target: Target, request: Request) -> Reply[T]:
        try:
            return self._with_retries(order, progress, target, request)
        except Fault as fault:
            if fault.policy.then != "repair" or order.schema is None or self._late(order):
                raise
            repairing = request.repairing(fault.said, fault)
        return self._with_retries(order, progress, target, repairing)

    def _with_retries(
        self, order: Order[T], progress: Progress, target: Target, request: Request
    ) -> Reply[T]:
        known = start = self._parts.capabilities.of(target.provider, target.model)
        failures = 0
        while True:
            self._begin_try(order, progress)
            try:
                reply = self._attempts.make(Asking(order, progress, target, request, known))
            except Fault as fault:
                if lesson := learned(known, fault):
                    known = lesson
                    continue
                self._keep_lesson(target, start, known, fault)
                if fault.kind is Kind.CANCELLED:
                    raise CallCancelled from None
                failures += 1
                progress.note(target, fault.clause(), fault.kind)
                wait = self._wait_for(order, fault, failures)
                if wait is None:
                    raise
            else:
                self._keep_lesson(target, start, known, None)
                return reply
            if self._parts.clock.wait(order.cancel, wait):
                raise CallCancelled

    def _late(self, order: Order[T]) -> bool:
        return self._parts.clock.monotonic() >= order.deadline

    def _begin_try(self, order: Order[T], progress: Progress) -> None:
        """Stop when cancelled; otherwise take back what an earlier try had shown."""
        if order.cancel.is_set():
            raise CallCancelled
        if progress.shown and order.sink:
            order.sink.restart()
            progress.shown = False

    def _keep_lesson(self, target: Target, start: Capability, known: Capability, fault: Fault | None) -> None:
        """Keep what refusals taught, once a request fitted to it was accepted."""
        accepted = fault is None or fault.policy.then == "repair"
        if accepted and known != start:
            self._parts.capabilities.keep(target.provider, target.model, known)

    def _wait_for(self, order: Order[T], fault: Fault, failures: int) -> float | None:
        """Seconds before the same provider is tried again, or None when it is not."""
        if fault.policy.then != "retry" or failures >= TRIES:
            return None
        wait = fault.retry_after_s
        if wait is None:
            longest = min(BACKOFF_S * 2 ** (failures - 1), LONGEST_BACKOFF_S)
            wait = longest * self._rng.uniform(0.5, 1)
        late = self._parts.clock.monotonic() + wait >= order.deadline
        return None if late or wait > LONGEST_RETRY_AFTER_S else wait
