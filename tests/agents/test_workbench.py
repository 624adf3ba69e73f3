"""The whole job without a page: every way from a complaint to a diagnosis and on from there."""

import json
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from agents.diagnosis.playbook import CLIENT_STATED
from agents.diagnosis.view import DiagnosisView
from agents.errors import BadInput, Refused
from agents.settings import Settings
from agents.tree.model import leaves
from agents.workbench import Who, Workbench

TEXT = "Our buses run late since March, mostly in the north"
DRIVERS = {"sick_leave": "yes", "open_posts": "yes", "overtime": "yes", "towings": "no"}

Diagnose = Callable[..., str]
Play = Callable[[Workbench, str, str], DiagnosisView]
Story = Callable[[Workbench, str], list[tuple[int, str, Any]]]


def test_a_complaint_goes_to_a_diagnosis_and_a_tree(bench: Workbench, asked: str, play: Play) -> None:
    view = play(bench, asked, "roads")
    assert (view.status, view.phase) == ("completed", "concluded")
    assert view.diagnosis
    assert (view.diagnosis.status, view.diagnosis.leading_cause_id) == ("decided", "roads")
    assert view.diagnosis.customer_stated_problem == TEXT
    tree = bench.tree(asked, version=1)
    assert {leaf.cause_ids[0]: leaf.belief for _, leaf in leaves(tree.root)} == {
        bar.cause_id: bar.belief for bar in view.belief
    }
    assert bench.tree(asked) == tree


def test_the_example_of_the_readme_is_diagnosed_with_a_shipped_playbook(bench: Workbench) -> None:
    run_id = bench.start("Our sales dropped 20 % this quarter, mostly in the north")
    view = bench.view(run_id)
    assert view.framing
    assert (view.phase, view.status, view.framing.suggested) == ("framing", "waiting", "sales_fall")
    bench.confirm(run_id, view.seq, "sales_fall")
    while (view := bench.view(run_id)).phase == "asking":
        card = view.questions[0]
        assert len(view.questions) == 3 or view.asked > 15
        bench.answer(run_id, card.question_id, card.answers[0].answer_id, view.seq)
    assert view.diagnosis
    assert view.asked <= view.budget


def test_facts_that_answer_a_question_count_as_its_answer(bench: Workbench, asked: str) -> None:
    ledger = bench.view(asked).ledger
    assert ledger
    assert [(line.question_id, line.answer_id, line.source) for line in ledger.lines] == [
        ("where", "yes", "text")
    ]


def test_changed_facts_are_read_again_and_empty_ones_are_missing(
    bench: Workbench, diagnose: Diagnose
) -> None:
    view = bench.view(diagnose(bench, facts={"scope": "", "metric": "arrivals"}))
    assert {fact.kind: fact.text for fact in view.facts}["metric"] == "arrivals"
    assert "scope" in view.missing
    assert view.ledger
    assert view.ledger.lines == ()


def test_concluding_early_gives_an_honest_not_decided(bench: Workbench, asked: str) -> None:
    bench.conclude(asked, bench.view(asked).seq)
    view = bench.view(asked)
    assert view.diagnosis
    assert (view.status, view.diagnosis.status) == ("completed", "not_decided")
    assert view.diagnosis.would_decide
    assert view.diagnosis.reason == "You asked to conclude."


def test_concluding_leaves_the_last_shift_as_it_was(bench: Workbench, asked: str) -> None:
    bench.answer(asked, "towings", "yes", bench.view(asked).seq)
    before = bench.view(asked)
    bench.conclude(asked, before.seq)
    after = bench.view(asked)
    assert (after.moved, after.belief) == (before.moved, before.belief)
    assert after.moved
    assert "raised “Engines break down”" in after.moved


