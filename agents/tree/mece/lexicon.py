"""The checker's word lists, read from the file beside this one, and the light stem they are kept by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Framework:
    """A stock framework and the words that show each of its parts."""

    name: str
    aliases: tuple[str, ...]
    parts: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The word lists, stemmed where they are compared by stem."""

    stop: frozenset[str]
    irregular: dict[str, str]
    complements: dict[str, frozenset[str]]
    negations: frozenset[str]
    others: frozenset[str]
    synonyms: dict[str, frozenset[str]]
    containment: dict[str, frozenset[str]]
    axes: dict[str, str]
    cycles: tuple[frozenset[str], ...]
    axis_names: frozenset[str]
    vague: frozenset[str]
    hedges: frozenset[str]
    vague_sources: frozenset[str]
    placeholders: frozenset[str]
    metrics: frozenset[str]
    verbs: frozenset[str]
    ambiguous: frozenset[str]
    solutions: frozenset[str]
    solution_things: frozenset[str]
    gap_words: frozenset[str]
    totals: frozenset[str]
    determiners: frozenset[str]
    prepositions: frozenset[str]
    follows_verb: frozenset[str]
    pronouns: frozenset[str]
    auxiliary: frozenset[str]
    not_past: frozenset[str]
    adjectives: frozenset[str]
    adverbs: frozenset[str]
    noun_adjuncts: frozenset[str]
    people: frozenset[str]
    judgements: frozenset[str]
    frameworks: tuple[Framework, ...]


@cache
def _raw() -> dict[str, Any]:
    text = Path(__file__).with_name("lexicon.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


@cache
def _not_past() -> frozenset[str]:
    return frozenset(_raw()["not_past"].split())


@cache
def lexicon() -> Lexicon:
    """The word lists, read once."""
    raw = _raw()
    irregular = dict(pair.split(":") for pair in raw["irregular"].split())
    return Lexicon(
        stop=frozenset(raw["stop"].split()) | {plain_stem(w) for w in raw["stop"].split()},
        irregular=irregular,
        complements=_complements(raw["complements"]),
        synonyms=_groups(raw["synonyms"]),
        containment=_parts(raw["containment"]),
        axes=_axes(raw["axes"]),
        cycles=tuple(frozenset(entry.split()) for entry in _entries(raw["cycles"])),
        frameworks=tuple(_framework(item) for item in raw["frameworks"]),
        **{name: _stems(raw[name]) for name in _STEMMED},
        **{name: frozenset(raw[name].split()) for name in _AS_WRITTEN},
    )


_STEMMED = ("axis_names", "metrics", "verbs", "ambiguous", "solutions", "solution_things")
_AS_WRITTEN = (
    "negations",
    "others",
    "vague",
    "hedges",
    "vague_sources",
    "placeholders",
    "gap_words",
    "totals",
    "determiners",
    "prepositions",
    "follows_verb",
    "pronouns",
    "auxiliary",
    "not_past",
    "adjectives",
    "adverbs",
    "noun_adjuncts",
    "people",
    "judgements",
)


def _stems(words: str) -> frozenset[str]:
    return frozenset(plain_stem(word) for word in words.split())


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(";") if entry.strip()]


def _complements(text: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for entry in _entries(text):
        one, two = (plain_stem(word) for word in entry.split("/"))
        found.setdefault(one, set()).add(two)
        found.setdefault(two, set()).add(one)
    return {word: frozenset(opposites) for word, opposites in found.items()}


def _groups(text: str) -> dict[str, frozenset[str]]:
    """Each word with the others of its group."""
    found: dict[str, set[str]] = {}
    for entry in _entries(text):
        group = _stems(entry)
        for word in group:
            found.setdefault(word, set()).update(group - {word})
    return {word: frozenset(others) for word, others in found.items()}


def _parts(text: str) -> dict[str, frozenset[str]]:
    """Each whole with its parts, and each part with its wholes."""
    found: dict[str, set[str]] = {}
    for entry in _entries(text):
        whole, *parts = (plain_stem(word) for word in entry.split())
        for part in parts:
            found.setdefault(whole, set()).add(part)
            found.setdefault(part, set()).add(whole)
    return {word: frozenset(others) for word, others in found.items()}


def _axes(text: str) -> dict[str, str]:
    rows = [entry.split(":") for entry in _entries(text)]
    return {plain_stem(word): axis.strip() for axis, words in rows for word in words.split()}


def _framework(item: dict[str, Any]) -> Framework:
    parts = {part: _stems(str(words)) for part, words in item["parts"].items()}
    return Framework(item["name"], tuple(item["aliases"]), parts)


def plain_stem(word: str) -> str:
    """The stem by endings alone: plurals, -ing and -ed, and a silent e."""
    for ending, shorter in (("'s", ""), ("sses", "ss"), ("ies", "y"), ("ied", "y")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            word = word[: -len(ending)] + shorter
            break
    else:
        word = _without_ending(word)
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _without_ending(word: str) -> str:
    if word.endswith("ing") and len(word) > 5:
        return _undoubled(word[:-3])
    if word.endswith("ed") and not word.endswith("eed") and len(word) > 4 and word not in _not_past():
        return _undoubled(word[:-2])
    if word.endswith(("ses", "xes", "zes", "ches", "shes")) and len(word) > 4:
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def _undoubled(word: str) -> str:
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        return word[:-1]
    return word
