"""What a provider really supports for a model: found by a test call or by its refusals, and kept."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal

from agents.llm.faults import Fault, Kind
from agents.llm.providers import OutputLimit, Provider
from storage import calls
from storage.db import Store

JsonMode = Literal["json_schema", "json_object", "none"]
EVENT = "capability"
WEAKER: dict[JsonMode, JsonMode] = {"json_schema": "json_object", "json_object": "none"}
OTHER_LIMIT: dict[OutputLimit, OutputLimit] = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}


@dataclass(frozen=True)
class Capability:
    """What may be asked of a model."""

    output_limit: OutputLimit
    json_mode: JsonMode = "json_schema"
    """The strictest form of JSON reply that is not known to be refused or ignored."""
    streaming: bool = True
    stream_usage: bool = True
    """Whether a stream ends with its usage when asked to."""
    temperature: bool = True
    """Whether the model lets itself be given a temperature."""
    limit_changed: bool = False
    """Whether the parameter for the length of a reply has been exchanged once."""
    proven: bool = False
    """Whether a test call has shown this; until then the schema is written into the prompt as well."""


class Capabilities:
    """One record per provider, address and model; kept in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str, str], Capability] = {}
        for row in reversed(calls.provider_events(store, [EVENT])):
            data = row["data"]
            names = {field.name for field in fields(Capability)} & set(data)
            key = (row["provider_name"], str(data.get("base_url")), row["model"])
            self._known[key] = Capability(**{name: data[name] for name in names})

    def of(self, provider: Provider, model: str) -> Capability:
        """What is known, or the hopeful start."""
        key = (provider.name, provider.base_url, model)
        with self._lock:
            return self._known.get(key) or Capability(provider.output_limit)

    def keep(self, provider: Provider, model: str, found: Capability) -> None:
        """Keep what was found."""
        with self._lock:
            self._known[(provider.name, provider.base_url, model)] = found
        data = {**asdict(found), "base_url": provider.base_url}
        calls.note_provider(self._store, provider.name, model, EVENT, data)


def learned(known: Capability, fault: Fault) -> Capability | None:
    """What a refusal teaches, or None when it teaches nothing new."""
    if fault.kind not in (Kind.BAD_REQUEST, Kind.MODEL_NOT_FOUND):
        return None
    words = f"{fault.parameter} {fault.words}".casefold()
    for marks, lesson in LESSONS:
        if any(mark in words for mark in marks):
            return lesson(known)
    if fault.kind is Kind.BAD_REQUEST and not words.strip():
        return _weaker_json(known)
    return None


def _weaker_json(known: Capability) -> Capability | None:
    return replace(known, json_mode=WEAKER[known.json_mode]) if known.json_mode in WEAKER else None


def _no_stream_usage(known: Capability) -> Capability | None:
    return replace(known, stream_usage=False) if known.stream_usage else None


def _other_limit(known: Capability) -> Capability | None:
    if known.limit_changed:
        return None
    return replace(known, output_limit=OTHER_LIMIT[known.output_limit], limit_changed=True)


def _no_temperature(known: Capability) -> Capability | None:
    return replace(known, temperature=False) if known.temperature else None


def _no_streaming(known: Capability) -> Capability | None:
    return replace(known, streaming=False) if known.streaming else None


Lesson = Callable[[Capability], Capability | None]
LESSONS: tuple[tuple[tuple[str, ...], Lesson], ...] = (
    (("stream_options", "include_usage"), _no_stream_usage),
    (("response_format", "json_schema", "json_object", "json schema"), _weaker_json),
    (("max_tokens", "max_completion_tokens"), _other_limit),
    (("temperature",), _no_temperature),
    (("stream",), _no_streaming),
)
"""Words in a refusal, and what they teach; the first that fits."""
