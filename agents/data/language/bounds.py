"""Numbers that rows must lie over, under or between: "units over 5", "between 10 and 20 units"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.data.language.lexicon import lexicon
from agents.data.language.matching import LIKELY, Mention, mentions
from agents.data.language.words import Question
from agents.data.roles import is_time
from agents.data.tables import Table

NUMBER = re.compile(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?")
"""What is surely one number in English; "1.200,50" and "5,5" are not."""
AMBIGUOUS = re.compile(r"\d{1,3}\.\d{3}")
"""May be a thousand and some, or one and a fraction."""
YEARS = range(1900, 2100)
LEAST, MORE, LESS, MOST = "at least", "more than", "less than", "at most"


@dataclass(frozen=True)
class Bounded:
    """Words that limit a column of numbers."""

    start: int
    """Number of the first word."""
    end: int
    """Number after the last word."""
    mention: Mention
    """The column."""
    edges: tuple[tuple[str, float | int], ...]
    """Each edge with its number."""


def bounds(question: Question, table: Table) -> list[Bounded]:
    """Every limit that stands beside the column it is for; what has no column beside it is left alone."""
    free = [True] * len(question.words)
    known = [one for one in mentions(question, table, free) if _is_limited(one)]
    found = []
    for start, end, edges in _said(question):
        column = _behind(question, known, end)
        if column is None and not _are_years(edges):
            column = _before(question, known, start)
        if column is not None:
            first, last = min(start, column.start), max(end, column.end)
            found.append(Bounded(first, last, column, edges))
    return found


def _are_years(edges: tuple[tuple[str, float | int], ...]) -> bool:
    """True for "between 1952 and 2007", which is a stretch of time where no column stands behind it."""
    return len(edges) > 1 and all(number in YEARS for _, number in edges)


def _is_limited(mention: Mention) -> bool:
    numbers = all(one.family == "number" and not is_time(one) for one in mention.columns)
    return numbers and mention.score >= LIKELY


def _said(question: Question) -> Iterator[tuple[int, int, tuple[tuple[str, float | int], ...]]]:
    """Edges in words: where they start, where the last number ends, and what they say."""
    joined = question.joined()
    for phrase in lexicon().edges:
        for match in phrase.pattern.finditer(joined):
            start = joined.count(" ", 0, match.start())
            at = start + match[0].count(" ") + 1
            one, two = (_number(question, at), _number(question, at + 2))
            if phrase.tag == "between":
                joins = at + 1 < len(question.words) and question.words[at + 1].form == "and"
                if one is not None and two is not None and joins and one <= two:
                    yield start, at + 3, ((LEAST, one), (MOST, two))
            elif one is not None:
                yield start, at + 1, ((phrase.tag, one),)


def _number(question: Question, place: int) -> float | int | None:
    said = question.words[place].text if place < len(question.words) else ""
    if not NUMBER.fullmatch(said) or AMBIGUOUS.fullmatch(said):
        return None
    plain = said.replace(",", "")
    return float(plain) if "." in plain else int(plain)


def _behind(question: Question, known: Sequence[Mention], end: int) -> Mention | None:
    """ "over 5 units": the column directly behind the number."""
    return next((one for one in known if one.start == end), None)


def _before(question: Question, known: Sequence[Mention], start: int) -> Mention | None:
    """ "units over 5", "units are more than 5": the column directly before."""
    while start and lexicon().being.fullmatch(question.words[start - 1].form):
        start -= 1
    return next((one for one in known if one.end == start), None)
