"""From a text and its attachment to weighted features, each with the words it came from."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log2
from pathlib import PurePath

from agents.routing.text import Reading, read
from agents.routing.word_groups import Entry, WordGroups

BLOCKS = {
    "w": 1.0,  # words
    "b": 1.0,  # pairs of neighbouring words
    "c": 1.0,  # 2 to 4 neighbouring characters within a word
    "h": 0.5,  # the first words, where an English request has its verb
    "e": 0.5,  # the last words, where a Turkish request has its verb
    "g": 0.2,  # word groups
    "s": 0.6,  # shape: length, punctuation, code, quoted material
    "a": 0.5,  # kind of attachment
}
"""Share of each block in a text's vector; chosen by leave-one-out on the training cases."""

SPEAKING = frozenset("wbcheg")
"""Blocks that say something about the words; without any of them a text is unknown."""

PAYLOAD_WEIGHT = 0.4
TABLES = frozenset({"csv", "tsv", "xls", "xlsx", "parquet"})


@dataclass(slots=True)
class Features:
    values: dict[str, float] = field(default_factory=dict)
    """Feature -> value, before the weight for rarity."""
    origin: dict[str, list[int]] = field(default_factory=dict)
    """Feature -> positions of the words it came from."""
    surfaces: list[str] = field(default_factory=list)
    """The words as written."""
    entries: set[Entry] = field(default_factory=set)
    """Word-group entries that matched, used or not."""

    def add(self, name: str, value: float, *origin: int) -> None:
        self.values[name] = max(value, self.values.get(name, 0.0))
        self.origin.setdefault(name, []).extend(origin)


def attachment_kind(attached: str | None) -> str:
    """`csv` for any table, `pdf` for any other file, `none`; takes a kind, a suffix or a file name."""
    if not attached:
        return "none"
    kind = (PurePath(attached).suffix or attached).lstrip(".").lower()
    return "csv" if kind in TABLES else "pdf"


def extract(
    text: str, attached: str | None, groups: WordGroups, aside: frozenset[Entry] = frozenset()
) -> Features:
    """All features of one request; group entries in `aside` are not used."""
    reading = read(text)
    features = Features(surfaces=[word.surface for word in reading.words])
    _add_words(features, reading)
    _add_groups(features, reading, groups, aside)
    for shape in _shapes(reading):
        features.add(f"s:{shape}", 1.0)
    features.add(f"a:{attachment_kind(attached)}", 1.0)
    return features


def _add_words(features: Features, reading: Reading) -> None:
    words = [word.folded for word in reading.words]
    weights = [PAYLOAD_WEIGHT if word.payload else 1.0 for word in reading.words]
    for at, (word, weight) in enumerate(zip(words, weights, strict=True)):
        features.add(f"w:{word}", weight, at)
        for piece in _pieces(word):
            features.add(f"c:{piece}", weight, at)
    for at, (left, right) in enumerate(itertools.pairwise(words)):
        features.add(f"b:{left} {right}", min(weights[at : at + 2]), at, at + 1)
    if words:
        features.add(f"b:^ {words[0]}", weights[0], 0)
        features.add(f"b:{words[-1]} $", weights[-1], len(words) - 1)
        _add_edges(features, words)


def _add_edges(features: Features, words: list[str]) -> None:
    last = len(words) - 1
    for at, word in enumerate(words[:3]):
        features.add(f"h:{word}", 1.0, at)
    for at in range(min(3, last)):
        features.add(f"h:{words[at]} {words[at + 1]}", 1.0, at, at + 1)
    if last >= 2:
        features.add("h:" + " ".join(words[:3]), 1.0, 0, 1, 2)
    for at in range(max(0, last - 1), last + 1):
        features.add(f"e:{words[at]}", 1.0, at)
    features.add(f"e:{words[-1][-4:]}$", 1.0, last)


def _add_groups(features: Features, reading: Reading, groups: WordGroups, aside: frozenset[Entry]) -> None:
    seen: dict[str, float] = {}
    for hit in groups.find([word.folded for word in reading.words]):
        features.entries.add(hit.entry)
        if hit.entry in aside:
            continue
        group, at = hit.entry.group, range(hit.start, hit.end)
        weight = PAYLOAD_WEIGHT if reading.words[hit.start].payload else 1.0
        features.add(f"g:{group}", weight, *at)
        seen[group] = seen.get(group, 0.0) + weight
        if seen[group] >= 2:
            features.add(f"g:{group} twice", 1.0, *at)


def _pieces(word: str) -> Iterator[str]:
    bounded = f"<{word}>"
    for length in (2, 3, 4):
        for start in range(len(bounded) - length + 1):
            yield bounded[start : start + length]


def _shapes(reading: Reading) -> Iterator[str]:
    yield f"length {min(5, int(log2(len(reading.words) + 1)))}"
    yield from reading.marks
    if reading.mixed_scripts:
        yield "mixed scripts"
    if reading.looks_like_code:
        yield "code"
    if any(word.payload for word in reading.words):
        yield "payload"
