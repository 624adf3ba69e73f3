"""One round: the question, its answers, why it is asked, what it moved, and who may answer."""

import contextlib
import re
import resource
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from agents.settings import Settings
from agents.workbench import Who, Workbench
from tests.conftest import CAUSES, Diagnose
from tests.pages.conftest import See
from tests.pages.screen import RUN_TIMEOUT_S, shown, texts

NOTE = "Said by the *depot* manager"


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_question_stands_with_its_answers_do_not_know_and_a_note(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench)
    best = bench.view(run_id).questions[0]
    page = see(run_id)
    assert page.question() == best.text
    assert page.labels("answer-") == [*(answer.text for answer in best.answers), "Don't know"]
    assert page.field("note-").value == ""
    assert "Question 1 of at most" in page.said
    assert "From memory" in page.said


def test_two_more_questions_are_on_offer_and_one_click_puts_one_in_its_place(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench)
    best, second, third = bench.view(run_id).questions
    page = see(run_id)
    assert page.labels("instead-") == [f"{card.text} ({card.gain:.2f} bit)" for card in (second, third)]
    page.click(f"{third.text} ({third.gain:.2f} bit)")
    assert page.question() == third.text
    assert any(best.text in label for label in page.labels("instead-"))
    page.click_key("answer-")
    assert set(bench.view(run_id).ledger.lines[-1].question.split()) == set(third.text.split())


