"""Where graphs go on after a pause or a crash: LangGraph's checkpoints in one SQLite file.

Our status is the truth about a run; a checkpoint says only where its graph stands. One that cannot be
read is given up: the records are whole without it.
"""

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from langgraph.types import Command

from agents.running.saver import SharedCommits
from storage.sqlite import open_checked

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.graph.state import CompiledStateGraph

    Graph = CompiledStateGraph[Any, Any, Any, Any]

BRANCHES = 32
"""Parallel steps of one run that work at once; LangGraph's own bound is a few more than there are cores."""
RECURSION = 1_000_000
"""LangGraph's bound on steps, out of the way of our own limit, which says what to do."""

RESUMED = "__resume__"
"""LangGraph's name for what a pause was ended with; we end one with the number of the run's last event."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Entry:
    """How to enter a graph."""

    start: Any
    """Its input, the end of its pause, or None to go on with the step it was in."""
    since: int
    """Number of the run's last event when this pass through the graph began."""


class Checkpoints:
    """Open once per process; close it behind the last run."""

    def __init__(self, file: Path) -> None:
        self._connection = open_checked(file, "where runs go on", "waiting runs go on from their records")
        self.saver = SharedCommits(self._connection)
        self.saver.setup()

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def forget(self, run_id: str) -> None:
        """Drop everything about a run's graph."""
        self.saver.delete_thread(run_id)

    def entry(self, graph: "Graph", run_id: str, last_seq: int) -> Entry:
        """Where to enter the graph of a run whose last event is number `last_seq`."""
        snapshot = self._snapshot(graph, run_id)
        if snapshot is None:
            self.forget(run_id)
        if snapshot is None or not snapshot.tasks:
            return Entry({"run_id": run_id}, last_seq)
        if snapshot.interrupts:
            return Entry(Command(resume=last_seq), last_seq)
        return Entry(None, max((snapshot.metadata or {}).get("since", 0), self._resumed_at(run_id)))

    def step(self, graph: "Graph | None", run_id: str) -> str:
        """Names of the steps the graph is in."""
        try:
            snapshot = None if graph is None else self._snapshot(graph, run_id)
        except sqlite3.Error:
            return "unknown"
        return "start" if snapshot is None else ", ".join(snapshot.next) or "start"

    def mark(self, run_id: str) -> str:
        """Id of a run's newest checkpoint; empty when there is none that can be read."""
        with contextlib.suppress(Exception):  # as in `_snapshot`
            found = self.saver.get_tuple(_address(run_id))
            return found.checkpoint["id"] if found else ""
        return ""

    def _resumed_at(self, run_id: str) -> int:
        """Number of the run's last event when the pause it stands at was ended; 0 when it was not."""
        found = self.saver.get_tuple(_address(run_id))
        writes = (found.pending_writes if found else None) or []
        values = [value for _, channel, value in writes if channel == RESUMED]
        return max((n for value in values for n in ([value] if isinstance(value, int) else value)), default=0)

    def _snapshot(self, graph: "Graph", run_id: str) -> Any:
        try:
            return graph.get_state(_address(run_id))
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - what was planted or damaged may raise anything
            log.warning("checkpoint cannot be read", run_id=run_id, error=str(error))
            return None


def config(run_id: str, entry: Entry) -> "RunnableConfig":
    """How LangGraph is called for a run."""
    return {
        **_address(run_id),
        "metadata": {"since": entry.since},
        "max_concurrency": BRANCHES,
        "recursion_limit": RECURSION,
    }


def _address(run_id: str) -> "RunnableConfig":
    return {"configurable": {"thread_id": run_id}}