def test_going_on_after_a_conclusion_asks_further_and_concludes_again(
    bench: Workbench, asked: str, play: Play
) -> None:
    first = play(bench, asked, "roads")
    bench.go_on(asked, first.seq, questions=2)
    view = bench.view(asked)
    assert (view.phase, view.diagnosis, view.status) == ("asking", None, "waiting")
    second = play(bench, asked, "roads")
    assert second.asked == first.asked + 2
    assert second.tree_version == 2
    assert second.diagnosis
    assert second.diagnosis.status == "decided"


def test_going_on_ends_when_every_question_was_asked(bench: Workbench, diagnose: Diagnose) -> None:
    run_id = diagnose(bench)
    for _ in range(5):
        while (view := bench.view(run_id)).questions:
            bench.answer(run_id, view.questions[0].question_id, "dont_know", view.seq)
        if view.asked == 8:
            break
        bench.go_on(run_id, view.seq)
    assert view.diagnosis
    assert view.diagnosis.status == "not_decided"
    with pytest.raises(Refused, match="Every question of this playbook has been asked"):
        bench.go_on(run_id, view.seq)


def test_changing_an_earlier_answer_recomputes_everything(bench: Workbench, diagnose: Diagnose) -> None:
    changed = diagnose(bench, {**DRIVERS, "towings": "yes"})
    bench.answer(changed, "towings", "no", bench.view(changed).seq)
    straight = bench.view(diagnose(bench, DRIVERS))
    view = bench.view(changed)
    assert [(bar.cause_id, bar.belief) for bar in view.belief] == [
        (bar.cause_id, bar.belief) for bar in straight.belief
    ]
    assert (view.asked, view.ledger) == (straight.asked, straight.ledger)


def test_a_change_after_the_conclusion_reopens_shows_its_shift_and_concludes_anew(
    bench: Workbench, asked: str, play: Play
) -> None:
    first = play(bench, asked, "roads")
    bench.answer(asked, "where", "no", first.seq)
    view = bench.view(asked)
    assert view.moved
    assert "lowered “Roads are jammed”" in view.moved
    shift = {bar.cause_id: bar.shift for bar in view.belief}["roads"]
    assert shift < 0
    last = play(bench, asked, "roads")
    assert last.diagnosis
    assert last.tree_version >= 2
    assert bench.replay(asked) == last.diagnosis.model_dump_json()


def test_withdrawing_an_answer_is_as_if_it_had_not_been_given(bench: Workbench, diagnose: Diagnose) -> None:
    run_id = diagnose(bench, {"towings": "yes"})
    bench.withdraw(run_id, "towings", bench.view(run_id).seq)
    bench.withdraw(run_id, "where", bench.view(run_id).seq)
    view = bench.view(run_id)
    assert view.ledger
    assert (view.asked, view.ledger.lines) == (0, ())
    assert view.ledger.start == view.ledger.end


def test_the_fixed_form_asks_the_same_questions_of_everybody(
    bench: Workbench, diagnose: Diagnose, play: Play, story: Story
) -> None:
    orders = []
    for cause_id in ("roads", "engines"):
        run_id = diagnose(bench, mode="form")
        assert bench.view(run_id).mode == "form"
        play(bench, run_id, cause_id)
        orders.append([data["question_id"] for _, kind, data in story(bench, run_id) if kind == "asked"])
    shorter = min(map(len, orders))
    assert orders[0][:shorter] == orders[1][:shorter]


def test_a_person_says_which_listed_cause_a_suspicion_means(bench: Workbench, diagnose: Diagnose) -> None:
    meant = bench.view(diagnose(bench, stated="the moon", stated_id="roads")).belief
    assert ([bar.cause_id for bar in meant if bar.stated], len(meant)) == (["roads"], 4)
    own = bench.view(diagnose(bench, stated="a drivers problem", stated_id=CLIENT_STATED)).belief
    assert ([bar.cause_id for bar in own if bar.stated], len(own)) == ([CLIENT_STATED], 5)
    twice = bench.view(diagnose(bench, stated=own[0].label.upper(), stated_id=CLIENT_STATED)).belief
    assert ([bar.cause_id for bar in twice if bar.stated], len(twice)) == ([own[0].cause_id], 4)
    with pytest.raises(BadInput, match="The list has no cause “moon”"):
        diagnose(bench, stated="the moon", stated_id="moon")


