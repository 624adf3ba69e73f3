"""From the parts of a question to the analysis it asks for, with how sure that is."""

from dataclasses import dataclass
from datetime import date

from agents.data.language import changes
from agents.data.language import periods as stretches
from agents.data.language.parts import NOT_SURE, Slots
from agents.data.language.reading import Reading
from agents.data.language.slots import DIFFERENCES, edges, fill, only_measure
from agents.data.request import (
    AnalysisRequest,
    BreakdownRequest,
    Measure,
    Period,
    ProfileRequest,
    Span,
    TopRequest,
    TotalRequest,
    TrendRequest,
)
from agents.data.roles import is_year

MOST_GROUPS = 2
USUAL_COUNT = 10
ALL = 100
"""Groups shown where a ranking was asked for without a number."""


@dataclass(frozen=True)
class Plan:
    """How a question can be answered from one table."""

    request: AnalysisRequest | None
    """The analysis; None when none can be made out."""
    confidence: float
    """How sure that is, 0 to 1."""
    doubts: tuple[str, ...]
    """Why it is not sure: whole sentences."""
    slots: Slots
    """The parts it was made of."""

    @property
    def leaves_out(self) -> bool:
        """True when words that may change everything were not understood: the analysis ignores them."""
        reading = self.slots.reading
        lost = reading.has("exclude", "minus") and self.confidence <= NOT_SURE
        return bool(reading.unknown or reading.numbers) or reading.has("unsupported") or lost


def plan(reading: Reading) -> Plan:
    """The analysis a reading asks for."""
    slots = fill(reading)
    request = _request(slots)
    if request is None:
        slots.doubt("I cannot make out which numbers to reckon, or for what.")
    used = 1 if isinstance(request, TopRequest) else 0
    if len(reading.numbers) > used:
        listed = ", ".join(f"“{number}”" for number in reading.numbers[used : used + 3])
        slots.doubt(f"I do not know what to do with {listed}.")
    return Plan(request, slots.confidence, tuple(slots.doubts), slots)


def _request(slots: Slots) -> AnalysisRequest | None:
    """The first kind of analysis whose words are there and whose parts are complete."""
    reading = slots.reading
    if reading.has("columns"):
        return _profile(slots)
    if reading.has("profile", "spread") and not reading.has("top", "bottom", "trend", "by", *DIFFERENCES):
        return _profile(slots)
    if reading.has("previous", *DIFFERENCES):
        return _comparison(slots)
    if reading.has("trend") or reading.grain() or slots.time_is_group:
        return _trend(slots)
    if reading.has("top", "bottom"):
        return _top(slots)
    if reading.has("share") and slots.filters:
        return _share(slots)
    if slots.groups:
        return _breakdown(slots)
    return _total(slots)


def _profile(slots: Slots) -> ProfileRequest:
    columns = [*slots.groups]
    named = [column.name for column in columns]
    if slots.measure is not None and slots.measure.column:
        named.append(slots.measure.column)
    return ProfileRequest(
        table=slots.reading.table.name,
        columns=tuple(dict.fromkeys(named)),
        filters=slots.conditions,
        span=_span(slots),
    )


def _comparison(slots: Slots) -> AnalysisRequest | None:
    """Two stretches of time; else two values of a column, or the change over time."""
    pair = _pair(slots)
    wanted = changes.edge(slots)
    if wanted is not None:
        return changes.most_changed(slots, wanted, pair)
    if pair is None:
        changes.doubt_losses(slots)
    if slots.time is None or pair is None:
        return _compared_values(slots) or (_trend(slots) if slots.time is not None else None)
    measure = slots.measure or only_measure(slots)
    if measure is None or len(slots.groups) > 1:
        return None
    return changes.compared(slots, measure, slots.time.name, pair)


def _pair(slots: Slots) -> tuple[Period, Period] | None:
    """The two stretches to compare: both named, or one and the one before it."""
    periods = slots.periods
    if len(periods) == 2 and periods[0] != periods[1]:
        return periods[0], periods[1]
    if len(periods) == 1 and slots.reading.grain() is None:
        return stretches.before(periods[0]), periods[0]
    return None


def _compared_values(slots: Slots) -> BreakdownRequest | None:
    """ "Europe with Asia": the values of one column side by side; "tip of men and women": of all of them."""
    several = [one for one in slots.filters if len(one.values) > 1]
    measure = slots.measure or only_measure(slots)
    if measure is None or slots.periods:
        return None
    by: tuple[str, ...]
    if several:
        by = (several[0].column,)
    elif slots.groups and not slots.reading.grain() and not slots.reading.has("trend", *changes.CHANGES):
        by = tuple(column.name for column in slots.groups[:MOST_GROUPS])
    else:
        return None
    return BreakdownRequest(table=slots.reading.table.name, measure=measure, by=by, filters=slots.conditions)


