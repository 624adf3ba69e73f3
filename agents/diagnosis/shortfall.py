"""Why a diagnosis is not decided: each condition of a verdict that was missed, in figures."""

import math

from agents.diagnosis import inquiry, own
from agents.diagnosis.case import Inquiry
from agents.diagnosis.conclusion import OPEN_ABOVE
from agents.diagnosis.inquiry import DONT_KNOW, Stop
from agents.diagnosis.playbook import Data

ENDED = {
    Stop.HELD: "No question that is left compares the two.",
    Stop.BUDGET: "The number of questions set for this session was used up.",
    Stop.NO_GAIN: "No question that is left is expected to change that: on the whole their answers move "
    "belief only a little, though an unlikely one still could.",
    Stop.EXHAUSTED: "Every question of the playbook has been asked.",
    None: "You asked to conclude.",
}
"""Why the questions ended, beside the conditions that were missed."""


class Shortfall(Data):
    """What a verdict lacks."""

    heading: str
    conditions: tuple[str, ...]
    """A sentence for each condition that was missed, with its figures."""
    ended: str
    """Why no further question was asked."""


def shortfall(work: Inquiry) -> Shortfall | None:
    """What is missed; None when the case is decided."""
    if inquiry.is_decided(work.table, work.case.answers):
        return None
    return Shortfall(
        heading=_heading(work),
        conditions=(*_of_belief(work), *_of_answers(work), *_of_suspicion(work)),
        ended=ENDED.get(work.stop, ENDED[None]),
    )


def _heading(work: Inquiry) -> str:
    if inquiry.passes(work.table, work.case.answers):
        return f"{_leading(work)} leads, and the test of the client's own suspicion contradicts it"
    if (work.belief > OPEN_ABOVE).sum() == 1:
        return f"{_leading(work)} leads alone, and short of a verdict"
    return "The answers leave more than one cause open"


def _of_belief(work: Inquiry) -> list[str]:
    method = work.table.method
    first, top, lead = inquiry.leader(work.belief)
    missed = []
    if first >= work.table.listed:
        missed.append(
            f"{_leading(work)} is not on the playbook's list, and only a listed cause can be a verdict."
        )
    if top < method.bar:
        held = _figures(top, method.bar, " %")
        missed.append(f"{_leading(work)} holds {held} of belief; a verdict needs {_percent(method.bar)} %.")
    if lead < method.lead:
        missed.append(
            f"It is {_figures(lead, method.lead, ' points')} ahead of the next cause; a verdict needs "
            f"{_percent(method.lead)} points."
        )
    return missed


def _of_answers(work: Inquiry) -> list[str]:
    method, answers = work.table.method, work.case.answers
    missed = []
    told = sum(answer != DONT_KNOW for answer in answers.values())
    if told < method.informative_answers:
        are = "answer other than “don't know” is" if told == 1 else "answers other than “don't know” are"
        missed.append(f"{told} {are} given; a verdict needs {method.informative_answers}.")
    first = inquiry.leader(work.belief)[0]
    if first < work.table.listed and (fit := float(inquiry.fit(work.table, answers)[first])) < -method.misfit:
        missed.append(
            f"The answers fit {_leading(work)} {-fit:.2f} standard deviations worse than that cause would "
            f"have them; a verdict allows {method.misfit:g}."
        )
    return missed


def _of_suspicion(work: Inquiry) -> list[str]:
    told = own.contradiction(work)
    return [] if told is None else [told]


def _leading(work: Inquiry) -> str:
    return f"“{work.label(work.table.causes[inquiry.leader(work.belief)[0]])}”"


def _figures(value: float, needed: float, unit: str) -> str:
    """In whole percents; with two decimals, cut off, where it would round to what is needed."""
    if inquiry.percent(value) != inquiry.percent(needed):
        return f"{inquiry.percent(value)}{unit}"
    return f"{math.floor(10_000 * value) / 100:.2f}{unit}"


def _percent(value: float) -> str:
    return f"{100 * value:g}"
