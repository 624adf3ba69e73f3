"""Numbers as people and programs write them: points or commas, groups of thousands, a unit beside."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from agents.data import sql
from agents.data.loading.reading import Reading

Mark = Literal["point", "comma"]
"""The decimal mark."""
SPACES = " \u00a0\u202f"
WHOLE = r"[+-]?(0|[1-9][0-9]{0,17})"


def _pattern(mark: str, groups: str) -> str:
    """A number with a fraction, or whole with so few digits that a floating number holds it, or grouped."""
    fraction = rf"(0|[1-9][0-9]*)?{mark}[0-9]+|(0|[1-9][0-9]*){mark}"
    grouped = rf"[1-9][0-9]{{0,2}}({groups}[0-9]{{3}})+({mark}[0-9]*)?"
    return rf"[+-]?({fraction}|(0|[1-9][0-9]{{0,14}})|{grouped})"


PATTERNS: dict[Mark, str] = {
    "point": _pattern(r"\.", f"[,{SPACES}']") + "([eE][+-]?[0-9]{1,3})?",
    "comma": _pattern(",", f"[.{SPACES}']"),
}
MARKS: dict[Mark, str] = {"point": f",{SPACES}'", "comma": f".{SPACES}'"}
"""What may stand between groups of thousands."""
UNENDING = r"[+-]?(nan|inf|infinity)"
UNITS = ("%", "€", "$", "£", "₺", "¥", "EUR", "USD", "GBP", "TRY", "TL", "CHF", "kg", "km")


@dataclass(frozen=True)
class Look:
    """What the numbers of a column look like."""

    unit: str
    """The same beside each number, or empty."""
    marks: frozenset[Mark]
    """Decimal marks under which every value is a number."""
    marked: bool
    """True when any value has a point, a comma or another mark of groups."""


def look(values: Collection[str]) -> Look | None:
    """How these texts are numbers, or None when they are not."""
    unit = _unit(values)
    bare = [_bare(value, unit) for value in values]
    marks = frozenset(mark for mark in PATTERNS if all(_fits(value, mark) for value in bare))
    if not values or not marks:
        return None
    return Look(unit, marks, any(re.search(r"[.,']", value) for value in bare))


def readings(found: Look, usual: Mark) -> list[Reading]:
    """Ways to read such a column, the likeliest first; `usual` decides where both marks are possible."""
    order = sorted(found.marks, key=lambda mark: mark != usual)
    bare = _bare_sql(found.unit)
    beside = f"carries “{found.unit}”, which is left out of its numbers" if found.unit else None
    whole = Reading("BIGINT", f"try_cast({bare} as bigint)", _full_match(WHOLE, bare), beside)
    marked = [_marked(mark, bare, beside) for mark in order]
    return marked if found.marked else [whole, *marked]


def _marked(mark: Mark, bare: str, beside: str | None) -> Reading:
    ungrouped = f"translate({bare}, {sql.text(MARKS[mark])}, '')"
    if mark == "point":
        value = f"coalesce(try_cast({bare} as double), try_cast({ungrouped} as double))"
    else:
        quick = f"case when not contains({bare}, '.') then try_cast({_pointed(bare)} as double) end"
        value = f"coalesce({quick}, try_cast({_pointed(ungrouped)} as double))"
    guard = _full_match(f"(?i:{UNENDING})|{PATTERNS[mark]}", bare)
    return Reading(
        "DOUBLE", value, guard, beside, f"is read with a decimal {mark}; the other one would fit as well"
    )


def _pointed(expression: str) -> str:
    return f"replace({expression}, ',', '.')"


def _full_match(pattern: str, bare: str) -> str:
    return f"regexp_full_match({bare}, {sql.text(pattern)})"


def _fits(value: str, mark: Mark) -> bool:
    return bool(re.fullmatch(PATTERNS[mark], value) or re.fullmatch(UNENDING, value, re.IGNORECASE))


def _unit(values: Collection[str]) -> str:
    """The unit that some values begin or end with."""
    ends = (unit for unit in UNITS if any(v.startswith(unit) or v.endswith(unit) for v in values))
    return next(ends, "")


def _bare(value: str, unit: str) -> str:
    return value.removeprefix(unit).removesuffix(unit).strip(SPACES) if unit else value


def _bare_sql(unit: str) -> str:
    if not unit:
        return "{x}"
    escaped = re.escape(unit)
    pattern = f"^{escaped}[{SPACES}]*|[{SPACES}]*{escaped}$"
    return f"regexp_replace({{x}}, {sql.text(pattern)}, '', 'g')"
