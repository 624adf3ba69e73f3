"""Stretches of time named in a question: years, quarters, months, "last year"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from agents.data.language.words import Question, same_word
from agents.data.request import Period

Unit = Literal["year", "quarter", "month", "day"]
MONTHS = (
    ("january", "jan", "ocak"),
    ("february", "feb", "subat"),
    ("march", "mar", "mart"),
    ("april", "apr", "nisan"),
    ("may", "mayis"),
    ("june", "jun", "haziran"),
    ("july", "jul", "temmuz"),
    ("august", "aug", "agustos"),
    ("september", "sep", "sept", "eylul"),
    ("october", "oct", "ekim"),
    ("november", "nov", "kasim"),
    ("december", "dec", "aralik"),
)
EVERYDAY = {"may", "mar", "march", "mart"}
"""Names of months that are other words as well, so that they must begin with a capital."""
YEAR = re.compile(r"(1[5-9]|20|21)\d\d")
MONTH = re.compile(r"(\d{4})-(\d{1,2})")
DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
QUARTER = re.compile(r"(?:q|c|ceyrek)([1-4])")
ORDINALS = {"first": 1, "1st": 1, "ilk": 1, "birinci": 1, "second": 2, "2nd": 2, "ikinci": 2}
ORDINALS |= {"third": 3, "3rd": 3, "ucuncu": 3, "fourth": 4, "4th": 4, "dorduncu": 4, "son": 4}
UNITS: dict[str, Unit] = {"year": "year", "yil": "year", "quarter": "quarter", "ceyrek": "quarter"}
UNITS |= {"month": "month", "ay": "month", "day": "day", "gun": "day"}
THIS = {"this": 0, "current": 0, "bu": 0, "last": -1, "previous": -1, "gecen": -1, "onceki": -1}
LASTING: dict[Unit, int] = {"year": 12, "quarter": 3, "month": 1}
"""Months of a stretch."""


@dataclass(frozen=True)
class Named:
    """A stretch of time as it was named; its year may be left to the data."""

    start: int
    """Number of its first word in the question."""
    end: int
    """Number after its last word."""
    unit: Unit
    """Its length."""
    year: int | None = None
    """Its year, where it was said."""
    place: int = 1
    """Its number in the year: the quarter, the month, or the day of the year's month."""
    day: int = 1
    """The day of the month, for a single day."""
    offset: int | None = None
    """For "this" and "last": how many stretches before or after the data's last one."""


def named_periods(question: Question) -> list[Named]:
    """The stretches of time, in the order of the question."""
    found: list[Named] = []
    place = 0
    while place < len(question.words):
        named = _at(question, place)
        if named is not None:
            found.append(named)
        place = named.end if named else place + 1
    return found


def _at(question: Question, place: int) -> Named | None:
    """The stretch that begins with this word."""
    readers = (_date, _quarter, _month, _relative, _year)
    return next((named for reader in readers if (named := reader(question, place)) is not None), None)


def _date(question: Question, place: int) -> Named | None:
    form = question.words[place].form
    day, month = DAY.fullmatch(form), MONTH.fullmatch(form)
    if day and 1 <= int(day[2]) <= 12 and 1 <= int(day[3]) <= 31:
        return Named(place, place + 1, "day", int(day[1]), int(day[2]), int(day[3]))
    if month and 1 <= int(month[2]) <= 12:
        return Named(place, place + 1, "month", int(month[1]), int(month[2]))
    return None


def _year(question: Question, place: int) -> Named | None:
    form = question.words[place].form
    return Named(place, place + 1, "year", int(form)) if YEAR.fullmatch(form) else None


def _quarter(question: Question, place: int) -> Named | None:
    """Q1, Q1 2024, 2024 Q1, first quarter of 2024, ilk çeyrek."""
    before = _year(question, place)
    start = place + 1 if before and place + 1 < len(question.words) else place
    form = question.words[start].form
    short = QUARTER.fullmatch(form)
    if short:
        return _with_year(question, "quarter", place, start + 1, int(short[1]), before)
    following = question.words[start + 1].form if start + 1 < len(question.words) else ""
    if form in ORDINALS and _unit(following, question.turkish) == "quarter":
        return _with_year(question, "quarter", place, start + 2, ORDINALS[form], before)
    return None


