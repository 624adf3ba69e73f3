"""The diagnosis, read off the belief: every statement carries the answers it rests on."""

import numpy as np

from agents.diagnosis import inquiry, own, shaking
from agents.diagnosis.carrying import carrying
from agents.diagnosis.case import CLIENT_STATED, Inquiry
from agents.diagnosis.inquiry import DONT_KNOW, Stop
from agents.diagnosis.own import OPEN_ABOVE as OPEN_ABOVE
from agents.diagnosis.playbook import Cause
from agents.diagnosis.result import (
    Alternative,
    Diagnosis,
    Evidence,
    NextStep,
    Risk,
    Statement,
    Urgency,
    UrgencyNote,
)
from agents.diagnosis.text import workdays

WORKDAYS_A_WEEK = 5
URGENCY_BY_ROOM: tuple[tuple[float, Urgency], ...] = ((1.5, "Critical"), (5, "High"), (15, "Medium"))
"""Times the next step fits into the time until it gets worse, and the urgency under that; else Low."""


REASONS = {
    Stop.DECIDED: "The leading cause passed the bar for belief, lead and number of answers.",
    Stop.HELD: "The leading cause passed the bar, and the test of the client's own suspicion contradicts it.",
    Stop.BUDGET: "The number of questions set for this session was used up.",
    Stop.NO_GAIN: "No question that is left would move belief by a worthwhile amount.",
    Stop.EXHAUSTED: "Every question of the playbook has been asked.",
    None: "You asked to conclude.",
}


def conclude(work: Inquiry) -> Diagnosis:
    """The diagnosis of a case as it stands. Same answers, same diagnosis."""
    table, answers, belief = work.table, work.case.answers, work.belief
    decided = inquiry.is_decided(table, answers)
    first = inquiry.leader(belief)[0]
    leading = table.causes[first]
    risk = _hidden_risk(work, first)
    urgency = _urgency(work, leading) if decided else None
    return Diagnosis(
        status="decided" if decided else "not_decided",
        reason=REASONS[work.stop],
        customer_stated_problem=work.case.text,
        identified_business_problem=_identified(work, leading) if decided else None,
        hidden_root_risk=risk,
        hidden_root_risk_note=risk.how if risk else _no_risk_note(),
        urgency_level=urgency,
        urgency_note=urgency.how if urgency else "Urgency follows from the cause, and none is decided.",
        confidence=float(belief[first]),
        leading_cause_id=leading,
        leading_cause=work.label(leading),
        evidence=_evidence(work, first),
        alternatives=_alternatives(work, first, decided),
        pair=_pair(work),
        would_decide=() if decided else _would_decide(work),
        next_steps=_next_steps(work, decided),
        what_would_change_it=_what_would_change_it(work, first),
        warnings=warnings(work),
        questions_asked=len(work.case.asked),
        playbook_id=work.playbook.id,
        playbook_hash=work.playbook.hash,
    )


def warnings(work: Inquiry) -> tuple[str, ...]:
    """Doubts that the user should see, as sentences."""
    found = []
    if inquiry.misfits(work.table, work.case.answers):
        found.append(
            "These answers do not fit together: no cause on the list would give them. "
            "Check the ones you are least sure of, or read on with care."
        )
    if inquiry.list_doubted(work.table, work.belief):
        found.append(
            "The list may not hold: belief that the cause is something else has risen. "
            "Consider a cause that is not named here."
        )
    return tuple(found)


def _calendar(days: float) -> str:
    return "1 calendar day" if round(days) == 1 else f"{days:.0f} calendar days"


def _cause(work: Inquiry, cause_id: str) -> Cause | None:
    return next((c for c in work.playbook.causes if c.id == cause_id), None)


def _percent(value: float) -> str:
    return f"{inquiry.percent(value)} %"


def _identified(work: Inquiry, leading: str) -> Statement:
    cause = work.playbook.cause(leading)
    index = work.table.causes.index(leading)
    top, lead = inquiry.leader(work.belief)[1:]
    return Statement(
        text=cause.claim,
        evidence=carrying(work, index),
        how=f"It holds {_percent(top)} of belief, {_percent(lead)} ahead of the next cause.",
    )


