"""Tokens: as a provider reports them, or estimated and marked so."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agents.prompts.prompt import Message
from storage.calls import UsageSource

BYTES_PER_TOKEN = 4
"""Of English text, roughly; only for estimates."""
MESSAGE_TOKENS = 8
"""Tokens around each message, at most."""


@dataclass(frozen=True)
class Usage:
    """Tokens of one attempt; None where the provider does not say."""

    input_tokens: int | None
    """All of them, cached ones included."""
    output_tokens: int | None
    """All of them, reasoning included."""
    cache_read_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    reasoning_output_tokens: int | None = None
    source: UsageSource | None = "provider"
    """None when no provider was asked."""


def reported(value: Any) -> Usage | None:
    """Usage in the protocol's form, or None when there is none or it makes no sense."""
    if not isinstance(value, dict):
        return None
    of_input, of_output = _part(value, "prompt_tokens_details"), _part(value, "completion_tokens_details")
    usage = Usage(
        input_tokens=_count(value.get("prompt_tokens")),
        output_tokens=_count(value.get("completion_tokens")),
        cache_read_input_tokens=_count(of_input.get("cached_tokens")),
        cache_write_input_tokens=_count(of_input.get("cache_write_tokens")),
        reasoning_output_tokens=_count(of_output.get("reasoning_tokens")),
    )
    return usage if usage.input_tokens is not None and usage.output_tokens is not None else None


def estimated(messages: Iterable[Message], answer: str) -> Usage:
    """A likely figure for a reply whose usage nobody reported."""
    size = sum(_bytes(message["content"]) for message in messages)
    return Usage(
        input_tokens=-(-size // BYTES_PER_TOKEN),
        output_tokens=-(-_bytes(answer) // BYTES_PER_TOKEN),
        source="estimated",
    )


def upper_input_tokens(messages: Iterable[Message], schema: str) -> int:
    """More input tokens than any tokenizer makes of this: a token is one byte at least."""
    return _bytes(schema) + sum(_bytes(message["content"]) + MESSAGE_TOKENS for message in messages)


def _part(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _count(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
        return value
    return None


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
