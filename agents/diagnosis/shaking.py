"""Open questions whose answers would shake a diagnosis, or overturn its verdict."""

from agents.diagnosis import inquiry
from agents.diagnosis.case import Inquiry
from agents.diagnosis.inquiry import Floats
from agents.diagnosis.result import Statement

WhatIf = tuple[str, str, Floats]
"""An open question, an answer to it, and belief after it."""
SHAKES = 0.05
"""Belief that an answer has to take from the leading cause to be named where nothing is decided."""


def most_shaking(work: Inquiry, first: int) -> Statement | None:
    """The answer that would take most from the leading cause; None when none takes enough to be named."""
    found = _shaking(work, first, SHAKES)
    return _told(work, first, found[0], "shakes the leading cause most.") if found else None


def overturning(work: Inquiry, first: int) -> Statement:
    """The open answer that would change the verdict, or that none would; every one is tried."""
    for what_if in _shaking(work, first, 0.0):
        if turned := _turned(work, first, what_if):
            return _told(work, first, what_if, turned)
    return Statement(
        text="No single answer to an open question would change the verdict.",
        how="Every answer to every question that is left was tried: the verdict stands after each of them.",
    )


def _shaking(work: Inquiry, first: int, least: float) -> list[WhatIf]:
    """Answers to open questions that take at least so much from the leading cause, the worst first."""
    found = [
        (question_id, answer_id, after)
        for question_id in inquiry.open_questions(work.table, work.case.answers)
        for answer_id, after in inquiry.what_if(work.table, work.case.answers, question_id).items()
        if after[first] <= work.belief[first] - least
    ]
    return sorted(found, key=lambda what_if: float(what_if[2][first]))


def _turned(work: Inquiry, first: int, what_if: WhatIf) -> str | None:
    """What an answer would change of the verdict, in words; None when it stands."""
    question_id, answer_id, after = what_if
    leader = inquiry.leader(after)[0]
    if leader != first:
        return f"puts “{work.label(work.table.causes[leader])}” in front."
    if not inquiry.is_decided(work.table, {**work.case.answers, question_id: answer_id}):
        return "leaves the cause in front, but no longer sure enough for a verdict."
    return None


def _told(work: Inquiry, first: int, what_if: WhatIf, turned: str) -> Statement:
    question_id, answer_id, after = what_if
    answer, question = work.answer_text(question_id, answer_id), work.ask(question_id).text
    cause = work.label(work.table.causes[first])
    now, then = (f"{inquiry.percent(float(belief[first]))} %" for belief in (work.belief, after))
    return Statement(
        text=f"The answer “{answer}” to “{question}” {turned}",
        how=f"It would take {cause} from {now} to {then}.",
    )
