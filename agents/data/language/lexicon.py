"""The words of questions, from `lexicon.yaml`."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import get_args

import yaml

from agents.data.request import Grain

FILE = Path(__file__).with_name("lexicon.yaml")
GRAINS: tuple[Grain, ...] = get_args(Grain)


@dataclass(frozen=True)
class Phrase:
    """A way to say something, and what it says."""

    tag: str
    """What it says: a tag of the file, or "grain:month"."""
    pattern: re.Pattern[str]
    """Over words in lower case without accents, separated by single spaces."""


@dataclass(frozen=True)
class Lexicon:
    """Everything the file holds, ready for use."""

    phrases: tuple[Phrase, ...]
    """In the file's order."""
    edges: tuple[Phrase, ...]
    """Words before a number that is a limit."""
    being: re.Pattern[str]
    """Words between a column and its limit."""
    numbers: dict[str, int]
    """Words for numbers."""
    filler: re.Pattern[str]
    """Words that change nothing."""
    container: re.Pattern[str]
    """Words for a table, behind its subject: "sales data"."""
    synonyms: dict[str, frozenset[str]]
    """For each word or run of words written together, those that mean the same."""


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The words, read once."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    tagged = [(tag, pattern) for tag, patterns in raw["tags"].items() for pattern in patterns]
    tagged += [(f"grain:{grain}", pattern) for grain in GRAINS for pattern in raw["grains"][grain]]
    return Lexicon(
        phrases=tuple(Phrase(tag, _whole(pattern)) for tag, pattern in tagged),
        edges=tuple(Phrase(edge, _whole(p)) for edge, patterns in raw["edges"].items() for p in patterns),
        being=re.compile("|".join(raw["being"])),
        numbers=raw["numbers"],
        filler=re.compile("|".join(raw["fillers"])),
        container=re.compile("|".join(raw["containers"])),
        synonyms=_synonyms(raw["synonyms"]),
    )


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")


def _synonyms(groups: list[list[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for group in groups:
        together = frozenset(phrase.replace(" ", "") for phrase in group)
        for word in together:
            found[word] = found.get(word, frozenset()) | together
    return found
