"""The diagnosis: decided, not decided, and what is left open where nothing can be derived."""

from collections.abc import Callable

import pytest

from agents.diagnosis import inquiry
from agents.diagnosis.case import CLIENT_STATED, Inquiry
from agents.diagnosis.conclusion import OPEN_ABOVE, REASONS, conclude, warnings
from agents.diagnosis.inquiry import DONT_KNOW, Stop
from agents.diagnosis.playbook import Playbook

Inquire = Callable[..., Inquiry]
Guilty = Callable[[str], dict[str, str]]


@pytest.mark.parametrize("cause_id", ["drivers", "engines", "roads"])
def test_consistent_answers_are_decided_and_every_statement_carries_its_answers(
    inquire: Inquire, guilty: Guilty, tiny: Playbook, cause_id: str
) -> None:
    work = inquire(guilty(cause_id))
    found, cause = conclude(work), tiny.cause(cause_id)
    assert (found.status, found.leading_cause_id, found.leading_cause) == ("decided", cause_id, cause.label)
    assert found.identified_business_problem
    assert found.identified_business_problem.text == cause.claim
    index = work.table.causes.index(cause_id)
    weight = {step.question_id: step.shift[index] for step in inquiry.ledger(work.table, work.case.answers)}
    strongest = sorted(weight, key=lambda question_id: -weight[question_id])[:4]
    assert list(found.identified_business_problem.evidence) == strongest
    assert found.reason == REASONS[Stop.DECIDED]
    assert found.next_steps[0].cause_id == cause_id
    assert found.what_would_change_it[0].text == cause.analysis.disproof
    assert found.would_decide == ()


def test_without_a_verdict_nothing_is_made_up(inquire: Inquire) -> None:
    found = conclude(inquire({"towings": DONT_KNOW}, ("conclusion_wanted", {})))
    assert found.status == "not_decided"
    assert (found.identified_business_problem, found.urgency_level) == (None, None)
    assert found.reason == "You asked to conclude."
    assert found.would_decide[0].text.startswith("Ask: ")
    assert any(statement.text.startswith("Test ") for statement in found.would_decide)
    assert found.evidence == ()
    assert found.customer_stated_problem == "Buses run late"


def test_when_all_is_asked_the_analyses_are_what_would_decide(inquire: Inquire, tiny: Playbook) -> None:
    found = conclude(inquire(dict.fromkeys((q.id for q in tiny.questions), DONT_KNOW)))
    assert found.status == "not_decided"
    assert all(statement.text.startswith("Test ") for statement in found.would_decide)
    assert found.reason == REASONS[Stop.EXHAUSTED]


def test_a_hidden_risk_is_the_largest_belief_times_severity_beside_the_leader(
    inquire: Inquire, tiny: Playbook
) -> None:
    work = inquire({"towings": "yes", "sick_leave": "yes"})
    found = conclude(work)
    first = inquiry.leader(work.belief)[0]
    weights = {
        cause.id: float(work.belief[i]) * cause.severity
        for i, cause in enumerate(tiny.causes)
        if i != first and work.belief[i] > OPEN_ABOVE
    }
    assert found.hidden_root_risk
    assert found.hidden_root_risk.cause_id == max(weights, key=lambda cause_id: weights[cause_id])
    assert f"= {max(weights.values()):.2f}" in found.hidden_root_risk.how


def test_there_is_no_hidden_risk_where_no_other_cause_is_likely(inquire: Inquire, guilty: Guilty) -> None:
    work = inquire(guilty("drivers"))
    assert sorted(work.belief)[-2] <= OPEN_ABOVE
    found = conclude(work)
    assert found.hidden_root_risk is None
    assert found.hidden_root_risk_note == "No other listed cause holds more than 10 % of belief."


@pytest.mark.parametrize(
    ("worse_in_days", "effort_days", "level"),
    [(3, 2, "Critical"), (10, 2, "High"), (30, 2, "Medium"), (60, 2, "Low"), (5, 5, "Critical")],
)
def test_urgency_follows_from_the_cost_of_delay_and_the_next_step(
    inquire: Inquire, guilty: Guilty, tiny: Playbook, worse_in_days: int, effort_days: int, level: str
) -> None:
    document = tiny.model_dump()
    for cause in document["causes"]:
        cause["cost_of_delay"]["worse_in_days"] = worse_in_days
        cause["analysis"]["effort_days"] = effort_days
    work = inquire(guilty("roads"))
    found = conclude(Inquiry(work.case, Playbook.model_validate(document)))
    assert found.urgency_level
    assert found.urgency_level.level == level
    assert f"within {worse_in_days} days" in found.urgency_level.how


