"""Looks for a model server on this machine, at the ports that the usual programs use."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from agents.llm.providers import PRESETS, Preset

TIMEOUT_S = 0.5
"""For a connection, and for each part of what it answers."""
LONGEST_S = 2.0
"""For the whole of an answer."""
LARGEST = 1_000_000
"""Bytes that a list of models may have."""
MOST, LONGEST_NAME = 50, 200
"""Models that are offered of one server, and characters of a model's name."""


@dataclass(frozen=True)
class LocalModel:
    """A model that a local server offers."""

    preset: str
    label: str
    base_url: str
    model: str


def find_local(presets: Mapping[str, Preset] = PRESETS) -> list[LocalModel]:
    """Every model that answers on this machine; an empty list when no server does."""
    free = {name: preset for name, preset in presets.items() if preset.free}
    return [
        LocalModel(name, preset.label, preset.base_url, model)
        for name, preset in free.items()
        for model in _models(preset.base_url)
    ]


def _models(base_url: str) -> list[str]:
    """Names that a server lists, each once; none when nothing answers, or nothing of this protocol."""
    address = urlsplit(base_url)
    connection = http.client.HTTPConnection(address.hostname or "localhost", address.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", f"{address.path}/models")
        response = connection.getresponse()
        return _names(_body(response)) if response.status == 200 else []
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return []
    finally:
        connection.close()


def _body(response: http.client.HTTPResponse) -> bytes:
    """The whole body; a server that drips or never ends raises TimeoutError or ValueError."""
    end = time.monotonic() + LONGEST_S
    read = b""
    while part := response.read1(65_536):
        read += part
        if len(read) > LARGEST:
            raise ValueError("the list of models is too long")
        if time.monotonic() > end:
            raise TimeoutError("the list of models takes too long")
    return read


def _names(body: bytes) -> list[str]:
    listed = json.loads(body)
    entries = listed.get("data") if isinstance(listed, dict) else None
    found = (
        [entry.get("id") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )
    names = dict.fromkeys(name for name in found if isinstance(name, str) and _is_name(name))
    return list(names)[:MOST]


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()
