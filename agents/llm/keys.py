"""Access keys must not reach rows, logs, events, exports or error texts: this finds and blots them."""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

from agents.llm.providers import Provider

BLOT = "[key]"
SHORTEST = 8
"""Characters; anything shorter is no key but a word that texts may hold."""
TELLING = 5
"""Characters of a key's start that give nothing away and stand in ordinary texts."""
ESCAPE = re.compile(r"\\u00([0-9a-fA-F]{2})")
"""A character of a key as JSON may write it."""


class Keys:
    """The keys of a chain of providers."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        plain = {each.key.get_secret_value() for each in providers if each.key}
        known = {form for key in plain if len(key) >= SHORTEST for form in _forms(key)}
        self._keys = sorted(known, key=len, reverse=True)

    def stand_in(self, text: str) -> bool:
        """Whether a key stands in the text, also as escapes that reading JSON would undo."""
        if any(key in text for key in self._keys):
            return True
        if "\\" not in text:
            return False
        undone = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\\/", "/")
        return any(key in undone for key in self._keys)

    def blot(self, text: str) -> str:
        """The text without keys."""
        for key in self._keys:
            text = text.replace(key, BLOT)
        return text

    def begun_at_end(self, text: str) -> int:
        """Characters at the end of the text that may be the start of a key, as told by `TELLING` of them."""
        longest = max(map(len, self._keys), default=0)
        return next(
            (
                size
                for size in range(min(longest - 1, len(text)), TELLING - 1, -1)
                if any(key.startswith(text[-size:]) for key in self._keys)
            ),
            0,
        )


def _forms(key: str) -> tuple[str, str, str]:
    """A key as it is, in an address and in JSON."""
    return key, quote(key, safe=""), json.dumps(key)[1:-1]
