"""Pieces of SQL that the analyses share."""

from collections.abc import Iterable

from agents.data import sql
from agents.data.request import Bound, Condition, Filter, Grain, Measure, Period, Span
from agents.data.roles import is_time, is_year
from agents.data.sandbox import Sandbox
from agents.data.sentences import quoted
from agents.data.tables import Column, Table
from agents.errors import BadInput

MOST_PLACES = 9
"""Decimal places up to which a sum of floating numbers is reckoned in decimals."""
LARGEST_EXACT = 1e12
FORMATS: dict[Grain, str] = {
    "year": "%Y",
    "month": "%Y-%m",
    "week": "%Y-%m-%d",
    "day": "%Y-%m-%d",
    "hour": "%Y-%m-%d %H:00",
}
LABELS = {"count": "values of", "distinct": "different"}
SAID = {"count": "number of values of", "distinct": "number of different values of"}
SAID |= {"max": "maximum of", "min": "minimum of"}
WORDS = {"sum": "sum", "mean": "mean", "median": "median", "min": "smallest", "max": "largest"}
WORDS |= {"ratio": "ratio", "difference": "difference"}
JOINS = {"ratio": "per", "difference": "minus"}
"""Between the two columns of a measure."""


def column_of(table: Table, name: str) -> Column:
    """The column; BadInput when the table has none of this name."""
    found = table.column(name)
    if found is None:
        raise BadInput(f"“{table.name}” has no column “{name}”. Nothing was reckoned: choose one it has.")
    return found


def time_column(table: Table, name: str) -> Column:
    """The column; BadInput when it does not tell the time."""
    column = column_of(table, name)
    if not is_time(column):
        raise BadInput(f"“{name}” holds no dates or years. Nothing was reckoned: choose a column that does.")
    return column


def check_measure(table: Table, measure: Measure) -> None:
    """Raise BadInput for a column that is not there or cannot be reckoned in this way."""
    if measure.column is None:
        return
    column = column_of(table, measure.column)
    divided = [column_of(table, measure.per)] if measure.per is not None else []
    for one in (column, *divided):
        if one.family != "number" and measure.how in WORDS:
            raise BadInput(
                f"“{one.name}” holds no numbers, so it has no {WORDS[measure.how]}. "
                "Nothing was reckoned: choose a column of numbers, or count its values."
            )


def label(measure: Measure) -> str:
    """What its column in a result is called: "sum of tip"."""
    if measure.column is None:
        return "rows"
    if measure.per is not None:
        return f"{measure.column} {JOINS[measure.how]} {measure.per}"
    return f"{LABELS.get(measure.how, f'{measure.how} of')} {measure.column}"


def said(measure: Measure) -> str:
    """What a sentence calls it: "sum of “tip”"."""
    if measure.column is None:
        return "number of rows"
    if measure.per is not None:
        return f"{quoted(measure.column)} {JOINS[measure.how]} {quoted(measure.per)}"
    return f"{SAID.get(measure.how, f'{measure.how} of')} {quoted(measure.column)}"


def unused(wanted: str, taken: Iterable[str]) -> str:
    """A name for a result column that no other has, case aside."""
    lower = {name.lower() for name in taken}
    while wanted.lower() in lower:
        wanted = f"{wanted}_"
    return wanted


def finite(table: Table, name: str) -> str:
    """The column as SQL, without NaN and the infinities if it has any."""
    column = column_of(table, name)
    quoted = sql.name(name)
    return f"case when isfinite({quoted}) then {quoted} end" if column.not_a_number else quoted


def summed(sandbox: Sandbox, table: Table, name: str) -> str:
    """What is given to `sum`: decimals where all values are some, so that sums are exact in any order."""
    column = column_of(table, name)
    value = finite(table, name)
    if column.type not in ("FLOAT", "DOUBLE") or not column.values:
        return value
    tries = ", ".join(f"bool_and({value} = round({value}, {places}))" for places in range(MOST_PLACES + 1))
    largest = f"max(abs({value})) < {LARGEST_EXACT}"
    fits = sandbox.query(f"select {largest}, {tries} from {sql.name(table.name)}").rows[0]
    if not fits[0] or True not in fits[1:]:
        return value
    return f"({value})::decimal(38, {fits[1:].index(True)})"