def _month(question: Question, place: int) -> Named | None:
    """May, May 2024, 2024 Mayıs, mayısta."""
    before = _year(question, place)
    start = place + 1 if before and place + 1 < len(question.words) else place
    word = question.words[start]
    number = next(
        (n for n, names in enumerate(MONTHS, 1) if _is_month(word.form, names, question.turkish)), None
    )
    if number is None:
        return None
    named = _with_year(question, "month", place, start + 1, number, before)
    sure = word.text[0].isupper() or named.year is not None or word.form not in EVERYDAY
    return named if sure else None


def _is_month(form: str, names: Sequence[str], turkish: bool) -> bool:
    return form in names or (turkish and same_word(form, names[-1], True))


def _relative(question: Question, place: int) -> Named | None:
    """This year, last month, geçen çeyrek; the data's end is where they count from."""
    words = question.words
    if words[place].form not in THIS or place + 1 == len(words):
        return None
    unit = _unit(words[place + 1].form, question.turkish)
    if unit is None:
        return None
    return Named(place, place + 2, unit, offset=THIS[words[place].form])


def _unit(form: str, turkish: bool) -> Unit | None:
    return next(
        (unit for word, unit in UNITS.items() if form == word or same_word(form, word, turkish)), None
    )


def _with_year(
    question: Question, unit: Unit, start: int, end: int, number: int, before: Named | None
) -> Named:
    """The stretch with the year before it, or the one behind it ("Q1 2024", "May of 2024")."""
    words = question.words
    if before is not None:
        return Named(start, end, unit, before.year, number)
    behind = end + 1 if end < len(words) and words[end].form in ("of", "in") else end
    year = _year(question, behind) if behind < len(words) else None
    return Named(start, year.end if year else end, unit, year.year if year else None, number)


def resolve(named: Named, first: date, last: date) -> Period | None:
    """The days of a named stretch, for data that go from `first` to `last`; None for a day that is none.

    A quarter or month without a year is the last one that has begun when the data end.
    """
    if named.unit == "day":
        return _single_day(named, last)
    months = LASTING[named.unit]
    if named.offset is not None:
        index = (last.year * 12 + last.month - 1) // months + named.offset
        return _stretch(named.unit, index * months)
    year = named.year
    if year is None:
        year = last.year if (named.place - 1) * months + 1 <= last.month else last.year - 1
    return _stretch(named.unit, year * 12 + (named.place - 1) * months)


def stretch(months: int, index: int) -> Period:
    """The stretch of 12, 3 or 1 months with this number, counted from year 0."""
    unit = next(unit for unit, length in LASTING.items() if length == months)
    return _stretch(unit, index * months)


def _stretch(unit: Unit, month: int) -> Period:
    """The stretch that begins with a month, counted from year 0."""
    start, end = _first(month), _first(month + LASTING[unit])
    label = {"year": f"{start.year}", "quarter": f"{start.year}-Q{start.month // 3 + 1}"}.get(
        unit, f"{start.year}-{start.month:02}"
    )
    return Period(start=start, end=end, label=label)


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _single_day(named: Named, last: date) -> Period | None:
    if named.offset is not None:
        start = date.fromordinal(last.toordinal() + named.offset)
    else:
        try:
            start = date(named.year or last.year, named.place, named.day)
        except ValueError:
            return None
    return Period(start=start, end=date.fromordinal(start.toordinal() + 1), label=start.isoformat())


def through(first: Period, last: Period) -> Period:
    """From the start of one stretch to the end of another."""
    start, end = min(first.start, last.start), max(first.end, last.end)
    labels = [period.label for period in sorted((first, last), key=lambda period: period.start)]
    return Period(start=start, end=end, label=f"{labels[0]} to {labels[1]}")


def before(period: Period) -> Period:
    """The stretch of the same length before this one, in months, or in days for less than a month."""
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
    if period.start.day != 1 or period.end.day != 1 or months < 1:
        days = (period.end - period.start).days
        start = date.fromordinal(period.start.toordinal() - days)
        return Period(start=start, end=period.start, label=f"{start} to {period.start}")
    units: dict[int, Unit] = {12: "year", 3: "quarter", 1: "month"}
    start_month = period.start.year * 12 + period.start.month - 1 - months
    if months in units:
        return _stretch(units[months], start_month)
    start = _first(start_month)
    return Period(start=start, end=period.start, label=f"{start:%Y-%m} to {period.start:%Y-%m}")
