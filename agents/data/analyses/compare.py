"""A number in two periods, and what each segment contributes to the change.

Sums and counts: a segment contributes its own change, and the changes add up to the whole. Means: with w
the segment's share of the rows, m its mean and M the mean of all before, a segment contributes
w2 (m2 - M) - w1 (m1 - M), which adds up to the change of the mean; of that, w2 (m2 - m1) comes from the
segment itself and (w2 - w1) (m1 - M) from its weight. (The usual split into a rate and a mix effect.)
"""

from agents.data import sql
from agents.data.analyses.pieces import (
    aggregate,
    check_measure,
    column_of,
    finite,
    label,
    said,
    time_column,
    unused,
    where,
    within,
)
from agents.data.analyses.work import Work, left_out_sql
from agents.data.figures import bars, contributions
from agents.data.request import CompareRequest, Filter
from agents.data.results import ResultTable
from agents.data.roles import dimensions
from agents.data.sentences import Cited, change, name, number, percent, quoted
from agents.errors import BadInput

ADDITIVE = ("sum", "count")
MOST_TRIED = 5
"""Columns tried as segments when none is named."""
MOST_SAID = 3


class Comparison:
    """The names of a comparison's columns, and its pieces of SQL."""

    def __init__(self, work: Work, request: CompareRequest) -> None:
        table = work.table
        check_measure(table, request.measure)
        time = time_column(table, request.time)
        if request.before.label == request.after.label:
            raise BadInput("Both periods have the same name. Nothing was reckoned: name two different ones.")
        self.request = request
        self.by = request.by or ""
        taken = [self.by, "change", "contribution", "share of change"]
        self.before = unused(request.before.label, taken)
        self.after = unused(request.after.label, [*taken, self.before])
        self.in_before = within(time, request.before)
        self.in_after = within(time, request.after)
        either = f"(({self.in_before}) or ({self.in_after}))"
        self.source = f"{sql.name(table.name)}{where(table, request.filters, request.span, either)}"
        measured = (work.sandbox, table, request.measure)
        self.value_before = aggregate(*measured, self.in_before)
        self.value_after = aggregate(*measured, self.in_after)
        self.plain = finite(table, request.measure.column) if request.measure.column else "1"

    def over(self, expression: str, alias: str, condition: str) -> str:
        """An aggregate over one of the periods."""
        return f"{expression} filter ({condition}) as {sql.name(alias)}"

    def both(self) -> str:
        """The measure in both periods."""
        before, after = sql.name(self.before), sql.name(self.after)
        return f"{self.value_before} as {before}, {self.value_after} as {after}"


def compare(work: Work, request: CompareRequest) -> None:
    """The whole change, then the segments by the size of their contribution."""
    comparison = Comparison(work, request)
    whole = _whole(work, comparison)
    _say_whole(work, comparison, whole)
    work.say_left_out(whole, request.measure)
    by = column_of(work.table, request.by).name if request.by else _telling_segments(work, request)
    if by is None:
        return
    segmented = Comparison(work, request.model_copy(update={"by": by}))
    if request.by is None:
        work.limits.append(
            f"No segments were named; of the columns tried, {quoted(by)} tells most of the change."
        )
    result = work.result(f"Change of {label(request.measure)} by {by}", segments_query(segmented))
    if request.edge is not None:
        _say_edge(work, segmented, result)
    if request.measure.how in (*ADDITIVE, "mean"):
        _say_contributions(work, segmented, result)
        work.figures.append(contributions(result, by, "contribution"))
    else:
        work.limits.append("These numbers do not add up over segments, so none has a contribution.")
        work.figures.append(bars(result, by, "change"))


def _whole(work: Work, comparison: Comparison) -> ResultTable:
    before, after = sql.name(comparison.before), sql.name(comparison.after)
    measure = comparison.request.measure
    empty = f"coalesce({before}, 0)", f"coalesce({after}, 0)"
    first, second = empty if measure.how in ADDITIVE else (before, after)
    rows = f"{comparison.over('count(*)', 'rows before', comparison.in_before)}, "
    rows += comparison.over("count(*)", "rows after", comparison.in_after)
    return work.result(
        f"Change of {label(measure)}",
        f"with periods as (\n  select {comparison.both()}, {rows}, {left_out_sql(work.table, measure)}\n"
        f'  from {comparison.source}\n)\nselect *, {second} - {first} as "change", '
        f'case when {before} > 0 then {after} / {before} - 1 end as "relative change"\nfrom periods',
    )


def segments_query(comparison: Comparison) -> str:
    """One row for each segment: both numbers, the change, and the contribution where there can be one."""
    how = comparison.request.measure.how
    if how == "mean":
        return _mean_query(comparison)
    by, before, after = (sql.name(one) for one in (comparison.by, comparison.before, comparison.after))
    selected = f"select {by}, {comparison.both()}\n  from {comparison.source}\n  group by {by}"
    segments = f"with segments as (\n  {selected}\n)"
    if how not in ADDITIVE:
        end = f'order by abs("change") desc nulls last, {by}'
        return f'{segments}\nselect *, {after} - {before} as "change"\nfrom segments\n{end}'
    changed = f'select *, coalesce({after}, 0) - coalesce({before}, 0) as "change" from segments'
    return f"{segments},\nchanges as ({changed})\n{_shares(by, 'change')}"