def aggregate(sandbox: Sandbox, table: Table, measure: Measure, condition: str = "") -> str:
    """The measure as SQL, over the rows that meet a condition where one is given."""
    if measure.per is not None:
        return _of_two(sandbox, table, measure, condition)
    return _plain(sandbox, table, measure) + (f" filter ({condition})" if condition else "")


def _of_two(sandbox: Sandbox, table: Table, measure: Measure, condition: str) -> str:
    """One sum less another, or divided by it, over the rows that have both; unknown where that is by zero."""
    upper, lower = str(measure.column), str(measure.per)
    both = f"{finite(table, upper)} is not null and {finite(table, lower)} is not null"
    chosen = f" filter ({both} and {condition})" if condition else f" filter ({both})"
    if measure.how == "difference":
        first, second = (f"sum({summed(sandbox, table, one)}){chosen}" for one in (upper, lower))
        return f"({first} - {second})"
    divided = f"sum({summed(sandbox, table, upper)}){chosen}::double"
    return f"{divided} / nullif(sum({summed(sandbox, table, lower)}){chosen}::double, 0)"


def _plain(sandbox: Sandbox, table: Table, measure: Measure) -> str:
    if measure.column is None:
        return "count(*)"
    if measure.how == "sum":
        return f"sum({summed(sandbox, table, measure.column)})"
    value = finite(table, measure.column)
    names = {"mean": "avg({})", "distinct": "count(distinct {})"}
    return names.get(measure.how, f"{measure.how}({{}})").format(value)


def where(table: Table, filters: Iterable[Condition], span: Span | None, *more: str) -> str:
    """The WHERE clause with a line break before it, or nothing."""
    conditions = [_bound(table, one) if isinstance(one, Bound) else _filter(table, one) for one in filters]
    if span:
        conditions.append(within(time_column(table, span.time), span.period))
    conditions += more
    return "\nwhere " + "\n  and ".join(conditions) if conditions else ""


def _filter(table: Table, one: Filter) -> str:
    column = column_of(table, one.column)
    listed = ", ".join(sql.literal(value) for value in one.values)
    quoted_name = sql.name(column.name)
    if one.excluded:
        return f"({quoted_name} is null or {quoted_name} not in ({listed}))"
    return f"{quoted_name} in ({listed})"


def _bound(table: Table, one: Bound) -> str:
    column = column_of(table, one.column)
    if column.family != "number":
        raise BadInput(
            f"“{column.name}” holds no numbers, so it has no limits. "
            "Nothing was reckoned: choose a column of numbers."
        )
    value = finite(table, column.name)
    edges = ((">", one.more), (">=", one.least), ("<", one.less), ("<=", one.most))
    return " and ".join(f"{value} {sign} {sql.literal(edge)}" for sign, edge in edges if edge is not None)


def within(column: Column, period: Period) -> str:
    """The condition that a time lies in a period; BadInput for part of a year where only years are known."""
    quoted = sql.name(column.name)
    if is_year(column):
        if (period.start.month, period.start.day, period.end.month, period.end.day) != (1, 1, 1, 1):
            raise BadInput(
                f"“{column.name}” holds years, and “{period.label}” is not made of whole ones. "
                "Nothing was reckoned: ask for years."
            )
        return f"{quoted} >= {period.start.year} and {quoted} < {period.end.year}"
    return f"{quoted} >= date '{period.start}' and {quoted} < date '{period.end}'"


def stretch(column: Column, grain: Grain) -> str:
    """The stretch of time a row lies in, as a text that sorts like time ("2024-03"); years stay numbers."""
    quoted = sql.name(column.name)
    if is_year(column):
        return quoted
    if grain == "quarter":
        return f"year({quoted}) || '-Q' || quarter({quoted})"
    return f"strftime(date_trunc('{grain}', {quoted}), '{FORMATS[grain]}')"
