"""The arithmetic of formula splits: sums, products and the units they come in."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from agents.amounts import MAGNITUDES
from agents.tree.mece.view import Place
from agents.tree.mece.words import stem
from agents.tree.model import Split

_UNIT_PART = re.compile(r"([*/·×]|\bper\b|\bx\b)|\^(-?\d)|([^\s*/·×^]+)", re.IGNORECASE)
_PLAIN = frozenset({"", "1", "%", "percent", "ratio", "share", "x", "times"})


def total(terms: Sequence[Place]) -> float | None:
    """The sum of the terms' quantities, inverted ones subtracted; None when it is unknown or not finite."""
    values = [_signed(place) for place in terms]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    try:
        return math.fsum(known)
    except OverflowError:
        return None


def product(factors: Sequence[Place]) -> float | None:
    """The product in plain units, inverted factors divided by; None when it is unknown or not finite."""
    result = 1.0
    for place in factors:
        quantity = place.node.quantity
        if quantity is None or (quantity.inverted and quantity.value == 0):
            return None
        value = quantity.value * scale(quantity.unit or "")
        result = result / value if quantity.inverted else result * value
    return result if math.isfinite(result) else None


def _signed(place: Place) -> float | None:
    quantity = place.node.quantity
    if quantity is None:
        return None
    return -quantity.value if quantity.inverted else quantity.value


def scale(unit: str) -> float:
    """What one of this unit is in plain units: 0.01 for a percent, 1e6 for "EUR million"."""
    if unit.strip().casefold() in ("%", "percent"):
        return 0.01
    magnitudes, _ = _parsed(unit)
    return math.prod(MAGNITUDES[word] ** power for word, power in magnitudes)


def dimensions(unit: str) -> dict[str, int]:
    """Exponents per base unit: "EUR million/day" is {"eur": 1, "day": -1}; empty for plain numbers."""
    powers: Counter[str] = Counter()
    for word, power in _parsed(unit)[1]:
        powers[stem(word)] += power
    return {name: power for name, power in powers.items() if power}


def _parsed(unit: str) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Magnitudes and base units with their powers; "m" alone is metres, beside a unit it is millions."""
    found: list[tuple[str, int]] = []
    sign = 1
    for operator, power, word in _UNIT_PART.findall(unit.casefold()):
        if operator:
            sign = -1 if operator in ("/", "per") else 1
        elif word and word not in _PLAIN:
            found.append((word, sign))
        elif power and found:
            found[-1] = (found[-1][0], found[-1][1] * int(power))
    bases = [pair for pair in found if pair[0] not in MAGNITUDES]
    return ([pair for pair in found if pair[0] in MAGNITUDES], bases) if bases else ([], found)


def composed(factors: Sequence[Place]) -> dict[str, int] | None:
    """The unit that the factors multiply to; None when the unit of one is unknown."""
    powers: Counter[str] = Counter()
    for place in factors:
        quantity = place.node.quantity
        if quantity is None or quantity.unit is None:
            return None
        for name, power in dimensions(quantity.unit).items():
            powers[name] += -power if quantity.inverted else power
    return {name: power for name, power in powers.items() if power}


def terms(place: Place) -> list[Place]:
    """The children that the formula speaks of: something else only where it has an amount."""
    return [child for child in place.children if not child.is_other or child.node.quantity is not None]


def fault(place: Place, split: Split) -> str | None:
    """What is wrong with the units or the amounts of a formula, in a sentence; None when nothing is.

    Every node concerned must have an amount.
    """
    return _unit_fault(place, terms(place), split) or _value_fault(place, terms(place), split)


def reconciles(place: Place, split: Split) -> bool:
    """Whether arithmetic proves that the children are exactly the parent."""
    if split.operator is None or any(child.node.quantity is None for child in (place, *terms(place))):
        return False
    return fault(place, split) is None


def _unit_fault(place: Place, parts: Sequence[Place], split: Split) -> str | None:
    if split.operator == "sum":
        units = {q.unit for child in (place, *parts) if (q := child.node.quantity) and q.unit is not None}
        if len({(tuple(sorted(dimensions(unit).items())), scale(unit)) for unit in units}) > 1:
            return f"{place.name} adds up different units: {', '.join(sorted(units))}. Bring them to one."
        return None
    reached, own = composed(parts), place.node.quantity
    if reached is None or own is None or own.unit is None or reached == dimensions(own.unit):
        return None
    return f"The factors of {place.name} multiply to {_spelt(reached)}, not to {own.unit}. Check their units."


def _spelt(powers: dict[str, int]) -> str:
    above = "*".join(name for name, power in powers.items() for _ in range(power)) or "1"
    below = "".join(f"/{name}" for name, power in powers.items() for _ in range(-power))
    return above + below


def _value_fault(place: Place, parts: Sequence[Place], split: Split) -> str | None:
    own = place.node.quantity
    if own is None:
        return None
    if split.operator == "sum":
        stated, reached = own.value, total(parts)
    else:
        stated, reached = own.value * scale(own.unit or ""), product(parts)
    if reached is None:
        return f"The amounts of {place.name} cannot be reckoned: one divides by zero, or they are too large."
    if abs(stated - reached) <= split.tolerance * max(abs(stated), abs(reached)) + 1e-12:
        return None
    verb = "add up" if split.operator == "sum" else "multiply"
    return (
        f"The children of {place.name} {verb} to {reached:,.6g}, but it is stated as {stated:,.6g}: "
        f"a gap of {stated - reached:,.6g}. Find the missing or wrong amount."
    )
