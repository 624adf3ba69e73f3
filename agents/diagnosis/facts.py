"""Facts in a complaint: metric, direction, size, period, scope and onset, found by their wording."""

import re
from dataclasses import dataclass

from agents.diagnosis.wording import wording

NAMED = ("metric", "direction", "size", "period", "scope")
"""The facts that a stated problem should have; what is missing is named to the user."""
_PLACE = re.compile(r"\b(?:[Ii]n|[Aa]cross|[Ff]rom|[Aa]t) ((?:the )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)")


@dataclass(frozen=True)
class Fact:
    """One fact as it stands in the text."""

    kind: str
    """One of `NAMED`, or `onset`."""
    text: str
    """The words found."""
    tag: str | None = None
    """What it means to a playbook, such as `scope:region` or `onset:sudden`."""


def find_facts(text: str) -> tuple[Fact, ...]:
    """Facts of a text, at most one of a kind, in the order of `NAMED` with the onset last.

    Direction and metric are the first that the text names; elsewhere the order of the patterns decides.
    """
    found: dict[str, Fact] = {}
    starts: dict[str, int] = {}
    for fact in wording().facts:
        if fact.kind in found and fact.kind != "direction":
            continue
        if (match := fact.pattern.search(text)) and match.start() < starts.get(fact.kind, len(text)):
            found[fact.kind] = Fact(fact.kind, match.group().strip(), fact.tag)
            starts[fact.kind] = match.start()
    if "scope" not in found and (place := _place(text)):
        found["scope"] = Fact("scope", place, "scope:region")
    return tuple(found[kind] for kind in (*NAMED, "onset") if kind in found)


def _place(text: str) -> str | None:
    names = (m for m in _PLACE.finditer(text) if not wording().not_places.match(m.group(1)))
    return next((m.group() for m in names), None)
