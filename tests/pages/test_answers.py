"""Every answer so far can be changed or taken back, and the ledger adds up to the belief shown."""

import pytest

from agents.workbench import Workbench
from tests.conftest import Diagnose
from tests.pages.conftest import See

GIVEN = {"roadworks": "yes", "towings": "no", "sick_leave": "dont_know"}


def test_changing_an_earlier_answer_recomputes_everything(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(diagnose(bench, GIVEN))
    page.choose(f"change-{bench.view(page.run_id).seq}-roadworks", "no")
    view = bench.view(page.run_id)
    straight = bench.view(diagnose(bench, {**GIVEN, "roadworks": "no"}))
    assert [bar.belief for bar in view.belief] == [bar.belief for bar in straight.belief]
    assert view.asked == straight.asked
    assert "“No, roadworks is fine”" in page.said


def test_a_changed_answer_keeps_its_note(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    page = see(diagnose(bench)).type("note-", "by phone").click_key("answer-")
    line = bench.view(page.run_id).ledger.lines[-1]
    page.choose(f"change-{bench.view(page.run_id).seq}-{line.question_id}", "no")
    changed = bench.view(page.run_id).ledger.lines[-1]
    assert (changed.answer_id, changed.note) == ("no", "by phone")


def test_an_answer_taken_back_is_as_if_never_given(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    page = see(diagnose(bench, GIVEN))
    page.click_key(f"withdraw-{bench.view(page.run_id).seq}-roadworks")
    without = {question: answer for question, answer in GIVEN.items() if question != "roadworks"}
    straight = bench.view(diagnose(bench, without))
    assert [bar.belief for bar in bench.view(page.run_id).belief] == [bar.belief for bar in straight.belief]
    assert bench.view(page.run_id).asked == straight.asked


def test_an_answer_found_in_the_complaint_can_be_changed_too(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(diagnose(bench))
    page.choose(f"change-{bench.view(page.run_id).seq}-where", "no")
    assert "From the complaint." not in page.said
    assert bench.view(page.run_id).ledger.lines[0].answer_id == "no"


def test_a_change_reopens_a_concluded_diagnosis(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    run_id = diagnose(bench, {"roadworks": "no"})
    bench.conclude(run_id, bench.view(run_id).seq)
    page = see(run_id)
    page.choose(f"change-{bench.view(run_id).seq}-roadworks", "yes")
    assert bench.view(run_id).phase == "asking"
    assert page.question()


def test_a_change_of_a_stale_page_is_refused_and_the_page_shows_what_holds(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench, GIVEN)
    page = see(run_id)
    bench.withdraw(run_id, "towings", bench.view(run_id).seq)
    page.choose(f"change-{bench.view(run_id).seq - 3}-roadworks", "no")
    assert "Something else was done here in the meantime" in page.said
    assert page.field(f"change-{bench.view(run_id).seq}-roadworks").value == "yes"


def test_the_ledger_adds_up_to_the_belief_line_by_line(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(diagnose(bench, GIVEN))
    frame = page.at.dataframe[0].value
    assert frame.index.tolist()[0] == "Start"
    steps = frame.drop(index=["Sum", "Belief"]).astype(float).sum()
    end = frame.loc["Sum"].astype(float)
    assert steps.tolist() == pytest.approx(end.tolist(), abs=0.03)  # each cell is rounded to 0.01
    shown = {
        bar.label: f"{bar.percent} %" if bar.percent else "<1 %" for bar in bench.view(page.run_id).belief
    }
    assert frame.loc["Belief"].to_dict() == shown
    assert list(frame.columns) == list(shown)  # the likeliest cause first
    assert frame.loc["4. Don't know"].tolist() == ["+0.00"] * len(shown)


def test_the_note_under_an_answer_tells_what_the_banner_tells(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench, {"sick_leave": "yes", "roadworks": "yes"})
    said = bench.view(run_id).moved
    assert said
    assert f"It {said.partition('” ')[2]}" in see(run_id).said
