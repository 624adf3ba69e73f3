"""A suspicion that the list lacks is tested by a question of its own, and lifts nothing by being stated."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from agents.diagnosis import form, inquiry, suspicion, telling
from agents.diagnosis.case import CLIENT_STATED, Inquiry
from agents.diagnosis.conclusion import REASONS, conclude
from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.loading import load_library
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.record import as_memo
from agents.diagnosis.shortfall import shortfall
from agents.diagnosis.suspicion import NOT_THERE, THERE
from agents.diagnosis.tables import method_as_data
from agents.diagnosis.view import view
from agents.errors import BadInput
from agents.workbench import Workbench
from storage.runs import Run

Inquire = Callable[..., Inquiry]
Guilty = Callable[[str], dict[str, str]]
Diagnose = Callable[..., str]
PLAYBOOKS = load_library(None).playbooks
OWN = {"stated_id": CLIENT_STATED, "stated_text": "The new uniforms", "method": method_as_data()}
TOLD = {"towings": "yes", "where": "no", "overtime": "no"}
"""Enough answers to tell which cause leads."""


def belief_in(work: Inquiry, cause_id: str) -> float:
    return float(work.belief[work.table.causes.index(cause_id)])


def on_offer(work: Inquiry) -> list[str]:
    left = inquiry.open_questions(work.table, work.case.answers)
    return [question_id for question_id in left if question_id in work.table.tests.values()]


def test_the_question_sets_the_suspicion_against_the_cause_that_leads(inquire: Inquire) -> None:
    work = inquire(TOLD, **OWN)
    leading = work.playbook.causes[int(np.argmax(work.belief[: work.table.listed]))]
    (asked,) = on_offer(work)
    assert work.ask(asked).text == (
        f"Look where this was so: “The new uniforms”, and where this was not: “{leading.label}”. "
        "Is the problem there too?"
    )


def test_it_comes_once_enough_answers_have_told_what_leads_and_only_for_an_own_suspicion(
    inquire: Inquire,
) -> None:
    two = {"towings": "yes", "where": "no"}
    assert on_offer(inquire(two, **OWN)) == []
    assert on_offer(inquire({**two, "overtime": DONT_KNOW}, **OWN)) == []
    assert len(on_offer(inquire(TOLD, **OWN))) == 1
    assert on_offer(inquire(TOLD)) == []
    assert on_offer(inquire(TOLD, stated_id="roads", stated_text="Roads")) == []


@pytest.mark.parametrize(("answer", "further"), [(THERE, 1), (NOT_THERE, 0), (DONT_KNOW, 0)])
def test_a_second_one_comes_only_where_the_problem_was_there_too_and_another_cause_leads(
    inquire: Inquire, answer: str, further: int
) -> None:
    (asked,) = on_offer(inquire(TOLD, **OWN))
    assert on_offer(inquire({**TOLD, asked: answer}, **OWN)) == []
    turned = {"towings": "no", "where": "no", "overtime": "yes", "sick_leave": "yes", "open_posts": "yes"}
    second = on_offer(inquire({**turned, asked: answer}, **OWN))
    assert len(second) == further
    assert asked not in second


@pytest.mark.parametrize(("answer", "way"), [(THERE, 1), (NOT_THERE, -1)])
def test_its_answer_moves_the_suspicion_against_the_cause_that_led(
    inquire: Inquire, answer: str, way: int
) -> None:
    before = inquire(TOLD, **OWN)
    (asked,) = on_offer(before)
    after = inquire({**TOLD, asked: answer}, **OWN)
    against = before.table.causes[int(np.argmax(before.belief[: before.table.listed]))]
    assert way * (belief_in(after, CLIENT_STATED) - belief_in(before, CLIENT_STATED)) > 0
    assert way * (belief_in(after, against) - belief_in(before, against)) < 0
    assert sum(after.belief) == pytest.approx(1)
    assert sum(step.shift[0] for step in after.ledger) == pytest.approx(
        inquiry.log_odds(after.belief)[0] - inquiry.log_odds(after.table.prior)[0]
    )


def test_the_view_and_the_record_show_it_like_any_other_question(inquire: Inquire, run: Run) -> None:
    (asked,) = on_offer(inquire(TOLD, **OWN))
    put = ("asked", {"question_id": asked, "offers": [asked]})
    (card,) = view(run, inquire(TOLD, put, **OWN)).questions
    assert [answer.text for answer in card.answers] == ["Yes, it is there too", "No, it is not there"]
    answered = inquire({**TOLD, asked: THERE}, **OWN)
    ledger = view(run, answered).ledger
    assert ledger
    assert ledger.lines[-1].question == card.text
    (line,) = [line for line in conclude(answered).evidence if line.question_id == asked]
    assert (line.question, line.answer) == (card.text, "Yes, it is there too")
    assert line.weight < 0


def test_a_suspicion_that_is_untested_is_named_among_what_would_decide(inquire: Inquire) -> None:
    work = inquire(TOLD, **OWN)
    (asked,) = on_offer(work)
    assert f"Ask: {work.ask(asked).text}" in [statement.text for statement in conclude(work).would_decide]
    tested = conclude(inquire({**TOLD, asked: NOT_THERE}, **OWN)).would_decide
    assert not any("The new uniforms" in statement.text for statement in tested)


def test_a_suspicion_is_never_the_verdict_however_its_question_is_answered(inquire: Inquire) -> None:
    denied = {q.id: "no" for q in inquire({}).playbook.questions}
    work = inquire({**denied, "own_suspicion_1": THERE}, **OWN)
    assert conclude(work).leading_cause_id == CLIENT_STATED
    assert conclude(work).status == "not_decided"


def contradicted(inquire: Inquire, guilty: Guilty, then: str | None = None) -> Inquiry:
    """All answers of a client with engine trouble, whose problem is also where engines are fine."""
    told = guilty("engines")
    first = {q: told[q] for q in ("towings", "old_fleet", "overtime")}
    (asked,) = on_offer(inquire(first, **OWN))
    return inquire({**first, asked: then or THERE, **told}, **OWN)


def test_no_verdict_stands_while_the_test_came_out_for_the_suspicion(
    inquire: Inquire, guilty: Guilty
) -> None:
    work = contradicted(inquire, guilty)
    assert inquiry.passes(work.table, work.case.answers)
    assert work.stop is inquiry.Stop.HELD
    found = conclude(work)
    assert (found.status, found.leading_cause_id) == ("not_decided", "engines")
    assert found.reason == REASONS[inquiry.Stop.HELD]
    for answer in (NOT_THERE, DONT_KNOW):
        assert conclude(contradicted(inquire, guilty, answer)).status == "decided"


def test_the_contradiction_is_told_with_what_would_decide_it(
    inquire: Inquire, guilty: Guilty, run: Run
) -> None:
    work = contradicted(inquire, guilty)
    told = (
        "By the answers, the problem is there too where “The new uniforms” was so and “Engines break down” "
        "was not. No answer sets “Engines break down” before “The new uniforms”, so that it is no verdict "
        "until the two are compared."
    )
    missed = shortfall(work)
    assert missed
    assert missed.conditions == (told,)
    assert missed.heading == (
        "“Engines break down” leads, and the test of the client's own suspicion contradicts it"
    )
    assert telling.told(work).answer.endswith(told)
    found = conclude(work)
    concluded = replace(work.case, concluded=found.model_dump(mode="json"))
    memo = as_memo(
        view(run, Inquiry(concluded, work.playbook)), None, work.case.concluded_at or run.created_at
    )
    assert told in memo
    assert found.would_decide[0].text.startswith(
        "Test “The new uniforms”: Compare the figure that moved where"
    )
    step = found.next_steps[0]
    assert (step.cause_id, step.effort_days) == (CLIENT_STATED, 2)
    assert step.owner
    assert found.hidden_root_risk
    assert found.hidden_root_risk.cause_id == CLIENT_STATED
    clear = conclude(contradicted(inquire, guilty, NOT_THERE))
    assert clear.hidden_root_risk is None
    assert [s.cause_id for s in clear.next_steps] == ["engines"]


def test_a_verdict_for_a_cause_that_the_suspicion_was_not_compared_with_waits_for_that_question(
    inquire: Inquire, guilty: Guilty
) -> None:
    told = guilty("drivers")
    answers = {**told, on_offer(inquire(TOLD, **OWN))[0]: THERE}
    work = inquire(answers, **OWN)
    (asked,) = on_offer(work)
    assert work.stop is None
    assert inquiry.choose(work.table, answers, ())[0].question_id == asked
    assert conclude(inquire({**answers, asked: NOT_THERE}, **OWN)).status == "decided"
    assert conclude(inquire({**answers, asked: THERE}, **OWN)).status == "not_decided"


def test_a_suspicion_that_is_named_is_no_sign_that_nobody_named_the_cause(tiny: Playbook) -> None:
    table = inquiry.table(tiny, CLIENT_STATED)
    p = np.full(len(table.causes), 0.04 / table.listed)
    p[-2:] = 0.9, 0.06
    assert not inquiry.list_doubted(table, p)
    assert inquiry.list_doubted(table, np.array([*p[: table.listed], 0.06, 0.9]))


def test_a_question_that_is_not_open_is_refused_and_an_answer_to_one_may_be_changed(
    bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench, stated="The new uniforms", stated_id=CLIENT_STATED)
    before = bench.view(run_id)
    with pytest.raises(BadInput, match="This question is not open"):
        bench.answer(run_id, "own_suspicion_1", THERE, before.seq)
    assert bench.view(run_id).seq == before.seq
    for question_id, answer in TOLD.items():
        bench.answer(run_id, question_id, answer, bench.view(run_id).seq)
    (asked,) = (q.question_id for q in bench.view(run_id).questions if q.question_id.startswith("own_"))
    bench.answer(run_id, asked, THERE, bench.view(run_id).seq)
    for other in {f"own_suspicion_{n}" for n in (1, 2, 3)} - {asked}:
        with pytest.raises(BadInput, match="This question is not open"):
            bench.answer(run_id, other, THERE, bench.view(run_id).seq)
    bench.answer(run_id, asked, NOT_THERE, bench.view(run_id).seq)
    assert bench.work(run_id).case.answers[asked] == NOT_THERE


def test_the_fixed_questionnaire_holds_none_of_its_questions_and_is_as_long(tiny: Playbook) -> None:
    with_it = form.best_form(inquiry.table(tiny, CLIENT_STATED))
    assert len(with_it) == len(form.best_form(inquiry.table(tiny))) == len(tiny.questions)
    assert set(with_it) == {question.id for question in tiny.questions}


@pytest.mark.parametrize("kept", ["nothing", "all but the test"])
def test_a_run_from_before_there_was_such_a_question_is_computed_as_it_was(
    inquire: Inquire, run: Run, kept: str
) -> None:
    old = {name: value for name, value in method_as_data().items() if name != "tests_suspicion"}
    method = None if kept == "nothing" else old
    work = inquire(TOLD, **{**OWN, "method": method})
    assert work.table.tests == {}
    assert on_offer(work) == []
    now = inquire(TOLD, **OWN)
    assert len(now.table.tests) == len(now.playbook.causes)
    assert view(run, work).belief == view(run, now).belief
    assert not any("Ask: Look where" in s.text for s in conclude(work).would_decide)


@pytest.mark.parametrize("playbook", PLAYBOOKS.values(), ids=PLAYBOOKS.keys())
def test_every_shipped_playbook_has_one_for_each_cause_and_there_too_speaks_against_it_alone(
    playbook: Playbook,
) -> None:
    table = inquiry.table(playbook, CLIENT_STATED)
    longest = suspicion.questions(playbook, "x" * 70)
    assert [q.id for q in longest] == list(table.tests.values())
    for against, question_id in table.tests.items():
        rows = table.likelihood[table.questions.index(question_id), :2]
        assert rows.sum(axis=0) == pytest.approx(1)
        there, others = rows[0], [i for i in range(table.listed) if i != against]
        assert there[against] < 0.5 < there[others].min()
        assert (there[table.listed] / there[others]).max() < 1.35
