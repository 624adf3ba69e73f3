"""Which siblings may overlap, by the words of their labels: shared, related, or one within the other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from agents.tree.mece.claims import has_verb
from agents.tree.mece.lexicon import lexicon
from agents.tree.mece.view import Place
from agents.tree.mece.words import content, denied, key, stem, surface, tokens

Holders = dict[str, list[Place]]
_BACKWARD = re.compile(
    r"\b(?:(?:per|(?:of\s+)?those\s+(?:who|that)|who|which)"
    r"|(?:the\s+[^\W\d_]+|what)\s+(?:we|they|you)(?:\s+(?:have|had))?)\s+[^\W\d_]+",
    re.IGNORECASE,
)
"""What refers to a denominator or back to a sibling: "price per unit", "those who come", "what they buy"."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two siblings, and in what way their words overlap."""

    one: Place
    two: Place
    how: str


def shared_words(children: Sequence[Place], topic: frozenset[str]) -> dict[str, list[Place]]:
    """The words that some of the children share but not all, apart from what they all are about."""
    holders = _holders(children, topic)
    shared = {word: those for word, those in sorted(holders.items()) if 1 < len(those) < len(children)}
    return {word: those for word, those in shared.items() if not _told_apart(those)}


def _told_apart(those: Sequence[Place]) -> bool:
    """Whether any two of them exclude each other in words: one denies the other, or says its opposite."""
    return all(_excludes(one.text, two.text) for one, two in combinations(those, 2))


def _excludes(one: str, two: str) -> bool:
    """Whether one denies what the other affirms, as in "not seen" and "seen but not clicked"."""
    denials = denied(one), denied(two)
    affirmed = content(one) - denials[0], content(two) - denials[1]
    return bool(denials[0] & affirmed[1] or denials[1] & affirmed[0] or opposites(one, two))


def overlaps(children: Sequence[Place], topic: frozenset[str], values: bool = False) -> Iterator[Overlap]:
    """For each child at most one overlap with a child before it.

    With `values` they are names, such as "web shop" and "own stores", which what stands beside a synonym
    tells apart.
    """
    holders = _holders(children, frozenset())
    order = {child.id: number for number, child in enumerate(children)}
    for child in children:
        before = _Before(child, holders, order, values)
        found = before.related() or before.within(topic)
        if found is not None:
            yield found


def opposites(one: str, two: str) -> list[tuple[str, str]]:
    """Words of which the one text has the one and the other its opposite, such as start and finish."""
    words, other_words = _spoken(one), _spoken(two)
    known = lexicon().complements
    return [(x, y) for x in sorted(words & known.keys()) for y in sorted(known[x] & other_words)]


def _spoken(text: str) -> set[str]:
    """All stems of a text, also those within compounds, and "on time" as one."""
    found = set(key(text).split())
    if re.search(r"\b(?:on|in)\s+time\b", text.casefold()):
        found.add("on-tim")
    return found | {stem(part) for word in found for part in word.split("-")}


def _holders(children: Sequence[Place], topic: frozenset[str]) -> Holders:
    holders: Holders = defaultdict(list)
    for child in children:
        for word in content(_BACKWARD.sub(" ", child.text)) - topic:
            holders[word].append(child)
    return holders


def _scale(text: str) -> frozenset[str]:
    """Words that set a size or a time apart, such as "large" and "new"; alone they say nothing."""
    return frozenset(tokens(text)) & lexicon().adjectives


class _Before:
    """One child against those before it, found by the words they hold."""

    def __init__(self, child: Place, holders: Holders, order: dict[str, int], values: bool) -> None:
        self.child, self.words, self._values = child, content(child.text), values
        self._holders, self._order = holders, order

    def related(self) -> Overlap | None:
        """A child before it with a word that means much the same as one of its own, or is part of it."""
        for word in sorted(self.words):
            for related, how in _related(word):
                one = next((o for o in self._earlier(related) if self._clash(o, related, word)), None)
                if one is not None and related not in self.words:
                    said = _quoted(surface(one.text, related), surface(self.child.text, word))
                    return Overlap(one, self.child, how.format(said))
        return None

    def within(self, topic: frozenset[str]) -> Overlap | None:
        """A child before it whose words are all among its own, or the other way round."""
        own = self.words - topic
        for one in (one for word in sorted(own) for one in self._earlier(word)):
            others = content(one.text) - topic
            told_apart = _scale(one.text) != _scale(self.child.text) or _excludes(one.text, self.child.text)
            if (own < others or others < own) and not told_apart:
                return Overlap(one, self.child, "the words of one are all in the other")
        return None

    def _clash(self, one: Place, related: str, word: str) -> bool:
        """Whether the related words make the two alike, or the rest of the names tells them apart."""
        if word in content(one.text):
            return False
        own, others = (self.words | _scale(self.child.text)) - {word}, content(one.text) | _scale(one.text)
        others -= {related}
        names = self._values and not has_verb(one.text) and not has_verb(self.child.text)
        return not (names and own and others and not own & others)

    def _earlier(self, word: str) -> Iterator[Place]:
        at = self._order[self.child.id]
        return (place for place in self._holders.get(word, ()) if self._order[place.id] < at)


def _quoted(one: str, two: str) -> str:
    return f"\u201c{one}\u201d and \u201c{two}\u201d"


def _related(word: str) -> Iterator[tuple[str, str]]:
    """Words related to this one, each with a sentence part that tells how."""
    known = lexicon()
    for other in sorted(known.synonyms.get(word, ())):
        yield other, "{} mean much the same"
    for other in sorted(known.containment.get(word, ())):
        yield other, "one of {} is part of the other"
