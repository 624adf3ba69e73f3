"""Dates as people and programs write them, days and times, months and quarters."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agents.data import sql
from agents.data.loading.reading import Reading

YEARS = "between 1000 and 2999"
"""Years outside are taken for something else than a year."""
MONTH = r"[A-Za-z]{3,9}\.?"


@dataclass(frozen=True)
class Shape:
    """Dates of one shape; more than one format means that the shape does not tell day from month."""

    pattern: str
    formats: tuple[str, ...]
    timed: bool = False


DAYS: dict[str, tuple[str, ...]] = {
    r"\d{4}-\d{1,2}-\d{1,2}": ("%Y-%m-%d",),
    r"\d{4}/\d{1,2}/\d{1,2}": ("%Y/%m/%d",),
    r"\d{4}\.\d{1,2}\.\d{1,2}": ("%Y.%m.%d",),
    r"\d{1,2}\.\d{1,2}\.\d{4}": ("%d.%m.%Y",),
    r"\d{1,2}/\d{1,2}/\d{4}": ("%d/%m/%Y", "%m/%d/%Y"),
    r"\d{1,2}-\d{1,2}-\d{4}": ("%d-%m-%Y", "%m-%d-%Y"),
    r"\d{2}\.\d{2}\.\d{2}": ("%d.%m.%y",),
    r"\d{2}/\d{2}/\d{2}": ("%d/%m/%y", "%m/%d/%y"),
    rf"\d{{1,2}} {MONTH} \d{{4}}": ("%d %b %Y", "%d %B %Y"),
    rf"\d{{1,2}}-{MONTH}-\d{{4}}": ("%d-%b-%Y", "%d-%B-%Y"),
    rf"\d{{1,2}}-{MONTH}-\d{{2}}": ("%d-%b-%y",),
    rf"{MONTH} \d{{1,2}}, \d{{4}}": ("%b %d, %Y", "%B %d, %Y"),
}
TIMES: dict[str, str] = {
    r"\d{1,2}:\d{2}": "%H:%M",
    r"\d{1,2}:\d{2}:\d{2}": "%H:%M:%S",
    r"\d{1,2}:\d{2}:\d{2}\.\d{1,6}": "%H:%M:%S.%f",
    r"\d{1,2}:\d{2} (?i:[ap]m)": "%I:%M %p",
    r"\d{1,2}:\d{2}:\d{2} (?i:[ap]m)": "%I:%M:%S %p",
}
MONTHS: dict[str, tuple[str, ...]] = {
    r"\d{4}-\d{2}": ("%Y-%m",),
    r"\d{1,2}/\d{4}": ("%m/%Y",),
    rf"{MONTH} \d{{4}}": ("%b %Y", "%B %Y"),
    rf"{MONTH}-\d{{4}}": ("%b-%Y", "%B-%Y"),
}
ISO = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?"
"""A day, or a day with a time, in one column together."""
QUARTER = r"(?i:(\d{4})[- ]?q([1-4])|q([1-4])[- /]?(\d{4}))"
COMPACT = r"(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])"
TIME_WORDS = {"date", "day", "tarih", "gun", "gün", "datum"}


def shapes() -> list[Shape]:
    """Every shape of a day, a day with a time, and a month."""
    plain = [Shape(p, f) for p, f in {**DAYS, **MONTHS}.items()]
    timed = [
        Shape(f"{day}{gap}{time}", tuple(f"{f}{gap}{clock}" for f in formats), timed=True)
        for day, formats in DAYS.items()
        for time, clock in TIMES.items()
        for gap in (" ", "T")
    ]
    return plain + timed


SHAPES = shapes()


def readings(values: Collection[str], header: str) -> list[Reading]:
    """Ways in which every one of these texts is a date, the likeliest first; empty when they are none."""
    if not values:
        return []
    if all(_is(QUARTER, value) for value in values):
        return [_quarter_reading()]
    if _names_a_day(header) and all(_is(COMPACT, value) for value in values):
        return [_reading([Shape(COMPACT, ("%Y%m%d",))], 0)]
    iso = [_iso_reading(values)] if all(_is(ISO, value) for value in values) else []
    return [*_shaped_readings(values), *iso]


def _shaped_readings(values: Collection[str]) -> list[Reading]:
    found: dict[Shape, None] = {}
    for value in values:
        shape = _shape_of(value)
        if shape is None:
            return []
        found[shape] = None
    if len({shape.timed for shape in found}) > 1:
        return []
    doubtful = any(_swaps(shape) for shape in found)
    return [_reading(list(found), order) for order in ((0, 1) if doubtful else (0,))]


def _shape_of(value: str) -> Shape | None:
    return next((shape for shape in SHAPES if _is(shape.pattern, value)), None)


def _swaps(shape: Shape) -> bool:
    """True when the shape does not tell day/month from month/day."""
    return any(form.startswith("%m") for form in shape.formats) and len(shape.formats) > 1


def _reading(found: Sequence[Shape], order: int) -> Reading:
    """All the shapes in one reading; where a shape leaves it open, `order` 0 is day/month, 1 month/day."""
    formats = [form for shape in found for form in _formats(shape, order)]
    listed = ", ".join(sql.text(form) for form in formats)
    moment = f"try_strptime({{x}}, [{listed}])"
    kind = "TIMESTAMP" if found[0].timed else "DATE"
    value, guard = f"{moment}::{kind.lower()}", f"year({moment}) {YEARS}"
    if not any(_swaps(shape) for shape in found):
        return Reading(kind, value, guard)
    read_as = ("day/month/year", "month/day/year")[order]
    return Reading(kind, value, guard, doubt=f"is read as {read_as}; its values fit the other order as well")


def _formats(shape: Shape, order: int) -> tuple[str, ...]:
    return (shape.formats[order],) if _swaps(shape) else shape.formats


def _iso_reading(values: Collection[str]) -> Reading:
    moment = "try_cast({x} as timestamp)"
    has_offset = any(re.search(r":\d\d.*(Z|[+-]\d\d:?\d*)$", value) for value in values)
    note = "is read as the time written there, without its offset from UTC" if has_offset else None
    return Reading("TIMESTAMP", moment, f"year({moment}) {YEARS}", note)


def _quarter_reading() -> Reading:
    year = "try_cast(regexp_extract({x}, '[0-9]{4}') as integer)"
    quarter = "try_cast(regexp_extract({x}, '(?i)q([1-4])', 1) as integer)"
    made = f"make_date({year}, {quarter} * 3 - 2, 1)"
    return Reading("DATE", made, f"regexp_full_match({{x}}, {sql.text(QUARTER)})")


def _is(pattern: str, value: str) -> bool:
    return re.fullmatch(pattern, value, re.ASCII) is not None


def _names_a_day(header: str) -> bool:
    return bool(TIME_WORDS & set(re.findall(r"[^\W\d_]+", header.lower())))
