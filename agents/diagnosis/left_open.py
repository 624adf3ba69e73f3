"""What a text leaves open: stretches that deny, except, suppose or ask; no fact in them is sure."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agents.diagnosis.wording import wording

LONGEST = 80
"""Characters of a fact together with the words that leave it open."""

ARTICLES = {"for", "in", "the", "our", "all"}
"""Words between "except" and a figure that is itself excepted."""


@dataclass(frozen=True)
class Stretch:
    """Characters of a text in which nothing is sure."""

    start: int
    end: int
    word: int
    """Where the word stands that leaves it open: "not", "except", "if"."""
    denies_move: bool
    """It says that a figure did not move, or that something is not there."""


@dataclass(frozen=True)
class Open:
    """The stretches of a text, from left to right and apart from each other."""

    text: str
    stretches: tuple[Stretch, ...]

    def at(self, start: int) -> Stretch | None:
        """The stretch in which a character stands, or None when what is said there is sure."""
        last = bisect_right([stretch.start for stretch in self.stretches], start) - 1
        if last < 0 or start >= self.stretches[last].end:
            return None
        return self.stretches[last]

    def words(self, start: int, end: int) -> str:
        """The words of a fact together with the one before them that leaves them open ("did not fall")."""
        stretch = self.at(start)
        if stretch is not None and 0 < end - stretch.word <= LONGEST:
            start = min(start, stretch.word)
        return self.text[start:end].strip()

    def clause(self, start: int, end: int) -> str:
        """The words of a fact to the end of its stretch ("lost no customers"), when that is short."""
        stretch = self.at(start)
        if stretch is None or stretch.end - min(start, stretch.word) > LONGEST:
            return self.words(start, end)
        return self.text[min(start, stretch.word) : stretch.end].strip()


@lru_cache(maxsize=64)
def left_open(text: str) -> Open:
    """Read a text for "not", "no", "except", "if", "will" and their like, and for questions.

    A word that denies reaches to the end of its clause, and over the parts of a list behind it ("in Berlin
    and in the shops"); back to the start of its clause, unless something moved before it and nothing
    behind it ("fell in Berlin, not in Hamburg").
    """
    clauses = _clauses(text)
    found = [*_questions(text), *_excepted(text, clauses)]
    for pattern in (wording().denies, wording().supposes):
        found += _said(text, pattern, clauses)
    return Open(text, _apart(found))


def without_denied_moves(text: str, instead: str) -> str:
    """The text with each move that it denies replaced: "no customers left" is no sign of leaving ones."""
    clauses, moves, kept, end = _clauses(text), moved(text), [], 0
    denied = _apart(_said(text, wording().denies, clauses))
    inside = Open(text, denied)
    for start, stop in moves:
        if start >= end and inside.at(start) is not None:
            kept += [text[end:start], instead]
            end = stop
    return "".join([*kept, text[end:]])


def _said(text: str, pattern: re.Pattern[str], clauses: list[tuple[int, int]]) -> Iterator[Stretch]:
    moves, ends = [start for start, _ in moved(text)], {end for _, end in moved(text)}
    starts, reach = [start for start, _ in clauses], _reach(text, clauses, moves)
    for match in pattern.finditer(text):
        number = bisect_right(starts, match.start()) - 1
        start, end = starts[number], reach[number]
        behind = _any(moves, match.end(), end)
        of_none = wording().of_none.fullmatch(match.group()) is not None
        before = _any(moves, start, match.start()) and not (of_none and match.start() - 1 in ends)
        begins = start if behind or not before else match.start()
        yield Stretch(begins, end, match.start(), behind or of_none)


def _reach(text: str, clauses: list[tuple[int, int]], moves: list[int]) -> list[int]:
    """Where what each clause says ends: with the parts that a list adds to it, in which nothing moves."""
    ends = [end for _, end in clauses]
    for number in reversed(range(len(clauses) - 1)):
        start, stop = clauses[number + 1]
        more = wording().and_more.fullmatch(text[clauses[number][1] : start].strip())
        if more and not _any(moves, start, stop) and not wording().fresh.match(text[start:stop].strip()):
            ends[number] = ends[number + 1]
    return ends


def _excepted(text: str, clauses: list[tuple[int, int]]) -> Iterator[Stretch]:
    """From "except" on, as far as the clause goes or something moves ("Apart from Berlin sales fell").

    A figure that is itself excepted did not move: "everything except sales fell".
    """
    moves = [start for start, _ in moved(text)]
    metrics = [match.start() for match in wording().metric.finditer(text)]
    starts, reach = [start for start, _ in clauses], _reach(text, clauses, moves)
    for match in wording().excepts.finditer(text):
        end = reach[bisect_right(starts, match.start()) - 1]
        metric, move = (_first(places, match.end(), end) for places in (metrics, moves))
        is_metric = metric < end and not {*text[match.end() : metric].split()} - ARTICLES
        stop = end if is_metric else min(metric, move)
        yield Stretch(match.start(), stop, match.start(), is_metric)


def _questions(text: str) -> Iterator[Stretch]:
    """Sentences that ask whether something is so."""
    for match in wording().asks.finditer(text):
        yield Stretch(match.start(), match.end(), match.start(), False)


def _clauses(text: str) -> list[tuple[int, int]]:
    """Where the clauses of a text start and end, without what stands between them."""
    breaks = [(0, 0), *(match.span() for match in wording().clause_break.finditer(text)), (len(text),) * 2]
    return [(end, start) for (_, end), (start, _) in pairwise(breaks)]


@lru_cache(maxsize=64)
def moved(text: str) -> tuple[tuple[int, int], ...]:
    """Where words stand by which a figure moves, but those that are part of a denial ("no longer")."""
    denials = Open(text, _apart([Stretch(*m.span(), 0, False) for m in wording().denies.finditer(text)]))
    found = {
        match.span()
        for fact in wording().facts
        if fact.kind == "direction"
        for match in fact.pattern.finditer(text)
        if denials.at(match.end() - 1) is None
    }
    return tuple(sorted(found))


def _any(places: list[int], start: int, end: int) -> bool:
    return _first(places, start, end) < end


def _first(places: list[int], start: int, end: int) -> int:
    """The first of these places from `start` on, or `end` when there is none before it."""
    place = bisect_right(places, start - 1)
    return min(places[place], end) if place < len(places) else end


def _apart(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The stretches in order; those that overlap become one, with the word that comes first."""
    kept: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda s: (s.start, s.word)):
        if kept and stretch.start < kept[-1].end:
            last = kept.pop()
            stretch = Stretch(
                last.start,
                max(last.end, stretch.end),
                min(last.word, stretch.word),
                last.denies_move or stretch.denies_move,
            )
        kept.append(stretch)
    return tuple(kept)
