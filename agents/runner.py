"""Runs graphs in the background: admission first, every failure kept, orphans found at the next start.

Our status is the truth about a run; LangGraph's checkpoint says only where its graph goes on. What a graph
must keep to: its state holds the run's id; a step reads the run's events, adds what is missing and runs
again without harm; a step that waits does nothing but interrupt. A graph may set its run's status with its
events, and the runner does where it does not: `completed` at the end, `waiting` at a pause.

Runs that somebody waits for start at once on a thread of this process. DBOS would add a row, a transaction
and an import of a second to each stretch between two answers (some 10 ms, beside 20 of our own), and it
knows a workflow's id only once, while a run has as many stretches as it has answers. So DBOS does what it
is for: batches, which nobody waits for, with its queue, priorities and recovery (`running.background`).
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from agents.errors import Refused, StepFailed
from agents.running.background import Background
from agents.running.checkpoints import Checkpoints, config
from agents.running.control import Control, Controls
from agents.running.endings import Endings
from agents.running.lanes import Lanes
from agents.running.limits import Limits, check_cost
from agents.running.steps import AtWork
from storage import runs
from storage.clock import now
from storage.db import Store
from storage.runs import AT_WORK, OutOfStep, Run, Standing, Status

if TYPE_CHECKING:
    from langgraph.graph.state import StateGraph
    from langgraph.types import Durability

    from agents.running.checkpoints import Graph

WORKERS = 256
"""Runs that can be at work at once; most of their time they wait for a model."""
GRACE_S = 10.0
"""Seconds a step may take to end when the process is asked to."""
DRAINING = (
    "Whytree is shutting down, so nothing new is started. What was sent before is kept and goes on when it "
    "is up again: try again in a minute."
)

log = structlog.get_logger()


class Runner:
    """Runs the graphs of all kinds of runs."""

    def __init__(
        self,
        store: Store,
        checkpoints: Path,
        graphs: "Mapping[str, StateGraph[Any]]",
        limits: Limits | None = None,
        queue: Path | str | None = None,
        folding: Collection[str] = (),
    ) -> None:
        """`queue` is the file, or the Postgres address, in which batches wait; without it there are none.

        `folding` are the kinds whose steps leave all they did in the run's events, so that a checkpoint at
        each pause and end is enough; the others have one after each step.
        """
        self._store = store
        self._limits = limits or Limits()
        self.checkpoints = Checkpoints(checkpoints)
        self._graphs: dict[str, Graph] = {
            kind: graph.compile(checkpointer=self.checkpoints.saver) for kind, graph in graphs.items()
        }
        self._endings = Endings(store, self.checkpoints, self._graphs)
        self._folding = frozenset(folding)
        self._lanes = Lanes(WORKERS)
        self._controls = Controls(store)
        self.background = None if queue is None else Background(queue, self.work)
        self._draining = False
        self._broken_off: set[str] = set()
        """Runs of the queue that were at work when the process before ended, until their turn comes."""

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of runs that have a graph here."""
        return frozenset(self._graphs)

    def check_open(self) -> None:
        """Raise Refused, with a sentence, when nothing new is started any more."""
        if self._draining:
            raise Refused(DRAINING)

    def advance(self, run: Run) -> "Future[None]":
        """Go on with a run until it waits or ends; the run keeps its failure, the future never raises.

        While the process shuts down the future comes back cancelled: the next start goes on with the run.
        """
        return self._lanes.submit(run.run_id, lambda: self._work(run.run_id))

    def enqueue(self, queued: Sequence[Run]) -> None:
        """Let admitted runs wait for their turn, those of the smallest priority first; returns at once."""
        if self.background is None:
            raise Refused("This Whytree has no queue, so nothing was started in the background.")
        self.background.put(queued)

    def stop(self, run_id: str) -> None:
        """End what a cancelled run has in flight, also in the middle of a model's answer."""
        if (control := self._controls.of(run_id)) is not None:
            control.stop("cancelled")
        if self.background is not None:
            self.background.drop([run_id])

    def at_work(self, run_id: str) -> tuple[AtWork, ...]:
        """Steps of a run that work now, in this process."""
        control = self._controls.of(run_id)
        return () if control is None else control.steps.at_work()

    def recover(self) -> list[str]:
        """Go on with every run that a dead process left at work; returns their ids."""
        orphans = runs.with_status(self._store, AT_WORK)
        queued = [run for run in orphans if run.queue is not None]
        self._broken_off = {run.run_id for run in queued if run.status == "running"}
        for run in orphans:
            if run.queue is None and self._endings.may_go_on(run):
                self.advance(run)
        if self.background is not None:
            self.background.put(queued)
        return [run.run_id for run in orphans]

    def drain(self, grace_s: float = GRACE_S) -> bool:
        """Start nothing more and let the steps at work end; what takes longer is broken off.

        Runs keep their status: the next start goes on with them. False when a step did not end.
        """
        self._draining = True
        self._lanes.refuse()
        self._controls.drain(at_once=False)
        if self._controls.wait_idle(grace_s):
            return True
        self._controls.drain(at_once=True)
        return self._controls.wait_idle(grace_s)

    def close(self, grace_s: float = GRACE_S) -> None:
        """Drain, then release the checkpoints."""
        idle = self.drain(grace_s)
        if self.background is not None:
            self.background.close()
        self._lanes.close(wait=idle)
        self.checkpoints.close()
        if not idle:
            log.warning("a step did not end in time; its run goes on at the next start")

    # One stretch of work

    def work(self, run_id: str) -> None:
        """Go on with a run whose turn has come, and wait until it waits or ends."""
        self._lanes.submit(run_id, lambda: self._take_up(run_id)).result()

    def _take_up(self, run_id: str) -> None:
        """Work on a run of the queue; one that a dead process had begun is only now taken up again."""
        if run_id in self._broken_off:
            self._broken_off.discard(run_id)
            run = runs.find(self._store, run_id)
            if run is None or not self._endings.may_go_on(run):
                return
        self._work(run_id)

    def _work(self, run_id: str) -> None:
        run, last = runs.find_with_last(self._store, run_id) or (None, 0)
        if run is None or run.status not in AT_WORK:
            return
        with self._controls.hold(run, self._limits.of(run)) as control:
            try:
                self._go_on(run, last, control)
            except Exception as error:  # noqa: BLE001 - any failure becomes a failed run with its error kept
                control.steps.close(type(error).__name__)
                self._endings.end(run, control, error)

    def _go_on(self, run: Run, last: int, control: Control) -> None:
        graph, run_id = self._graph(run.kind), run.run_id
        control.count_before()
        at = _at_work(runs.begin(self._store, run_id)) if run.status == "queued" else last
        while at is not None and control.reason is None:
            try:
                at = self._pass(graph, run, control, at)
            except OutOfStep:  # a person was faster: the step reads the run again
                at = _at_work(runs.standing(self._store, run_id))

    def _pass(self, graph: "Graph", run: Run, control: Control, last: int) -> int | None:
        """Let the graph of a run at event `last` go from where it stands to its pause or its end.

        Returns the number of the run's last event when it is to go on at once, None when it waits or ended.
        """
        run_id = run.run_id
        durability: Durability = "exit" if run.kind in self._folding else "sync"
        entry = self.checkpoints.entry(graph, run_id, last)
        control.steps.pauses = False
        told: Any
        for told in graph.stream(
            entry.start, config(run_id, entry), stream_mode="tasks", durability=durability
        ):
            control.take(told)
            check_cost(self._store, run_id, control.limits)
        return self._settle(run_id, entry.since, "waiting" if control.steps.pauses else "completed")

    def _settle(self, run_id: str, since: int, status: Status) -> int | None:
        """Set the status that the graph left open; returns as `_pass` does."""
        if runs.status(self._store, run_id) not in AT_WORK:
            return None
        ended = {"finished_at": now()} if status == "completed" else {}
        return _at_work(runs.settle(self._store, run_id, since, status, **ended))

    def _graph(self, kind: str) -> "Graph":
        if kind not in self._graphs:
            raise StepFailed(
                f"This Whytree has no agent “{kind[:40]}” to go on with. Everything so far is kept: "
                f"try again with a version that has it."
            )
        return self._graphs[kind]


def _at_work(standing: Standing) -> int | None:
    """Number of the last event of a run whose turn it is; None when it is a person's, or nobody's."""
    return standing.last if standing.is_at_work else None
