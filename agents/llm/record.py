"""An attempt becomes one row: the paid ones on disk before anybody uses them, all of them in the store."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from agents.llm.call import CallContext, Order, Progress, Target
from agents.llm.faults import Fault
from agents.llm.keys import Keys
from agents.llm.prices import Cost
from agents.llm.reply import RawReply
from agents.llm.usage import Usage
from agents.llm.words import storable
from agents.prompts.prompt import Message
from storage import calls
from storage.calls import Call, CallText, ServedFrom
from storage.clock import new_id
from storage.db import Store
from storage.journal import Journal
from storage.rebuilding import readable

KEPT_OF_FAILED = 64_000
"""Characters kept of a reply that could not be used."""


@dataclass(frozen=True)
class Outcome:
    """How one attempt went."""

    started_at: datetime
    duration_s: float
    text: str
    """What the model said; the part that came when it failed."""
    raw: RawReply | None
    """None when nothing came that is a reply."""
    fault: Fault | None
    usage: Usage | None
    cost: Cost
    queue_wait_s: float = 0.0
    time_to_first_chunk_s: float | None = None
    served_from: ServedFrom = "provider"
    cost_avoided: Decimal | None = None

    @property
    def paid(self) -> bool:
        """Whether a provider is likely to charge for it."""
        return self.served_from == "provider" and (self.fault is None or self.fault.policy.billed)


class Recorder:
    """Writes attempts to journal and store."""

    def __init__(self, store: Store, journal: Journal, keys: Keys) -> None:
        self._store = store
        self._journal = journal
        self._keys = keys

    def attempt(
        self,
        order: Order[Any],
        progress: Progress,
        target: Target,
        messages: tuple[Message, ...],
        outcome: Outcome,
    ) -> Call:
        """Record an attempt; when it was paid for it is on disk as this returns."""
        call = _row(order, progress, target, outcome)
        text = self._text(call, messages, outcome)
        calls.record(self._store, call, text)
        context = order.context
        if outcome.paid and context.run_id is not None:
            value = calls.to_json(call, text)
            self._journal.keep(context.run_id, context.node, context.call, call.attempt_no, value)
        return call

    def paid(self, context: CallContext) -> list[tuple[Call, CallText]]:
        """Attempts of a call that were paid for before, oldest first; their rows are in the store again."""
        if context.run_id is None:
            return []
        entries = self._journal.entries(context.run_id, context.node, context.call)
        found = [both for _, value in entries if (both := readable(value)) is not None]
        for call, text in found:
            calls.record(self._store, call, text)
        return found

    def _text(self, call: Call, messages: tuple[Message, ...], outcome: Outcome) -> CallText:
        prompt = self._keys.blot(json.dumps(messages, ensure_ascii=False))
        said = storable(outcome.text)[:KEPT_OF_FAILED] if outcome.fault else outcome.text
        return CallText(call.call_id, call.run_id, prompt, self._keys.blot(said) or None, call.started_at)


def _row(order: Order[Any], progress: Progress, target: Target, outcome: Outcome) -> Call:
    context, raw, fault, call_id = order.context, outcome.raw, outcome.fault, new_id()
    return Call(
        call_id=call_id,
        attempt_no=progress.attempts,
        idempotency_key=f"{call_id}:{context.node}:{context.call}",
        provider_name=target.provider.name,
        request_model=target.model,
        started_at=outcome.started_at,
        duration_s=outcome.duration_s,
        user_id=context.user_id,
        project_id=context.project_id,
        environment=context.environment,
        run_id=context.run_id,
        step_id=context.step_id,
        fallback_from=progress.fallback_from,
        response_model=raw.response_model if raw else None,
        agent_name=context.agent_name,
        prompt_name=order.prompt.name,
        prompt_version=order.prompt.version,
        is_shadow=context.is_shadow,
        time_to_first_chunk_s=outcome.time_to_first_chunk_s,
        queue_wait_s=outcome.queue_wait_s,
        finish_reason=raw.finish_reason if raw else None,
        error_type=fault.kind.value if fault else None,
        http_status=_status(raw, fault),
        response_id=raw.response_id if raw else None,
        service_tier=raw.service_tier if raw else None,
        served_from=outcome.served_from,
        cost_avoided_amount=outcome.cost_avoided,
        **_tokens(outcome.usage),
        **_money(outcome.cost),
    )


def _status(raw: RawReply | None, fault: Fault | None) -> int | None:
    if fault and fault.http_status:
        return fault.http_status
    return raw.http_status if raw else None


def _tokens(usage: Usage | None) -> dict[str, Any]:
    if usage is None:
        return {}
    return {
        "input_tokens": usage.input_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens,
        "cache_write_input_tokens": usage.cache_write_input_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_output_tokens": usage.reasoning_output_tokens,
        "usage_source": usage.source,
    }


def _money(cost: Cost) -> dict[str, Any]:
    return {
        "cost_amount": cost.amount,
        "cost_currency": cost.currency,
        "cost_source": cost.source,
        "price_version": cost.price_version,
        "cost_input": cost.input,
        "cost_output": cost.output,
    }
