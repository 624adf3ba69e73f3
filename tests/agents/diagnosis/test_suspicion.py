"""A suspicion that the list lacks is tested by a question of its own, and lifts nothing by being stated."""

from collections.abc import Callable

import numpy as np
import pytest

from agents.diagnosis import form, inquiry, suspicion
from agents.diagnosis.case import CLIENT_STATED, Inquiry
from agents.diagnosis.conclusion import conclude
from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.loading import load_library
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.suspicion import NOT_THERE, THERE
from agents.diagnosis.tables import method_as_data, method_from
from agents.diagnosis.view import view
from storage.runs import Run

Inquire = Callable[..., Inquiry]
PLAYBOOKS = load_library(None).playbooks
OWN = {"stated_id": CLIENT_STATED, "stated_text": "The new uniforms"}


def belief_in(work: Inquiry, cause_id: str) -> float:
    return float(work.belief[work.table.causes.index(cause_id)])


def on_offer(work: Inquiry) -> list[str]:
    left = inquiry.open_questions(work.table, work.case.answers)
    return [question_id for question_id in left if question_id in work.table.tests.values()]


def test_the_question_sets_the_suspicion_against_the_cause_that_leads(inquire: Inquire) -> None:
    work = inquire({"towings": "yes"}, **OWN)
    leading = work.playbook.causes[int(np.argmax(work.belief[: work.table.listed]))]
    (asked,) = on_offer(work)
    assert work.ask(asked).text == (
        f"Look where this was so: “The new uniforms”, and where this was not: “{leading.label}”. "
        "Is the problem there too?"
    )


def test_it_comes_once_an_answer_has_told_what_leads_and_is_asked_once_at_most(inquire: Inquire) -> None:
    assert on_offer(inquire({}, **OWN)) == []
    assert on_offer(inquire({"towings": DONT_KNOW}, **OWN)) == []
    (asked,) = on_offer(inquire({"towings": "yes"}, **OWN))
    assert on_offer(inquire({"towings": "yes", asked: THERE}, **OWN)) == []
    assert on_offer(inquire({"towings": "yes"})) == []
    assert on_offer(inquire({"towings": "yes"}, stated_id="roads", stated_text="Roads")) == []


@pytest.mark.parametrize(("answer", "way"), [(THERE, 1), (NOT_THERE, -1)])
def test_its_answer_moves_the_suspicion_against_the_cause_that_led(
    inquire: Inquire, answer: str, way: int
) -> None:
    before = inquire({"towings": "yes"}, **OWN)
    (asked,) = on_offer(before)
    after = inquire({"towings": "yes", asked: answer}, **OWN)
    against = before.table.causes[int(np.argmax(before.belief[: before.table.listed]))]
    assert way * (belief_in(after, CLIENT_STATED) - belief_in(before, CLIENT_STATED)) > 0
    assert way * (belief_in(after, against) - belief_in(before, against)) < 0
    assert sum(after.belief) == pytest.approx(1)
    assert sum(step.shift[0] for step in after.ledger) == pytest.approx(
        inquiry.log_odds(after.belief)[0] - inquiry.log_odds(after.table.prior)[0]
    )


def test_the_view_and_the_record_show_it_like_any_other_question(inquire: Inquire, run: Run) -> None:
    (asked,) = on_offer(inquire({"towings": "yes"}, **OWN))
    put = ("asked", {"question_id": asked, "offers": [asked]})
    (card,) = view(run, inquire({"towings": "yes"}, put, **OWN)).questions
    assert [answer.text for answer in card.answers] == ["Yes, it is there too", "No, it is not there"]
    answered = inquire({"towings": "yes", asked: THERE}, **OWN)
    ledger = view(run, answered).ledger
    assert ledger
    assert ledger.lines[-1].question == card.text
    assert conclude(answered).evidence[-1].answer in ("Yes", "Yes, it is there too")


def test_a_suspicion_that_is_untested_is_named_among_what_would_decide(inquire: Inquire) -> None:
    work = inquire({"towings": "yes"}, **OWN)
    (asked,) = on_offer(work)
    assert f"Ask: {work.ask(asked).text}" in [statement.text for statement in conclude(work).would_decide]
    tested = conclude(inquire({"towings": "yes", asked: NOT_THERE}, **OWN)).would_decide
    assert not any("The new uniforms" in statement.text for statement in tested)


def test_a_suspicion_is_never_the_verdict_however_its_question_is_answered(inquire: Inquire) -> None:
    denied = {q.id: "no" for q in inquire({}).playbook.questions}
    work = inquire({**denied, "own_suspicion_1": THERE}, **OWN)
    assert conclude(work).leading_cause_id == CLIENT_STATED
    assert conclude(work).status == "not_decided"


def test_the_fixed_questionnaire_is_the_same_with_a_suspicion_as_without(tiny: Playbook) -> None:
    with_it, without = inquiry.table(tiny, CLIENT_STATED), inquiry.table(tiny)
    assert set(form.best_form(with_it)) <= set(without.questions)


def test_a_run_from_before_there_was_such_a_question_is_computed_as_it_was(tiny: Playbook) -> None:
    kept = {name: value for name, value in method_as_data().items() if name != "tests_suspicion"}
    assert inquiry.table(tiny, CLIENT_STATED, method_from(kept)).tests == {}
    assert len(inquiry.table(tiny, CLIENT_STATED, method_from(method_as_data())).tests) == len(tiny.causes)


@pytest.mark.parametrize("playbook", PLAYBOOKS.values(), ids=PLAYBOOKS.keys())
def test_every_shipped_playbook_has_one_for_each_cause_and_nobody_else_is_touched(playbook: Playbook) -> None:
    table = inquiry.table(playbook, CLIENT_STATED)
    longest = suspicion.questions(playbook, "x" * 70)
    assert [q.id for q in longest] == list(table.tests.values())
    for against, question_id in table.tests.items():
        rows = table.likelihood[table.questions.index(question_id), :2]
        assert rows.sum(axis=0) == pytest.approx(1)
        others = [i for i in range(table.listed) if i != against]
        assert rows[:, others] == pytest.approx(np.full((2, len(others)), 0.5))
