"""A demo before an audience: started by choice or link, played, taken over by hand, revealed as it came."""

import pytest

from agents.diagnosis.stage import Casting
from agents.settings import Settings
from agents.workbench import Who, Workbench
from pages.ui.present import playing
from tests.conftest import CAUSES
from tests.pages.screen import Screen
from tests.pages.test_rounds import full_disk

PAGE = "pages/present.py"
BUSES = Casting(seed=7, playbook_id="late_buses")


@pytest.fixture
def page(served: Settings) -> Screen:
    """The page in a browser session of its own, not drawn yet."""
    return Screen(PAGE)


def demo(bench: Workbench, hidden: str | None = None) -> str:
    """A demo of the tiny playbook at its first question."""
    return bench.demos.stage(BUSES.model_copy(update={"hidden": hidden}))


def answers(bench: Workbench, run_id: str) -> list[str]:
    ledger = bench.view(run_id).ledger
    assert ledger is not None
    return [line.answer_id for line in ledger.lines]


def played_out(page: Screen) -> Screen:
    """Steps until the hidden cause is shown."""
    while "Belief over time" not in page.said:
        page.click("Step")
    return page


def alts(page: Screen) -> list[str]:
    return [chart.proto.alt for chart in page.at.get("plotly_chart")]


# Starting one


def test_the_start_says_what_this_is_and_one_click_starts_a_demo(page: Screen, bench: Workbench) -> None:
    page.open()
    assert "A simulated client has a problem with a hidden cause." in page.said
    page.click("Start the demo")
    run = bench.run(page.run_id)
    assert run.environment == "demo"
    assert "The real engine on simulated answers; nothing is scripted." in page.said


def test_what_was_chosen_is_what_is_staged(page: Screen, bench: Workbench) -> None:
    page.open().choose("demo_kind", "late_buses")
    page.choose("demo_hidden_late_buses", "roads").choose("demo_character", "vague")
    page.choose("demo_seed", 42).click("Start the demo")
    casting = bench.demos.staged(page.run_id).casting
    assert casting == Casting(seed=42, character="vague", playbook_id="late_buses", hidden="roads")


def test_without_a_choice_the_seed_draws_kind_and_cause(page: Screen, bench: Workbench) -> None:
    page.open().choose("demo_seed", 5).click("Start the demo")
    staged = bench.demos.staged(page.run_id)
    assert (staged.casting.playbook_id, staged.casting.hidden) == (None, None)
    assert staged.hidden in {cause.id for cause in bench.playbooks[staged.playbook_id].causes}


def test_a_link_starts_the_demo_it_names_and_the_run_takes_its_place(page: Screen, bench: Workbench) -> None:
    named = {"playbook": "late_buses", "character": "misled", "seed": "42", "hidden": "engines"}
    for name, value in named.items():
        page.at.query_params[name] = value
    page.open()
    assert set(page.at.query_params) == {"run"}
    casting = bench.demos.staged(page.run_id).casting
    assert casting == Casting(seed=42, character="misled", playbook_id="late_buses", hidden="engines")
    run_id = page.run_id
    assert Screen(PAGE).open(run_id).said == page.reload().said
    assert page.run_id == run_id


@pytest.mark.parametrize(("said", "training"), [("1", True), ("0", False)])
def test_a_link_says_whether_it_starts_a_training(
    page: Screen, bench: Workbench, said: str, training: bool
) -> None:
    page.at.query_params["training"] = said
    assert bench.demos.staged(page.open().run_id).casting.training is training


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"seed": "seven"}, "“seven” is no seed."),
        ({"seed": "1", "playbook": "nope"}, "There is no playbook “nope”."),
        ({"seed": "1", "character": "liar"}, "There is no client “liar”."),
        ({"seed": "1", "playbook": "late_buses", "hidden": "aliens"}, "no cause “aliens”"),
        ({"hidden": "roads"}, "A hidden cause needs a kind of problem."),
    ],
)
def test_a_link_that_names_what_does_not_exist_is_told_and_the_choices_stand(
    page: Screen, named: dict[str, str], why: str
) -> None:
    for name, value in named.items():
        page.at.query_params[name] = value
    page.open()
    assert why in page.said
    assert "Start the demo" in page.labels()
    assert why not in page.reload().said


