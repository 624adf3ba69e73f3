"""Limits of one run: kept with it, held by the runner, taken along when it begins anew."""

from decimal import Decimal
from typing import Any

import pytest

from agents.errors import BadInput
from agents.running.limits import OwnLimits
from agents.workbench import Who, Workbench
from storage import steps, timeline
from storage.search import RunQuery
from storage.steps import Step
from tests.conftest import TEXT

OWN = OwnLimits(steps=1, seconds=90.0, cost=Decimal("0.5"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"steps": 0}, "from 1 to 100,000 steps"),
        ({"steps": 100_001}, "from 1 to 100,000 steps"),
        ({"steps": True}, "from 1 to 100,000 steps"),
        ({"seconds": 1e-300}, "for a second at least"),
        ({"cost": Decimal("1E-9")}, "0.0001 US dollars at least"),
        ({"seconds": 0.0}, "for a day at most"),
        ({"seconds": float("nan")}, "for a day at most"),
        ({"cost": Decimal(0)}, "US dollars at most"),
        ({"cost": Decimal("-1")}, "US dollars at most"),
        ({"cost": Decimal("Infinity")}, "US dollars at most"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_told_and_nothing_is_started(
    bench: Workbench, wrong: dict[str, Any], sentence: str
) -> None:
    limits = OwnLimits(**wrong)
    with pytest.raises(BadInput, match=sentence):
        bench.start(TEXT, limits=limits)
    with pytest.raises(BadInput, match="Nothing was started"):
        bench.conversations.send("Good morning", limits=limits)
    assert bench.runs.find(RunQuery()).total == 0
    assert bench.conversations.listed(Who()) == []


def test_a_diagnosis_stops_at_its_own_limit_and_goes_on_when_it_is_tried_again(bench: Workbench) -> None:
    run_id = bench.start(TEXT, playbook_id="late_buses", limits=OWN)
    run = bench.run(run_id)
    assert (run.status, run.error_type) == ("failed", "LimitReached")
    assert "after 1 step, its limit" in (run.error_text or "")
    bench.runs.retry(run_id)
    assert bench.run(run_id).status == "waiting"
    assert OwnLimits.of(bench.run(run_id)) == OWN


def test_steps_that_were_set_for_a_run_count_over_all_its_answers_until_it_is_tried_again(
    bench: Workbench,
) -> None:
    run_id = bench.start(TEXT, playbook_id="late_buses", limits=OwnLimits(steps=3))
    bench.confirm(run_id, bench.view(run_id).seq, "late_buses")
    while (view := bench.view(run_id)).status == "waiting" and view.questions:
        bench.answer(run_id, view.questions[0].question_id, "yes", view.seq)
    run = bench.run(run_id)
    assert (run.status, run.error_type) == ("failed", "LimitReached")
    assert "after 3 steps, its limit" in (run.error_text or "")
    assert timeline.worked(bench._store, run_id, "none")[0] == 3
    bench.runs.retry(run_id)
    assert bench.run(run_id).status != "failed"


def test_seconds_that_were_set_for_a_run_count_all_that_it_worked_before(bench: Workbench) -> None:
    run_id = bench.start(TEXT, playbook_id="late_buses", limits=OwnLimits(seconds=60.0))
    run = bench.run(run_id)
    long = {"started_at": run.created_at, "duration_s": 61.0, "run_id": run_id}
    whose = {"user_id": run.user_id, "project_id": run.project_id, "environment": run.environment}
    steps.record(bench._store, Step("an-hour", "agent", "slow", **long, **whose))
    bench.confirm(run_id, bench.view(run_id).seq, "late_buses")
    assert "after 60 seconds of work, its limit" in (bench.run(run_id).error_text or "")
    bench.runs.retry(run_id)
    assert bench.run(run_id).status == "waiting"


def test_what_is_begun_from_a_run_has_its_limits(bench: Workbench) -> None:
    wide = OwnLimits(steps=100, cost=Decimal("0.5"))
    run_id = bench.start(TEXT, playbook_id="late_buses", limits=wide)
    again = bench.runs.again(run_id, Who())
    fork = bench.runs.fork(run_id, bench.view(run_id).seq + 1, Who())
    assert [OwnLimits.of(bench.run(new)) for new in (again, fork)] == [wide, wide]


def test_a_request_keeps_its_limits_when_it_is_answered_anew_or_changed(bench: Workbench) -> None:
    asked = bench.conversations.send("Translate to German: good morning", agent="translate", limits=OWN)
    anew = bench.conversations.regenerate(asked)
    changed = bench.conversations.edit(anew, "Translate to German: good night")
    assert [OwnLimits.of(bench.runs.run(run_id)) for run_id in (asked, anew, changed)] == [OWN] * 3
    other = bench.conversations.send(
        "And now good evening", conversation_id=bench.conversations.of_run(asked)
    )
    assert OwnLimits.of(bench.runs.run(other)) == OwnLimits()