def _hidden_risk(work: Inquiry, first: int) -> Risk | None:
    listed = range(len(work.playbook.causes))
    found = [_risk(work, i) for i in listed if i != first and work.belief[i] > OPEN_ABOVE]
    suspected = own.place(work)
    if suspected not in (None, first) and own.is_open(work):
        found.append(own.risk(work, suspected, carrying(work, suspected)))
    return max(found, key=lambda risk: risk.belief * risk.severity, default=None)


def _risk(work: Inquiry, index: int) -> Risk:
    cause, belief = work.playbook.causes[index], float(work.belief[index])
    return Risk(
        text=cause.claim,
        evidence=carrying(work, index),
        how="Largest belief times severity apart from the leading cause: "
        f"{_percent(belief)} x {cause.severity} of 5 = {belief * cause.severity:.2f}.",
        cause_id=cause.id,
        belief=belief,
        severity=cause.severity,
    )


def _no_risk_note() -> str:
    return f"No other listed cause holds more than {_percent(OPEN_ABOVE)} of belief."


def _urgency(work: Inquiry, leading: str) -> UrgencyNote:
    cause = work.playbook.cause(leading)
    delay, days = cause.cost_of_delay, cause.analysis.effort_days
    needed = days * 7 / WORKDAYS_A_WEEK
    room = delay.worse_in_days / needed
    level: Urgency = next((level for limit, level in URGENCY_BY_ROOM if room < limit), "Low")
    return UrgencyNote(
        text=delay.why,
        evidence=carrying(work, work.table.causes.index(leading)),
        how=f"Waiting makes it clearly worse within {delay.worse_in_days} days, {room:.1f} times what the "
        f"next step takes: {workdays(days)} ({_calendar(needed)}).",
        level=level,
    )


def _evidence(work: Inquiry, first: int) -> tuple[Evidence, ...]:
    lines = [
        Evidence(
            question_id=step.question_id,
            question=work.ask(step.question_id).text,
            answer=work.answer_text(step.question_id, step.answer_id),
            note=work.case.given[step.question_id].note,
            weight=step.shift[first],
        )
        for step in work.ledger
        if step.answer_id != DONT_KNOW
    ]
    return tuple(sorted(lines, key=lambda line: -abs(line.weight)))


def _alternatives(work: Inquiry, first: int, decided: bool) -> tuple[Alternative, ...]:
    """The open causes; when nothing is decided the leading one is among them."""
    order = [int(i) for i in np.argsort(-work.belief, kind="stable")]
    shown = [i for i in order if (i != first or not decided) and work.belief[i] > OPEN_ABOVE]
    if decided and not shown:
        shown = [i for i in order if i != first][:2]
    return tuple(_alternative(work, i) for i in shown)


def _alternative(work: Inquiry, index: int) -> Alternative:
    cause_id = work.table.causes[index]
    cause = _cause(work, cause_id)
    belief = float(work.belief[index])
    prior = float(work.table.prior[index])
    return Alternative(
        cause_id=cause_id,
        label=work.label(cause_id),
        belief=belief,
        text=cause.claim if cause else f"{work.label(cause_id)}: a cause that the list does not hold.",
        evidence=carrying(work, index),
        how=f"Belief went from {_percent(prior)} before the first answer to {_percent(belief)}.",
    )


def _pair(work: Inquiry) -> Statement | None:
    found = inquiry.better_pair(work.table, work.case.answers)
    if found is None:
        return None
    first, second = (work.label(work.table.causes[i]) for i in found)
    return Statement(
        text=f"{first} and {second} together explain the answers clearly better than either alone.",
        evidence=tuple(dict.fromkeys(carrying(work, found[0], 2) + carrying(work, found[1], 2))),
        how="Taken as a pair they make the answers at least "
        f"{np.exp(work.table.method.pair_gain):.0f} times as likely as the best single cause.",
    )