@pytest.mark.parametrize("run_id", ["nope", "", "x" * 5_000, "koşu"])
def test_a_run_that_does_not_exist_is_told_with_a_way_to_the_choices(page: Screen, run_id: str) -> None:
    assert "There is no run “" in page.open(run_id).said
    assert "Start the demo" in page.click("Another demo").labels()


def test_a_real_run_is_not_played(page: Screen, bench: Workbench, asked: str) -> None:
    assert "This run is not a demo." in page.open(asked).said


# Playing


def test_the_stage_shows_complaint_question_answers_and_belief(page: Screen, bench: Workbench) -> None:
    run_id = demo(bench)
    view = bench.view(run_id)
    page.open(run_id)
    assert f"“{view.text}”" in page.said
    assert view.questions[0].text in page.said
    assert page.labels("answer-") == [*(a.text for a in view.questions[0].answers), "Don't know"]
    assert f"{view.questions[0].gain:.2f} bit" in page.said
    assert "The hidden cause was drawn by the seed and is shown at the end." in page.said
    (alt,) = alts(page)
    assert alt == f"Belief per cause; {view.belief[0].label} leads with {view.belief[0].percent} percent."


def test_a_step_lets_the_client_answer_once(page: Screen, bench: Workbench) -> None:
    page.open(demo(bench)).click("Step")
    assert len(answers(bench, page.run_id)) == 1
    line = bench.view(page.run_id).ledger.lines[0]
    assert f"{line.question} “{line.answer}”" in page.said
    assert bench.view(page.run_id).moved in page.said


def test_play_and_pause_take_turns_and_drawing_alone_answers_nothing(page: Screen, bench: Workbench) -> None:
    page.open(demo(bench)).click("Play")
    page.reload().reload()
    assert "Play" not in page.labels()
    assert answers(bench, page.run_id) == []
    assert "Play" in page.click("Pause").labels()


def test_the_speed_goes_round(page: Screen, bench: Workbench) -> None:
    page.open(demo(bench))
    seen = []
    for _ in range(len(playing.SPEEDS) + 1):
        seen.append(next(label for label in page.labels("speed")))
        page.click_key("speed")
    assert seen == [f"Speed: {name}" for name in ("normal", "fast", "slow", "normal")]


def test_two_tabs_on_one_demo_play_it_once_and_say_nothing_of_it(page: Screen, bench: Workbench) -> None:
    run_id = demo(bench)
    first, second = page.open(run_id), Screen(PAGE).open(run_id)
    first.click("Step")
    second.click("Step")
    assert len(answers(bench, run_id)) == 1
    assert not second.at.warning
    assert second.said == first.said
    second.click("Step")
    assert len(answers(bench, run_id)) == 2


def test_a_demo_that_cannot_be_written_pauses_and_says_why(page: Screen, bench: Workbench) -> None:
    page.open(demo(bench)).click("Play")
    with full_disk():
        page.click("Step")
    assert "cannot be written" in page.said
    assert "Play" in page.labels()
    assert "cannot be written" not in page.click("Step").said


def test_an_answer_by_hand_takes_over_and_pauses(page: Screen, bench: Workbench) -> None:
    page.open(demo(bench, "roads")).click("Play").click("Don't know")
    assert answers(bench, page.run_id) == ["dont_know"]
    assert "Play" in page.labels()
    assert "“Don't know” moves nothing and is remembered." in page.said


def test_an_answer_by_hand_on_a_page_that_is_behind_is_told(page: Screen, bench: Workbench) -> None:
    run_id = demo(bench)
    page.open(run_id)
    bench.demos.play_on(run_id, bench.view(run_id).seq)
    assert "Something else was done here in the meantime" in page.click("Don't know").said


# The end


def test_the_hidden_cause_is_shown_beside_the_diagnosis_at_the_end_and_not_before(
    page: Screen, bench: Workbench
) -> None:
    page.open(demo(bench, "roads"))
    assert "The diagnosis" not in page.said
    assert "The hidden cause was chosen by hand and is shown at the end." in page.said
    played_out(page)
    found = bench.demos.reveal(page.run_id)
    assert [header.value for header in page.at.header] == [found.hidden, found.found]
    assert page.at.title[0].value in ("Right", "Wrong", "Not decided")
    assert found.hidden == CAUSES["roads"]


