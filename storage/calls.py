"""Attempts at a model, their texts, and what was learned about providers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from storage.clock import new_id, now
from storage.db import Row, Store
from storage.runs import Environment

UsageSource = Literal["provider", "estimated"]
ServedFrom = Literal["provider", "cache", "replay"]
CostSource = Literal["prices", "rate_card", "cache", "not_billed"]


@dataclass(frozen=True)
class Call:
    """One attempt at a model; money is frozen when recorded, and unknown stays None."""

    call_id: str
    """UUIDv7, made before the request is sent."""
    attempt_no: int
    """1, 2, 3 ... within one call of a node."""
    idempotency_key: str
    """Unique per real request; starts with the id, so that its order is the order of time."""
    provider_name: str
    request_model: str
    """The model that was asked for."""
    started_at: datetime
    duration_s: float
    """Seconds from the request's start to the last byte used, without waiting for a limit."""
    user_id: str
    project_id: str
    environment: Environment
    run_id: str | None = None
    step_id: str | None = None
    fallback_from: str | None = None
    """`provider/model` that had failed this call before; None at the first provider."""
    operation_name: str = "chat"
    response_model: str | None = None
    """The model that answered, in the provider's words."""
    agent_name: str | None = None
    prompt_name: str | None = None
    prompt_version: str | None = None
    """Hash of the prompt's file."""
    is_shadow: bool = False
    """A trial of another prompt or model whose reply nobody sees."""
    input_tokens: int | None = None
    """All of them, cached ones included."""
    cache_read_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    output_tokens: int | None = None
    """All of them, reasoning included."""
    reasoning_output_tokens: int | None = None
    usage_source: UsageSource | None = None
    """None when no tokens are known or none were used."""
    time_to_first_chunk_s: float | None = None
    queue_wait_s: float = 0.0
    """Seconds spent waiting for a rate limit before the request."""
    finish_reason: str | None = None
    error_type: str | None = None
    """Kind of fault; None when the reply was used."""
    http_status: int | None = None
    response_id: str | None = None
    service_tier: str | None = None
    cost_amount: Decimal | None = None
    """None when the price or the usage is unknown."""
    cost_currency: str | None = None
    cost_source: CostSource | None = None
    price_version: str | None = None
    """Which edition of which price list."""
    cost_input: Decimal | None = None
    cost_output: Decimal | None = None
    served_from: ServedFrom = "provider"
    cost_avoided_amount: Decimal | None = None
    """What the same reply had cost when it was paid; only when served from the cache."""


@dataclass(frozen=True)
class CallText:
    """Prompt and answer of an attempt; neither ever holds a key."""

    call_id: str
    run_id: str | None
    prompt: str
    """JSON list of messages."""
    answer: str | None
    """The text as it came, or None when none came."""
    recorded_at: datetime


COLUMNS = tuple(column.name for column in fields(Call))


def record(store: Store, call: Call, text: CallText) -> None:
    """Add an attempt; repeating it adds nothing."""
    store.append_together({"calls": [dict(vars(call))], "call_texts": [dict(vars(text))]})


def of_run(store: Store, run_id: str) -> list[Call]:
    """Attempts of a run in the order of their start."""
    sql = f"select {', '.join(COLUMNS)} from calls where run_id = ? order by started_at, attempt_no"
    return [Call(**row) for row in store.read(sql, [run_id])]


def text_of(store: Store, call_id: str) -> CallText | None:
    """Prompt and answer of an attempt, or None when they are not kept."""
    rows = store.read("select * from call_texts where call_id = ?", [call_id])
    return CallText(**rows[0]) if rows else None


def unknown_keys(store: Store, keys: Sequence[str]) -> set[str]:
    """Those idempotency keys that no row has."""
    sql = "select idempotency_key from calls where idempotency_key in (select unnest(?::varchar[]))"
    return set(keys) - {row["idempotency_key"] for row in store.read(sql, [list(keys)])}


def last_failures(store: Store, limit: int = 10) -> list[Call]:
    """The latest failed attempts, newest first."""
    sql = f"""
        select {", ".join(COLUMNS)} from calls where error_type is not null
        order by started_at desc limit ?
    """
    return [Call(**row) for row in store.read(sql, [limit])]


def to_json(call: Call, text: CallText) -> str:
    """Both rows as JSON text, without loss."""
    return json.dumps({"call": vars(call), "text": vars(text)}, ensure_ascii=False, default=_plain)


def from_json(document: str) -> tuple[Call, CallText]:
    """The rows that `to_json` wrote."""
    both = json.loads(document)
    call, text = both["call"], both["text"]
    call["started_at"] = datetime.fromisoformat(call["started_at"])
    text["recorded_at"] = datetime.fromisoformat(text["recorded_at"])
    for column in ("cost_amount", "cost_input", "cost_output", "cost_avoided_amount"):
        if call[column] is not None:
            call[column] = Decimal(call[column])
    return Call(**call), CallText(**text)


def note_provider(
    store: Store, provider_name: str, model: str | None, kind: str, data: Mapping[str, Any]
) -> None:
    """Add something that happened to a provider: a breaker's change, a capability found."""
    row: Row = {
        "event_id": new_id(),
        "provider_name": provider_name,
        "model": model,
        "kind": kind,
        "data": json.dumps(data, ensure_ascii=False),
        "occurred_at": now(),
    }
    store.append("provider_events", [row])


def provider_events(store: Store, kinds: Iterable[str], limit: int = 1000) -> list[Row]:
    """Events of these kinds, newest first, `data` decoded."""
    wanted = list(kinds)
    marks = ", ".join("?" for _ in wanted)
    sql = f"""
        select * from provider_events where kind in ({marks})
        order by occurred_at desc, event_id desc limit ?
    """
    return [{**row, "data": json.loads(row["data"])} for row in store.read(sql, [*wanted, limit])]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a call's row")
