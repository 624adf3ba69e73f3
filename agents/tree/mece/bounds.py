"""Ranges that labels name, such as "under 18", "18 to 29" and "60 and over", as intervals to compare."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agents.amounts import number

_NUMBER = r"(\d+(?:[.,]\d+)*)"
_UNIT = r"(?P<unit>(?:\s*(?:%|[^\W\d]+)){0,2}?)"
_MORE = "over|above|more|older|later|longer|up|higher"
_LESS = "under|below|less|fewer|younger|earlier|shorter|lower"
_AT_MOST = r"at\s+most|up\s+to|until|within|no\s+later\s+than|(?:no|not)\s+more\s+than"
_TO = r"(?:-|\u2013|\u2014|\bto\b|\band\b|\buntil\b)"
_FORMS = tuple(
    (re.compile(form), kind)
    for form, kind in (
        (
            rf"\b(?:between|from)?\s*{_NUMBER}{_UNIT}\s*{_TO}\s*{_NUMBER}",
            "range",
        ),
        (rf"{_NUMBER}{_UNIT}\s*(?:\+|(?:and|or)\s+(?:{_MORE})\b)", "at_least"),
        (rf"{_NUMBER}{_UNIT}\s*(?:and|or)\s+(?:{_LESS})\b", "at_most"),
        (rf"(?:\b(?:at\s+least|from|since|no\s+less\s+than)|>=|≥)\s*{_NUMBER}", "at_least"),
        (
            rf"(?:\b(?:{_AT_MOST})|<=|≤)\s*{_NUMBER}",
            "at_most",
        ),
        (
            rf"(?:\b(?:over|above|after|beyond|(?:more|older|longer|later)\s+than)|>)\s*{_NUMBER}",
            "above",
        ),
        (rf"(?:\b(?:under|below|before|(?:less|fewer|younger|shorter)\s+than)|<)\s*{_NUMBER}", "below"),
    )
)
"""Forms of a range, the more telling ones first."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; `closed` tells of each end whether it belongs to it."""

    low: float
    high: float
    closed: tuple[bool, bool]
    rest: str
    """The label without the words of the range."""


def range_of(label: str) -> Range | None:
    """The one range that a label names; None when it names none or holds further numbers."""
    text = label.casefold()
    for pattern, kind in _FORMS:
        found = pattern.search(text)
        if found is None:
            continue
        unit = found.groupdict().get("unit", "")
        rest = f"{text[: found.start()]} {unit} {text[found.end() :]}"
        numbers = [number(part) for part in found.groups() if part and part[0].isdigit()]
        return None if re.search(r"\d", rest) else _range(kind, numbers, rest)
    return None


def _range(kind: str, numbers: list[float], rest: str) -> Range:
    if kind == "range":
        return Range(numbers[0], numbers[1], (True, True), rest)
    if kind in ("at_least", "above"):
        return Range(numbers[0], math.inf, (kind == "at_least", False), rest)
    return Range(-math.inf, numbers[0], (False, kind == "at_most"), rest)


def halves(one: Range, two: Range) -> bool | None:
    """Whether two ranges are all there is, without overlap; None when their limit is in neither or both."""
    low, high = sorted((one, two), key=lambda r: r.low)
    if low.low != -math.inf or high.high != math.inf or low.high != high.low:
        return False
    return True if low.closed[1] != high.closed[0] else None


def covers_all(ranges: Sequence[Range]) -> bool:
    """Whether ranges of whole numbers follow each other without a gap, and the ends are open."""
    ordered = sorted(ranges, key=lambda r: (r.low, r.high))
    if len(ordered) < 2 or ordered[0].low > 0 or ordered[-1].high != math.inf:
        return False
    return all(_meet(one, two) for one, two in pairwise(ordered))


def _meet(one: Range, two: Range) -> bool:
    """Whether the second begins where the first ends, or with the next whole number after it."""
    if one.high == two.low:
        return one.closed[1] or two.closed[0]
    return one.closed[1] and two.closed[0] and two.low - one.high == 1
