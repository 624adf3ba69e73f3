"""Whatever a model says passes here before anything else sees it.

Nothing is mended: text that cannot be kept as it is becomes a Fault with words that tell the model, or a
person, what was wrong.
"""

import json
import math
import re
from collections import Counter
from typing import Any

from agents.llm.faults import Fault, Kind
from agents.llm.words import SURROGATE, cleaned_words

LONGEST = 2 * 2**20
"""Characters one reply may have."""
DEEPEST = 100
"""Levels JSON may be nested."""
LARGEST_INTEGER = 2**63 - 1
FENCED = re.compile(r"\A\s*```(?:json|JSON)?[ \t]*\r?\n(.*?)\r?\n?```\s*\Z", re.DOTALL)
THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
"""Strings and brackets; a string that never ends is one token, so that a long one is read once."""


def checked_text(text: str) -> str:
    """The text itself; raises Fault when it cannot be stored, sent or shown as it is."""
    if len(text) > LONGEST:
        raise Fault(Kind.TOO_LARGE)
    if SURROGATE.search(text):
        raise Fault(Kind.UNUSABLE_TEXT, words="the reply holds half of a character (a lone surrogate)")
    if "\x00" in text:
        raise Fault(Kind.UNUSABLE_TEXT, words="the reply holds a NUL character")
    return text


def json_part(text: str) -> str:
    """The JSON in a reply, out of a code fence that holds all of it and behind a model's thoughts."""
    bare = THOUGHT.sub("", text, count=1).strip()
    fenced = FENCED.match(bare)
    return fenced[1] if fenced else bare


def checked_json(text: str) -> Any:
    """The value that JSON text stands for; raises Fault when it is none, or when a value would be changed."""
    checked_text(text)
    if not text.strip():
        raise Fault(Kind.EMPTY)
    if _depth(text) > DEEPEST:
        raise Fault(Kind.UNUSABLE_TEXT, words=f"the JSON is nested deeper than {DEEPEST} levels")
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_repetition)
    except (ValueError, RecursionError) as error:
        raise Fault(Kind.BAD_JSON, words=cleaned_words(str(error))) from None
    _check_values(value)
    return value


def _depth(text: str) -> int:
    """How deep brackets outside of strings are nested."""
    deepest = depth = 0
    for token in TOKENS.findall(text):
        if token in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in "]}":
            depth -= 1
    return deepest


def _no_constant(name: str) -> Any:
    raise Fault(Kind.UNUSABLE_TEXT, words=f"{name} is no JSON number; use null or a finite number")


def _no_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = sorted({cleaned_words(name, 40) for name, count in times.items() if count > 1})
        raise Fault(Kind.BAD_JSON, words=f"an object has the same key twice: {', '.join(twice)}")
    return found


def _check_values(value: Any) -> None:
    """Raise Fault for a value that a store or another program would change."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str):
            checked_text(item)
        elif isinstance(item, float) and not math.isfinite(item):
            raise Fault(Kind.UNUSABLE_TEXT, words="a number is too large to be kept")
        elif isinstance(item, int) and abs(item) > LARGEST_INTEGER:
            raise Fault(Kind.UNUSABLE_TEXT, words="a whole number has more than 64 bits")
