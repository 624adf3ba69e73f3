"""A staged diagnosis: seeded, played by the real engine, open to a hand, revealed as it came."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.stage import (
    ABOUT,
    CHARACTERS,
    LARGEST_SEED,
    Casting,
    Staged,
    cast,
    complaint,
    guess,
    read_seed,
    reveal,
    says,
)
from agents.errors import BadInput, NotFound, Refused, Stale
from agents.workbench import Who, Workbench
from tests.agents.diagnosis.conftest import Inquire
from tests.conftest import CAUSES

SEEDS = some.integers(0, LARGEST_SEED)
BUSES = Casting(seed=7, playbook_id="late_buses")
Play = Callable[[Workbench, str], str]


@pytest.fixture(scope="session")
def play_out() -> Play:
    """Lets the simulated client answer until the demo ends; returns the run's id."""

    def play(bench: Workbench, run_id: str) -> str:
        while (view := bench.view(run_id)).phase == "asking":
            bench.demos.play_on(run_id, view.seq)
        return run_id

    return play


def staged(playbook: Playbook, hidden: str, character: str = "truthful", seed: int = 7) -> Staged:
    casting = Casting(seed=seed, character=character, playbook_id=playbook.id, hidden=hidden)
    return cast({playbook.id: playbook}, casting)


def told(bench: Workbench, run_id: str) -> list[tuple[str, str]]:
    """Questions and answers in order."""
    ledger = bench.view(run_id).ledger
    assert ledger is not None
    return [(line.question_id, line.answer_id) for line in ledger.lines]


# Casting


@given(seed=SEEDS, character=some.sampled_from(sorted(CHARACTERS)))
def test_the_same_casting_is_the_same_demo(tiny: Playbook, seed: int, character: str) -> None:
    casting = Casting(seed=seed, character=character)
    assert cast({tiny.id: tiny}, casting) == cast({tiny.id: tiny}, casting)


def test_every_listed_cause_and_no_other_is_hidden_by_some_seed(tiny: Playbook) -> None:
    drawn = {cast({tiny.id: tiny}, Casting(seed=seed)).hidden for seed in range(60)}
    assert drawn == set(CAUSES)


def test_choosing_the_cause_that_the_seed_would_draw_changes_nothing_else(tiny: Playbook) -> None:
    drawn = cast({tiny.id: tiny}, Casting(seed=3, character="misled", playbook_id=tiny.id))
    chosen = staged(tiny, drawn.hidden, "misled", seed=3)
    assert (chosen.hidden, chosen.blamed) == (drawn.hidden, drawn.blamed)


@given(seed=SEEDS, hidden=some.sampled_from(sorted(CAUSES)))
def test_only_a_misled_client_blames_and_never_the_true_cause(tiny: Playbook, seed: int, hidden: str) -> None:
    blamed = staged(tiny, hidden, "misled", seed).blamed
    assert blamed in set(CAUSES) - {hidden}
    assert tiny.cause(blamed).label.lower() in complaint(tiny, staged(tiny, hidden, "misled", seed))
    for character in set(CHARACTERS) - {"misled"}:
        assert staged(tiny, hidden, character, seed).blamed is None


def test_the_seed_chooses_the_kind_of_problem_when_nobody_does(bench: Workbench) -> None:
    drawn = {cast(bench.playbooks, Casting(seed=seed)).playbook_id for seed in range(200)}
    assert drawn == set(bench.playbooks)


@pytest.mark.parametrize(
    ("casting", "why"),
    [
        (Casting(seed=1, character="liar"), "There is no client “liar”. Choose one of truthful,"),
        (Casting(seed=1, playbook_id="nope"), "There is no playbook “nope”."),
        (Casting(seed=1, playbook_id="late_buses", hidden="aliens"), "no cause “aliens”"),
        (Casting(seed=1, hidden="roads"), "A hidden cause needs a kind of problem."),
    ],
)
def test_what_does_not_exist_is_refused_by_name(tiny: Playbook, casting: Casting, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        cast({tiny.id: tiny}, casting)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "seven", "٣", "9" * 10, "9" * 5_000, " 1"])
def test_a_seed_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no seed"):
        read_seed(text)


@given(SEEDS)
def test_a_seed_is_read_as_it_was_written_and_the_next_one_is_another(seed: int) -> None:
    assert read_seed(str(seed)) == seed
    assert read_seed(str(Casting(seed=seed).again().seed)) != seed


