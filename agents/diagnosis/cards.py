"""Questions on offer as cards: what each answer would do, and why the question is asked."""

from agents.diagnosis import inquiry
from agents.diagnosis.case import Inquiry
from agents.diagnosis.inquiry import Floats
from agents.diagnosis.playbook import Data


class AnswerCard(Data):
    """One answer to click and what it would do."""

    answer_id: str
    text: str
    effect: tuple[tuple[str, int], ...]
    """Label and percent of each cause after this answer, the largest first."""


class QuestionCard(Data):
    """A question on offer."""

    question_id: str
    text: str
    theme: str
    effort: str
    answers: tuple[AnswerCard, ...]
    gain: float
    """Expected information in bits."""
    separates: tuple[str, str]
    """Labels of the two causes it tells apart best."""


def card(work: Inquiry, question_id: str) -> QuestionCard:
    """A question with what is to be expected of it."""
    question = work.ask(question_id)
    gain = inquiry.gains(work.table, work.belief)[work.table.questions.index(question_id)]
    first, second = inquiry.separates_most(work.table, question_id, work.belief)
    effects = inquiry.what_if(work.table, work.case.answers, question_id)
    return QuestionCard(
        question_id=question_id,
        text=work.question_text(question_id),
        theme=question.theme,
        effort=question.effort,
        answers=tuple(
            AnswerCard(answer_id=a.id, text=a.text, effect=_effect(work, effects[a.id]))
            for a in question.answers
        ),
        gain=float(gain),
        separates=(work.label(work.table.causes[first]), work.label(work.table.causes[second])),
    )


def _effect(work: Inquiry, after: Floats) -> tuple[tuple[str, int], ...]:
    pairs = [
        (work.label(cause_id), inquiry.percent(p))
        for cause_id, p in zip(work.table.causes, after, strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair[1]))
