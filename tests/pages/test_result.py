"""The diagnosis card, decided or not; every statement opens to the answers that carry it."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1.element_tree import Block

from agents.diagnosis import inquiry
from agents.workbench import Workbench
from tests.conftest import CAUSES, Diagnose, Play
from tests.pages.conftest import See
from tests.pages.screen import Screen, shown, texts

NOTE = "Counted in the depot's log"


@pytest.fixture
def decided(bench: Workbench, diagnose: Diagnose, play: Play) -> str:
    """A run whose answers point to the engines, and to nothing else."""
    run_id = diagnose(bench, text="Our buses run late")
    card = bench.view(run_id).questions[0]
    bench.answer(run_id, card.question_id, "dont_know", bench.view(run_id).seq, NOTE)
    play(bench, run_id, "engines")
    assert bench.view(run_id).diagnosis.status == "decided"
    return run_id


@pytest.fixture
def undecided(bench: Workbench, diagnose: Diagnose) -> str:
    """A run that was concluded after one answer."""
    run_id = diagnose(bench, {"towings": "yes"}, text="Our buses run late")
    bench.conclude(run_id, bench.view(run_id).seq)
    return run_id


def whys(page: Screen) -> dict[str, str]:
    """What each statement opens to, by the statement it stands beside."""
    found, statement = {}, ""
    for part in _parts(page.at.main):
        if part.type == "popover":
            found[statement] = texts(part)
        elif part.type == "markdown":
            statement = shown(part.value)
    return found


def _parts(block: Block) -> Iterator[Any]:
    """Elements in order, a popover as one part."""
    for child in block.children.values():
        if isinstance(child, Block) and child.type != "popover":
            yield from _parts(child)
        else:
            yield child


def test_a_verdict_shows_every_field_of_the_diagnosis(see: See, bench: Workbench, decided: str) -> None:
    found = bench.view(decided).diagnosis
    said = see(decided).said
    assert "Decided, " in said
    assert f"### {CAUSES['engines']}" in said
    assert found.identified_business_problem.text in said
    assert found.customer_stated_problem in said
    assert found.urgency_level.level in said
    assert found.urgency_level.text in said
    assert "Hidden root risk" in said
    assert all(statement.text in said for statement in found.alternatives)
    assert all(statement.text in said for statement in found.what_would_change_it)
    for step in found.next_steps:
        assert step.do in said
        assert f"{step.owner}, {step.effort_days:g} working days, from {step.data_source}" in said
        assert f"Refuted if: {step.disproof}" in said


def test_every_statement_opens_to_how_it_came_about_and_the_answers_that_carry_it(
    see: See, bench: Workbench, decided: str
) -> None:
    view = bench.view(decided)
    found = view.diagnosis
    answers = {line.question_id: f"{line.question} {line.answer}" for line in view.ledger.lines}
    opened = whys(see(decided))
    statements = [
        found.identified_business_problem,
        found.urgency_level,
        *found.alternatives,
        *found.what_would_change_it,
    ]
    assert found.identified_business_problem.evidence
    for statement in statements:
        said = opened[statement.text]
        assert statement.how in said
        assert all(answers[question_id] in said for question_id in statement.evidence)


def test_the_evidence_lists_each_answer_with_its_weight_and_leaves_do_not_know_out(
    see: See, bench: Workbench, decided: str
) -> None:
    found = bench.view(decided).diagnosis
    page = see(decided)
    said = texts(page.part(f"Evidence: {len(found.evidence)} answers"))
    for line in found.evidence:
        side = "for" if line.weight > 0 else "against"
        assert f"{line.question} {line.answer} (weight {abs(line.weight):.1f} {side})" in said
    assert "Don't know" not in said


def test_an_early_conclusion_says_what_is_open_and_what_would_decide_it(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(diagnose(bench, {"towings": "yes"}, text="Our buses run late")).click("Conclude now")
    found = bench.view(page.run_id).diagnosis
    assert found.status == "not_decided"
    assert "Not decided" in page.said
    assert "What would decide it" in page.said
    assert "Still open" in page.said
    assert "You asked to conclude." in page.said
    opened = whys(page)
    for statement in (*found.would_decide, *found.alternatives):
        assert statement.how in opened[statement.text]
    assert found.urgency_note in page.said
    assert "Decided, " not in page.said


def test_a_conclusion_without_any_answer_rests_on_none_and_says_so(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(diagnose(bench, text="Our buses run late")).click("Conclude now")
    assert "No answer carries this" in page.said
    assert not bench.view(page.run_id).diagnosis.evidence


def test_two_causes_at_once_are_told_as_a_pair(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    answers = answers_of_a_pair(inquiry.table(bench.playbooks["sales_fall"]))
    run_id = diagnose(bench, text="Sales fell", playbook_id="sales_fall")
    for question_id, answer_id in answers.items():
        bench.answer(run_id, question_id, answer_id, bench.view(run_id).seq)
    if bench.view(run_id).phase == "asking":
        bench.conclude(run_id, bench.view(run_id).seq)
    pair = bench.view(run_id).diagnosis.pair
    page = see(run_id)
    assert "Two causes at once" in page.said
    assert pair.how in whys(page)[pair.text]


def answers_of_a_pair(table: inquiry.Table) -> dict[str, str]:
    """What a client answers who has two of the causes, the first two that show as a pair."""
    for first, second in itertools.combinations(range(table.listed), 2):
        likely = np.maximum(table.likelihood[:, :, first], table.likelihood[:, :, second]).argmax(axis=1)
        answers = {q: table.answers[i][likely[i]] for i, q in enumerate(table.questions)}
        if inquiry.better_pair(table, answers):
            return answers
    raise AssertionError("no two causes of this playbook can show as a pair")


@pytest.mark.parametrize("run", ["decided", "undecided"])
def test_the_person_can_go_on_asking_after_any_conclusion(
    see: See, bench: Workbench, run: str, request: pytest.FixtureRequest
) -> None:
    page = see(request.getfixturevalue(run)).click("Go on asking")
    assert page.question()
    assert bench.view(page.run_id).diagnosis is None
    page.click("Conclude now")
    assert bench.view(page.run_id).diagnosis is not None


def test_when_every_question_was_asked_going_on_is_refused_with_a_sentence(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench, text="Our buses run late")
    for question in bench.playbooks["late_buses"].questions:
        bench.answer(run_id, question.id, "dont_know", bench.view(run_id).seq)
    page = see(run_id)
    assert bench.view(run_id).phase == "concluded"
    page.click("Go on asking")
    assert "Every question of this playbook has been asked." in page.said


def test_what_it_was_in_the_end_is_recorded_beside_the_diagnosis_and_shown_again(
    see: See, bench: Workbench, decided: str
) -> None:
    page = see(decided)
    before = bench.view(decided).diagnosis
    part = page.part("What was it in the end?")
    part.selectbox[0].set_value("drivers")
    part.text_input[0].set_value("An <b>audit</b>")
    page.click("Record it")
    kept = bench.outcome(decided)
    assert (kept.cause_text, kept.note, kept.user_id) == (CAUSES["drivers"], "An <b>audit</b>", "me")
    assert bench.view(decided).diagnosis == before
    again = texts(see(decided).part("What was it in the end?"))
    assert f"Recorded: {CAUSES['drivers']}" in again
    assert "An <b>audit</b>" in again


def test_an_outcome_without_a_cause_records_nothing_and_says_so(
    see: See, bench: Workbench, decided: str
) -> None:
    page = see(decided).click("Record it")
    assert bench.outcome(decided) is None
    assert "Nothing was recorded: choose the real cause first." in page.said


def test_record_memo_and_tree_can_be_taken_away(see: See, bench: Workbench, decided: str) -> None:
    labels = [button.label for button in see(decided).at.get("download_button")]
    assert labels == ["Memo", "Memo for Word", "Record as JSON", "Tree as SVG", "Tree as PNG"]