def test_a_stated_cause_is_shown_and_lifts_nothing(bench: Workbench, diagnose: Diagnose) -> None:
    plain = {bar.cause_id: bar.belief for bar in bench.view(diagnose(bench)).belief}
    listed = bench.view(diagnose(bench, stated="It is a drivers problem")).belief
    assert {bar.cause_id: bar.belief for bar in listed} == plain
    assert [bar.cause_id for bar in listed if bar.stated] == ["drivers"]
    unlisted = bench.view(diagnose(bench, stated="the moon")).belief
    beliefs = {bar.cause_id: bar.belief for bar in unlisted}
    assert all(beliefs[cause_id] == pytest.approx(plain[cause_id]) for cause_id in DRIVERS.keys() & plain)
    assert [bar.label for bar in unlisted if bar.stated] == ["the moon"]
    other = bench.view(diagnose(bench, stated="Something else")).belief
    assert [bar.cause_id for bar in other if bar.stated] == ["something_else"]


def test_a_cancelled_run_keeps_what_it_has_and_takes_nothing_more(bench: Workbench, asked: str) -> None:
    bench.answer(asked, "towings", "yes", bench.view(asked).seq)
    bench.cancel(asked)
    view = bench.view(asked)
    assert view.status == "cancelled"
    assert view.ledger
    assert len(view.ledger.lines) == 2
    for act in (
        lambda: bench.answer(asked, "detours", "yes", view.seq),
        lambda: bench.conclude(asked, view.seq),
        lambda: bench.withdraw(asked, "towings", view.seq),
        lambda: bench.go_on(asked, view.seq),
        lambda: bench.cancel(asked),
        lambda: bench.retry(asked),
    ):
        with pytest.raises(Refused, match="Nothing was changed"):
            act()
    assert bench.view(asked) == view


def test_what_it_was_in_the_end_is_kept_and_the_latest_counts(
    bench: Workbench, asked: str, play: Play
) -> None:
    play(bench, asked, "roads")
    assert bench.outcome(asked) is None
    bench.record_outcome(asked, "roads", "as expected")
    bench.record_outcome(asked, "engines", "no, after all", Who("ana"))
    outcome = bench.outcome(asked)
    assert outcome
    assert (outcome.cause_id, outcome.cause_text, outcome.user_id) == ("engines", "Engines break down", "ana")
    assert json.loads(bench.record_json(asked))["outcome"]["note"] == "no, after all"
    assert "no, after all" in bench.record_memo(asked)


def test_recent_sessions_are_the_persons_own(bench: Workbench) -> None:
    ana, bo = Who("ana", "fleet"), Who("bo", "fleet")
    for who, text in ((ana, "Buses run late"), (bo, "Buses run late too"), (ana, "Buses run late again")):
        bench.start(text, who, "late_buses")
    assert [run.title for run in bench.recent(ana)] == ["Buses run late again", "Buses run late"]
    assert bench.recent(Who("ana", "elsewhere")) == []
    assert bench.people() == (["ana", "bo"], ["fleet"])


def test_an_event_that_is_missing_is_named_at_the_next_start(
    bench: Workbench, asked: str, settings: Settings
) -> None:
    bench.close()
    with Workbench.opened(settings) as whole:
        assert whole.fault is None
    with duckdb.connect(str(settings.data / "whytree.duckdb")) as behind:
        behind.execute("delete from events where run_id = ? and seq = 2", [asked])
    with Workbench.opened(settings) as torn:
        assert torn.fault
        assert f"({asked}) 1 of its events are missing: 2." in torn.fault
        assert "Everything else is there: restore a backup to get them back, or delete the run." in torn.fault
