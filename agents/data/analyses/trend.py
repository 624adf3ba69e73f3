"""A number for each stretch of time."""

from datetime import date, datetime

from agents.data import sql
from agents.data.analyses.pieces import (
    aggregate,
    check_measure,
    column_of,
    label,
    stretch,
    time_column,
    unused,
    where,
)
from agents.data.analyses.work import Work, left_out
from agents.data.figures import MOST_LINES, lines
from agents.data.request import Grain, TrendRequest
from agents.data.results import ResultTable
from agents.data.roles import is_year
from agents.data.sentences import Cited, change, name, number, percent
from agents.data.tables import Column

DAYS: dict[Grain, float] = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
MOST_STRETCHES = 60
"""Stretches that the choice of a grain aims to stay under."""


def trend(work: Work, request: TrendRequest) -> None:
    """The measure for each stretch of time that has rows, in order, with the change from the one before."""
    check_measure(work.table, request.measure)
    time = time_column(work.table, request.time)
    grain = request.grain or chosen_grain(work, request, time)
    if request.by is not None:
        _lines_by(work, request, time, grain, column_of(work.table, request.by).name)
        return
    at, value = _names(request, time, grain)
    result = work.result(f"{label(request.measure)} by {grain}", _query(work, request, time, grain))
    summary = _summary(work, request, time, grain)
    _say_course(work, summary, grain)
    _say_edges(work, result, at, value)
    work.say_left_out(summary, request.measure)
    work.figures.append(lines(result, at, value))


def chosen_grain(work: Work, request: TrendRequest, time: Column) -> Grain:
    """The finest grain that the data have and that keeps a chart readable."""
    if is_year(time):
        return "year"
    quoted = sql.name(time.name)
    condition = where(work.table, request.filters, request.span, f"{quoted} is not null")
    edges = f"min({quoted})::varchar, max({quoted})::varchar, count(distinct {quoted})"
    query = f"select {edges} from {sql.name(work.table.name)}{condition}"
    first, last, moments = work.sandbox.query(query).rows[0]
    if first is None or last is None:
        return "month"
    span = (datetime.fromisoformat(str(last)) - datetime.fromisoformat(str(first))).total_seconds() / 86_400
    gap = span / max(1, int(str(moments)) - 1)
    fitting = (
        grain
        for grain, days in DAYS.items()
        if span / days < MOST_STRETCHES and days * 1.2 >= gap and (grain != "hour" or time.type != "DATE")
    )
    return next(fitting, "year")


def _names(request: TrendRequest, time: Column, grain: Grain) -> tuple[str, str]:
    """What the columns of the stretch and of the measure are called."""
    at = time.name if is_year(time) else unused(grain, [request.by or ""])
    return at, unused(label(request.measure), [at, request.by or ""])


def _stretches(work: Work, request: TrendRequest, time: Column, grain: Grain) -> str:
    """The query of one row for each stretch, and group where there are some."""
    at, value = _names(request, time, grain)
    group = f", {sql.name(request.by)}" if request.by else ""
    condition = where(work.table, request.filters, request.span, f"{sql.name(time.name)} is not null")
    reckoned = aggregate(work.sandbox, work.table, request.measure)
    return (
        f"select {stretch(time, grain)} as {sql.name(at)}{group}, {reckoned} as {sql.name(value)}, "
        f'count(*) as "rows of stretch"\n  from {sql.name(work.table.name)}{condition}\n  group by all'
    )


def _query(work: Work, request: TrendRequest, time: Column, grain: Grain) -> str:
    at, value = (sql.name(one) for one in _names(request, time, grain))
    before = f"lag({value}) over (order by {at})"
    relative = f"case when {before} > 0 then {value} / {before} - 1 end"
    return (
        f"with stretches as (\n  {_stretches(work, request, time, grain)}\n)\n"
        f'select *, {value} - {before} as "change", {relative} as "relative change"\n'
        f"from stretches\norder by {at}"
    )


