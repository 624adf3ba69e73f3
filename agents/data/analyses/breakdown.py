"""A number for each group, and the groups that rank first or last."""

from agents.data import sql
from agents.data.analyses.pieces import aggregate, check_measure, column_of, label, said, unused, where
from agents.data.analyses.work import Work, left_out_sql
from agents.data.figures import bars, grouped_bars
from agents.data.request import BreakdownRequest, Measure, TopRequest
from agents.data.results import ResultTable
from agents.data.sentences import Cited, name, number, percent, quoted

ADDITIVE = ("sum", "count")
"""Aggregates whose groups add up to the whole."""
MOST_NAMED = 3
"""Groups without a value that a sentence names."""
ROW_COLUMNS = 12
"""Columns shown of single rows, the one they are ranked by first."""


class Grouped:
    """The names of a grouped result's columns, and its query without an end."""

    def __init__(self, work: Work, request: BreakdownRequest | TopRequest, by: tuple[str, ...]) -> None:
        table, measure = work.table, request.measure
        check_measure(table, measure)
        self.by = tuple(column_of(table, one).name for one in by)
        self.value = unused(label(measure), self.by)
        self.rows = unused("rows of group", (*self.by, self.value))
        self.share = unused("share", (*self.by, self.value, self.rows))
        self.source = f"{sql.name(table.name)}{where(table, request.filters, request.span)}"
        keys = ", ".join(sql.name(one) for one in self.by)
        value = sql.name(self.value)
        reckoned = aggregate(work.sandbox, table, measure)
        self.query = (
            f"with groups as (\n  select {keys}, {reckoned} as {value}, count(*) as {sql.name(self.rows)}"
            f"\n  from {self.source}\n  group by {keys}\n)\nselect *{self._share(measure)}\nfrom groups"
        )
        self.order = f"{value} {{}} nulls last, {keys}"

    def _share(self, measure: Measure) -> str:
        """The share of the whole; unknown where values of both signs make shares senseless."""
        if measure.how not in ADDITIVE:
            return ""
        value = sql.name(self.value)
        sensible = f"min({value}) over () >= 0 and sum({value}) over () > 0"
        return f", case when {sensible} then {value} / sum({value}) over () end as {sql.name(self.share)}"


def breakdown(work: Work, request: BreakdownRequest) -> None:
    """The measure for each value of a column, or of two, the highest first; and over all of them."""
    grouped = Grouped(work, request, request.by)
    title = f"{label(request.measure)} by {' and '.join(request.by)}"
    result = work.result(title, f"{grouped.query}\norder by {grouped.order.format('desc')}")
    summary = _summary(work, request, grouped)
    if request.share_of is not None:
        _say_share(work, grouped, result, request.share_of)
    _say_whole(work, request.measure, summary)
    _say_edges(work, grouped, result, request.measure)
    work.say_left_out(summary, request.measure)
    if len(grouped.by) == 1:
        work.figures.append(bars(result, grouped.by[0], grouped.value))
    else:
        work.figures.append(grouped_bars(result, grouped.by[0], grouped.by[1], grouped.value))


def top(work: Work, request: TopRequest) -> None:
    """The groups, or rows, with the highest or lowest number, in that order."""
    if request.by is None:
        _top_rows(work, request)
        return
    grouped = Grouped(work, request, (request.by,))
    direction = "asc" if request.lowest else "desc"
    end = f"\norder by {grouped.order.format(direction)}\nlimit {request.count}"
    edge = "Lowest" if request.lowest else "Highest"
    result = work.result(f"{edge} {label(request.measure)} by {request.by}", grouped.query + end)
    summary = _summary(work, request, grouped)
    _say_ranks(work, request, grouped, result)
    if grouped.share in {one.name for one in result.columns} and len(result.rows) > 1:
        _say_together(work, grouped, result)
    if result.rows and result.value(0, grouped.value) is not None:
        _say_whole(work, request.measure, summary)
    work.say_left_out(summary, request.measure)
    work.figures.append(bars(result, request.by, grouped.value))


def _say_together(work: Work, grouped: Grouped, result: ResultTable) -> None:
    """What the ranked groups have together, and what share of the whole that is."""
    value, share = sql.name(grouped.value), sql.name(grouped.share)
    chosen = f'sum({value}) as "together", sum({share}) as "share together", count(*) as "groups"'
    both = work.result("The ranked groups together", f"select {chosen}\nfrom (\n{result.sql}\n)")
    if both.value(0, "share together") is not None:
        opening = ("Together the ", number(both, 0, "groups"), " ranked groups have ")
        work.say(*opening, number(both, 0, "together"), " (", percent(both, 0, "share together"), ").")


