"""A diagnosis told to people who were not there: the answer in a sentence, and what each reply did to it."""

from agents.diagnosis.case import Inquiry
from agents.diagnosis.conclusion import conclude
from agents.diagnosis.inquiry import Step, percent
from agents.diagnosis.record import NO_URGENCY
from agents.diagnosis.result import Diagnosis, NextStep
from agents.tree.told import Piece, Told


def told(work: Inquiry) -> Told:
    """The answer, its evidence in the order of the answers, and what to do next."""
    found = conclude(work)
    steps = {step.question_id: step for step in work.ledger}
    leading = work.table.causes.index(found.leading_cause_id)
    order = {step.question_id: place for place, step in enumerate(work.ledger)}
    pieces = tuple(
        Piece(
            id=line.question_id,
            said=f"\u201c{line.question}\u201d was answered \u201c{line.answer}\u201d",
            moved=_moved(steps[line.question_id], leading, found.leading_cause),
        )
        for line in sorted(found.evidence, key=lambda line: order[line.question_id])
    )
    return Told(
        _in_a_sentence(found),
        pieces,
        course=_course(work, leading, found),
        urgency=_urgency(found),
        next_step=found.next_steps[0].do if found.next_steps else "",
        next_steps=tuple(map(_step, found.next_steps)),
    )


def _course(work: Inquiry, leading: int, found: Diagnosis) -> str:
    """From where to where all answers together took the leading cause."""
    before, after = percent(float(work.table.prior[leading])), percent(found.confidence)
    way = "raised" if after > before else "lowered" if after < before else "left"
    moved = f"at {after} %" if before == after else f"from {before} % to {after} %"
    count = len(found.evidence)
    answers = "1 answer" if count == 1 else f"{count} answers"
    return f"{answers} {way} belief in \u201c{found.leading_cause}\u201d {moved}" if count else ""


def _urgency(found: Diagnosis) -> str:
    if found.urgency_level is None:
        return f"Urgency: not known yet. {found.urgency_note} {NO_URGENCY}"
    return f"Urgency: {found.urgency_level.level}. {found.urgency_level.text} {found.urgency_level.how}"


def _step(step: NextStep) -> str:
    days = "1 working day" if step.effort_days == 1 else f"{step.effort_days:g} working days"
    tells = f"It tells whether it is \u201c{step.label}\u201d, which is refuted if: {step.disproof}"
    return f"{step.do} Who: {step.owner}, {days}. From: {step.data_source}. {tells}"


def _in_a_sentence(found: Diagnosis) -> str:
    """The answer first: the cause found, or what leads and that it is not decided."""
    belief = percent(found.confidence)
    if found.identified_business_problem is not None:
        return f"{found.identified_business_problem.text} ({belief} % of belief)"
    return f"Not decided: {found.leading_cause} leads with {belief} % of belief."


def _moved(step: Step, cause: int, label: str) -> str:
    before, after = percent(step.before[cause]), percent(step.after[cause])
    if before == after:
        return f"Belief in \u201c{label}\u201d stayed at {after} %."
    way = "rose" if after > before else "fell"
    return f"Belief in \u201c{label}\u201d {way} from {before} % to {after} %."
