"""The body of a request, from a filled prompt and what the model is known to support."""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from agents.llm.capability import Capability
from agents.llm.faults import Fault
from agents.llm.words import SURROGATE
from agents.prompts.prompt import FilledPrompt, Message

ECHOED = 20_000
"""Characters of a bad reply that are shown to the model again."""


@dataclass(frozen=True)
class Schema:
    """The form a reply must have."""

    name: str
    strict: dict[str, Any]
    """JSON schema in the strict form that providers enforce."""
    text: str
    """The same schema as the model reads it."""


@dataclass(frozen=True)
class Request:
    """What is asked, before it is fitted to a provider."""

    messages: tuple[Message, ...]
    temperature: float
    max_output_tokens: int
    schema: Schema | None
    stream: bool = False
    repairs: bool = False
    """Whether the model is correcting itself, and so needs the schema in words in any case."""

    def repairing(self, text: str, fault: Fault) -> "Request":
        """The same request, with the bad reply and what was wrong with it."""
        echo = text[:ECHOED] if text and not SURROGATE.search(text) else "(a reply that cannot be shown)"
        asked = (
            f"That reply cannot be used: {fault.words or fault.policy.clause}. Send the whole reply again."
        )
        turn = ({"role": "assistant", "content": echo}, {"role": "user", "content": asked})
        return replace(self, messages=(*self.messages, *turn), repairs=True)

    def fitted(self, known: Capability) -> tuple[Message, ...]:
        """The messages, with the schema behind the last one where nobody enforces it.

        Behind the last, so that a later call in the same conversation starts with what this one sent.
        """
        enforced = known.json_mode == "json_schema" and known.proven and not self.repairs
        if self.schema is None or enforced:
            return self.messages
        *others, last = self.messages
        rule = f"Answer with JSON alone, in this JSON schema:\n{self.schema.text}"
        return (*others, {**last, "content": f"{last['content']}\n\n{rule}"})

    def body(self, model: str, known: Capability) -> dict[str, Any]:
        """The request in the protocol's form."""
        body: dict[str, Any] = {
            "model": model,
            "messages": list(self.fitted(known)),
            known.output_limit: self.max_output_tokens,
        }
        if known.temperature:
            body["temperature"] = self.temperature
        if self.schema and known.json_mode != "none":
            body["response_format"] = _response_format(self.schema, known)
        if self.stream and known.streaming:
            body["stream"] = True
            if known.stream_usage:
                body["stream_options"] = {"include_usage": True}
        return body


def first_request(prompt: FilledPrompt, schema: Schema | None, stream: bool) -> Request:
    """The request a prompt stands for."""
    return Request(prompt.messages, prompt.temperature, prompt.max_output_tokens, schema, stream)


@lru_cache(maxsize=128)
def schema_of(result_type: type[BaseModel]) -> Schema:
    """The schema of a result type."""
    from openai.lib._pydantic import to_strict_json_schema  # slow to import, needed with the first call

    strict = to_strict_json_schema(result_type)
    name = re.sub(r"[^A-Za-z0-9_-]", "_", result_type.__name__)[:64]
    return Schema(name, strict, json.dumps(strict, ensure_ascii=False, separators=(",", ":")))


def fingerprint(base_url: str, body: dict[str, Any]) -> str:
    """Hash of address, model, messages and parameters; equal requests have equal ones."""
    text = json.dumps([base_url, body], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _response_format(schema: Schema, known: Capability) -> dict[str, Any]:
    if known.json_mode == "json_object":
        return {"type": "json_object"}
    return {
        "type": "json_schema",
        "json_schema": {"name": schema.name, "schema": schema.strict, "strict": True},
    }
