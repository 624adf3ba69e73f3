"""Looks for a model server on this machine, at the ports that the usual programs use."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from agents.llm.providers import PRESETS

TIMEOUT_S = 0.5
LARGEST = 1_000_000
"""Bytes of a list of models that are read."""


@dataclass(frozen=True)
class LocalModel:
    """A model that a local server offers."""

    preset: str
    label: str
    base_url: str
    model: str


def find_local() -> list[LocalModel]:
    """Every model that answers on this machine; an empty list when no server does."""
    found = []
    for name, preset in PRESETS.items():
        if preset.free:
            for model in _models(preset.base_url):
                found.append(LocalModel(name, preset.label, preset.base_url, model))
    return found


def _models(base_url: str) -> list[str]:
    """Names that a server lists; none when nothing answers, or nothing of this protocol."""
    address = urlsplit(base_url)
    connection = http.client.HTTPConnection(address.hostname or "localhost", address.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", f"{address.path}/models")
        response = connection.getresponse()
        listed = json.loads(response.read(LARGEST)) if response.status == 200 else {}
        entries = listed.get("data", []) if isinstance(listed, dict) else []
        return [str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry]
    except (OSError, http.client.HTTPException, ValueError):
        return []
    finally:
        connection.close()
