"""Where a problem is, by the wording of a complaint: one place, several in a list, or everywhere."""

import re
from collections.abc import Iterator, Sequence

from agents.diagnosis.left_open import LONGEST, left_open
from agents.diagnosis.spotting import DEFINITE, Fact, Words, between, fact, find_all, surest
from agents.diagnosis.wording import wording

EVERYWHERE = "scope:everywhere"
MOST_PLACES = 4
"""Places named together; the field that shows them ends at 200 characters."""
LONGEST_LIMIT = 30
"""Characters before a place in which "only", "perhaps" and their like are looked for."""
_NAME = r"[A-Z][\w'-]+(?: [A-Z][\w'-]+)?"
_PLACE = re.compile(
    rf"\b(?:[Ii]n|[Aa]cross|[Ff]rom|[Aa]t) ((?:the )?{_NAME})(?:(?:, | and | or ){_NAME}){{0,3}}"
)


def scope(text: str) -> Fact | None:
    """Where it is: all that the text limits itself to, or the first by the order of the patterns.

    Places of different kinds answer no question of a playbook, so together they carry no tag.
    """
    places = [*find_all(text, "scope"), *_names(text)]
    standing = surest(text, places)
    if not standing or left_open(text).at(standing[0].start) is not None:
        return fact(text, "scope", standing[0]) if standing else None
    first, lists = standing[0], _lists(text, standing)
    limited = [words for part in lists if _limits(text, part[0].start) for words in part]
    if first.tag == EVERYWHERE:
        return _everywhere(text, first, places)
    if limited:
        return _together(text, limited)
    return _together(
        text, next(part for part in lists if any(_overlap(first, words) for words in part)), first
    )


def _everywhere(text: str, words: Words, places: Sequence[Words]) -> Fact:
    """Everywhere is not sure when its sentence excepts a place."""
    start, end = between(wording().sentence_break, text, words)
    behind = [p for p in places if words.end <= p.start < end and left_open(text).at(p.start) is not None]
    but_not = wording().but_not.match(text, words.end, end)
    if not behind and not but_not and not wording().excepts.search(text, start, end):
        return fact(text, "scope", words, _is_of_the_problem(text, words))
    stop = max(p.end for p in behind) if behind else end if but_not else words.end
    told = text[words.start : stop] if stop - words.start <= LONGEST else words.text
    return Fact("scope", told.strip(), is_open=True)


def _together(text: str, places: Sequence[Words], first: Words | None = None) -> Fact:
    """The places of a list as one fact.

    `first` is the best of them when the text does not limit itself to them; then they have to be said of
    the problem.
    """
    known = [first] if first is not None and len(places) == 1 else places
    told = dict.fromkeys(words.text for words in known[:MOST_PLACES])
    unknown = [*_unknown(wording().limited_before.search(text[: places[0].start][-LONGEST:]))]
    further = [*_unknown(wording().limited_further.match(text, places[-1].end))]
    tags = {words.tag for words in known}
    said = first is None or _is_of_the_problem(text, first)
    supposed = any(_is_supposed(text, words) for words in known)
    sure = len(tags) == 1 and said and not supposed and not unknown and not further
    return Fact("scope", ", ".join([*unknown, *told, *further]), tags.pop() if sure else None)


def _unknown(match: re.Match[str] | None) -> Iterator[str]:
    """A place of a list that no pattern knows, such as "among nurses"; not a time, figure or move."""
    if match is not None:
        told = match.group(1).strip()
        if not any(True for kind in ("metric", "direction", "period", "size") for _ in find_all(told, kind)):
            yield told


def _lists(text: str, places: Sequence[Words]) -> list[list[Words]]:
    """The places from left to right, those of a list together; of two that overlap the first and longer."""
    parts: list[list[Words]] = []
    for words in sorted(places, key=lambda words: (words.start, -words.end)):
        if parts and words.start < parts[-1][-1].end:
            continue
        listed = parts and wording().and_also.fullmatch(text[parts[-1][-1].end : words.start][:LONGEST_LIMIT])
        if listed:
            parts[-1].append(words)
        else:
            parts.append([words])
    return parts


def _overlap(one: Words, other: Words) -> bool:
    return one.start < other.end and other.start < one.end


def _is_of_the_problem(text: str, place: Words) -> bool:
    """A place is sure when its sentence says what moved, or no sentence does, and nobody only supposes it."""
    moved = [*find_all(text, "metric"), *find_all(text, "direction")]
    start, end = between(wording().sentence_break, text, place)
    said = not moved or any(start <= words.start < end for words in moved)
    return said and not _is_supposed(text, place)


def _is_supposed(text: str, place: Words) -> bool:
    return wording().unsure.search(text[max(0, place.start - LONGEST_LIMIT) : place.start]) is not None


def _names(text: str) -> Iterator[Words]:
    """Places by their names."""
    for match in _PLACE.finditer(text):
        if not wording().not_places.match(match.group(1)):
            yield Words(match.start(), match.end(), match.group(), "scope:region")
    for match in wording().named_who.finditer(text):
        if match.group().startswith(DEFINITE) or _limits(text, match.start()):
            yield Words(match.start(), match.end(), match.group(), None)


def _limits(text: str, start: int) -> bool:
    return wording().limit.search(text[max(0, start - LONGEST_LIMIT) : start]) is not None
