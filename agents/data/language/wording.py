"""An analysis in words, as a person would ask for it."""

from agents.data.analyses.pieces import said
from agents.data.request import (
    AnalysisRequest,
    Bound,
    BreakdownRequest,
    CompareRequest,
    Filter,
    ProfileRequest,
    TopRequest,
    TotalRequest,
    TrendRequest,
)
from agents.data.sentences import quoted


def described(request: AnalysisRequest) -> str:
    """What the analysis shows, without a full stop: "the sum of “tip” by “day”"."""
    match request:
        case ProfileRequest():
            of = (
                " and ".join(quoted(column) for column in request.columns)
                or f"the table {quoted(request.table)}"
            )
            text = f"an overview of {of}"
        case TotalRequest():
            text = f"the {said(request.measure)}"
        case BreakdownRequest():
            text = f"the {said(request.measure)} by {' and '.join(quoted(column) for column in request.by)}"
        case TopRequest():
            text = _top(request)
        case TrendRequest():
            grain = f" by {request.grain}" if request.grain else " over time"
            each = f" for each {quoted(request.by)}" if request.by else ""
            text = f"the {said(request.measure)}{grain} ({quoted(request.time)}){each}"
        case CompareRequest():
            periods = f"{request.before.label} to {request.after.label}"
            each = f", by {quoted(request.by)}" if request.by else ""
            text = f"the change of the {said(request.measure)} from {periods} ({quoted(request.time)}){each}"
            text += (
                f", and where it {'rose' if request.edge == 'rise' else 'fell'} most" if request.edge else ""
            )
    return text + _limits(request)


def _top(request: TopRequest) -> str:
    edge = "lowest" if request.lowest else "highest"
    if request.by is None:
        return f"the {request.count} rows with the {edge} {quoted(request.measure.column or '')}"
    return f"the {request.count} values of {quoted(request.by)} with the {edge} {said(request.measure)}"


def _limits(request: AnalysisRequest) -> str:
    parts = [_bound(one) if isinstance(one, Bound) else _filter(one) for one in request.filters]
    text = f", where {' and '.join(parts)}" if parts else ""
    if request.span:
        label = request.span.period.label
        text += f", {label if label.startswith('since') else f'in {label}'} ({quoted(request.span.time)})"
    return text


def _filter(one: Filter) -> str:
    values = [quoted(str(value)) for value in one.values]
    if one.excluded:
        return f"{quoted(one.column)} is not {' and not '.join(values)}"
    return f"{quoted(one.column)} is {' or '.join(values)}"


def _bound(one: Bound) -> str:
    edges = (("more than", one.more), ("at least", one.least), ("less than", one.less), ("at most", one.most))
    said = [f"{words} {edge:,}" for words, edge in edges if edge is not None]
    return f"{quoted(one.column)} is {' and '.join(said)}"
