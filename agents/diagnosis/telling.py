"""A diagnosis told to people who were not there: the answer in a sentence, and what each reply did to it."""

from collections.abc import Sequence

from agents.diagnosis import own
from agents.diagnosis.case import Inquiry
from agents.diagnosis.conclusion import conclude
from agents.diagnosis.inquiry import Step, percent
from agents.diagnosis.record import NO_URGENCY
from agents.diagnosis.result import Diagnosis, NextStep
from agents.diagnosis.text import workdays
from agents.tree.told import Piece, Side, Told


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
            side=_side(steps[line.question_id], leading),
        )
        for line in sorted(found.evidence, key=lambda line: order[line.question_id])
    )
    return Told(
        " ".join(filter(None, (_in_a_sentence(found), own.contradiction(work)))),
        pieces,
        decided=found.status == "decided",
        course=_course(work, leading, found, [piece.side for piece in pieces]),
        urgency=_urgency(found),
        next_step=found.next_steps[0].do if found.next_steps else "",
        next_steps=tuple(map(_step, found.next_steps)),
    )


def _course(work: Inquiry, leading: int, found: Diagnosis, sides: Sequence[Side]) -> str:
    """From where to where all answers together took the leading cause, and how many spoke the other way."""
    if not sides:
        return ""
    before, after = percent(float(work.table.prior[leading])), percent(found.confidence)
    cause, rose, fell = (
        f"belief in \u201c{found.leading_cause}\u201d",
        sides.count("for"),
        sides.count("against"),
    )
    if before == after:
        moved = f": {rose} raised it, {fell} lowered it" if rose or fell else ""
        return f"{_answers(len(sides))} left {cause} at {after} %{moved}"
    way, other, with_it, against_it = "raised", "lowered", rose, fell
    if after < before:
        way, other, with_it, against_it = other, way, fell, rose
    although = f", although {against_it} {other} it on the way" if against_it else ""
    return f"{_answers(with_it)} {way} {cause} from {before} % to {after} %{although}"


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count} answers"


def _urgency(found: Diagnosis) -> str:
    if found.urgency_level is None:
        return f"Urgency: not known yet. {found.urgency_note} {NO_URGENCY}"
    return f"Urgency: {found.urgency_level.level}. {found.urgency_level.text} {found.urgency_level.how}"


def _step(step: NextStep) -> str:
    tells = f"It tells whether it is \u201c{step.label}\u201d, which is refuted if: {step.disproof}"
    return f"{step.do} Who: {step.owner}, {workdays(step.effort_days)}. From: {step.data_source}. {tells}"


def _in_a_sentence(found: Diagnosis) -> str:
    """The answer first: the cause found, or what leads and that it is not decided."""
    belief = percent(found.confidence)
    if found.identified_business_problem is not None:
        return f"{found.identified_business_problem.text} ({belief} % of belief)"
    return f"Not decided: {found.leading_cause} leads with {belief} % of belief."


def _moved(step: Step, cause: int, label: str) -> str:
    before, after = percent(step.before[cause]), percent(step.after[cause])
    side = _side(step, cause)
    if side == "neither":
        return f"Belief in \u201c{label}\u201d stayed at {after} %."
    way = "rose" if side == "for" else "fell"
    moved = f"Belief in \u201c{label}\u201d {way} from {before} % to {after} %."
    return f"This speaks {side} the leading cause. {moved}"


def _side(step: Step, cause: int) -> Side:
    """Whether an answer raised or lowered belief in a cause by a whole percent, as people see it."""
    before, after = percent(step.before[cause]), percent(step.after[cause])
    return "neither" if before == after else "for" if after > before else "against"
