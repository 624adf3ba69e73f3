"""What is told of a diagnosis to people who were not there: each answer on the side it speaks for."""

from collections.abc import Callable

import pytest

from agents.diagnosis.carrying import carrying
from agents.diagnosis.case import CLIENT_STATED, Inquiry
from agents.diagnosis.tables import method_as_data
from agents.diagnosis.telling import told
from agents.diagnosis.text import workdays
from agents.tree.told import Told

Inquire = Callable[..., Inquiry]
Guilty = Callable[[str], dict[str, str]]


@pytest.fixture
def mixed(inquire: Inquire, guilty: Guilty) -> Told:
    """Roads by all answers but one, which denies the detours."""
    return told(inquire({**guilty("roads"), "detours": "no"}))


def test_an_answer_that_lowered_belief_is_told_as_speaking_against(mixed: Told) -> None:
    against = [piece for piece in mixed.evidence if piece.side == "against"]
    assert [piece.id for piece in against] == ["detours"]
    assert against[0].moved == (
        "This speaks against the leading cause. Belief in “Roads are jammed” fell from 99 % to 94 %."
    )
    assert all("rose from" in piece.moved for piece in mixed.evidence if piece.side == "for")


def test_the_course_says_how_many_answers_spoke_the_other_way(mixed: Told) -> None:
    assert mixed.course == (
        "8 answers raised belief in “Roads are jammed” from 30 % to 97 %, although 1 lowered it on the way"
    )


def test_without_an_answer_there_is_no_course(inquire: Inquire) -> None:
    assert told(inquire({})).course == ""


def test_an_answer_is_no_evidence_for_causes_that_it_says_nothing_about(
    inquire: Inquire, guilty: Guilty
) -> None:
    answers = dict(list(guilty("roads").items())[:4]) | {"own_suspicion_3": "there_too"}
    work = inquire(answers, stated_id=CLIENT_STATED, stated_text="The moon", method=method_as_data())
    raised = [
        cause for cause, shift in zip(work.table.causes, work.ledger[-1].shift, strict=True) if shift > 0
    ]
    carried = [
        cause for n, cause in enumerate(work.table.causes) if "own_suspicion_3" in carrying(work, n, limit=9)
    ]
    assert {"drivers", "engines"} <= set(raised)
    assert carried == [CLIENT_STATED]


@pytest.mark.parametrize(
    ("days", "said"), [(1, "1 working day"), (2.5, "2.5 working days"), (3, "3 working days")]
)
def test_one_day_is_no_plural(days: float, said: str) -> None:
    assert workdays(days) == said
