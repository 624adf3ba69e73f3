"""A person at a workbench in a process of its own, to be killed: every answer taken is written down.

Usage: python session.py DATA PLAYBOOKS LEDGER. A line is on disk before the next answer is given, so
whatever stands in the ledger was acknowledged; a line on standard output tells of each. Runs follow one
another until the process is killed.
"""

import itertools
import json
import os
import sys
from pathlib import Path

from agents.settings import Settings
from agents.workbench import Workbench

TEXT = "Our buses run late since March"
VALUES = itertools.cycle(["yes", "no", "dont_know", "no", "yes"])


class Ledger:
    """What was acknowledged, one JSON line each, on disk when `note` returns."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, **line: object) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")
        os.fsync(self._file)
        print(flush=True)


def one_run(bench: Workbench, ledger: Ledger, number: int) -> None:
    """From a complaint to a diagnosis, changed once and concluded again."""
    run_id = bench.start(TEXT, playbook_id="late_buses")
    ledger.note(kind="run", run_id=run_id)
    bench.confirm(run_id, bench.view(run_id).seq, "late_buses")
    ledger.note(kind="confirmed", run_id=run_id)
    first = None
    while (view := bench.view(run_id)).phase == "asking":
        question_id, value = view.questions[0].question_id, next(VALUES)
        note = f"{number}.{view.asked}"
        bench.answer(run_id, question_id, value, view.seq, note)
        ledger.note(kind="answer", run_id=run_id, question_id=question_id, value=value, note=note)
        first = first or question_id
    if first is not None:
        note = f"{number}.changed"
        bench.answer(run_id, first, "no", view.seq, note)
        ledger.note(kind="answer", run_id=run_id, question_id=first, value="no", note=note)


def main(data: Path, playbooks: Path, ledger_file: Path) -> None:
    bench = Workbench.open(Settings(data=data, playbooks=playbooks, environment="test"))
    ledger = Ledger(ledger_file)
    ledger.note(kind="open")
    for number in itertools.count():
        one_run(bench, ledger, number)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