def test_an_answer_is_taken_says_what_it_moved_and_leads_to_the_next_question(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(diagnose(bench))
    asked = page.question()
    page.click_key("answer-")
    line = bench.view(page.run_id).ledger.lines[-1]
    assert (line.question, line.answer_id) == (asked, "yes")
    assert bench.view(page.run_id).moved in page.said
    assert page.question() != asked
    assert "Question 2 of at most" in page.said


def test_do_not_know_moves_nothing_and_is_remembered(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    page = see(diagnose(bench))
    before = [bar.belief for bar in bench.view(page.run_id).belief]
    asked = page.question()
    page.click("Don't know")
    assert [bar.belief for bar in bench.view(page.run_id).belief] == before
    assert "“Don't know” moves nothing and is remembered." in page.said
    assert "Moved nothing." in page.said
    assert page.question() != asked


def test_a_note_is_kept_with_the_answer_it_was_written_for(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(diagnose(bench)).type("note-", NOTE).click_key("answer-")
    assert bench.view(page.run_id).ledger.lines[-1].note == NOTE
    assert page.field("note-").value == ""
    changed = page.at.selectbox[-1]
    assert shown(changed.proto.help) == f"Note: {NOTE}"


def test_why_the_question_is_asked_and_what_each_answer_would_do_stand_folded_under_it(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench)
    view = bench.view(run_id)
    why = see(run_id).part("Why this question")
    best = view.questions[0]
    assert not why.proto.expanded
    assert f"{best.gain:.2f} bit" in texts(why)
    assert all(label in texts(why) for label in best.separates)
    table = why.table[0].value
    assert list(table.index) == ["Now", *(answer.text.replace("_", r"\_") for answer in best.answers)]
    assert list(table.columns) == [bar.label for bar in view.belief]
    for answer, (_, row) in zip(best.answers, list(table.iterrows())[1:], strict=True):
        assert {label: f"{percent} %" for label, percent in answer.effect} == dict(row)


def test_what_an_answer_was_said_to_do_is_what_it_does(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench)
    promised = dict(bench.view(run_id).questions[0].answers[0].effect)
    see(run_id).click_key("answer-")
    assert {bar.label: bar.percent for bar in bench.view(run_id).belief} == promised


def test_belief_and_tree_stand_beside_the_question(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    page = see(diagnose(bench)).click_key("answer-")
    spec = page.at.get("plotly_chart")[0].proto.spec
    drawn = page.at.get("graphviz_chart")[0].proto.spec.replace("\\n", " ")
    for bar in bench.view(page.run_id).belief:
        assert bar.label in spec
        assert f"{bar.percent} % ({bar.shift:+d})" in spec
        assert re.search(rf'label="[^"]*{bar.percent} %".* id="cause\.{bar.cause_id}"', drawn)
    assert all(label in drawn for label in CAUSES.values())


def test_undo_takes_the_last_answer_back_exactly(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    page = see(diagnose(bench)).click("Don't know")
    before = bench.view(page.run_id)
    page.click_key("answer-").click("Undo the last answer")
    after = bench.view(page.run_id)
    assert [bar.belief for bar in after.belief] == [bar.belief for bar in before.belief]
    assert [line.question_id for line in after.ledger.lines] == [
        line.question_id for line in before.ledger.lines
    ]
    assert "Taking the answer back" in page.said


def test_nothing_can_be_undone_before_the_first_answer(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    assert "Undo the last answer" not in see(diagnose(bench)).labels()


def test_no_doubt_is_raised_before_the_first_answer(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    for playbook_id in bench.playbooks:
        run_id = diagnose(bench, text="Something fell", playbook_id=playbook_id)
        assert not see(run_id).at.warning


def test_answers_that_do_not_fit_together_are_named_as_such(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    contradictory = dict.fromkeys(("sick_leave", "towings", "roadworks", "open_posts", "old_fleet"), "yes")
    page = see(diagnose(bench, contradictory, text="Our buses run late"))
    assert "These answers do not fit together" in page.said


def test_of_two_sessions_on_one_question_the_second_is_told_and_changes_nothing(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench)
    first, second = see(run_id), see(run_id)
    first.click_key("answer-")
    second.click("Don't know")
    assert "Something else was done here in the meantime" in second.said
    assert second.question() == first.question()
    assert [line.answer_id for line in bench.view(run_id).ledger.lines][-1] == "yes"
    assert "Something else was done" not in second.reload().said


def test_a_note_to_an_answer_that_is_refused_is_handed_back(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench)
    first, second = see(run_id), see(run_id)
    first.click_key("answer-")
    second.type("note-", NOTE).click("Don't know")
    assert f"Your note was not stored: “{NOTE}”" in second.said
    assert "Your note was not stored" not in first.reload().said


def pressed() -> None:
    """Every answer that was pressed, before the page could be drawn anew."""
    import streamlit as st

    from pages.ui import services
    from pages.ui.notice import act_on, show_notice

    bench, run_id = services.workbench(), st.session_state["pressed_at"]
    view = bench.view(run_id)
    for answer_id in st.session_state["pressed"]:
        act_on(bench.answer, run_id, view.questions[0].question_id, answer_id, view.seq, "")
    show_notice()


@pytest.mark.parametrize(
    ("keys", "told"),
    [(("yes", "yes"), []), (("yes", "no"), ["Two things were asked for here, one right behind the other."])],
)
def test_a_key_pressed_twice_answers_once_and_nobody_else_is_blamed_for_it(
    served: Settings, bench: Workbench, diagnose: Diagnose, keys: tuple[str, ...], told: list[str]
) -> None:
    run_id = diagnose(bench)
    at = AppTest.from_function(pressed, default_timeout=RUN_TIMEOUT_S)
    at.session_state["pressed_at"], at.session_state["pressed"] = run_id, keys
    at.run()
    assert not at.exception
    assert [warning.value.split("\\.")[0] + "." for warning in at.warning] == told
    given = [line.answer_id for line in bench.view(run_id).ledger.lines if line.source == "person"]
    assert given == ["yes"]


def test_an_answer_that_cannot_be_written_is_not_shown_as_taken_and_can_be_given_again(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(diagnose(bench))
    asked = page.question()
    with full_disk():
        page.click_key("answer-")
    assert "cannot be written" in page.said
    assert page.question() == asked
    page.click_key("answer-")
    assert "cannot be written" not in page.said
    assert page.question() != asked


def test_the_run_of_somebody_else_says_whose_it_is(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    theirs = bench.start("Our buses run late", Who("ann", "buses"), "late_buses")
    assert "The work of ann in the project buses: what is done here counts there." in see(theirs).said
    assert "what is done here counts there" not in see(diagnose(bench)).said


def test_a_run_that_was_deleted_is_told_so_here_too(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    run_id = diagnose(bench)
    bench.runs.delete([run_id], Who())
    assert "This run was deleted on" in see(run_id).said


@pytest.mark.parametrize("run_id", ["nope", "", "../etc/passwd", "1' or '1'='1", "x" * 5_000, "koşu"])
def test_a_run_that_does_not_exist_is_told_with_a_way_to_the_start(
    see: See, bench: Workbench, run_id: str
) -> None:
    page = see(run_id)
    assert "There is no run “" in page.said
    page.click("New problem")
    assert page.field("complaint").value == ""