def test_every_character_is_described() -> None:
    assert set(ABOUT) == set(CHARACTERS)


# The client


def shares(tiny: Playbook, inquire: Inquire, character: str) -> tuple[float, float]:
    """How often a client says what the hidden cause's column calls typical, and how often nothing."""
    work = inquire({})
    answers = [
        (question, says(work, staged(tiny, "roads", character, seed), question.id))
        for seed in range(60)
        for question in tiny.questions
    ]
    typical = [next(a.id for a in q.answers if a.levels["roads"] == "typical") == said for q, said in answers]
    silent = [said == DONT_KNOW for _, said in answers]
    return sum(typical) / len(typical), sum(silent) / len(silent)


def test_the_characters_answer_as_they_are_described(tiny: Playbook, inquire: Inquire) -> None:
    right, silent = zip(*(shares(tiny, inquire, name) for name in CHARACTERS), strict=True)
    assert right[0] == max(right) > 0.8
    assert silent[1] == max(silent) > 0.25
    assert silent[0] == min(silent)
    assert right[3] < right[0]


# Playing


def test_a_demo_is_a_run_of_the_environment_demo_and_no_recent_session(bench: Workbench) -> None:
    run_id = bench.demos.stage(BUSES, Who("ana", "buses"))
    run = bench.run(run_id)
    assert (run.environment, run.user_id, run.status) == ("demo", "ana", "waiting")
    assert bench.recent(Who("ana", "buses")) == []
    tree = bench.open_tree(run_id, Who("ana", "buses"))
    assert bench.run(tree).environment == "demo"
    assert bench.recent(Who("ana", "buses"), kind="tree") == []


def test_two_demos_of_one_casting_ask_and_say_the_same_to_the_end(bench: Workbench, play_out: Play) -> None:
    first, second = (play_out(bench, bench.demos.stage(BUSES)) for _ in range(2))
    assert told(bench, first) == told(bench, second)
    assert bench.demos.beliefs(first) == bench.demos.beliefs(second)
    assert bench.demos.reveal(first) == bench.demos.reveal(second)


def test_the_questions_are_those_that_the_engine_asks_a_person_who_answers_so(
    bench: Workbench, play_out: Play
) -> None:
    demo = told(bench, play_out(bench, bench.demos.stage(BUSES)))
    person = bench.start("Our buses run late", playbook_id="late_buses")
    bench.confirm(person, bench.view(person).seq, "late_buses")
    for question_id, answer_id in demo:
        view = bench.view(person)
        assert view.questions[0].question_id == question_id
        bench.answer(person, question_id, answer_id, view.seq)
    assert bench.view(person).phase == "concluded"


def test_of_two_that_play_one_question_the_second_is_refused_and_nothing_is_answered_twice(
    bench: Workbench,
) -> None:
    run_id = bench.demos.stage(BUSES)
    seen = bench.view(run_id).seq
    bench.demos.play_on(run_id, seen)
    with pytest.raises(Stale, match="has gone on in the meantime"):
        bench.demos.play_on(run_id, seen)
    assert len(told(bench, run_id)) == 1


def test_an_ended_demo_plays_no_further(bench: Workbench, play_out: Play) -> None:
    run_id = play_out(bench, bench.demos.stage(BUSES))
    with pytest.raises(Refused, match="No question waits"):
        bench.demos.play_on(run_id, bench.view(run_id).seq)
    with pytest.raises(Refused, match="No question waits"):
        bench.demos.guess(run_id, "detours", bench.view(run_id).seq)


def test_an_answer_by_hand_is_taken_as_any_other_and_counted_when_it_is_not_the_client_s(
    bench: Workbench, play_out: Play
) -> None:
    run_id = bench.demos.stage(BUSES.model_copy(update={"hidden": "roads"}))
    view = bench.view(run_id)
    card = view.questions[0]
    bench.demos.play_on(run_id, view.seq)
    (_, said), *_ = told(bench, run_id)
    other = next(answer.answer_id for answer in card.answers if answer.answer_id != said)
    bench.answer(run_id, card.question_id, other, bench.view(run_id).seq)
    assert bench.demos.reveal(play_out(bench, run_id)).by_hand == 1


