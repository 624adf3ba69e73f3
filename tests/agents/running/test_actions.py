"""From the list of runs: try again, do again, branch off; each leaves the run it came from as it was."""

from collections.abc import Callable
from typing import Any

import pytest

from agents.diagnosis.view import DiagnosisView
from agents.errors import NotFound, Refused, Stale
from agents.running import actions
from agents.workbench import Who, Workbench
from storage import runs, trees

Diagnose = Callable[..., str]
Play = Callable[[Workbench, str, str], DiagnosisView]
Story = Callable[[Workbench, str], list[tuple[int, str, Any]]]
OTHER = Who("ana", "default")


def first_answered(bench: Workbench, run_id: str) -> int:
    return next(event.seq for event in bench.runs.events(run_id) if event.kind == "answered")


def test_doing_a_run_again_begins_with_the_same_complaint_and_nothing_else(
    bench: Workbench, asked: str, story: Story
) -> None:
    before = story(bench, asked)
    again = bench.runs.again(asked, OTHER)
    view, run = bench.view(again), bench.runs.run(again)
    assert (view.phase, view.status) == ("framing", "waiting")
    assert (run.parent_run_id, run.user_id, run.input) == (asked, "ana", bench.runs.run(asked).input)
    assert story(bench, asked) == before


def test_a_fork_waits_at_the_question_and_another_answer_leads_elsewhere(
    bench: Workbench, diagnose: Diagnose, play: Play
) -> None:
    run_id = diagnose(bench, {"towings": "yes"})
    play(bench, run_id, "engines")
    original = bench.view(run_id)
    fork = bench.runs.fork(run_id, first_answered(bench, run_id), OTHER)
    view = bench.view(fork)
    assert (view.status, view.phase, view.asked) == ("waiting", "asking", 0)
    bench.answer(fork, "towings", "no", view.seq)
    assert play(bench, fork, "roads").diagnosis
    assert bench.view(run_id) == original
    kinds = [event.kind for event in bench.runs.events(fork)]
    assert "forked" in kinds


def test_a_fork_takes_the_trees_along_that_its_record_tells_of(
    bench: Workbench, asked: str, play: Play
) -> None:
    done = play(bench, asked, "roads")
    whole = bench.runs.fork(asked, done.seq + 1, OTHER)
    early = bench.runs.fork(asked, first_answered(bench, asked), OTHER)
    assert len(trees.history(bench._store, whole)) == done.tree_version
    assert trees.history(bench._store, early) == []
    assert bench.view(whole).diagnosis == done.diagnosis


@pytest.mark.parametrize("before", [0, 1, 999])
def test_a_run_is_branched_off_behind_its_admission_and_before_its_end_alone(
    bench: Workbench, asked: str, before: int
) -> None:
    with pytest.raises(Refused, match=f"cannot be branched off before event {before}"):
        bench.runs.fork(asked, before, OTHER)


def test_a_cancelled_run_can_be_branched_off(bench: Workbench, diagnose: Diagnose) -> None:
    run_id = diagnose(bench, {"towings": "yes"})
    bench.runs.cancel(run_id)
    assert bench.runs.run(run_id).status == "cancelled"
    fork = bench.runs.fork(run_id, runs.last_seq(bench._store, run_id), OTHER)
    assert bench.view(fork).status == "waiting"
    with pytest.raises(Refused, match="already cancelled"):
        bench.runs.cancel(run_id)


def test_only_a_failed_run_is_tried_again(bench: Workbench, asked: str) -> None:
    with pytest.raises(Refused, match="Only a failed run"):
        bench.runs.retry(asked)


def test_a_run_that_is_not_there_is_told(bench: Workbench) -> None:
    for act in (bench.runs.retry, bench.runs.cancel, bench.runs.run, bench.runs.progress):
        with pytest.raises(NotFound, match="There is no run “nobody”"):
            act("nobody")


def test_a_tree_is_a_document_and_no_work(bench: Workbench, asked: str) -> None:
    tree = bench.open_tree(asked)
    with pytest.raises(Refused, match="is a document, not work"):
        bench.runs.cancel(tree)


def failed(bench: Workbench, run_id: str) -> str:
    last = runs.last_seq(bench._store, run_id)
    runs.add_events(bench._store, run_id, [("failed", {"step": "wait"})], last, "failed")
    return run_id


@pytest.mark.parametrize("way", ["runs", "diagnoses"])
def test_a_run_that_was_stopped_for_good_while_it_is_tried_again_stays_stopped(
    bench: Workbench, asked: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed(bench, asked)
    take_up = actions.take_up

    def stopped_before(*arguments: Any) -> None:
        bench.cancel(asked)
        take_up(*arguments)

    monkeypatch.setattr(actions, "take_up", stopped_before)
    with pytest.raises(Stale, match="Nothing was changed by this page"):
        bench.runs.retry(asked) if way == "runs" else bench.retry(asked)
    assert bench.runs.run(asked).status == "cancelled"
    assert bench.runs.events(asked)[-1].kind == "cancelled"


@pytest.mark.parametrize("way", ["runs", "diagnoses"])
def test_a_failed_run_is_tried_again_once_whoever_else_wants_it_too(
    bench: Workbench, asked: str, way: str
) -> None:
    failed(bench, asked)
    bench.runs.retry(asked) if way == "runs" else bench.retry(asked)
    assert bench.view(asked).status == "waiting"
    with pytest.raises(Refused, match="Only a failed run"):
        bench.runs.retry(asked) if way == "runs" else bench.retry(asked)
