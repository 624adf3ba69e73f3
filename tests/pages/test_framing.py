"""What the text was taken for is shown, may be changed, and is confirmed once."""

import re
from pathlib import Path

import pytest

from agents.diagnosis.framing import answers_in_facts, frame
from agents.settings import Settings
from agents.workbench import Workbench
from pages.ui import services
from tests.conftest import CAUSES, TEXT, Diagnose
from tests.pages.conftest import See
from tests.pages.screen import shown

CONFIRM = "Confirm and ask the first question"
FACTS = ("metric", "direction", "size", "period", "scope")


@pytest.fixture
def twins(served: Settings, tmp_path: Path, tiny_text: str, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A workbench on which two kinds of problem fit the text alike."""
    sound = "We wait and wait for *our* buses."
    (tmp_path / "late_buses.yaml").write_text(tiny_text)
    (tmp_path / "lost_buses.yaml").write_text(
        tiny_text.replace("late_buses", "lost_buses")
        .replace("Late buses", "Lost *buses*")
        .replace("Our buses come late.", sound)
    )
    monkeypatch.setattr(services, "settings", lambda: served.model_copy(update={"playbooks": tmp_path}))
    return services.workbench()


def test_facts_found_are_shown_for_correction_and_what_is_missing_is_named(
    see: See, bench: Workbench
) -> None:
    page = see(bench.start("Our buses run 20 % late in the north"))
    shown = {name: page.field(f"fact-{name}").value for name in FACTS}
    assert shown == {"metric": "", "direction": "late", "size": "20 %", "period": "", "scope": "in the north"}
    assert "Not found in the text: which figure, since or over when." in page.said


def test_what_the_text_denies_is_shown_as_such_and_the_kind_is_asked(see: See, bench: Workbench) -> None:
    page = see(bench.start("Our buses did not run late, and never in the north"))
    assert page.field("fact-direction").value == "did not run late"
    assert (
        "so that nothing follows from it: “did not run late”, “did not run late, and never in the north”."
        in page.said
    )
    assert "“did not run late” leaves open what went wrong. Which is closer?" in page.said
    assert page.field("closer").value is None


def test_the_kind_is_chosen_for_terms_of_the_text_with_its_margin_and_can_be_changed(
    see: See, bench: Workbench
) -> None:
    page = see(bench.start(TEXT))
    assert page.field("kind").value == "late_buses"
    assert re.search(
        r"Chosen for “buses”, “run late”, \d+ percentage points ahead of the next kind\.", page.said
    )
    page.choose("kind", "cost_overrun")
    assert "Chosen for" not in page.said
    page.click(CONFIRM)
    assert bench.view(page.run_id).playbook_id == "cost_overrun"


def test_the_only_kind_that_fits_is_said_to_be_it(see: See, bench: Workbench) -> None:
    page = see(bench.start("Our buses keep to no timetable"))
    assert "the only kind that fits (margin 100 %)." in page.said


def test_a_thin_sign_is_asked_about_before_a_kind_is_chosen(see: See, bench: Workbench) -> None:
    page = see(bench.start("Our volunteer choir sings flat since the hall was renovated"))
    assert "Only “flat” points to a kind of problem" in page.said
    assert page.field("closer").value is None
    assert next(button for button in page.at.button if shown(button.label) == CONFIRM).disabled
    page.choose("closer", "none-of-these")
    assert "no playbook covers this problem" in page.said
    page.choose("kind", "late_buses").click(CONFIRM)
    assert bench.view(page.run_id).playbook_id == "late_buses"


def test_a_fact_that_answers_a_question_is_said_to_do_so(see: See, bench: Workbench) -> None:
    page = see(bench.start("Our sales dropped 20 % this quarter, mostly in the north"))
    playbook = bench.playbooks["sales_fall"]
    answered = answers_in_facts(playbook, frame(bench.view(page.run_id).text, bench.playbooks).facts)
    assert answered
    for question_id in answered:
        assert f"Counts as an answer: “{playbook.ask(question_id).text}”" in page.said
    assert "for “in the north”. Empty “Where” to be asked." in page.said


def test_a_fact_that_a_person_corrects_is_said_to_answer_a_question_before_it_does(
    see: See, bench: Workbench
) -> None:
    page = see(bench.start("Our costs are 20 % over budget this year", playbook_id="cost_overrun"))
    asked = "Counts as an answer: “Where is the overrun concentrated?”"
    assert asked not in page.said
    page.choose("fact-scope", "in the Lyon branch")
    assert asked in page.said
    assert "for “in the Lyon branch”. Empty “Where” to be asked." in page.said
    page.choose("fact-scope", "")
    assert asked not in page.said


@pytest.mark.parametrize("text", ["The weather is nice", "Cash and margin and sales fell"])
def test_a_kind_that_was_chosen_by_hand_is_not_asked_for_again(see: See, bench: Workbench, text: str) -> None:
    page = see(bench.start(text, playbook_id="late_buses"))
    assert page.field("kind").value == "late_buses"
    assert "Chosen by you." in page.said
    assert page.click(CONFIRM).question()
    assert bench.view(page.run_id).playbook_id == "late_buses"


def test_facts_are_kept_as_the_person_corrected_them(see: See, bench: Workbench) -> None:
    page = see(bench.start(TEXT))
    page.type("fact-size", "a third").type("fact-period", "").click(CONFIRM)
    view = bench.view(page.run_id)
    facts = {fact.kind: fact.text for fact in view.facts}
    assert facts["size"] == "a third"
    assert "period" not in facts
    assert "period" in view.missing


def test_a_fact_that_answers_a_question_counts_as_its_answer(see: See, bench: Workbench) -> None:
    page = see(bench.start(TEXT)).click(CONFIRM)
    assert "From the complaint." in page.said
    assert page.field("change-").value == "yes"
    assert page.labels("withdraw-") == ["Take back"]


def test_a_suspicion_in_the_text_is_shown_and_gets_no_lift(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(bench.start("Our buses run late because of drunken sailors", playbook_id="late_buses"))
    assert page.field("stated").value == "drunken sailors"
    page.click(CONFIRM)
    blamed = next(bar for bar in bench.view(page.run_id).belief if bar.stated)
    plain = bench.view(diagnose(bench, text="Our buses run late")).belief
    assert blamed.label == "drunken sailors"
    assert blamed.percent <= min(bar.percent for bar in plain)
    assert "drunken sailors (suspected)" in page.at.get("plotly_chart")[0].proto.spec


def test_a_suspicion_that_is_listed_is_marked_and_changes_no_belief(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(bench.start("Our buses run late", playbook_id="late_buses"))
    page.type("stated", "engines problem").click(CONFIRM)
    view = bench.view(page.run_id)
    assert [bar.label for bar in view.belief if bar.stated] == [CAUSES["engines"]]
    unsuspecting = bench.view(diagnose(bench, text="Our buses run late"))
    assert [bar.belief for bar in view.belief] == [bar.belief for bar in unsuspecting.belief]


def test_a_suspicion_is_matched_to_the_list_and_the_person_may_say_otherwise(
    see: See, bench: Workbench
) -> None:
    page = see(bench.start("Our buses run late, I think engines just break down", playbook_id="late_buses"))
    meant = page.field("meant-")
    assert meant.options == ["A cause of its own", *CAUSES.values(), "Something else"]
    assert meant.value == "engines"
    assert (
        "Taken for it by “engines”, “break”, “down”. Choose another if you mean something else." in page.said
    )
    page.choose("stated", "the moon")
    assert page.field("meant-").value == "client_stated"
    assert "No cause of the list was recognised in it." in page.said
    assert "Taken for it by" not in page.said
    page.choose("meant-", "roads").click(CONFIRM)
    belief = bench.view(page.run_id).belief
    assert ([bar.cause_id for bar in belief if bar.stated], len(belief)) == (["roads"], 4)


def test_a_small_margin_asks_which_kind_is_closer_before_anything_else(twins: Workbench, see: See) -> None:
    page = see(twins.start(TEXT))
    assert "Two kinds of problem fit almost alike (margin 0 %)." in page.said
    assert next(b for b in page.at.button if b.label == CONFIRM).disabled
    assert "Choose the kind of problem first." in page.said
    page.choose("closer", "lost_buses")
    assert "Choose the kind of problem first." not in page.said
    page.click(CONFIRM)
    assert twins.view(page.run_id).playbook_id == "lost_buses"


def test_the_routing_question_can_be_answered_with_another_kind(twins: Workbench, see: See) -> None:
    page = see(twins.start(TEXT)).choose("closer", "none-of-these")
    assert "Late buses" not in page.field("kind").options
    page.choose("kind", "cash_shortage").click(CONFIRM)
    assert twins.view(page.run_id).playbook_id == "cash_shortage"


def test_the_routing_question_shows_words_of_playbooks_letter_for_letter(twins: Workbench, see: See) -> None:
    radio = see(twins.start(TEXT)).field("closer")
    assert r"We wait and wait for \*our\* buses\." in radio.options
    assert r"Lost \*buses\*" in radio.proto.captions


def test_the_fixed_questionnaire_asks_the_best_form_in_its_order(see: See, bench: Workbench) -> None:
    page = see(bench.start(TEXT))
    page.at.toggle[0].set_value(True)
    page.click(CONFIRM)
    assert bench.view(page.run_id).mode == "form"
    first = page.question()
    assert page.click("Don't know").question() != first
    assert bench.view(page.run_id).mode == "form"


def test_a_problem_confirmed_in_another_session_is_not_confirmed_again(see: See, bench: Workbench) -> None:
    run_id = bench.start(TEXT)
    first, second = see(run_id), see(run_id)
    first.click(CONFIRM)
    second.type("kind", "cost_overrun").click(CONFIRM)
    assert "This problem was confirmed in the meantime. Nothing was changed" in second.said
    assert second.question() == first.question()
    assert bench.view(run_id).playbook_id == "late_buses"


def test_a_long_problem_is_shown_whole_under_its_shortened_title(see: See, bench: Workbench) -> None:
    text = "Our buses run late" + " and late" * 30
    page = see(bench.start(text))
    assert page.at.subheader[0].value.endswith("…")
    assert [element.value for element in page.at.text] == [text.strip()]
