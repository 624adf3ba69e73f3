"""A client's own suspicion in a case: the work that tests it, and where it speaks against a verdict."""

import numpy as np

from agents.diagnosis import inquiry
from agents.diagnosis.case import CLIENT_STATED, Inquiry
from agents.diagnosis.result import NextStep, Risk, Statement
from agents.diagnosis.suspicion import THERE
from agents.diagnosis.text import workdays

OPEN_ABOVE = 0.10
"""Belief above which a cause counts as open, or as a hidden risk."""
OWNER = "Analyst, with whoever keeps these records"
EFFORT_DAYS = 2.0
"""Working days for the comparison, which is the same for every suspicion: an estimate."""


def place(work: Inquiry) -> int | None:
    """Position of the suspicion among the causes; None when there is none that the list lacks."""
    return work.table.causes.index(CLIENT_STATED) if CLIENT_STATED in work.table.causes else None


def is_contradicting(work: Inquiry) -> bool:
    """True when its direct test came out for the suspicion, and a listed cause leads all the same."""
    first = inquiry.leader(work.belief)[0]
    return first < work.table.listed and inquiry.contradicted(work.table, work.case.answers)


def is_open(work: Inquiry) -> bool:
    """True when the suspicion holds enough belief to be looked into, or its test came out for it."""
    index = place(work)
    return index is not None and (bool(work.belief[index] > OPEN_ABOVE) or is_contradicting(work))


def contradiction(work: Inquiry) -> str | None:
    """What the test of the suspicion says against the cause that leads; None when it says nothing."""
    if not is_contradicting(work):
        return None
    found = [n for n, q in work.table.tests.items() if work.case.answers.get(q) == THERE]
    compared = " or ".join(f"“{work.playbook.causes[n].label}”" for n in found)
    suspected = f"“{work.label(CLIENT_STATED)}”"
    leads = f"“{work.label(work.table.causes[inquiry.leader(work.belief)[0]])}”"
    return (
        f"By the answers, the problem is there too where {suspected} was so and {compared} was not. No "
        f"answer sets {leads} before {suspected}, so that it is no verdict until the two are compared."
    )


def next_step(work: Inquiry, evidence: tuple[str, ...]) -> NextStep:
    """The comparison that proves or kills the suspicion, like the analysis of a listed cause."""
    suspected = f"“{work.label(CLIENT_STATED)}”"
    leading = work.playbook.causes[int(np.argmax(work.belief[: work.table.listed]))]
    figure = _figure(work)
    return NextStep(
        cause_id=CLIENT_STATED,
        label=work.label(CLIENT_STATED),
        do=f"Compare {figure} where and when {suspected} was so with where and when it was not, best where "
        f"“{leading.label}” was not at work either.",
        owner=OWNER,
        effort_days=EFFORT_DAYS,
        data_source=f"Records of {figure} by place, group and week, and dates of what is suspected",
        disproof=f"The problem is as large where and when {suspected} was not so.",
        evidence=evidence,
    )


def as_statement(step: NextStep) -> Statement:
    """A piece of work among what would decide."""
    return Statement(
        text=f"Test “{step.label}”: {step.do}",
        evidence=step.evidence,
        how=f"{workdays(step.effort_days)} by {step.owner}; refuted if: {step.disproof}",
    )


def severity(work: Inquiry) -> int:
    """That of the worst cause on the list, since nobody has rated the suspicion."""
    return max(cause.severity for cause in work.playbook.causes)


def risk(work: Inquiry, index: int, evidence: tuple[str, ...]) -> Risk:
    """The suspicion as the hidden root risk."""
    belief, worst = float(work.belief[index]), severity(work)
    return Risk(
        text=f"{work.label(CLIENT_STATED)}: a cause that the list does not hold.",
        evidence=evidence,
        how="Largest belief times severity apart from the leading cause: "
        f"{inquiry.percent(belief)} % x {worst} of 5 = {belief * worst:.2f}. Nobody has rated this "
        "suspicion, so it counts as severe as the worst cause on the list.",
        cause_id=CLIENT_STATED,
        belief=belief,
        severity=worst,
    )


def _figure(work: Inquiry) -> str:
    """What moved, as the client calls it."""
    metric = next((fact.text for fact in work.confirmed.facts if fact.kind == "metric"), None)
    return metric.lower() if metric else "the figure that moved"
