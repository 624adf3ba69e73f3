"""Groups of words that mean similar things (food, programming languages, falling numbers ...).

A group says nothing by itself: it is one more feature, whose weight is learned from the cases.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import yaml

from agents.routing.text import folded_words

WORDS = Path(__file__).with_name("words.yaml")


@dataclass(frozen=True, slots=True)
class Entry:
    group: str
    words: tuple[tuple[str, bool], ...]
    """Folded words in order; True where the word may go on (a stem)."""

    def matches(self, words: list[str]) -> bool:
        if len(words) < len(self.words):
            return False
        return all(
            word.startswith(mine) if stem else word == mine
            for word, (mine, stem) in zip(words, self.words, strict=False)
        )


@dataclass(frozen=True, slots=True)
class Hit:
    start: int
    end: int
    """Positions of the matched words, end excluded."""
    entry: Entry


@dataclass(frozen=True, slots=True)
class WordGroups:
    """All entries, found by their first word."""

    exact: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    stems: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def load(cls, path: Path = WORDS) -> Self:
        """Read `group: word, stem*, two words, ...`."""
        groups = cls()
        for group, listed in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            for written in listed.split(","):
                entry = Entry(group, tuple(_pattern(written)))
                first, stem = entry.words[0]
                (groups.stems if stem else groups.exact)[first].append(entry)
        return groups

    def find(self, words: list[str]) -> list[Hit]:
        """Every entry that occurs; one that lies inside a longer one is left out."""
        hits = [
            Hit(start, start + len(entry.words), entry)
            for start, word in enumerate(words)
            for entry in self._starting_with(word)
            if entry.matches(words[start : start + len(entry.words)])
        ]
        return [hit for hit in hits if not any(_inside(hit, other) for other in hits)]

    def _starting_with(self, word: str) -> list[Entry]:
        found = list(self.exact.get(word, ()))
        for length in range(2, len(word) + 1):
            found += self.stems.get(word[:length], ())
        return found


def _pattern(written: str) -> list[tuple[str, bool]]:
    pattern: list[tuple[str, bool]] = []
    for part in written.split():
        words = folded_words(part)
        pattern += [(word, False) for word in words[:-1]]
        pattern += [(word, part.endswith("*")) for word in words[-1:]]
    return pattern


def _inside(hit: Hit, other: Hit) -> bool:
    wider = other.end - other.start > hit.end - hit.start
    return wider and other.start <= hit.start and hit.end <= other.end
