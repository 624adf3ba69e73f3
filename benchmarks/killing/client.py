"""Real diagnoses by the built-in analyst, and the client who answers them: what runs with `folding`.

Their graph keeps a checkpoint at each pause and end alone, so that a process that is killed between them
leaves nothing but the run's events; the record must then be that of a run during which no process ended.
"""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from langgraph.graph import StateGraph

from agents.diagnosis import graph
from agents.diagnosis.advisor import Advisor
from agents.diagnosis.cases import Cases
from agents.diagnosis.diagnoses import Diagnoses
from agents.diagnosis.loading import load_library
from agents.errors import Refused, Stale
from agents.runner import Runner
from storage import runs
from storage.db import Store
from storage.runs import Event, NewEvent, Run

KIND = "diagnosis"
COMPLAINT = "Our sales dropped 20 % this quarter"
PLAYBOOK = "sales_fall"
ANSWERS = 2
"""Questions that are answered before the client wants the diagnosis."""
VARIANTS = 3
"""Ways to answer; which one a run gets stands in its id."""
PLACES = ("after", "concluded")
"""Names of what holds the number of an earlier event."""
TOOLS_OWN = ("queued", "running", "recovered")
"""Kinds of events with which the runner notes that it took a run up."""


class NoModels:
    """The built-in analyst asks no model."""

    def client_of(self, run_id: str) -> Any:
        """There is none."""
        raise Refused("No model is connected.")

    def remember(self, run_id: str, session: str | None) -> list[NewEvent]:
        """Nothing to record."""
        return []


class Client:
    """Begins diagnoses, and does in each what comes next."""

    def __init__(self, store: Store, advance: Callable[[Run], object]) -> None:
        cases, advisor = Cases(store, lambda: load_library(None)), Advisor(NoModels())
        self._diagnoses = Diagnoses(cases, "test", lambda run: _forget(advance(run)), advisor)
        self.graph: StateGraph[Any] = graph.build(cases, advisor)

    def begin(self) -> str:
        """Send the complaint; the run's id."""
        return self._diagnoses.start(COMPLAINT)

    def act(self, run_id: str) -> str | None:
        """Confirm, answer or conclude a run that waits; what was taken, None when the run had gone on."""
        known = self._diagnoses.snapshots.now(run_id)
        case = known.case
        try:
            if case.confirmed is None:
                self._diagnoses.confirm(run_id, case.seq, PLAYBOOK)
                return "confirmed"
            if len(case.asked) == ANSWERS:
                self._diagnoses.conclude(run_id, case.seq)
                return "conclusion_wanted"
            if case.open_question is None:
                return None
            answers = known.work.table.answers[known.work.table.questions.index(case.open_question)]
            value = answers[(variant(run_id) + len(case.asked)) % len(answers)]
            self._diagnoses.answer(run_id, case.open_question, value, case.seq)
        except Stale:
            return None
        return f"{case.open_question}={value}"


def _forget(_: object) -> None:
    """Nobody waits for the tool here."""


def variant(run_id: str) -> int:
    """In which of the ways a run is answered."""
    return crc32(run_id.encode()) % VARIANTS


def taken(event: Event) -> str | None:
    """What a person did, as `Client.act` says it; None for what the tool did."""
    if event.kind == "answered":
        return f"{event.data['question_id']}={event.data['answer_id']}"
    return event.kind if event.kind in ("confirmed", "conclusion_wanted") else None


def told(record: Sequence[Event]) -> list[tuple[str, dict[str, Any]]]:
    """A record without the runner's own events, which shift the numbers of the others."""
    kept = [event for event in record if event.kind not in TOOLS_OWN]
    place = {event.seq: n for n, event in enumerate(kept)}
    return [
        (event.kind, {k: place.get(v, v) if k in PLACES else v for k, v in event.data.items()})
        for event in kept
    ]


@lru_cache(maxsize=VARIANTS)
def unbroken(way: int) -> list[tuple[str, dict[str, Any]]]:
    """The record of a diagnosis that was answered in this way, by a process that did not end."""
    with tempfile.TemporaryDirectory() as made, closing(Store.open(Path(made) / "s.duckdb")) as store:
        runner: Runner
        client = Client(store, lambda run: runner.advance(run).result())
        graphs = {KIND: client.graph}
        with closing(Runner(store, Path(made) / "checkpoints.sqlite", graphs, folding=(KIND,))) as runner:
            while variant(run_id := client.begin()) != way:
                pass
            while client.act(run_id):
                pass
            return told(runs.events(store, run_id))
