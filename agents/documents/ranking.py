"""Passages ranked for a question by BM25 (Robertson and Zaragoza, 2009).

Own, since it is thirty lines: rank-bm25 has had no release since 2022, and full-text search in DuckDB is an
extension that would have to be fetched.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

K1, B = 1.2, 0.75
"""The usual strength of repeated terms, and of a passage's length."""


@dataclass(frozen=True)
class Rank:
    """A passage's place for a question."""

    index: int
    """Number of the passage."""
    score: float
    """BM25, above 0; only comparable within one question."""
    coverage: float
    """Share of the question's different terms that stand in the passage."""


class Bm25:
    """An index of passages, each given as its terms."""

    def __init__(self, passages: Sequence[Sequence[str]]) -> None:
        self._counts = [Counter(passage) for passage in passages]
        self._lengths = [len(passage) for passage in passages]
        self._mean_length = sum(self._lengths) / len(passages) if passages else 0.0
        self._holding = Counter(term for counts in self._counts for term in counts)

    def rank(self, question: Sequence[str]) -> list[Rank]:
        """The passages with any of the question's terms, the best first; equal ones in their own order."""
        asked = list(dict.fromkeys(question))
        found = []
        for index, counts in enumerate(self._counts):
            held = [term for term in asked if term in counts]
            if held:
                score = sum(self._weight(term, index) for term in held)
                found.append(Rank(index, score, len(held) / len(asked)))
        return sorted(found, key=lambda rank: (-rank.score, rank.index))

    def _weight(self, term: str, index: int) -> float:
        holding, count = self._holding[term], self._counts[index][term]
        rarity = math.log(1 + (len(self._counts) - holding + 0.5) / (holding + 0.5))
        length = 1 - B + B * self._lengths[index] / self._mean_length
        return rarity * count * (K1 + 1) / (count + K1 * length)
