"""Facts in a complaint: metric, direction, size, period, scope and onset, found by their wording."""

from agents.amounts import amounts
from agents.diagnosis.left_open import left_open
from agents.diagnosis.passing import blanked
from agents.diagnosis.places import scope
from agents.diagnosis.ratios import change, moved
from agents.diagnosis.spotting import Fact, Words, between, fact, find_all, surest
from agents.diagnosis.wording import wording

NAMED = ("metric", "direction", "size", "period", "scope")
"""The facts that a stated problem should have; what is missing is named to the user."""


def find_facts(text: str) -> tuple[Fact, ...]:
    """Facts of a text, at most one of a kind, in the order of `NAMED` with the onset last.

    The metric is the first that the text names, the direction what is said of it; of the scopes those that
    the text limits itself to stand together; elsewhere the order of the patterns decides. What is only said
    in passing is none: words inside a compound ("sales reps") and how it used to be. What the text leaves
    open ("did not fall", "except in Berlin") is one where nothing surer is said, and has no tag, like
    everything that is not sure.
    """
    way, size = change(text)
    text = blanked(text)
    read = {
        "metric": _metric(text),
        "direction": _direction(text) or way or _went(text),
        "size": size or _first(text, "size"),
        "period": _first(text, "period"),
        "scope": scope(text),
        "onset": _onset(text),
    }
    return tuple(fact for kind in (*NAMED, "onset") if (fact := read[kind]) is not None)


def _metric(text: str) -> Fact | None:
    """The first figure; one that did not move, or is not there, only when no other is named."""
    words = _metric_words(text)
    return Fact("metric", words.text) if words else None


def _metric_words(text: str) -> Words | None:
    named = list(find_all(text, "metric"))
    told = left_open(text)
    moved = (w for w in named if (stretch := told.at(w.start)) is None or not stretch.denies_move)
    return next(moved, named[0] if named else None)


def _first(text: str, kind: str) -> Fact | None:
    """The first by the order of the patterns; a time is that of the problem even beside a "not"."""
    words = surest(text, list(find_all(text, kind)))
    if not words:
        return None
    return Fact(kind, words[0].text) if kind == "period" else fact(text, kind, words[0])


def _onset(text: str) -> Fact | None:
    """How it began; two ways at once are not sure."""
    said = surest(text, list(find_all(text, "onset")))
    if not said:
        return None
    return fact(text, "onset", said[0], is_sure=len({words.tag for words in said}) == 1)


def _went(text: str) -> Fact | None:
    """Where the metric itself, in its own clause, "went from" one amount "to" another."""
    metric = _metric_words(text)
    match = wording().went.search(text, metric.end) if metric else None
    if metric is None or match is None or match.start() >= between(wording().clause_break, text, metric)[1]:
        return None
    told = amounts(*((match[part], match[f"{part}_unit"] or "") for part in ("early", "late")))
    if told is None or told[0] == told[1] or left_open(text).at(match.start()) is not None:
        return None
    return moved(*told)


def _direction(text: str) -> Fact | None:
    """What is said of the metric: after it, or else before it, in its own clause; or else the nearest."""
    said = sorted(surest(text, list(find_all(text, "direction"))), key=lambda words: words.start)
    metric = _metric_words(text)
    if not said or metric is None:
        return fact(text, "direction", said[0]) if said else None
    start, end = between(wording().clause_break, text, metric)
    behind = [words for words in said if metric.end <= words.start < end]
    before = [words for words in said if start <= words.start < metric.start]
    nearest = sorted(said, key=lambda words: abs(words.start - metric.start))
    return fact(text, "direction", [*behind, *reversed(before), *nearest][0])
