"""A question's words, each with what it says: a column, a value, a stretch of time, an intent, or nothing.

What stays without a meaning is kept: an answer that ignores a word may be an answer to another question.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from agents.data.language.bounds import Bounded, bounds
from agents.data.language.groups import Groups, Named
from agents.data.language.lexicon import GRAINS, lexicon
from agents.data.language.matching import SURE, Mention, mentions
from agents.data.language.periods import Named as NamedPeriod
from agents.data.language.periods import named_periods
from agents.data.language.words import Question, same_word
from agents.data.request import Grain
from agents.data.roles import header_words, is_time, times
from agents.data.tables import Table

TIME_WORDS = (
    "date",
    "day",
    "time",
    "month",
    "quarter",
    "year",
    "tarih",
    "gun",
    "zaman",
    "ay",
    "ceyrek",
    "yil",
)
MULTI = 0.8
"""Scores from which several words together name a column before single words are looked at."""


@dataclass(frozen=True)
class Tag:
    """Words that say what is wanted."""

    start: int
    """Number of the first word."""
    end: int
    """Number after the last word."""
    name: str
    """A tag of the lexicon."""


@dataclass
class Reading:
    """What the words of a question say about one table."""

    question: Question
    """The question."""
    table: Table
    """The table it is read for."""
    tags: list[Tag] = field(default_factory=list)
    """Intents, in the order of the question."""
    columns: list[Mention] = field(default_factory=list)
    """Columns, in the order of the question."""
    values: list[Named] = field(default_factory=list)
    """Values of text columns, in the order of the question."""
    periods: list[NamedPeriod] = field(default_factory=list)
    """Stretches of time, in the order of the question."""
    bounds: list[Bounded] = field(default_factory=list)
    """Limits of numbers, in the order of the question."""
    numbers: list[int] = field(default_factory=list)
    """Whole numbers: how many groups are wanted."""
    unknown: list[str] = field(default_factory=list)
    """Words without a meaning here, as they were written."""

    def has(self, *names: str) -> bool:
        """True when one of these tags was said."""
        return any(tag.name in names for tag in self.tags)

    def grain(self) -> Grain | None:
        """The length of a stretch, where one was said."""
        said = {tag.name.removeprefix("grain:") for tag in self.tags if tag.name.startswith("grain:")}
        return next((grain for grain in GRAINS if grain in said), None)


class Reader:
    """Reads questions about one table."""

    def __init__(self, table: Table, groups: Groups) -> None:
        self._table = table
        self._groups = groups

    def read(self, question: Question) -> Reading:
        """Give every word its meaning, the surest meanings first."""
        reading = Reading(question, self._table)
        free = [True] * len(question.words)
        reading.bounds += _take_bounds(question, self._table, free)
        reading.tags += _take_tags(reading, free, least_words=2)
        reading.columns += _take_columns(reading, free, sure=True)
        reading.periods += _take_periods(question, free)
        keywords = _take_tags(reading, free, least_words=1)
        reading.tags += keywords
        reading.values += self._take_values(question, free)
        _pass_over_subject(reading, free)
        reading.columns += _take_columns(reading, free, sure=False)
        _name_by_keywords(reading, keywords)
        reading.numbers += _take_numbers(question, free)
        reading.unknown += _unknown(reading, free)
        for items in (reading.tags, reading.columns, reading.values, reading.periods):
            items.sort(key=lambda item: item.start)
        return reading

    def _take_values(self, question: Question, free: list[bool]) -> list[Named]:
        found = self._groups.named(question, free)
        for named in found:
            _take(free, named.start, named.end)
        return found


def _take(free: list[bool], start: int, end: int) -> None:
    free[start:end] = [False] * (end - start)


def _take_bounds(question: Question, table: Table, free: list[bool]) -> list[Bounded]:
    found = []
    for bounded in bounds(question, table):
        if all(free[bounded.start : bounded.end]):
            _take(free, bounded.start, bounded.end)
            found.append(bounded)
    return found


def _take_tags(reading: Reading, free: list[bool], least_words: int) -> list[Tag]:
    """Phrases of at least so many words, the longest first."""
    candidates = sorted(_phrases(reading), key=lambda tag: (tag.start - tag.end, tag.start))
    found = []
    for tag in candidates:
        if tag.end - tag.start >= least_words and all(free[tag.start : tag.end]):
            _take(free, tag.start, tag.end)
            found.append(tag)
    return found


def _phrases(reading: Reading) -> Iterator[Tag]:
    joined = reading.question.joined()
    for phrase in lexicon().phrases:
        if phrase.tag.startswith("grain:") and not _tells_grain(reading.table, phrase.tag):
            continue
        for match in phrase.pattern.finditer(joined):
            start = joined.count(" ", 0, match.start())
            yield Tag(start, start + match[0].count(" ") + 1, phrase.tag)


def _tells_grain(table: Table, tag: str) -> bool:
    """True when the table tells the time, and has no other column of just that name."""
    word = tag.removeprefix("grain:")
    named = [column for column in table.columns if header_words(column.name) == (word,)]
    return bool(times(table)) and all(is_time(column) for column in named)


def _take_columns(reading: Reading, free: list[bool], sure: bool) -> list[Mention]:
    """Columns by their header, or, when `sure` is not asked, by anything like it."""
    question = reading.question
    open_words = [is_free and (sure or not _is_filler(question, n)) for n, is_free in enumerate(free)]
    found = []
    for mention in mentions(question, reading.table, open_words):
        several = mention.end - mention.start > 1
        if sure and not (mention.score >= SURE or (several and mention.score >= MULTI)):
            continue
        if sure and not several and _is_keyword(question, mention.start):
            continue
        if all(free[mention.start : mention.end]) and not _is_part_of_time(question, mention):
            _take(free, mention.start, mention.end)
            found.append(mention)
    return found


def _is_part_of_time(question: Question, mention: Mention) -> bool:
    """True for "orders" where only order_date is like it: the word does not ask for the time."""
    if mention.score >= SURE or not all(map(is_time, mention.columns)):
        return False
    said = [word.form for word in question.words[mention.start : mention.end]]
    return not any(same_word(form, base, question.turkish) for form in said for base in TIME_WORDS)


def _pass_over_subject(reading: Reading, free: list[bool]) -> None:
    """In "my sales data" the first word says what the table is about; it names no column to reckon with."""
    words = reading.question.words
    for place in range(len(words) - 1):
        behind = lexicon().container.fullmatch(words[place + 1].form)
        named = [one for one in mentions(reading.question, reading.table, free) if one.start == place]
        if free[place] and behind and any(one.end == place + 1 and one.score < SURE for one in named):
            _take(free, place, place + 1)


def _name_by_keywords(reading: Reading, keywords: list[Tag]) -> None:
    """Take a column called like a keyword ("total") for the column when no other column is reckoned."""
    if any(one.family == "number" for mention in reading.columns for one in mention.columns):
        return
    single = {tag.start for tag in keywords if tag.end == tag.start + 1}
    free = [place in single for place in range(len(reading.question.words))]
    for mention in mentions(reading.question, reading.table, free):
        if mention.score >= SURE and mention.end - mention.start == 1:
            reading.tags = [tag for tag in reading.tags if tag.start != mention.start]
            reading.columns.append(mention)
            return


def _is_keyword(question: Question, place: int) -> bool:
    form = question.words[place].form
    return any(phrase.pattern.fullmatch(form) for phrase in lexicon().phrases)


def _is_filler(question: Question, place: int) -> bool:
    return lexicon().filler.fullmatch(question.words[place].form) is not None


def _take_periods(question: Question, free: list[bool]) -> list[NamedPeriod]:
    found = []
    for named in named_periods(question):
        if all(free[named.start : named.end]):
            _take(free, named.start, named.end)
            found.append(named)
    return found


def _take_numbers(question: Question, free: list[bool]) -> list[int]:
    found = []
    for place, word in enumerate(question.words):
        number = int(word.form) if word.form.isdecimal() else lexicon().numbers.get(word.form)
        if free[place] and number is not None:
            free[place] = False
            found.append(number)
    return found


def _unknown(reading: Reading, free: list[bool]) -> list[str]:
    """Words that are neither taken, nor fillers, nor the table's own name."""
    table = reading.table
    own = {
        *header_words(table.name),
        *header_words(table.file.rsplit(".", 1)[0]),
        *header_words(table.sheet or ""),
    }
    turkish = reading.question.turkish
    return [
        word.text
        for place, word in enumerate(reading.question.words)
        if free[place]
        and not _is_filler(reading.question, place)
        and not any(same_word(word.form, base, turkish) for base in own)
    ]
