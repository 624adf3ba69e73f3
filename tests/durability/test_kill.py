"""kill -9 at random moments of a session: nothing that was acknowledged is lost, nothing counts twice.

`WHYTREE_TEST_KILLS` sets how often (6 by default), `WHYTREE_TEST_SEED` the moments.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.diagnosis.view import DiagnosisView
from agents.settings import Settings
from agents.workbench import Who, Workbench
from storage import runs

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("session.py")
KILLS = int(os.environ.get("WHYTREE_TEST_KILLS", "6"))
SEED = int(os.environ.get("WHYTREE_TEST_SEED", "20260314"))
LONGEST_WAIT_S = 30
LATEST_KILL = 14
"""Acknowledgements after which the process is killed at the latest."""

Line = dict[str, Any]


def acknowledged(ledger: Path) -> list[Line]:
    """Whole lines of the ledger; one that was cut was not acknowledged."""
    text = ledger.read_text() if ledger.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]


def killed_session(data: Path, playbooks: Path, ledger: Path, rng: random.Random) -> None:
    """Run the child and kill it a random part of a step behind a random acknowledgement."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(CHILD), str(data), str(playbooks), str(ledger)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as child:  # type: ignore[call-overload]
        for _ in range(rng.randint(1, LATEST_KILL)):
            assert child.stdout.readline(), child.stderr.read().decode()
        spin = rng.randint(0, 400_000)  # a moment inside a step, of some milliseconds
        while spin:
            spin -= 1
        child.send_signal(signal.SIGKILL)
        assert child.wait(LONGEST_WAIT_S) == -signal.SIGKILL


def taken(bench: Workbench, run_id: str) -> list[Line]:
    """The child's answers of a run as the store has them, in order; ours have no note."""
    answers = [e.data for e in runs.events(bench._store, run_id) if e.kind == "answered" and e.data["note"]]
    return [{"question_id": a["question_id"], "value": a["answer_id"], "note": a["note"]} for a in answers]


def check(bench: Workbench, lines: list[Line]) -> None:
    """Every acknowledged run, confirmation and answer is there exactly once, and no number is missing."""
    for run_id in {line["run_id"] for line in lines if line["kind"] == "run"}:
        numbers = [event.seq for event in runs.events(bench._store, run_id)]
        assert numbers == list(range(1, len(numbers) + 1))
        said = [
            {key: line[key] for key in ("question_id", "value", "note")}
            for line in lines
            if line["kind"] == "answer" and line["run_id"] == run_id
        ]
        there = taken(bench, run_id)
        assert there[: len(said)] == said
        assert len(there) <= len(said) + 1  # one may be on disk whose acknowledgement was cut
        assert max(Counter(line["note"] for line in there).values(), default=1) == 1
    for line in lines:
        if line["kind"] == "confirmed":
            assert bench.view(line["run_id"]).phase != "framing"


def settled(bench: Workbench, run_id: str) -> DiagnosisView:
    """The run when the steps that the dead process left are done."""
    bench._runner.advance(bench.run(run_id)).result(LONGEST_WAIT_S)
    return bench.view(run_id)


def go_on(bench: Workbench, run_id: str, play: Callable[[Workbench, str, str], DiagnosisView]) -> None:
    """Bring a run that was interrupted to its end, as a person would."""
    view = settled(bench, run_id)
    assert view.status in ("waiting", "completed")
    if view.phase == "framing":
        bench.confirm(run_id, view.seq, "late_buses")
    done = play(bench, run_id, "roads")
    assert done.status == "completed"
    assert done.diagnosis
    assert bench.replay(run_id) == done.diagnosis.model_dump_json()
    believed = [e.data for e in runs.events(bench._store, run_id) if e.kind == "believed"]
    assert believed[-1]["belief"] == {bar.cause_id: bar.belief for bar in done.belief}


def test_no_acknowledged_answer_is_lost_or_counted_twice_over_many_kills(
    settings: Settings,
    tmp_path: Path,
    tiny_folder: Path,
    play: Callable[[Workbench, str, str], DiagnosisView],
) -> None:
    rng = random.Random(SEED)
    ledger = tmp_path / "ledger.jsonl"
    for _ in range(KILLS):
        killed_session(settings.data, tiny_folder, ledger, rng)
        bench = Workbench.open(settings)
        lines = acknowledged(ledger)
        check(bench, lines)
        known = [run.run_id for run in bench.recent(Who(), limit=10_000)]
        assert {line["run_id"] for line in lines if line["kind"] == "run"} <= set(known)
        for run_id in known[:1]:
            go_on(bench, run_id, play)
        bench.close()
    assert {line["kind"] for line in lines} == {"open", "run", "confirmed", "answer"}