def _summary(work: Work, request: TrendRequest, time: Column, grain: Grain) -> ResultTable:
    """First and last stretch with a value, the change between them, and what the data cover."""
    at, value = (sql.name(one) for one in _names(request, time, grain))
    condition = where(work.table, request.filters, request.span)
    source = f"{sql.name(work.table.name)}{condition}"
    ends = f'arg_min({value}, {at}) as "first value", arg_max({value}, {at}) as "last value"'
    places = f'arg_min({at}, {at}) filter ({value} is not null) as "first"'
    places += f', arg_max({at}, {at}) filter ({value} is not null) as "last"'
    untimed = f'(select count(*) - count({sql.name(time.name)}) from {source}) as "rows without a time"'
    until = f'(select max({sql.name(time.name)})::varchar from {source}) as "data end"'
    counted = left_out(work.table, request.measure)
    outside = ", ".join(f"(select {one} from {source}) as {sql.name(alias)}" for one, alias in counted)
    return work.result(
        "The whole course",
        f"with stretches as (\n  {_stretches(work, request, time, grain)}\n),\n"
        f'ends as (select count(*) as "stretches", {places}, {ends} from stretches)\n'
        f'select *, "last value" - "first value" as "change", '
        f'case when "first value" > 0 then "last value" / "first value" - 1 end as "relative change",\n'
        f"  {untimed}, {until}, {outside}\nfrom ends",
    )


def _say_course(work: Work, summary: ResultTable, grain: Grain) -> None:
    if summary.value(0, "first value") is None:
        work.say("There is no value to reckon with.")
        return
    start = (name(summary, 0, "first"), " (", number(summary, 0, "first value"), ")")
    end = (name(summary, 0, "last"), " (", number(summary, 0, "last value"), ")")
    said: list[str | Cited] = ["From ", *start, " to ", *end, " it changed by ", change(summary, 0, "change")]
    if summary.value(0, "relative change") is not None:
        said += [", ", percent(summary, 0, "relative change", signed=True)]
    work.say(*said, ", over ", number(summary, 0, "stretches"), f" {grain}s with data.")
    if summary.value(0, "rows without a time"):
        work.say(number(summary, 0, "rows without a time"), " rows have no time and are left out.")
    if grain != "hour" and _ends_inside(str(summary.value(0, "data end")), grain):
        work.say(
            "The data end at ", name(summary, 0, "data end"), f", inside the last {grain}, which may grow."
        )


def _ends_inside(until: str, grain: Grain) -> bool:
    """True when the last day of the data is not the last of its stretch."""
    if len(until) < len("2024-01-01") or grain == "day":
        return False
    day = datetime.fromisoformat(until).date()
    following = date.fromordinal(day.toordinal() + 1)
    starts = {
        "week": following.weekday() == 0,
        "month": following.day == 1,
        "quarter": following.day == 1 and following.month % 3 == 1,
        "year": (following.month, following.day) == (1, 1),
    }
    return not starts[grain]


def _say_edges(work: Work, result: ResultTable, at: str, value: str) -> None:
    valued = [
        (found, row) for row, found in enumerate(result.values(value)) if isinstance(found, int | float)
    ]
    if len(valued) > 2 and result.complete:
        low, high = min(valued)[1], max(valued, key=lambda pair: (pair[0], -pair[1]))[1]
        lowest = (number(result, low, value), " in ", name(result, low, at))
        highest = (number(result, high, value), " in ", name(result, high, at))
        work.say("The lowest was ", *lowest, ", the highest ", *highest, ".")


def _lines_by(work: Work, request: TrendRequest, time: Column, grain: Grain, by: str) -> None:
    """One row for each stretch and group, the groups with the highest numbers first."""
    at, value = _names(request, time, grain)
    order = f"max({sql.name(value)}) over (partition by {sql.name(by)}) desc, {sql.name(by)}, {sql.name(at)}"
    query = f"with stretches as (\n  {_stretches(work, request, time, grain)}\n)\n"
    title = f"{label(request.measure)} by {grain} and {by}"
    result = work.result(title, f"{query}select *\nfrom stretches\norder by {order}")
    ends = (
        f'select {sql.name(by)}, min({sql.name(at)}) as "first", max({sql.name(at)}) as "last", '
        f'arg_min({sql.name(value)}, {sql.name(at)}) as "first value", '
        f'arg_max({sql.name(value)}, {sql.name(at)}) as "last value", '
        f'max({sql.name(value)}) as "highest value"\nfrom stretches\ngroup by all'
    )
    course = work.result(
        f"Course of each {by}",
        f'{query}select *, "last value" - "first value" as "change"\nfrom ({ends})\n'
        f'order by "highest value" desc nulls last, {sql.name(by)}',
    )
    for row in range(min(3, len(course.rows))):
        start = (number(course, row, "first value"), " (", name(course, row, "first"), ")")
        end = (number(course, row, "last value"), " (", name(course, row, "last"), ")")
        work.say(name(course, row, by), " went from ", *start, " to ", *end, ".")
    if len(course.rows) > MOST_LINES:
        work.limits.append(f"The chart shows the {MOST_LINES} groups with the highest values.")
    work.figures.append(lines(result, at, value, by))