def _trend(slots: Slots) -> TrendRequest | None:
    measure = slots.measure or only_measure(slots)
    if slots.time is None:
        slots.doubt("The table has no column of dates or years.")
        return None
    if measure is None or len(slots.groups) > 1:
        return None
    several = [one.column for one in slots.filters if len(one.values) > 1]
    by = slots.groups[0].name if slots.groups else next(iter(several), None)
    grain = slots.reading.grain()
    if grain not in (None, "year") and is_year(slots.time):
        slots.doubt("The table knows years, and nothing shorter.")
    return TrendRequest(
        table=slots.reading.table.name,
        measure=measure,
        time=slots.time.name,
        grain=grain,
        by=by,
        filters=slots.conditions,
        span=_span(slots),
    )


def _top(slots: Slots) -> AnalysisRequest | None:
    reading = slots.reading
    measure = slots.measure or only_measure(slots)
    if measure is None or len(slots.groups) > 1:
        return _breakdown(slots) if measure is not None and len(slots.groups) == MOST_GROUPS else None
    lowest = reading.has("bottom")
    common = {"table": reading.table.name, "filters": slots.conditions, "span": _span(slots)}
    if slots.groups:
        count = reading.numbers[0] if reading.numbers else USUAL_COUNT
        by = slots.groups[0].name
        if not 1 <= count <= ALL:
            slots.doubt(f"I rank between 1 and {ALL} groups.")
            count = USUAL_COUNT
        return TopRequest(measure=measure, by=by, count=count, lowest=lowest, **common)
    if measure.column is None or measure.per is not None:
        return None
    count = reading.numbers[0] if reading.numbers else USUAL_COUNT
    if (reading.numbers or reading.has("when")) and 1 <= count <= ALL:
        extreme = Measure(how="min" if lowest else "max", column=measure.column)
        return TopRequest(measure=extreme, by=None, count=count, lowest=lowest, **common)
    return TotalRequest(measure=Measure(how="min" if lowest else "max", column=measure.column), **common)


def _share(slots: Slots) -> BreakdownRequest | None:
    """The share of a named value: a breakdown by its column, without that filter."""
    first, *others = slots.filters
    if len(slots.groups) > 0 or len(first.values) > 1:
        return None
    return BreakdownRequest(
        table=slots.reading.table.name,
        measure=slots.measure or Measure(how="count"),
        by=(first.column,),
        share_of=str(first.values[0]),
        filters=(*others, *slots.others),
        span=_span(slots),
    )


def _breakdown(slots: Slots) -> BreakdownRequest | None:
    counts = slots.reading.has("share", "frequent", "rows")
    measure = slots.measure or (Measure(how="count") if counts else only_measure(slots))
    if measure is None or len(slots.groups) > MOST_GROUPS:
        return None
    return BreakdownRequest(
        table=slots.reading.table.name,
        measure=measure,
        by=tuple(column.name for column in slots.groups),
        filters=slots.conditions,
        span=_span(slots),
    )


def _total(slots: Slots) -> TotalRequest | None:
    said = slots.reading.has("sum", "mean", "median", "max", "min", "count", "distinct", "rows")
    said = said or bool(slots.conditions or slots.periods)
    said = said or (slots.measure is not None and slots.measure.per is not None)
    measure = slots.measure or (Measure(how="count") if slots.reading.has("rows") else None)
    if measure is None or not said:
        return None
    return TotalRequest(
        table=slots.reading.table.name, measure=measure, filters=slots.conditions, span=_span(slots)
    )


def _span(slots: Slots) -> Span | None:
    """One stretch, or from one through another; "since" lets it run to the data's end."""
    if slots.time is None or not slots.periods:
        return None
    if len(slots.periods) > 2:
        slots.doubt("I look at one stretch of time at a time, or compare two.")
    first, last = slots.periods[0], slots.periods[-1]
    if len(slots.periods) == 1 and _is_open(slots.reading):
        end = max(first.end, date.fromordinal(edges(slots.time)[1].toordinal() + 1))
        return Span(
            time=slots.time.name, period=Period(start=first.start, end=end, label=f"since {first.label}")
        )
    if len(slots.periods) == 2 and not _is_range(slots.reading):
        slots.doubt("I look at one stretch of time at a time, or compare two.")
    return Span(time=slots.time.name, period=first if first == last else stretches.through(first, last))


def _is_open(reading: Reading) -> bool:
    """True for "since 2000", "2000'den beri"."""
    words, named = reading.question.words, reading.periods[0]
    before = words[named.start - 1].form if named.start else ""
    return before == "since" or (named.end < len(words) and words[named.end].form == "beri")


def _is_range(reading: Reading) -> bool:
    """True for "from 1952 to 2007", "between ... and ...", "2002-2007 arası"."""
    first, last = reading.periods[0], reading.periods[1]
    between = [word.form for word in reading.question.words[first.end : last.start]]
    before = reading.question.words[first.start - 1].form if first.start else ""
    after = reading.question.words[last.end].form if last.end < len(reading.question.words) else ""
    spoken = before in ("from", "between", "since") or between in (["to"], ["until"], ["through"])
    return spoken or after.startswith("aras") or between == []
