"""Runs graphs in the background: admission first, every failure kept, orphans found at the next start.

Our status is the truth about a run. LangGraph's checkpoint says only where its graph goes on, and a
graph is resumed whenever a checkpoint exists.
"""

import contextlib
import os
import sqlite3
import threading
import traceback
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # read when LangGraph is imported

import structlog
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from agents.errors import READABLE, StepFailed
from storage import runs
from storage.db import Store
from storage.errors import StoreDamaged, StoreUnwritable
from storage.runs import OutOfStep

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.graph.state import CompiledStateGraph, StateGraph

WORKERS = 32
"""Runs that can be at work at once; most of their time they wait for a model."""
TRACE_CHARACTERS = 20_000
"""Of a failure's trace, the last so many are kept."""

log = structlog.get_logger()


class Runner:
    """Runs the graphs of all kinds of runs."""

    def __init__(self, store: Store, checkpoints: Path, graphs: "Mapping[str, StateGraph[Any]]") -> None:
        self._store = store
        self._connection = _open(checkpoints)
        saver = SqliteSaver(self._connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
        saver.setup()
        self._graphs: dict[str, CompiledStateGraph[Any, Any, Any, Any]] = {
            kind: graph.compile(checkpointer=saver) for kind, graph in graphs.items()
        }
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="run")
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def advance(self, run: runs.Run) -> "Future[None]":
        """Go on with a run until it waits or ends; the future never raises, the run keeps its failure."""
        return self._pool.submit(self._advance, run.run_id, run.kind)

    def recover(self) -> list[str]:
        """Go on with every run that a dead process left at work; returns their ids."""
        orphans = runs.with_status(self._store, ["queued", "running"])
        for run in orphans:
            self.advance(run)
        return [run.run_id for run in orphans]

    def close(self) -> None:
        """Let the steps at work finish, then release the checkpoints."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._connection.close()

    def _advance(self, run_id: str, kind: str) -> None:
        with self._lock(run_id):
            try:
                self._invoke(run_id, kind)
            except Exception as error:  # noqa: BLE001 - any failure becomes a failed run with its error kept
                self._keep_failure(run_id, kind, error)

    def _invoke(self, run_id: str, kind: str) -> None:
        graph = self._graph(kind)
        config: RunnableConfig = {"configurable": {"thread_id": run_id}}
        while (run := runs.find(self._store, run_id)) is not None and run.status in ("queued", "running"):
            with contextlib.suppress(OutOfStep):  # a person was faster: the step reads the run again
                graph.invoke(_where_to_go_on(graph, run_id), config, durability="sync")

    def _graph(self, kind: str) -> "CompiledStateGraph[Any, Any, Any, Any]":
        if kind not in self._graphs:
            raise StepFailed(
                f"This Whytree has no agent “{kind[:40]}” to go on with. Everything so far is kept: "
                f"try again with a version that has it."
            )
        return self._graphs[kind]

    def _keep_failure(self, run_id: str, kind: str, error: Exception) -> None:
        step = _failed_step(self._graphs.get(kind), run_id)
        sentence = str(error) if isinstance(error, READABLE) else _unforeseen(error)
        failure = {"step": step, "error_type": type(error).__name__, "error_text": sentence}
        log.error("run failed", run_id=run_id, **failure)
        try:
            last = max((event.seq for event in runs.events(self._store, run_id)), default=0)
            trace = "".join(traceback.format_exception(error))
            if (run := runs.find(self._store, run_id)) is None or run.status == "cancelled":
                return
            runs.add_events(
                self._store,
                run_id,
                [("failed", failure)],
                last,
                status="failed",
                error_type=type(error).__name__,
                error_text=sentence,
                error_step=step,
                error_trace=trace[-TRACE_CHARACTERS:],
            )
        except OutOfStep:
            log.info("a person acted on the failed run: it goes on", run_id=run_id)
        except READABLE as unkept:
            # The store cannot be written: the run stays "running" there and is taken up at the next start.
            log.error("failure could not be kept", run_id=run_id, error=str(unkept))

    @contextlib.contextmanager
    def _lock(self, run_id: str) -> Iterator[None]:
        with self._guard:
            lock = self._locks.setdefault(run_id, threading.Lock())
        with lock:
            yield


def _open(file: Path) -> sqlite3.Connection:
    try:
        with contextlib.ExitStack() as opened:
            connection = sqlite3.connect(file, check_same_thread=False)
            opened.callback(connection.close)
            _check(connection)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            opened.pop_all()
    except sqlite3.DatabaseError as error:
        damaged = "malformed" in str(error) or "not a database" in str(error)
        raise (StoreDamaged if damaged else StoreUnwritable)(
            f"The file {file} that holds where runs go on cannot be used ({error}). It was left as it is: "
            f"move it away, and waiting runs go on from their records."
        ) from error
    return connection


def _check(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("pragma quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict}")


def _where_to_go_on(graph: Any, run_id: str) -> Any:
    """What to invoke the graph with: its start, its pause's end, or the step it was in."""
    snapshot = _snapshot(graph, run_id)
    if snapshot is None:
        graph.checkpointer.delete_thread(run_id)
    if snapshot is None or not snapshot.next:
        return {"run_id": run_id}
    return Command(resume=True) if snapshot.interrupts else None


def _failed_step(graph: Any, run_id: str) -> str:
    try:
        snapshot = None if graph is None else _snapshot(graph, run_id)
    except sqlite3.Error:
        return "unknown"
    return "start" if snapshot is None else ", ".join(snapshot.next) or "start"


def _snapshot(graph: Any, run_id: str) -> Any:
    """Where a graph stands; None when its checkpoint cannot be read: the records are whole without it."""
    try:
        return graph.get_state({"configurable": {"thread_id": run_id}})
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001 - what was planted or damaged may raise anything
        log.warning("checkpoint cannot be read", run_id=run_id, error=str(error))
        return None


def _unforeseen(error: Exception) -> str:
    return (
        f"A step failed in a way we did not foresee ({type(error).__name__}). "
        f"Everything before it is kept: try again, or report it with the run's id."
    )
