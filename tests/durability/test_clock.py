"""A clock that is set back changes no order, loses nothing and makes no time negative."""

import sys
from collections.abc import Callable
from datetime import timedelta

import pytest

from agents.diagnosis.view import DiagnosisView
from agents.settings import Settings
from agents.workbench import Workbench
from storage import clock, runs, timeline
from storage.search import RunQuery

Play = Callable[[Workbench, str, str], DiagnosisView]


def set_back(patch: pytest.MonkeyPatch, days: int) -> None:
    """Have every module that asks for the time get an earlier one."""
    real = clock.now
    for module in list(sys.modules.values()):
        if getattr(module, "now", None) is real:
            patch.setattr(module, "now", lambda: real() - timedelta(days=days))


def test_a_run_goes_on_in_its_order_when_the_clock_was_set_back(
    bench: Workbench, asked: str, settings: Settings, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = runs.events(bench._store, asked)
    with monkeypatch.context() as patch:
        set_back(patch, days=2)
        done = play(bench, asked, "roads")
        bench._store.flush()
        assert (done.status, bench.replay(asked)) == ("completed", done.diagnosis.model_dump_json())  # type: ignore[union-attr]
        events = runs.events(bench._store, asked)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert events[: len(before)] == before
        assert events[-1].occurred_at < before[0].occurred_at
        bars = timeline.of_run(bench._store, asked)
        assert all(bar.offset_s >= 0 and bar.duration_s >= 0 for bar in bars)
        progress = bench.runs.progress(asked)
        assert progress.elapsed_s >= 0
        assert [line.run_id for line in bench.runs.find(RunQuery(sort="touched")).lines] == [asked]
    bench.close()
    with Workbench.opened(settings) as again:
        assert again.view(asked) == done
        assert again.fault is None