def _would_decide(work: Inquiry) -> tuple[Statement, ...]:
    tests = [_own_question(work), *_own_analysis(work)]
    first = reversed(tests) if own.is_contradicting(work) else []
    statements = [*first, _deciding_question(work), *tests, *_deciding_analyses(work)]
    return tuple({s.text: s for s in statements if s is not None}.values())


def _deciding_question(work: Inquiry) -> Statement | None:
    options = inquiry.choose(work.table, work.case.answers, work.case.asked)
    if not options or options[0].gain < work.table.method.least_gain:
        return None
    best = options[0]
    pair = inquiry.separates_most(work.table, best.question_id, work.belief)
    first, second = (work.label(work.table.causes[i]) for i in pair)
    return Statement(
        text=f"Ask: {work.ask(best.question_id).text}",
        how=f"Expected to tell {best.gain:.2f} bit; it separates {first} from {second}.",
    )


def _own_question(work: Inquiry) -> Statement | None:
    """The question on the client's own suspicion while it is untested: no other one can clear it."""
    left = inquiry.open_questions(work.table, work.case.answers)
    found = next((q for q in left if q in work.table.tests.values()), None)
    if found is None:
        return None
    return Statement(
        text=f"Ask: {work.ask(found).text}",
        how=f"It tests “{work.label(CLIENT_STATED)}”, which no question of the playbook does.",
    )


def _own_analysis(work: Inquiry) -> list[Statement]:
    """The comparison that tests the client's own suspicion, while it is open."""
    index = own.place(work)
    if index is None or not own.is_open(work):
        return []
    return [own.as_statement(_next_step(work, index))]


def _deciding_analyses(work: Inquiry) -> list[Statement]:
    """The analyses of the two leading listed causes."""
    order = [int(i) for i in np.argsort(-work.belief, kind="stable") if i < len(work.playbook.causes)]
    return [own.as_statement(_next_step(work, i)) for i in order[:2]]


def _next_steps(work: Inquiry, decided: bool) -> tuple[NextStep, ...]:
    """Analyses of the open causes by belief x severity over effort.

    That of a verdict comes first, and so does that of a suspicion which contradicts one.
    """
    steps = {i: _next_step(work, i) for i in range(len(work.table.causes) - 1)}

    def worth(index: int) -> float:
        listed = index < len(work.playbook.causes)
        severity = work.playbook.causes[index].severity if listed else own.severity(work)
        return float(work.belief[index]) * severity / steps[index].effort_days

    order = [int(i) for i in np.argsort(-work.belief, kind="stable") if i in steps]
    contradicting = own.place(work) if own.is_contradicting(work) else None
    open_ones = [i for i in order if work.belief[i] > OPEN_ABOVE or i == contradicting]
    open_ones = open_ones or [i for i in order if i < len(work.playbook.causes)][:2]
    head = open_ones[:1] if decided else [i for i in open_ones if i == contradicting]
    rest = sorted((i for i in open_ones if i not in head), key=lambda i: -worth(i))
    return tuple(steps[i] for i in [*head, *rest][:3])


def _next_step(work: Inquiry, index: int) -> NextStep:
    evidence = carrying(work, index)
    if index == own.place(work):
        return own.next_step(work, evidence)
    cause = work.playbook.causes[index]
    return NextStep(cause_id=cause.id, label=cause.label, evidence=evidence, **cause.analysis.model_dump())


def _what_would_change_it(work: Inquiry, first: int) -> tuple[Statement, ...]:
    """The disproof of the leading cause, and the open answer that would change the verdict, if one would."""
    statements = []
    cause = _cause(work, work.table.causes[first])
    if cause is not None:
        statements.append(
            Statement(
                text=cause.analysis.disproof,
                how=f"This result of the next step would refute “{cause.label}”.",
            )
        )
    if inquiry.is_decided(work.table, work.case.answers):
        statements.append(shaking.overturning(work, first))
    elif most := shaking.most_shaking(work, first):
        statements.append(most)
    return tuple(statements)
