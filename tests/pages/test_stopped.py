"""Runs that failed, were cancelled or are at work: what happened, what is safe, what can be done."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from agents import workbench
from agents.diagnosis import graph
from agents.workbench import Workbench
from tests.conftest import TEXT, Diagnose
from tests.pages.conftest import See

TIMEOUT_S = 60
MOST_LOOKS = 500
"""How often a page is drawn anew before the tool counts as stuck."""


def test_a_failed_step_shows_its_error_no_diagnosis_and_a_way_on(
    see: See, bench: Workbench, diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise ZeroDivisionError

    page = see(diagnose(bench, {"towings": "yes"}))
    with monkeypatch.context() as fault:
        fault.setattr(graph, "conclude", fail)
        page.click("Conclude now")
    assert "A step failed in a way we did not foresee (ZeroDivisionError)." in page.said
    assert "No diagnosis was made. Everything you answered is stored." in page.said
    assert bench.view(page.run_id).diagnosis is None
    page.click("Try the failed step again")
    assert bench.view(page.run_id).diagnosis is not None
    assert "Not decided" in page.said


def test_a_step_that_fails_again_keeps_failing_honestly(
    see: See, bench: Workbench, diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise ZeroDivisionError

    page = see(diagnose(bench))
    monkeypatch.setattr(graph, "conclude", fail)
    page.click("Conclude now").click("Try the failed step again")
    assert "ZeroDivisionError" in page.said
    assert bench.run(page.run_id).status == "failed"
    assert "Failed" in see().said


def test_a_run_that_another_session_retried_is_not_tried_again(
    see: See, bench: Workbench, diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise ZeroDivisionError

    run_id = diagnose(bench)
    with monkeypatch.context() as fault:
        fault.setattr(graph, "conclude", fail)
        bench.conclude(run_id, bench.view(run_id).seq)
    page = see(run_id)
    bench.retry(run_id)
    page.click("Try the failed step again")
    assert "Only a failed run can be tried again. Nothing was changed." in page.said


def test_a_cancelled_run_says_so_and_asks_nothing(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    run_id = diagnose(bench, {"towings": "yes"})
    bench.cancel(run_id)
    page = see(run_id)
    assert "This run was cancelled. What was recorded stays readable." in page.said
    assert page.labels() == ["New problem"]


def test_what_a_cancelled_run_recorded_stays_readable(see: See, bench: Workbench, diagnose: Diagnose) -> None:
    run_id = diagnose(bench, {"towings": "yes"})
    bench.cancel(run_id)
    page = see(run_id)
    assert page.at.dataframe[0].value.index.tolist()[-3:] == ["2. Yes, towings does", "Sum", "Belief"]
    assert page.at.get("plotly_chart")
    assert page.at.get("graphviz_chart")
    assert [button.label for button in page.at.get("download_button")][:3] == [
        "Memo",
        "Memo for Word",
        "Record as JSON",
    ]


def test_a_run_that_was_cancelled_before_its_confirmation_shows_no_belief(see: See, bench: Workbench) -> None:
    run_id = bench.start(TEXT)
    bench.cancel(run_id)
    page = see(run_id)
    assert "This run was cancelled." in page.said
    assert not page.at.get("plotly_chart")


def test_an_answer_refused_as_stale_is_not_called_stored_and_stays_in_sight_over_polls(
    see: See, bench: Workbench, diagnose: Diagnose, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = see(diagnose(bench, {"towings": "yes"}))
    other = see(page.run_id)
    third = see(page.run_id)
    monkeypatch.setattr(workbench, "SETTLE_S", 0.01)
    other.click("Conclude now")
    page.click_key("answer-")
    assert "Something else was done here in the meantime" in page.said
    assert "Working on it." in page.said
    assert "answer is stored" not in page.said
    assert "answer is stored" in other.said
    view, looks = bench.view, iter((False, True))

    def end_before_the_poll(run_id: str) -> Any:
        if next(looks, False):
            held.set()
            bench._runner.advance(bench.run(run_id)).result(TIMEOUT_S)
        return view(run_id)

    monkeypatch.setattr(bench, "view", end_before_the_poll)
    third.click_key("answer-")
    assert "Working on it" not in third.said
    assert "Not decided" in third.said
    assert "Something else was done here in the meantime" in third.said
    assert "Something else was done" not in third.reload().said


def test_a_page_from_before_the_cancellation_is_told_when_it_answers(
    see: See, bench: Workbench, diagnose: Diagnose
) -> None:
    page = see(diagnose(bench))
    bench.cancel(page.run_id)
    page.click_key("answer-")
    assert "This run was cancelled. Nothing was changed" in page.said


@pytest.fixture
def held(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Set, it lets the step that concludes go on."""
    go_on = threading.Event()
    conclude = graph.conclude

    def wait_and_conclude(work: Any) -> Any:
        go_on.wait()
        return conclude(work)

    monkeypatch.setattr(graph, "conclude", wait_and_conclude)
    yield go_on
    go_on.set()


def test_while_the_tool_works_the_page_says_that_the_answer_is_stored_and_then_goes_on(
    see: See, bench: Workbench, diagnose: Diagnose, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = see(diagnose(bench, {"towings": "yes"}))
    monkeypatch.setattr(workbench, "SETTLE_S", 0.01)
    page.click("Conclude now")
    assert "Working on it; your answer is stored." in page.said
    assert page.labels() == ["New problem"]
    assert "Working" in see().said
    held.set()
    looks = (page.reload().said for _ in range(MOST_LOOKS))
    assert "Not decided" in next(said for said in looks if "Working on it" not in said)