def _top_rows(work: Work, request: TopRequest) -> None:
    table = work.table
    ranked = column_of(table, request.measure.column or "")
    others = [column.name for column in table.columns if column.name != ranked.name][: ROW_COLUMNS - 1]
    keys = ", ".join(sql.name(one) for one in (ranked.name, *others))
    finite = (
        f"isfinite({sql.name(ranked.name)})"
        if ranked.not_a_number
        else f"{sql.name(ranked.name)} is not null"
    )
    condition = where(table, request.filters, request.span, finite)
    order = f"{sql.name(ranked.name)} {'asc' if request.lowest else 'desc'}, {keys}"
    query = f"select {keys}\nfrom {sql.name(table.name)}{condition}\norder by {order}\nlimit {request.count}"
    edge = "lowest" if request.lowest else "highest"
    result = work.result(f"Rows with the {edge} {ranked.name}", query)
    if not result.rows:
        work.say(f"No row has a value in {quoted(ranked.name)}.")
        return
    work.say(f"The {edge} {quoted(ranked.name)} is ", number(result, 0, ranked.name), ".")


def _summary(work: Work, request: BreakdownRequest | TopRequest, grouped: Grouped) -> ResultTable:
    """All groups together: the measure, how many groups, and the rows left out."""
    measure = request.measure
    keys = ", ".join(sql.name(one) for one in grouped.by)
    groups = f"(select count(*) from (select distinct {keys} from {grouped.source}))"
    over_all = f'{aggregate(work.sandbox, work.table, measure)} as "over all rows"'
    chosen = f'{over_all}, {left_out_sql(work.table, measure)}, {groups} as "groups"'
    return work.result("All groups together", f"select {chosen}\nfrom {grouped.source}")


def _say_whole(work: Work, measure: Measure, summary: ResultTable) -> None:
    if summary.value(0, "over all rows") is None:
        work.say("There is no value to reckon with.")
        return
    whole = number(summary, 0, "over all rows")
    groups = number(summary, 0, "groups")
    work.say(f"The {said(measure)} over all rows is ", whole, ", in ", groups, " groups.")


def _say_edges(work: Work, grouped: Grouped, result: ResultTable, measure: Measure) -> None:
    """The first and the last group that has a value, and how many have none."""
    values = result.values(grouped.value)
    valued = [row for row, value in enumerate(values) if value is not None]
    if not valued:
        return
    work.say(*_has(grouped, result, valued[0], "highest", measure))
    if len(valued) > 1 and result.complete:
        work.say(*_has(grouped, result, valued[-1], "lowest", measure))
    unknown = [row for row, value in enumerate(values) if value is None]
    if measure.per is not None and unknown:
        named = ", ".join(name(result, row, grouped.by[0]).text for row in unknown[:MOST_NAMED])
        more = f" and {len(unknown) - MOST_NAMED:,} more" if len(unknown) > MOST_NAMED else ""
        why = "it cannot be divided" if measure.how == "ratio" else "no row has both values"
        work.say(f"Unknown, as {why}: {named}{more}.")


def _say_share(work: Work, grouped: Grouped, result: ResultTable, of: str) -> None:
    """The share of the group that was asked about."""
    rows = [row for row, value in enumerate(result.values(grouped.by[0])) if str(value) == of]
    if not rows:
        work.say(f"{quoted(of)} has no rows here, so its share is unknown.")
    elif grouped.share not in {one.name for one in result.columns}:
        work.say(f"These numbers do not add up to a whole, so {quoted(of)} has no share of it.")
    else:
        row = rows[0]
        whole = (" of the whole (", number(result, row, grouped.value), ").")
        work.say(name(result, row, grouped.by[0]), " has ", percent(result, row, grouped.share), *whole)


def _has(grouped: Grouped, result: ResultTable, row: int, edge: str, measure: Measure) -> list[str | Cited]:
    """ "“West” has the highest “revenue”: 1,234 in all (34.5 %)." """
    names: list[str | Cited] = []
    for column in grouped.by:
        names += [" with " if names else "", name(result, row, column)]
    counted = " in all" if measure.how == "sum" else ""
    parts = [*names, f" has the {edge} {_short(measure)}: ", number(result, row, grouped.value), counted]
    if grouped.share in {one.name for one in result.columns} and result.value(row, grouped.share) is not None:
        parts += [" (", percent(result, row, grouped.share), ")"]
    return [*parts, "."]


def _short(measure: Measure) -> str:
    """A sum by its column's name alone: "revenue"; anything else in full."""
    return quoted(measure.column) if measure.how == "sum" and measure.column else said(measure)


def _say_ranks(work: Work, request: TopRequest, grouped: Grouped, result: ResultTable) -> None:
    valued = [row for row, value in enumerate(result.values(grouped.value)) if value is not None]
    edge = "lowest" if request.lowest else "highest"
    if valued:
        work.say(*_has(grouped, result, valued[0], edge, request.measure))
    for row in valued[1:3]:
        work.say("Then comes ", *_group(grouped, result, row), ".")


def _group(grouped: Grouped, result: ResultTable, row: int) -> list[str | Cited]:
    """A group with its number, and its share where there is one."""
    parts: list[str | Cited] = []
    for column in grouped.by:
        parts += [" and " if parts else "", name(result, row, column)]
    parts += [" with ", number(result, row, grouped.value)]
    if grouped.share in {one.name for one in result.columns} and result.value(row, grouped.share) is not None:
        parts += [" (", percent(result, row, grouped.share), ")"]
    return parts
