"""The start: what can be typed, what is answered for what it is, what was worked on last."""

from decimal import Decimal
from pathlib import Path

import pytest

from agents.settings import Settings
from agents.workbench import Who, Workbench
from pages.ui import services
from pages.ui.diagnosis.start import EXAMPLES
from tests.conftest import TEXT, Diagnose
from tests.pages.conftest import See
from tests.pages.runs_screen import RunsScreen
from tests.pages.screen import Screen

START = "Start the diagnosis"


def test_an_empty_workbench_shows_a_field_four_examples_and_what_will_be_listed(see: See) -> None:
    page = see()
    assert page.field("complaint").value == ""
    assert page.labels("example-") == list(EXAMPLES)
    assert len(EXAMPLES) == 4
    assert "Your diagnoses will be listed here" in page.said


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_is_a_problem_that_starts_with_one_click(see: See, bench: Workbench, number: int) -> None:
    page = see().click_key(f"example-{number}")
    assert bench.view(page.run_id).text == EXAMPLES[number]
    assert page.at.selectbox(key="kind").value is not None
    assert not page.at.warning


def test_a_typed_problem_leads_to_its_framing_under_a_link_of_its_own(see: See, bench: Workbench) -> None:
    page = see().type("complaint", TEXT).click(START)
    assert bench.run(page.run_id).input == TEXT
    assert page.field("kind").value == "late_buses"


@pytest.mark.parametrize("empty", ["", "   ", "\n\t\n", "\u0000\u0007"])
def test_an_empty_problem_is_refused_with_a_sentence_and_nothing_is_kept(
    see: See, bench: Workbench, empty: str
) -> None:
    page = see().type("complaint", empty).click(START)
    assert "The description is empty." in page.said
    assert bench.recent(Who()) == []


def test_a_problem_of_20_000_characters_is_read_and_a_longer_one_refused_without_losing_it(
    see: See, bench: Workbench
) -> None:
    longest = TEXT + "." * (20_000 - len(TEXT))
    page = see().type("complaint", f"{longest}!").click(START)
    assert "20,000 are the most" in page.said
    assert page.field("complaint").value == f"{longest}!"
    page.type("complaint", longest).click(START)
    assert bench.run(page.run_id).input == longest
    assert longest in page.said


def test_what_was_typed_is_there_again_in_another_session_until_it_is_started(see: See) -> None:
    see().type("complaint", "Our buses").reload()
    again = see()
    assert again.field("complaint").value == "Our buses"
    again.type("complaint", TEXT).click(START)
    assert see().field("complaint").value == ""


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("hello", "Hello. Tell me what went wrong"),
        ("Should we enter the Polish market?", "no cause to diagnose"),
        ("The colour of the sky", "No playbook covers this text"),
    ],
)
def test_a_text_that_is_no_complaint_is_answered_for_what_it_is(
    see: See, bench: Workbench, text: str, answer: str
) -> None:
    page = see().type("complaint", text).click(START)
    assert answer in page.said
    assert "run" not in page.at.query_params
    assert bench.recent(Who()) == []


def test_a_greeting_is_not_offered_a_diagnosis(see: See) -> None:
    page = see().type("complaint", "hello").click(START)
    assert "Diagnose it all the same" not in page.labels()


def test_a_text_that_no_playbook_covers_is_diagnosed_as_the_kind_the_person_chooses(
    see: See, bench: Workbench
) -> None:
    page = see().type("complaint", "The depot is a mess").click(START)
    button = next(b for b in page.at.button if b.label == "Diagnose it all the same")
    assert button.disabled
    page.choose("diagnose_as", "late_buses").click("Diagnose it all the same")
    assert bench.run(page.run_id).input == "The depot is a mess"
    page.choose("kind", "late_buses").click("Confirm and ask the first question")
    assert bench.view(page.run_id).playbook_id == "late_buses"


def test_what_a_chosen_kind_is_about_is_read_before_it_is_taken(see: See, bench: Workbench) -> None:
    page = see().type("complaint", "The depot is a mess").click(START).choose("diagnose_as", "late_buses")
    assert f"It is about this: “{bench.playbooks['late_buses'].recognise.sounds_like}”" in page.said


def test_the_answer_to_a_text_goes_when_the_next_one_is_sent(see: See) -> None:
    page = see().type("complaint", "hello").click(START)
    page.type("complaint", TEXT).click(START).click("New problem")
    assert "Hello." not in page.said


def test_recent_sessions_are_listed_with_their_state_and_open_with_one_click(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    cancelled = bench.start("Our buses run late in the south", playbook_id="late_buses")
    bench.cancel(cancelled)
    open_one = diagnose(bench)
    page = see()
    assert page.labels("recent-") == [TEXT, "Our buses run late in the south"]
    assert "Waiting for you" in page.said
    assert "Cancelled" in page.said
    page.click(TEXT)
    assert page.run_id == open_one
    assert page.question()


def test_recent_sessions_are_those_of_the_person_alone(see: See, bench: Workbench) -> None:
    bench.start(TEXT, Who("ann", "buses"), "late_buses")
    assert "Your diagnoses will be listed here" in see().said


def test_a_broken_playbook_is_refused_with_its_place_and_the_others_are_on_offer(
    served: Settings, tmp_path: Path, tiny_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "late_buses.yaml").write_text(tiny_text)
    (tmp_path / "broken.yaml").write_text(
        tiny_text.replace("late_buses", "broken").replace("typical", "often", 1)
    )
    monkeypatch.setattr(services, "settings", lambda: served.model_copy(update={"playbooks": tmp_path}))
    page = Screen().open()
    faults = "\n".join(text.value for text in page.part("Faults in playbook files").text)
    assert "broken.yaml" in faults
    assert "line 72, field questions.0.answers.0.levels.drivers" in faults
    page.type("complaint", TEXT).click(START)
    assert page.field("kind").value == "late_buses"


def test_new_problem_leads_back_to_an_empty_start(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    page = see(diagnose(bench)).click("New problem")
    assert "run" not in page.at.query_params
    assert page.field("complaint").value == ""


def test_a_restored_draft_is_told_and_can_be_cleared(see: See) -> None:
    page = see().type("complaint", TEXT)
    page.reload()
    assert "Restored from your last visit" not in page.said
    again = see()
    assert again.field("complaint").value == TEXT
    assert "Restored from your last visit" in again.said
    again.click_key("clear-draft")
    assert again.field("complaint").value == ""
    assert "Restored from your last visit" not in again.said
    assert see().field("complaint").value == ""


def test_whose_work_it_is_stands_beside_the_button(see: See) -> None:
    assert "Counts as the work of me in the project default." in see().said


def test_limits_of_the_run_are_set_where_it_is_started_and_stand_on_its_page(
    see: See, bench: Workbench
) -> None:
    page = see()
    assert "Limits of this run" in [popover.proto.popover.label for popover in page.at.get("popover")]
    page.at.number_input(key="diagnosis_cost").set_value(0.5)
    page.at.number_input(key="diagnosis_minutes").set_value(2)
    page.reload()
    assert "Limits: USD 0.50, 2 min 0 s" in [
        popover.proto.popover.label for popover in page.at.get("popover")
    ]
    page.type("complaint", TEXT).click(START)
    run = bench.run(page.run_id)
    assert (run.max_cost, run.max_seconds, run.max_steps) == (Decimal("0.5"), 120, None)
    assert "Limits of its own: USD 0.50, 2 min 0 s" in RunsScreen().at_link(run=run.run_id).said
