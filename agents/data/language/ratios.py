"""Two columns of numbers with a "per" or "minus" between; which numbers make groups."""

from collections.abc import Sequence

from agents.data.language.lexicon import lexicon
from agents.data.language.matching import Mention
from agents.data.language.reading import Reading
from agents.data.roles import header_words
from agents.data.tables import Column

DIVIDING = {"per", "for each", "for every", "basina"}
"""Of the words for groups, those that may also stand between two sums."""
MOST_CLASSES = 12
LEAST_ROWS = 5
"""Whole numbers are classes where few are different, with at least so many rows of each on average."""
AMOUNTS = ("units", "revenue", "cost", "profit", "price", "amount", "salary", "population", "weight")
"""Columns that mean one of these are amounts, however few their different values."""


def makes_groups(column: Column, rows: int) -> bool:
    """True for a number that is clearly a class, like a party's size."""
    words = header_words(column.name)
    meant = {meaning for word in words for meaning in lexicon().synonyms.get(word, frozenset((word,)))}
    few = column.distinct <= MOST_CLASSES and column.distinct * LEAST_ROWS <= rows
    return column.whole and few and not meant & set(AMOUNTS)


def divided(
    reading: Reading, numbers: Sequence[tuple[Mention, Column]]
) -> tuple[tuple[Mention, Column], tuple[Mention, Column]] | None:
    """The two columns of "revenue per unit": what is divided, and by what; None where nothing is."""
    for at, (mention, column) in enumerate(numbers):
        if makes_groups(column, reading.table.rows):
            continue
        rest = [one for place, one in enumerate(numbers) if place != at and one[1] != column]
        if _follows_per(reading, mention):
            before = [one for one in rest if one[0].end <= mention.start]
            if before:
                return before[-1], (mention, column)
        elif _stands_before_per(reading, mention):
            behind = [one for one in rest if one[0].start >= mention.end]
            if behind:
                return behind[0], (mention, column)
    return None


def subtracted(
    reading: Reading, numbers: Sequence[tuple[Mention, Column]]
) -> tuple[tuple[Mention, Column], tuple[Mention, Column]] | None:
    """The two columns of "revenue minus cost", directly beside the word; None where there are no such two."""
    for tag in reading.tags:
        before = [one for one in numbers if one[0].end == tag.start]
        behind = [one for one in numbers if one[0].start == tag.end]
        if tag.name == "minus" and before and behind and before[0][1] != behind[0][1]:
            return before[0], behind[0]
    return None


def _follows_per(reading: Reading, mention: Mention) -> bool:
    return any(
        tag.name == "by" and tag.end == mention.start and _divides(reading, tag.start, tag.end)
        for tag in reading.tags
    )


def _stands_before_per(reading: Reading, mention: Mention) -> bool:
    return any(
        tag.name == "by_after" and tag.start == mention.end and _divides(reading, tag.start, tag.end)
        for tag in reading.tags
    )


def _divides(reading: Reading, start: int, end: int) -> bool:
    return " ".join(word.form for word in reading.question.words[start:end]) in DIVIDING
