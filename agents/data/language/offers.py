"""Analyses to choose from, when a question was not understood or could have meant something else."""

from collections.abc import Iterator

from agents.data.answer import Offer
from agents.data.language.planning import Plan
from agents.data.language.wording import described
from agents.data.request import (
    AnalysisRequest,
    BreakdownRequest,
    How,
    Measure,
    ProfileRequest,
    TrendRequest,
)
from agents.data.roles import dimensions, is_averaged, measures, times
from agents.data.tables import Column, Table

MOST = 3
OTHER_WAY: dict[How, How] = {"sum": "mean", "mean": "sum", "median": "mean", "count": "distinct"}


def offers(plan: Plan, sure: bool) -> tuple[Offer, ...]:
    """Three analyses: the nearest to the question first, then usual ones with the columns it named."""
    found: list[Offer] = []
    for request in _candidates(plan, sure):
        already = request == plan.request and sure
        if not already and all(request != offer.request for offer in found):
            text = described(request)
            found.append(Offer(label=text[0].upper() + text[1:], request=request))
        if len(found) == MOST:
            break
    return tuple(found)


def _candidates(plan: Plan, sure: bool) -> Iterator[AnalysisRequest]:
    if plan.request is not None and (sure or not plan.leaves_out):
        yield plan.request
        yield from _other_way(plan.request)
    yield from _side_by_side(plan)
    yield from usual(plan.slots.reading.table, _measure(plan), plan.slots.groups, plan.slots.time)


def _side_by_side(plan: Plan) -> Iterator[AnalysisRequest]:
    """Values that were named together, "Cider and Juice": each measure for each of them."""
    table = plan.slots.reading.table
    several = [one for one in plan.slots.filters if len(one.values) > 1]
    if several and not plan.leaves_out:
        for column in measures(table):
            yield BreakdownRequest(
                table=table.name,
                measure=_reckoned(column),
                by=(several[0].column,),
                filters=plan.slots.conditions,
            )


def _measure(plan: Plan) -> Measure | None:
    if plan.slots.measure is not None and plan.slots.measure.column is not None:
        return plan.slots.measure
    return None


def _other_way(request: AnalysisRequest) -> Iterator[AnalysisRequest]:
    """The same with a mean for a sum, and the other way about."""
    if isinstance(request, ProfileRequest):
        return
    measure = request.measure
    if measure.column is not None and measure.how in ("sum", "mean", "median"):
        other = Measure(how=OTHER_WAY[measure.how], column=measure.column)
        yield request.model_copy(update={"measure": other})


def usual(
    table: Table,
    measure: Measure | None = None,
    groups: list[Column] | None = None,
    time: Column | None = None,
) -> Iterator[AnalysisRequest]:
    """Analyses that fit nearly any table, with the columns given or the likeliest ones."""
    reckoned = measure or _likeliest(table)
    by = [column.name for column in (groups or dimensions(table))]
    moments = [time] if time is not None else times(table)
    if by:
        yield BreakdownRequest(table=table.name, measure=reckoned, by=(by[0],))
    if moments:
        yield TrendRequest(table=table.name, measure=reckoned, time=moments[0].name)
    yield ProfileRequest(table=table.name)
    for name in by[1:]:
        yield BreakdownRequest(table=table.name, measure=reckoned, by=(name,))
    for column in measures(table)[1:]:
        if by:
            yield BreakdownRequest(table=table.name, measure=_reckoned(column), by=(by[0],))
    yield BreakdownRequest(table=table.name, measure=Measure(how="count"), by=(table.columns[0].name,))


def _likeliest(table: Table) -> Measure:
    found = measures(table)
    return _reckoned(found[0]) if found else Measure(how="count")


def _reckoned(column: Column) -> Measure:
    return Measure(how="mean" if is_averaged(column) else "sum", column=column.name)
