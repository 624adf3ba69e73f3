"""What is in a table: every column with its type, gaps, range and usual values."""

from collections.abc import Sequence

from agents.data import sql
from agents.data.analyses.histogram import histogram
from agents.data.analyses.pieces import column_of, finite, where
from agents.data.analyses.work import Work
from agents.data.loading.facts import FLOATING
from agents.data.request import ProfileRequest
from agents.data.roles import FEW, dimensions, measures
from agents.data.sentences import name, number, percent
from agents.data.tables import Column

MOST_FREQUENT = 5
"""Usual values shown of each column."""
MOST_NAMED = 3
"""Columns named in a sentence."""
MOST_COUNTED = 100
"""Columns whose usual values are counted."""
EXACT_ROWS = 2_000_000
"""Up to this many rows different values are counted one by one."""


def profile(work: Work, request: ProfileRequest) -> None:
    """Results on all columns, on the numbers, on the dates, and on the usual values of the others."""
    source = f"{sql.name(work.table.name)}{where(work.table, request.filters, request.span)}"
    named_ones = [column_of(work.table, one) for one in request.columns]
    columns = named_ones or list(work.table.columns)
    _columns(work, source, columns)
    numbers = [column for column in columns if column.family == "number" and column.values]
    if numbers:
        _numbers(work, source, numbers)
    dates = [column for column in columns if column.family == "date" and column.values]
    if dates:
        _dates(work, source, dates)
    named = [column for column in columns if column.family in ("text", "truth") and column.values]
    grouped = [column for column in named if column.distinct <= FEW or named_ones]
    if grouped:
        _usual(work, source, grouped[:MOST_COUNTED])
    reckoned = [column for column in measures(work.table) if column in columns]
    if reckoned:
        histogram(work, source, reckoned[0])


def _columns(work: Work, source: str, columns: Sequence[Column]) -> None:
    exact = work.table.rows <= EXACT_ROWS
    distinct = "different values" if exact else "different values, about"
    parts = []
    for column in columns:
        quoted = sql.name(column.name)
        unending = f"count(*) filter (not isfinite({quoted}))" if column.type in FLOATING else "0"
        counted = f"count(distinct {quoted})" if exact else f"approx_count_distinct({quoted})"
        named = f'{sql.text(column.name)} as "column", {sql.text(column.family)} as "type"'
        missing = f"count(*) - count({quoted})"
        parts.append(
            f'select {named}, count(*) as "rows", count({quoted}) as "values", {missing} as "missing", '
            f'({missing}) / nullif(count(*), 0) as "share missing", {unending} as "not a number", '
            f"{counted} as {sql.name(distinct)} from {source}"
        )
    result = work.result("Columns", "\nunion all ".join(parts), rows=len(columns))
    work.say("The table has ", number(result, 0, "rows"), " rows.")
    gaps = [row for row, count in enumerate(result.values("missing")) if count]
    for row in sorted(gaps, key=lambda row: -int(str(result.value(row, "missing"))))[:MOST_NAMED]:
        rows = (number(result, row, "missing"), " rows (", percent(result, row, "share missing"), ").")
        work.say(name(result, row, "column"), " is missing in ", *rows)
    if not gaps:
        work.say("No value is missing.")
    for row, count in enumerate(result.values("not a number")):
        if count:
            cited = number(result, row, "not a number")
            work.say(name(result, row, "column"), " holds ", cited, " values that are no finite number.")


def _numbers(work: Work, source: str, columns: Sequence[Column]) -> None:
    parts = []
    for column in columns:
        value = f"({finite(work.table, column.name)})::double"
        quarters = (0.25, 0.5, 0.75)
        q1, median, q3 = (f"quantile_cont({value}, {quarter})" for quarter in quarters)
        parts.append(
            f'select {sql.text(column.name)} as "column", min({value}) as "lowest", {q1} as "first quarter", '
            f'{median} as "median", avg({value}) as "mean", {q3} as "third quarter", '
            f'max({value}) as "highest", stddev_samp({value}) as "standard deviation", '
            f'sum({value}) as "sum" from {source}'
        )
    result = work.result("Numbers", "\nunion all ".join(parts), rows=len(columns))
    shown = [column.name for column in measures(work.table) if column in columns][:MOST_NAMED]
    for row, column_name in enumerate(result.values("column")):
        if column_name in shown:
            edges = (number(result, row, "lowest"), " to ", number(result, row, "highest"))
            middle = (number(result, row, "median"), " and a mean of ", number(result, row, "mean"))
            work.say(name(result, row, "column"), " goes from ", *edges, ", with a median of ", *middle, ".")


def _dates(work: Work, source: str, columns: Sequence[Column]) -> None:
    parts = [
        f'select {sql.text(column.name)} as "column", min({sql.name(column.name)}) as "first", '
        f'max({sql.name(column.name)}) as "last" from {source}'
        for column in columns
    ]
    result = work.result("Dates", "\nunion all ".join(parts), rows=len(columns))
    for row in range(min(MOST_NAMED, len(result.rows))):
        edges = (name(result, row, "first"), " to ", name(result, row, "last"))
        work.say(name(result, row, "column"), " goes from ", *edges, ".")


def _usual(work: Work, source: str, columns: Sequence[Column]) -> None:
    parts = []
    for column in columns:
        quoted = sql.name(column.name)
        parts.append(
            f'(select {sql.text(column.name)} as "column", {quoted}::varchar as "value", count(*) as "rows", '
            f'count(*) / sum(count(*)) over () as "share" from {source} '
            f"group by {quoted} order by count(*) desc, {quoted} limit {MOST_FREQUENT})"
        )
    result = work.result("Usual values", "\nunion all ".join(parts), rows=MOST_FREQUENT * len(columns))
    best = {column.name for column in dimensions(work.table)[:MOST_NAMED]}
    said: set[object] = set()
    for row, column_name in enumerate(result.values("column")):
        if column_name in best and column_name not in said:
            said.add(column_name)
            share = percent(result, row, "share")
            usual = (name(result, row, "value"), " (", share, " of the rows)")
            work.say("The most frequent value of ", name(result, row, "column"), " is ", *usual, ".")