def test_the_summary_has_the_questions_the_form_and_belief_over_time(page: Screen, bench: Workbench) -> None:
    played_out(page.open(demo(bench)))
    found, steps = bench.demos.reveal(page.run_id), bench.demos.beliefs(page.run_id)
    metrics = {metric.label: metric.value for metric in page.at.metric}
    assert metrics["Questions asked"] == str(found.asked)
    assert metrics["A fixed questionnaire asked"] == str(found.form_asked)
    assert metrics["Belief in the hidden cause"] == f"{round(100 * steps[-1][found.hidden])} %"
    assert metrics["Answers by hand"] == "0"
    assert any(
        alt.startswith(f"Belief over time: {found.hidden}, the hidden cause, went") for alt in alts(page)
    )
    assert page.part("Every question and answer").label.endswith(f": {found.asked}")
    assert "/present?playbook=late_buses&character=truthful&seed=7" in page.at.code[0].value


def test_a_reveal_before_the_end_is_not_decided(page: Screen, bench: Workbench) -> None:
    page.open(demo(bench)).click("Step").click("Reveal now")
    assert page.at.title[0].value == "Not decided"
    assert "No verdict; the answers point most to" in page.said


def test_a_reveal_before_the_first_answer_says_that_nothing_was_asked(page: Screen, bench: Workbench) -> None:
    page.open(demo(bench)).click("Reveal now")
    assert page.at.title[0].value == "Not decided"
    assert "Nothing was asked, so there is nothing to decide by." in page.said
    assert "No verdict; the likeliest at the start was" in page.said
    assert "the answers" not in page.said


def test_again_keeps_the_choices_and_takes_another_seed(page: Screen, bench: Workbench) -> None:
    run_id = demo(bench, "roads")
    page.open(run_id).click("Again with another seed")
    assert page.run_id != run_id
    assert bench.demos.staged(page.run_id).casting == bench.demos.staged(run_id).casting.again()
    page.click("Reveal now").click("Again with another seed")
    assert bench.demos.staged(page.run_id).casting.seed == BUSES.seed + 2


# Training


@pytest.fixture
def trainee(page: Screen, bench: Workbench) -> Screen:
    """A training session of the tiny playbook at its first question."""
    return page.open(bench.demos.stage(BUSES.model_copy(update={"training": True})))


def test_training_is_started_from_the_choices_and_its_score_stands_empty_at_first(
    page: Screen, bench: Workbench
) -> None:
    page.open().choose("demo_purpose", "train")
    assert "Your score will stand here after the first question that you choose." in page.said
    page.click("Start training")
    assert bench.demos.staged(page.run_id).casting.training
    assert "What would you ask next?" in page.said


def test_a_trainee_is_offered_every_open_question_and_no_hint(trainee: Screen, bench: Workbench) -> None:
    offered = bench.demos.open_questions(trainee.run_id)
    assert [label.rsplit(" (", 1)[0] for label in trainee.labels("ask-")] == [q.text for q in offered]
    assert "bit" not in trainee.said


def test_after_the_choice_both_questions_stand_with_their_worth_and_the_client_has_answered(
    trainee: Screen, bench: Workbench
) -> None:
    trainee.click_key("ask-")
    (made,) = bench.demos.guesses(trainee.run_id)
    assert len(answers(bench, trainee.run_id)) == 1
    assert f"worth {made.gain:.2f} bit" in trainee.said
    assert ("The tool would have asked the same." in trainee.said) == (made.question_id == made.best_id)
    if made.question_id != made.best_id:
        assert f"worth {made.best_gain:.2f} bit" in trainee.said


def test_the_score_over_sessions_stands_at_the_end_and_at_the_start(
    trainee: Screen, bench: Workbench
) -> None:
    trainee.click_key("ask-").click("Reveal now")
    asked, worth = bench.demos.training_score(Who())
    shown = {metric.label: metric.value for metric in trainee.at.metric}
    assert shown["Questions you chose"] == str(asked) == "1"
    assert shown["Their worth against the tool's own"] == f"{round(100 * worth)} %"
    trainee.click("Another demo").choose("demo_purpose", "train")
    again = {metric.label: metric.value for metric in trainee.at.metric}
    assert again["Questions you chose"] == "1"
