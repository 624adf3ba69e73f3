"""Which group rose or fell most, "which region lost the most revenue": two stretches of time compared."""

from datetime import date

from agents.data.language.parts import Slots
from agents.data.language.periods import LASTING, stretch
from agents.data.language.reading import Reading
from agents.data.language.slots import DIFFERENCES, edges, only_measure
from agents.data.request import CompareRequest, Edge, Measure, Period
from agents.data.roles import is_year
from agents.data.sentences import quoted

CHANGES = DIFFERENCES[1:]
"""Those for differences over time, where no two values are named."""


LOSSES = {"lose", "loses", "lost", "losing", "gain", "gains", "gained"}


def edge(slots: Slots) -> Edge | None:
    """Whether the group that rose or fell most is asked for; a doubt where that is not clear."""
    reading = slots.reading
    said: dict[str, Edge] = {"rise_most": "rise", "fall_most": "fall"}
    found = {said[tag.name] for tag in reading.tags if tag.name in said}
    if reading.has("top", "bottom") and not found:
        found = {one for one in ("rise", "fall") if reading.has(one)}
        if not found and not reading.has("change"):
            return None
        if reading.has("bottom") or len(found) != 1 or _is_of_speed(reading):
            slots.doubt(
                "I can tell which group rose or fell most as an amount, and no other rank of changes."
            )
    return next(iter(found)) if len(found) == 1 else None


def doubt_losses(slots: Slots) -> None:
    """ "Revenue lost in the west": without two stretches of time it is not said what was lost, and when."""
    said = [word.text for word in slots.reading.question.words if word.form in LOSSES]
    if said and not slots.reading.has("rise_most", "fall_most", "top", "bottom"):
        slots.doubt(f"{quoted(said[0])} needs two stretches of time to compare, and none were said.")


def _is_of_speed(reading: Reading) -> bool:
    return any(word.form in ("fast", "fastest", "slowest") for word in reading.question.words)


def most_changed(slots: Slots, wanted: Edge, pair: tuple[Period, Period] | None) -> CompareRequest | None:
    """The comparison by group, between the stretches that were said or the only two there are."""
    measure = slots.measure or only_measure(slots)
    if slots.time is None or measure is None or len(slots.groups) != 1:
        return None
    if pair is None:
        pair = only_pair(slots)
    if pair is None:
        pair = outer_pair(slots)
        if pair is None:
            return None
        slots.doubt("Between which two stretches of time was not said, and the data have more than two.")
    return compared(slots, measure, slots.time.name, pair, wanted)


def compared(
    slots: Slots, measure: Measure, time: str, pair: tuple[Period, Period], edge: Edge | None = None
) -> CompareRequest:
    """The comparison of a measure between two stretches, by the one group where there is one."""
    before, after = sorted(pair, key=lambda period: period.start)
    return CompareRequest(
        table=slots.reading.table.name,
        measure=measure,
        time=time,
        before=before,
        after=after,
        by=slots.groups[0].name if slots.groups else None,
        edge=edge,
        filters=slots.conditions,
    )


def only_pair(slots: Slots) -> tuple[Period, Period] | None:
    """The two whole years, quarters or months of the data, where there are just two."""
    if slots.time is None:
        return None
    first, last = edges(slots.time)
    if is_year(slots.time):
        return outer_pair(slots) if slots.time.distinct == 2 else None
    for months in LASTING.values():
        start, end = stretch(months, _index(first, months)), stretch(months, _index(last, months))
        if end.start == start.end:
            whole = _index(first, 1) == start.start.year * 12 + start.start.month - 1
            until = last.year * 12 + last.month == end.end.year * 12 + end.end.month - 1
            return (start, end) if whole and until else None
    return None


def outer_pair(slots: Slots) -> tuple[Period, Period] | None:
    """The first and the last year or month of the data."""
    if slots.time is None:
        return None
    first, last = edges(slots.time)
    months = 12 if is_year(slots.time) else 1
    start, end = stretch(months, _index(first, months)), stretch(months, _index(last, months))
    return (start, end) if start != end else None


def _index(day: date, months: int) -> int:
    return (day.year * 12 + day.month - 1) // months