def _mean_query(comparison: Comparison) -> str:
    by, before, after = (sql.name(one) for one in (comparison.by, comparison.before, comparison.after))
    counted = f"count({comparison.plain})"
    rows = f"{comparison.over(counted, 'weight before', comparison.in_before)}, "
    rows += comparison.over(counted, "weight after", comparison.in_after)
    return f"""with segments as (
  select {by}, {comparison.both()}, {rows}
  from {comparison.source}
  group by {by}
),
shares as (
  select *, coalesce({after} - {before}, 0) as own,
    "weight before" / nullif(sum("weight before") over (), 0) as w1,
    "weight after" / nullif(sum("weight after") over (), 0) as w2,
    sum({before} * "weight before") over () / nullif(sum("weight before") over (), 0) as whole
  from segments
),
changes as (
  select {by}, {before}, {after}, "weight before", "weight after", {after} - {before} as "change",
    w2 * own as "from its own change",
    (w2 - w1) * (coalesce({before}, {after}) - whole) as "from its weight",
    coalesce(w2 * own + (w2 - w1) * (coalesce({before}, {after}) - whole), 0) as "sum of both"
  from shares
)
{_shares(by, "sum of both")}"""


def _shares(by: str, source: str) -> str:
    """The end of a query: contributions, and their share of the whole change."""
    total = f"sum({sql.name(source)}) over ()"
    kept = "*" if source == "change" else f"* exclude ({sql.name(source)})"
    share = f"case when {total} <> 0 then {sql.name(source)} / {total} end"
    return (
        f'select {kept}, {sql.name(source)} as "contribution", {share} as "share of change"\n'
        f'from changes\norder by abs("contribution") desc nulls last, {by}'
    )


def _telling_segments(work: Work, request: CompareRequest) -> str | None:
    """The column in which one segment stands out most: its share of all changes, less an even share."""
    if request.measure.how not in (*ADDITIVE, "mean"):
        return None
    filtered = {one.column for one in request.filters if isinstance(one, Filter) and not one.excluded}
    best: tuple[float, str] | None = None
    for column in [one for one in dimensions(work.table) if one.name not in filtered][:MOST_TRIED]:
        query = segments_query(Comparison(work, request.model_copy(update={"by": column.name})))
        rows = work.sandbox.query(f'select abs("contribution") from ({query})').rows
        sizes = [float(row[0]) for row in rows if isinstance(row[0], int | float)]
        if len(sizes) > 1 and sum(sizes) > 0:
            found = (max(sizes) / sum(sizes) - 1 / len(sizes), column.name)
            best = max(best or found, found, key=lambda pair: pair[0])
    return best[1] if best else None


def _say_whole(work: Work, comparison: Comparison, whole: ResultTable) -> None:
    before, after = whole.value(0, comparison.before), whole.value(0, comparison.after)
    periods = (comparison.request.before.label, comparison.request.after.label)
    for value, rows, period in ((before, "rows before", periods[0]), (after, "rows after", periods[1])):
        if value is None or not whole.value(0, rows):
            work.say(f"There are no rows with a value in {quoted(period)}, so nothing can be compared.")
            return
    opening = f"The {said(comparison.request.measure)} went from "
    start = (number(whole, 0, comparison.before), f" in {quoted(periods[0])} to ")
    end = (number(whole, 0, comparison.after), f" in {quoted(periods[1])}: ")
    relative = (" (", percent(whole, 0, "relative change", signed=True), ")")
    work.say(opening, *start, *end, change(whole, 0, "change"), *relative, ".")


def _say_edge(work: Work, comparison: Comparison, result: ResultTable) -> None:
    """Which segment rose, or fell, most, as an amount; or that none did."""
    rises = comparison.request.edge == "rise"
    sign = 1 if rises else -1
    changes = [
        (sign * found, -row)
        for row, found in enumerate(result.values("change"))
        if isinstance(found, int | float) and sign * found > 0
    ]
    periods = f"from {quoted(comparison.before)} to {quoted(comparison.after)}"
    verb = "rose" if rises else "fell"
    if not result.complete:
        work.limits.append(f"Not every segment was looked at, so the one that {verb} most is not known.")
    elif not changes:
        work.say(f"In no {quoted(comparison.by)} the {said(comparison.request.measure)} {verb} {periods}.")
    else:
        row = -max(changes)[1]
        amount = (change(result, row, "change"), f" in the {said(comparison.request.measure)} {periods}.")
        work.say(name(result, row, comparison.by), f" {verb} most, as an amount: ", *amount)


def _say_contributions(work: Work, comparison: Comparison, result: ResultTable) -> None:
    for row in range(min(MOST_SAID, len(result.rows))):
        if not result.value(row, "contribution"):
            continue
        parts: list[str | Cited] = [
            name(result, row, comparison.by),
            " contributed ",
            change(result, row, "contribution"),
        ]
        if result.value(row, "share of change") is not None:
            parts += [", which is ", percent(result, row, "share of change"), " of the whole change"]
        work.say(*parts, ".")
