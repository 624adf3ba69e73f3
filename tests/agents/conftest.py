"""A graph of two steps whose doing a test can set, with a store and a runner."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph

from agents.runner import Runner
from storage import runs
from storage.clock import new_id, now
from storage.db import Store
from storage.runs import Run


class State(TypedDict):
    run_id: str


class Steps:
    """A graph of two steps and a pause; what the steps do can be set from a test."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.did: list[str] = []
        self.first: Callable[[str], None] = lambda run_id: None
        self.second: Callable[[str], None] = lambda run_id: self.finish(run_id)

    def finish(self, run_id: str) -> None:
        runs.set_status(self.store, run_id, "completed")

    def graph(self) -> StateGraph[Any]:
        def first(state: State) -> dict[str, Any]:
            self.did.append("first")
            self.first(state["run_id"])
            return {}

        def second(state: State) -> dict[str, Any]:
            self.did.append("second")
            self.second(state["run_id"])
            return {}

        graph = StateGraph(State)
        graph.add_node("first", first)
        graph.add_node("second", second)
        graph.add_edge(START, "first")
        graph.add_edge("first", "second")
        graph.add_edge("second", END)
        return graph


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "whytree.duckdb")
    yield opened
    opened.close()


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints.sqlite"


@pytest.fixture
def steps(store: Store) -> Steps:
    return Steps(store)


@pytest.fixture
def runner(store: Store, steps: Steps, checkpoints: Path) -> Iterator[Runner]:
    opened = Runner(store, checkpoints, {"test": steps.graph()})
    yield opened
    opened.close()


@pytest.fixture
def run(store: Store) -> Run:
    at = now()
    admitted = Run(new_id(), "test", "t", "i", "queued", "me", "default", "test", at, at)
    runs.admit(store, admitted, [("complained", {})])
    return admitted