def test_evidence_is_every_informative_answer_by_its_weight(inquire: Inquire, guilty: Guilty) -> None:
    answers = {**guilty("roads"), "towings": DONT_KNOW, "overtime": "yes"}
    found = conclude(inquire(answers, note="so they say"))
    assert {line.question_id for line in found.evidence} == answers.keys() - {"towings"}
    assert [abs(line.weight) for line in found.evidence] == sorted(
        (abs(line.weight) for line in found.evidence), reverse=True
    )
    assert next(line for line in found.evidence if line.question_id == "overtime").weight < 0
    assert {line.note for line in found.evidence} == {"so they say"}


def test_without_a_verdict_the_leader_is_among_the_alternatives(inquire: Inquire, guilty: Guilty) -> None:
    open_case = conclude(inquire({"towings": "yes"}))
    assert open_case.leading_cause_id == open_case.alternatives[0].cause_id
    assert all(alternative.belief > OPEN_ABOVE for alternative in open_case.alternatives)
    decided = conclude(inquire(guilty("roads")))
    assert decided.leading_cause_id not in [a.cause_id for a in decided.alternatives]
    assert decided.alternatives


def test_a_stated_cause_that_the_list_lacks_is_never_the_verdict(inquire: Inquire, tiny: Playbook) -> None:
    denied = dict.fromkeys((q.id for q in tiny.questions), "no")
    found = conclude(inquire(denied, stated_id=CLIENT_STATED, stated_text="The moon"))
    assert found.status == "not_decided"
    assert "The moon" in [alternative.label for alternative in found.alternatives]


def test_doubts_are_told_in_sentences(inquire: Inquire, guilty: Guilty, tiny: Playbook) -> None:
    affirmed = warnings(inquire(dict.fromkeys((q.id for q in tiny.questions), "yes")))
    assert any("do not fit together" in sentence for sentence in affirmed)
    assert any("list may not hold" in sentence for sentence in affirmed)
    assert warnings(inquire(guilty("roads"))) == ()


def test_two_causes_that_share_the_answers_are_kept_as_a_pair(inquire: Inquire, guilty: Guilty) -> None:
    both = {**guilty("drivers"), **dict.fromkeys(("towings", "old_fleet", "spare_parts"), "yes")}
    pair = conclude(inquire(both)).pair
    assert pair
    assert "Drivers are missing and Engines break down together" in pair.text
    assert set(pair.evidence) <= {q for q, answer in both.items() if answer == "yes"}
    assert conclude(inquire(guilty("drivers"))).pair is None


def test_what_would_change_it_names_the_answer_that_shakes_the_leader_most(inquire: Inquire) -> None:
    work = inquire({"towings": "yes", "old_fleet": "yes"})
    shaking = conclude(work).what_would_change_it[-1]
    assert "“No, spare_parts is fine”" in shaking.text
    after = inquiry.belief(work.table, {**work.case.answers, "spare_parts": "no"})[1]
    assert shaking.how.endswith(f"to {inquiry.percent(float(after))} %.")


def test_the_same_case_gives_the_same_diagnosis_byte_for_byte(inquire: Inquire, guilty: Guilty) -> None:
    assert len({conclude(inquire(guilty("roads"))).model_dump_json() for _ in range(20)}) == 1


def test_a_verdict_names_only_an_answer_that_would_change_it_or_says_that_none_would(
    inquire: Inquire, guilty: Guilty
) -> None:
    answers, decided = guilty("roads"), 0
    for kept in range(2, len(answers) + 1):
        work = inquire(dict(list(answers.items())[:kept]))
        if not inquiry.is_decided(work.table, work.case.answers):
            continue
        decided += 1
        first = inquiry.leader(work.belief)[0]
        turning = [
            work.answer_text(question, answer)
            for question in set(work.table.questions) - set(work.case.given)
            for answer, after in inquiry.what_if(work.table, work.case.answers, question).items()
            if inquiry.leader(after)[0] != first
            or not inquiry.is_decided(work.table, {**work.case.answers, question: answer})
        ]
        said = conclude(work).what_would_change_it[-1].text
        if turning:
            assert any(said.startswith(f"The answer “{text}”") for text in turning)
        else:
            assert said == "No single answer to an open question would change the verdict."
    assert decided
