"""What happens to a run when its store, its playbook, its checkpoint or a step of it is in trouble."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.diagnosis import framing, graph
from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE, Refused
from agents.settings import Settings
from agents.workbench import Workbench
from storage import runs
from storage.errors import StoreDamaged, StoreUnwritable

ROOT = Path(__file__).parents[2]
TEXT = "Our buses run late since March, mostly in the north"

Diagnose = Callable[..., str]
Play = Callable[[Workbench, str, str], DiagnosisView]


def test_a_store_that_another_process_has_open_is_told(bench: Workbench, settings: Settings) -> None:
    code = """
import sys
from pathlib import Path
from agents.settings import Settings
from agents.workbench import Workbench
try:
    Workbench.open(Settings(data=Path(sys.argv[1])))
except Exception as error:
    print(type(error).__name__, error)
"""
    command = [sys.executable, "-c", code, str(settings.data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("StoreLocked Another process has the store")


@pytest.mark.parametrize("damage", ["cut", "garbage"])
def test_a_damaged_store_is_told_and_left_as_it_is(
    settings: Settings, diagnose: Diagnose, damage: str
) -> None:
    first = Workbench.open(settings)
    diagnose(first)
    first.close()
    file = settings.data / "whytree.duckdb"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"garbage" * 9_999)
    damaged = file.read_bytes()
    with pytest.raises(StoreDamaged, match="left as it is: restore a backup"):
        Workbench.open(settings)
    assert file.read_bytes() == damaged
    file.write_bytes(whole)
    Workbench.open(settings).close()


def test_a_store_that_cannot_be_written_is_told(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"data": Path("/dev/null/whytree")})
    with pytest.raises(StoreUnwritable, match="cannot be written"):
        Workbench.open(nowhere)


def test_a_workbench_that_could_not_open_holds_no_file(settings: Settings) -> None:
    settings.data.mkdir()
    (settings.data / "checkpoints.sqlite").write_bytes(b"garbage" * 999)
    with pytest.raises(StoreDamaged):
        Workbench.open(settings)
    (settings.data / "checkpoints.sqlite").unlink()
    Workbench.open(settings).close()


def test_a_run_goes_on_when_its_checkpoints_were_moved_away(
    settings: Settings, diagnose: Diagnose, play: Play
) -> None:
    first = Workbench.open(settings)
    run_id = diagnose(first, {"towings": "no"})
    before = first.view(run_id)
    first.close()
    for file in settings.data.glob("checkpoints.sqlite*"):
        file.unlink()
    again = Workbench.open(settings)
    assert again.view(run_id) == before
    assert play(again, run_id, "roads").status == "completed"
    again.close()


def test_lost_or_planted_convenience_changes_nothing(settings: Settings, diagnose: Diagnose) -> None:
    first = Workbench.open(settings)
    run_id = diagnose(first, {"towings": "no"})
    before = first.view(run_id)
    for key in list(first.convenience._cache.iterkeys()):
        first.convenience.put(key, {"foreign": True})
    assert first.view(run_id) == before
    first.close()
    (settings.data / "convenience" / "cache.db").write_bytes(b"garbage" * 999)
    again = Workbench.open(settings)
    assert again.view(run_id) == before
    again.close()


def test_an_edited_playbook_changes_no_run_that_was_made_with_it(
    settings: Settings, tmp_path: Path, tiny_text: str, diagnose: Diagnose
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "late.yaml").write_text(tiny_text)
    mine = settings.model_copy(update={"playbooks": own})
    first = Workbench.open(mine)
    run_id = diagnose(first, {"towings": "no"})
    before, record = first.view(run_id), first.replay(run_id)
    first.close()
    (own / "late.yaml").write_text(tiny_text.replace("prior: 3", "prior: 30", 1).replace("Engines", "Motors"))
    again = Workbench.open(mine)
    assert (again.view(run_id), again.replay(run_id)) == (before, record)
    assert again.playbooks["late_buses"].cause("engines").label == "Motors break down"
    again.close()


def test_a_broken_playbook_is_told_and_the_rest_are_there(settings: Settings, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "bad.yaml").write_text("id: [")
    bench = Workbench.open(settings.model_copy(update={"playbooks": own}))
    assert [refusal.file for refusal in bench.refused_playbooks] == ["bad.yaml"]
    assert len(bench.playbooks) == 10
    bench.close()


def test_a_step_that_fails_gives_no_diagnosis_and_can_be_tried_again(
    bench: Workbench, asked: str, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(work: object) -> None:
        raise ZeroDivisionError("on purpose")

    with monkeypatch.context() as patch:
        patch.setattr(graph, "conclude", broken)
        bench.conclude(asked, bench.view(asked).seq)
        view = bench.view(asked)
        assert (view.status, view.diagnosis) == ("failed", None)
        assert view.error
        assert "did not foresee (ZeroDivisionError)" in view.error
        assert bench.run(asked).error_step == "conclude"
    bench.retry(asked)
    view = bench.view(asked)
    assert view.diagnosis
    assert (view.status, view.error) == ("completed", None)
    assert bench.replay(asked) == view.diagnosis.model_dump_json()
    run = bench.run(asked)
    assert (run.error_type, run.error_text, run.error_step, run.error_trace) == (None, None, None, None)
    with pytest.raises(Refused, match="Only a failed run"):
        bench.retry(asked)


def test_a_failure_while_framing_can_be_tried_again(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = framing.frame
    with monkeypatch.context() as patch:
        patch.setattr(framing, "frame", lambda *_: 1 / 0)
        run_id = bench.start(TEXT, playbook_id="late_buses")
        assert bench.view(run_id).status == "failed"
    assert framing.frame is real
    bench.retry(run_id)
    view = bench.view(run_id)
    assert (view.status, view.phase) == ("waiting", "framing")
    assert view.framing
    assert view.framing.suggested == "late_buses"


def test_a_run_that_waits_for_a_person_is_not_disturbed_by_another_try(bench: Workbench, asked: str) -> None:
    """As after a crash between the last event and its checkpoint."""
    before = bench.view(asked)
    runs.set_status(bench._store, asked, "running")
    bench._runner.advance(bench.run(asked)).result(30)
    assert bench.view(asked).model_copy(update={"seq": before.seq}) == before
    unconfirmed = bench.start(TEXT, playbook_id="late_buses")
    runs.set_status(bench._store, unconfirmed, "running")
    bench._runner.advance(bench.run(unconfirmed)).result(30)
    assert bench.view(unconfirmed).status == "waiting"


def test_the_same_answers_give_the_same_diagnosis_byte_for_byte_a_hundred_times(
    settings: Settings, diagnose: Diagnose, play: Play
) -> None:
    first = Workbench.open(settings)
    run_id = diagnose(first)
    view = play(first, run_id, "engines")
    assert view.diagnosis
    recorded = view.diagnosis.model_dump_json()
    assert {first.replay(run_id) for _ in range(50)} == {recorded}
    first.close()
    again = Workbench.open(settings)
    assert {again.replay(run_id) for _ in range(50)} == {recorded}
    assert again.view(run_id) == view
    again.close()
    code = """
import sys
from pathlib import Path
from agents.settings import Settings
from agents.workbench import Workbench
bench = Workbench.open(Settings(data=Path(sys.argv[1])))
sys.stdout.buffer.write(bench.replay(sys.argv[2]).encode())
bench.close()
"""
    command = [sys.executable, "-c", code, str(settings.data), run_id]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert done.stdout.decode() == recorded


def test_two_runs_with_the_same_answers_differ_in_nothing_but_their_ids(
    bench: Workbench, diagnose: Diagnose, play: Play
) -> None:
    views = [play(bench, diagnose(bench), "engines") for _ in range(2)]
    own = {"run_id", "created_at", "concluded_at"}
    assert views[0].model_dump_json(exclude=own) == views[1].model_dump_json(exclude=own)


def test_a_closed_workbench_answers_with_a_sentence(settings: Settings, diagnose: Diagnose) -> None:
    bench = Workbench.open(settings)
    run_id = diagnose(bench)
    seq = bench.view(run_id).seq
    bench.close()
    with pytest.raises(READABLE):
        bench.answer(run_id, "towings", "yes", seq)
    bench.close()
