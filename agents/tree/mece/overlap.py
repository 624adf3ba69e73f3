"""Which siblings may overlap, by the words of their labels: shared, related, or one within the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.tree.mece.lexicon import lexicon
from agents.tree.mece.view import Place
from agents.tree.mece.words import content, key, surface

Holders = dict[str, list[Place]]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two siblings, and in what way their words overlap."""

    one: Place
    two: Place
    how: str


def shared_words(children: Sequence[Place], topic: frozenset[str]) -> dict[str, list[Place]]:
    """The words that some of the children share but not all, apart from what they all are about."""
    holders = _holders(children, topic)
    return {word: those for word, those in sorted(holders.items()) if 1 < len(those) < len(children)}


def overlaps(children: Sequence[Place], topic: frozenset[str]) -> Iterator[Overlap]:
    """For each child at most one overlap with a child before it."""
    holders = _holders(children, frozenset())
    order = {child.id: number for number, child in enumerate(children)}
    for child in children:
        before = _Before(child, holders, order)
        found = before.related() or before.within(topic)
        if found is not None:
            yield found


def opposites(one: str, two: str) -> list[tuple[str, str]]:
    """Words of which the one text has the one and the other its opposite, such as start and finish."""
    words, other_words = set(key(one).split()), set(key(two).split())
    known = lexicon().complements
    return [(x, y) for x in sorted(words & known.keys()) for y in sorted(known[x] & other_words)]


def _holders(children: Sequence[Place], topic: frozenset[str]) -> Holders:
    holders: Holders = defaultdict(list)
    for child in children:
        for word in content(child.text) - topic:
            holders[word].append(child)
    return holders


class _Before:
    """One child against those before it, found by the words they hold."""

    def __init__(self, child: Place, holders: Holders, order: dict[str, int]) -> None:
        self.child, self.words = child, content(child.text)
        self._holders, self._order = holders, order

    def related(self) -> Overlap | None:
        """A child before it with a word that means much the same as one of its own, or is part of it."""
        for word in sorted(self.words):
            for related, how in _related(word):
                one = next((o for o in self._earlier(related) if word not in content(o.text)), None)
                if one is not None and related not in self.words:
                    said = _quoted(surface(one.text, related), surface(self.child.text, word))
                    return Overlap(one, self.child, how.format(said))
        return None

    def within(self, topic: frozenset[str]) -> Overlap | None:
        """A child before it whose words are all among its own, or the other way round."""
        own = self.words - topic
        for one in (one for word in sorted(own) for one in self._earlier(word)):
            others = content(one.text) - topic
            if (own < others or others < own) and not opposites(one.text, self.child.text):
                return Overlap(one, self.child, "the words of one are all in the other")
        return None

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
