"""A diagnosis at one moment is computed once, and never shown for another moment."""

import pytest

from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.snapshot import Snapshots
from agents.errors import NotFound, Refused
from agents.workbench import Who, Workbench
from storage import runs
from storage.db import Store

TEXT = "Our buses run late since March, mostly in the north"


def test_what_is_drawn_of_one_moment_is_computed_once(bench: Workbench, asked: str) -> None:
    assert bench.view(asked) is bench.view(asked)
    assert bench.tree(asked) is bench.tree(asked)
    assert bench.tree_dot(asked) is bench.tree_dot(asked)
    assert bench.tree_dot(asked) != bench.tree_dot(asked, dark=True)


def test_an_answer_is_seen_in_everything_that_is_drawn_after_it(bench: Workbench, asked: str) -> None:
    view, tree, dot = bench.view(asked), bench.tree(asked), bench.tree_dot(asked)
    card = view.questions[0]
    bench.answer(asked, card.question_id, card.answers[0].answer_id, view.seq)
    assert bench.view(asked).belief != view.belief
    assert bench.tree(asked) != tree
    assert bench.tree_dot(asked) != dot


def test_a_change_of_the_row_alone_is_seen(bench: Workbench, asked: str) -> None:
    before = bench.view(asked)
    bench.cancel(asked)
    assert (before.status, bench.view(asked).status) == ("waiting", "cancelled")


def test_what_was_removed_is_not_shown_from_memory(bench: Workbench, asked: str) -> None:
    view = bench.view(asked)
    bench.answer(asked, view.questions[0].question_id, DONT_KNOW, view.seq, note="asked the garage")
    assert "asked the garage" in bench.view(asked).model_dump_json()
    bench.cancel(asked)
    a_week_ago = "update runs set updated_at = updated_at - interval 7 day where run_id = ?"
    bench._store.transact(lambda connection: connection.execute(a_week_ago, [asked]))
    bench.keeping.retain({"events": 3}, Who())
    assert "asked the garage" not in bench.view(asked).model_dump_json()
    bench.keeping.delete_runs([asked], Who())
    with pytest.raises(NotFound, match="was deleted on"):
        bench.view(asked)


def test_the_engine_has_nothing_to_work_on_before_the_framing_is_confirmed(bench: Workbench) -> None:
    run_id = bench.start(TEXT, playbook_id="late_buses")
    assert bench.view(run_id).phase == "framing"
    with pytest.raises(Refused, match="not confirmed yet"):
        bench.tree(run_id)


def test_what_is_recorded_while_a_moment_is_read_is_not_of_that_moment(
    bench: Workbench, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, read = bench.view(asked), runs.events
    run, card = bench.run(asked), view.questions[0]

    def answered_meanwhile(store: Store, run_id: str, after: int = 0) -> list[runs.Event]:
        monkeypatch.setattr(runs, "events", read)
        bench.answer(asked, card.question_id, card.answers[0].answer_id, view.seq)
        return read(store, run_id, after)

    monkeypatch.setattr(runs, "events", answered_meanwhile)
    snapshot = Snapshots(bench.cases)._read(run, view.seq)
    assert snapshot.case.seq == view.seq
    assert card.question_id not in snapshot.case.given
    assert card.question_id in bench.snapshots.now(asked).case.given