def test_a_real_run_is_no_demo(bench: Workbench, asked: str) -> None:
    for call in (bench.demos.staged, bench.demos.reveal, bench.demos.open_questions):
        with pytest.raises(NotFound, match="not a demo"):
            call(asked)
    with pytest.raises(NotFound, match="There is no run"):
        bench.demos.staged("nope")


# The reveal


def test_the_reveal_says_what_was_hidden_and_whether_it_was_found(
    tiny: Playbook, inquire: Inquire, guilty: Callable[[str], dict[str, str]]
) -> None:
    work = inquire(guilty("roads"), ("concluded", {"status": "decided"}))
    right, wrong = reveal(work, staged(tiny, "roads")), reveal(work, staged(tiny, "engines"))
    assert (right.hidden, right.found, right.right) == (CAUSES["roads"], CAUSES["roads"], True)
    assert (wrong.hidden, wrong.found, wrong.right) == (CAUSES["engines"], CAUSES["roads"], False)
    assert right.decided
    assert right.asked == len(tiny.questions)
    assert not reveal(inquire(guilty("roads")), staged(tiny, "roads")).decided


def test_belief_over_time_starts_at_the_prior_and_ends_at_the_belief_shown(
    bench: Workbench, play_out: Play
) -> None:
    run_id = play_out(bench, bench.demos.stage(BUSES))
    steps = bench.demos.beliefs(run_id)
    view = bench.view(run_id)
    assert len(steps) == view.asked + 1
    assert steps[-1] == pytest.approx({bar.label: bar.belief for bar in view.belief})
    assert all(sum(step.values()) == pytest.approx(1) for step in steps)
    known = {CAUSES[name]: steps[0][CAUSES[name]] for name in CAUSES}
    assert len({round(value, 9) for value in known.values()}) == 1


# Training


def test_a_chosen_question_is_weighed_against_the_tool_s_own(tiny: Playbook, inquire: Inquire) -> None:
    work = inquire({"towings": "yes"}, ("asked", {"question_id": "roadworks", "offers": ["roadworks"]}))
    made = guess(work, "old_fleet")
    best = guess(work, made.best_id)
    assert made.score <= made.best_score == best.score
    assert best.question_id == best.best_id
    with pytest.raises(BadInput, match="not open"):
        guess(work, "towings")
    with pytest.raises(BadInput, match="not open"):
        guess(work, "nope")


def test_a_trainee_s_question_is_asked_answered_by_the_client_and_kept(bench: Workbench) -> None:
    run_id = bench.demos.stage(BUSES.model_copy(update={"training": True}))
    assert bench.demos.staged(run_id).casting.training
    offered = bench.demos.open_questions(run_id)
    made = bench.demos.guess(run_id, offered[-1].question_id, bench.view(run_id).seq)
    assert [question for question, _ in told(bench, run_id)] == [offered[-1].question_id]
    assert bench.demos.guesses(run_id) == [made]
    assert offered[-1] not in bench.demos.open_questions(run_id)
    json.dumps(made.model_dump())


def test_a_guess_on_a_page_that_is_behind_is_refused(bench: Workbench) -> None:
    run_id = bench.demos.stage(BUSES)
    seen = bench.view(run_id).seq
    bench.demos.guess(run_id, "detours", seen)
    with pytest.raises(Stale):
        bench.demos.guess(run_id, "towings", seen)
    assert len(bench.demos.guesses(run_id)) == 1


def test_the_score_adds_up_over_sessions_and_people_apart(bench: Workbench) -> None:
    ana, ben = Who("ana", "buses"), Who("ben", "buses")
    assert bench.demos.training_score(ana) == (0, None)
    for seed in (1, 2):
        run_id = bench.demos.stage(Casting(seed=seed, playbook_id="late_buses"), ana)
        for _ in range(2):
            view = bench.view(run_id)
            bench.demos.guess(run_id, view.questions[0].question_id, view.seq)
    assert bench.demos.training_score(ana) == (4, pytest.approx(1.0))
    assert bench.demos.training_score(ben) == (0, None)
    run_id = bench.demos.stage(BUSES, ben)
    made = bench.demos.guess(
        run_id, bench.demos.open_questions(run_id)[-1].question_id, bench.view(run_id).seq
    )
    assert bench.demos.training_score(ben) == (1, pytest.approx(made.score / made.best_score))
