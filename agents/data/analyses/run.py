"""Any analysis, by its request."""

from collections.abc import Sequence

from agents.data.analyses.breakdown import breakdown, top
from agents.data.analyses.compare import compare
from agents.data.analyses.profile import profile
from agents.data.analyses.total import total
from agents.data.analyses.trend import trend
from agents.data.analyses.work import Work
from agents.data.answer import DataAnswer, Offer
from agents.data.request import (
    AnalysisRequest,
    BreakdownRequest,
    CompareRequest,
    ProfileRequest,
    TopRequest,
    TotalRequest,
    TrendRequest,
)
from agents.data.sandbox import Sandbox


def analyse(
    sandbox: Sandbox,
    request: AnalysisRequest,
    understood: str,
    question: str | None = None,
    confidence: float = 1.0,
    offers: Sequence[Offer] = (),
) -> DataAnswer:
    """Run an analysis; BadInput for a column it cannot use, Refused when it needs too much time or memory."""
    work = Work(sandbox, sandbox.table(request.table))
    if not isinstance(request, ProfileRequest):
        work.say_how(request.measure)
    _run(work, request)
    notes = [note for note in work.table.notes if _concerns(note, request)]
    return DataAnswer(
        question=question,
        understood=understood,
        confidence=confidence,
        request=request,
        tables=tuple(work.tables),
        findings=tuple(work.findings),
        figures=tuple(work.figures),
        offers=tuple(offers),
        limits=(*work.limits, *notes),
    )


def _run(work: Work, request: AnalysisRequest) -> None:
    match request:
        case ProfileRequest():
            profile(work, request)
        case TotalRequest():
            total(work, request)
        case BreakdownRequest():
            breakdown(work, request)
        case TopRequest():
            top(work, request)
        case TrendRequest():
            trend(work, request)
        case CompareRequest():
            compare(work, request)


def _concerns(note: str, request: AnalysisRequest) -> bool:
    """True for a note on a column the analysis uses, and for every note when it uses them all."""
    if isinstance(request, ProfileRequest) and not request.columns:
        return True
    return any(f"“{value}”" in note for value in _texts(request.model_dump()))


def _texts(part: object) -> list[str]:
    if isinstance(part, dict):
        return [text for value in part.values() for text in _texts(value)]
    if isinstance(part, list | tuple):
        return [text for value in part for text in _texts(value)]
    return [part] if isinstance(part, str) else []
