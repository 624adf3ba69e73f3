"""Where a text tells something: the words found by the patterns, and which of them are sure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.diagnosis.left_open import left_open, moved
from agents.diagnosis.wording import wording

DEFINITE = ("the ", "our ")
"""Before "Manchester customers", so that "Many customers" is no name."""


NEITHER = "neither"
"""Denies two moves at once, which are shown together."""


@dataclass(frozen=True)
class Fact:
    """One fact as it stands in the text."""

    kind: str
    """One of `facts.NAMED`, or `onset`."""
    text: str
    """The words found, with the "not" before them where there is one."""
    tag: str | None = None
    """What it means to a playbook, such as `scope:region` or `onset:sudden`."""
    is_open: bool = False
    """The text denies it, excepts it, supposes it or asks whether it is so; then it has no tag."""


@dataclass(frozen=True)
class Words:
    """A place in the text where a fact stands."""

    start: int
    end: int
    text: str
    tag: str | None


def find_all(text: str, kind: str) -> Iterator[Words]:
    """Where a fact of this kind stands, pattern by pattern."""
    sought = _sought(text, kind)
    moves = set(moved(text)) if kind == "direction" else None
    for pattern in wording().facts:
        if pattern.kind == kind:
            for match in pattern.pattern.finditer(sought):
                if moves is None or match.span() in moves:
                    yield Words(match.start(), match.end(), match.group().strip(), pattern.tag)


def surest(text: str, said: Sequence[Words]) -> list[Words]:
    """Those that the text does not leave open; all of them when it leaves all open."""
    told = left_open(text)
    return [words for words in said if told.at(words.start) is None] or list(said)


def fact(text: str, kind: str, words: Words, is_sure: bool = True) -> Fact:
    """The fact that stands there; without a tag when it is not sure."""
    told = left_open(text)
    if (stretch := told.at(words.start)) is not None:
        neither = text.startswith(NEITHER, stretch.word) or text.startswith(NEITHER.title(), stretch.word)
        whole = kind == "direction" and (words.start < stretch.word or neither)
        said = (told.clause if whole else told.words)(words.start, words.end)
        return Fact(kind, said, is_open=True)
    return Fact(kind, words.text, words.tag if is_sure else None)


def between(ends: re.Pattern[str], text: str, words: Words) -> tuple[int, int]:
    """Where the clause or sentence with these words starts and ends."""
    breaks = list(ends.finditer(text))
    start = max((b.end() for b in breaks if b.end() <= words.start), default=0)
    return start, min((b.start() for b in breaks if b.start() >= words.end), default=len(text))


def _sought(text: str, kind: str) -> str:
    """The text in which a kind of fact is sought: "the Manchester customers" are a place and no figure."""
    if kind != "metric":
        return text
    return wording().named_who.sub(
        lambda match: " " * len(match.group()) if match.group().startswith(DEFINITE) else match.group(), text
    )
