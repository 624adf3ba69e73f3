"""A diagnosis told to people who were not there: the answer in a sentence, and what each reply did to it."""

from agents.diagnosis.case import Inquiry
from agents.diagnosis.conclusion import conclude
from agents.diagnosis.inquiry import Step, percent
from agents.diagnosis.result import Diagnosis
from agents.tree.told import Piece, Told


def told(work: Inquiry) -> Told:
    """The answer and its evidence, the weightiest first."""
    found = conclude(work)
    steps = {step.question_id: step for step in work.ledger}
    leading = work.table.causes.index(found.leading_cause_id)
    pieces = (
        Piece(
            id=line.question_id,
            said=f"\u201c{line.question}\u201d was answered \u201c{line.answer}\u201d",
            moved=_moved(steps[line.question_id], leading, found.leading_cause),
        )
        for line in found.evidence
    )
    return Told(_in_a_sentence(found), tuple(pieces))


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
