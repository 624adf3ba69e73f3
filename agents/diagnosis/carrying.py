"""Which answers are evidence for a cause."""

import numpy as np

from agents.diagnosis.case import Inquiry
from agents.diagnosis.inquiry import Step

LEAST_SHIFT = 0.05
"""Nats of log-odds by which an answer must raise a cause to be evidence for it."""
LEAST_AHEAD = 0.1
"""Nats by which an answer must be likelier under a cause than under the average of its rivals."""


def carrying(work: Inquiry, cause: int, limit: int = 4) -> tuple[str, ...]:
    """Questions whose answers spoke most for a cause, strongest first.

    An answer is evidence for a cause when it raised belief in it and is likelier under it than under its
    rivals on the average, each counted once. The second keeps out a rise that came only because the leader
    fell: of a cause that the answer says nothing about, it tells nothing.
    """
    steps = [
        (step.shift[cause], step.question_id)
        for step in work.ledger
        if step.shift[cause] > LEAST_SHIFT and _ahead(work, step, cause) > LEAST_AHEAD
    ]
    return tuple(question_id for _, question_id in sorted(steps, reverse=True)[:limit])


def _ahead(work: Inquiry, step: Step, cause: int) -> float:
    """Nats by which an answer is likelier under a cause than under the average of its rivals."""
    likelihood = work.table.likelihood[work.table.index(step.question_id, step.answer_id)]
    return float(np.log(likelihood[cause] / np.delete(likelihood, cause).mean()))
