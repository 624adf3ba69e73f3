"""Facts in a complaint: metric, direction, size, period, scope and onset, found by their wording."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agents.diagnosis.passing import blanked
from agents.diagnosis.wording import wording

NAMED = ("metric", "direction", "size", "period", "scope")
"""The facts that a stated problem should have; what is missing is named to the user."""
EVERYWHERE = "scope:everywhere"
MOST_PLACES = 4
"""Places named together; the field that shows them ends at 200 characters."""
LONGEST_LIMIT = 30
"""Characters before a place in which "only", "perhaps" and their like are looked for."""
DEFINITE = ("the ", "our ")
"""Before "Manchester customers", so that "Many customers" is no name."""
_NAME = r"[A-Z][\w'-]+(?: [A-Z][\w'-]+)?"
_PLACE = re.compile(
    rf"\b(?:[Ii]n|[Aa]cross|[Ff]rom|[Aa]t) ((?:the )?{_NAME})(?:(?:, | and | or ){_NAME}){{0,3}}"
)


@dataclass(frozen=True)
class Fact:
    """One fact as it stands in the text."""

    kind: str
    """One of `NAMED`, or `onset`."""
    text: str
    """The words found."""
    tag: str | None = None
    """What it means to a playbook, such as `scope:region` or `onset:sudden`."""


@dataclass(frozen=True)
class _Words:
    """A place in the text where a fact stands."""

    start: int
    end: int
    text: str
    tag: str | None


def find_facts(text: str) -> tuple[Fact, ...]:
    """Facts of a text, at most one of a kind, in the order of `NAMED` with the onset last.

    The metric is the first that the text names, the direction what is said of it; of the scopes those that
    the text limits itself to stand together; elsewhere the order of the patterns decides. What is only said
    in passing is none: words inside a compound ("sales reps") and how it used to be. What is not sure has
    no tag.
    """
    text = blanked(text)
    found: dict[str, Fact] = {}
    for fact in wording().facts:
        if fact.kind not in found and (match := fact.pattern.search(_sought(text, fact.kind))):
            found[fact.kind] = Fact(fact.kind, match.group().strip(), fact.tag)
    if "direction" in found:
        found["direction"] = _direction(text)
    if scope := _scope(text):
        found["scope"] = scope
    if len({words.tag for words in _all(text, "onset")}) > 1:
        found["onset"] = replace(found["onset"], tag=None)
    return tuple(found[kind] for kind in (*NAMED, "onset") if kind in found)


def _direction(text: str) -> Fact:
    """What is said of the metric: after it, or else before it, in its own clause; or else the nearest."""
    said = sorted(_all(text, "direction"), key=lambda words: words.start)
    metric = next(_all(text, "metric"), None)
    if metric is None:
        return _fact("direction", said[0])
    start, end = _between(wording().clause_break, text, metric)
    behind = [words for words in said if metric.end <= words.start < end]
    before = [words for words in said if start <= words.start < metric.start]
    nearest = sorted(said, key=lambda words: abs(words.start - metric.start))
    return _fact("direction", [*behind, *reversed(before), *nearest][0])


def _between(ends: re.Pattern[str], text: str, words: _Words) -> tuple[int, int]:
    """Where the clause or sentence with these words starts and ends."""
    breaks = list(ends.finditer(text))
    start = max((b.end() for b in breaks if b.end() <= words.start), default=0)
    return start, min((b.start() for b in breaks if b.start() >= words.end), default=len(text))


def _scope(text: str) -> Fact | None:
    """Where it is: all that the text limits itself to, or the first by the order of the patterns.

    Places of different kinds answer no question of a playbook, so together they carry no tag.
    """
    places = [*_all(text, "scope"), *_names(text)]
    if not places:
        return None
    limited = _limited(text, places)
    if places[0].tag == EVERYWHERE or not limited:
        return _fact("scope", places[0], _is_of_the_problem(text, places[0]))
    tags = {words.tag for words in limited}
    told = ", ".join(dict.fromkeys(words.text for words in limited[:MOST_PLACES]))
    sure = len(tags) == 1 and not any(_is_supposed(text, words) for words in limited)
    return Fact("scope", told, tags.pop() if sure else None)


def _is_of_the_problem(text: str, place: _Words) -> bool:
    """A place is sure when its sentence says what moved, or no sentence does, and nobody only supposes it."""
    moved = [*_all(text, "metric"), *_all(text, "direction")]
    start, end = _between(wording().sentence_break, text, place)
    said = not moved or any(start <= words.start < end for words in moved)
    return said and not _is_supposed(text, place)


def _is_supposed(text: str, place: _Words) -> bool:
    return wording().unsure.search(text[max(0, place.start - LONGEST_LIMIT) : place.start]) is not None


def _limited(text: str, places: list[_Words]) -> list[_Words]:
    """Places that follow a word such as "only", and those that follow one of them in a list."""
    kept: list[_Words] = []
    for words in sorted(places, key=lambda words: (words.start, -words.end)):
        if kept and words.start < kept[-1].end:
            continue
        listed = kept and wording().and_also.fullmatch(text[kept[-1].end : words.start][:LONGEST_LIMIT])
        if listed or _limits(text, words.start):
            kept.append(words)
    return kept


def _all(text: str, kind: str) -> Iterator[_Words]:
    """Where a fact of this kind stands, pattern by pattern."""
    for fact in wording().facts:
        if fact.kind == kind:
            for match in fact.pattern.finditer(_sought(text, kind)):
                yield _Words(match.start(), match.end(), match.group().strip(), fact.tag)


def _sought(text: str, kind: str) -> str:
    """The text in which a kind of fact is sought: "the Manchester customers" are a place and no figure."""
    if kind != "metric":
        return text
    return wording().named_who.sub(
        lambda match: " " * len(match.group()) if match.group().startswith(DEFINITE) else match.group(), text
    )


def _names(text: str) -> Iterator[_Words]:
    """Places by their names."""
    for match in _PLACE.finditer(text):
        if not wording().not_places.match(match.group(1)):
            yield _Words(match.start(), match.end(), match.group(), "scope:region")
    for match in wording().named_who.finditer(text):
        if match.group().startswith(DEFINITE) or _limits(text, match.start()):
            yield _Words(match.start(), match.end(), match.group(), None)


def _limits(text: str, start: int) -> bool:
    return wording().limit.search(text[max(0, start - LONGEST_LIMIT) : start]) is not None


def _fact(kind: str, words: _Words, is_sure: bool = True) -> Fact:
    return Fact(kind, words.text, words.tag if is_sure else None)
