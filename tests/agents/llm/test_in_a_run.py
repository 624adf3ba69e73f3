"""What a fault of a model does to the run that called it, and what a resume pays again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph

from agents.runner import Runner
from storage import runs
from storage.clock import now
from storage.runs import Run
from tests.agents.llm.conftest import MakeWorld
from tests.agents.llm.kit import KEY, World, provider
from tests.agents.llm.test_fault_table import CASES, Case
from tests.servers.chat_server import ChatServer, answer

TIMEOUT_S = 60


class State(TypedDict):
    run_id: str


class Calls:
    """A graph of two calls; the second may be made to fail outside of any model."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.broken = False

    def draft(self, state: State) -> dict[str, Any]:
        self.world.ask("draft", run_id=state["run_id"])
        if self.broken:
            raise LookupError("the step broke after its call")
        return {}

    def summary(self, state: State) -> dict[str, Any]:
        self.world.ask("summary", run_id=state["run_id"])
        runs.set_status(self.world.store, state["run_id"], "completed")
        return {}

    def graph(self) -> StateGraph[Any]:
        graph = StateGraph(State)
        graph.add_node("draft", self.draft)
        graph.add_node("summary", self.summary)
        graph.add_edge(START, "draft")
        graph.add_edge("draft", "summary")
        graph.add_edge("summary", END)
        return graph


@pytest.fixture
def make_runner(make_world: MakeWorld) -> Iterator[Any]:
    """Makes a runner of the two calls for a provider, with a run admitted."""
    opened: list[Runner] = []

    def make(**settings: Any) -> tuple[Runner, Calls, Run]:
        world = make_world(provider(**settings))
        calls = Calls(world)
        opened.append(Runner(world.store, world.folder / "checkpoints.sqlite", {"test": calls.graph()}))
        at = now()
        run = Run("run-1", "test", "t", "i", "queued", "me", "default", "test", at, at)
        runs.admit(world.store, run, [("complained", {})])
        return opened[-1], calls, run

    yield make
    for runner in opened:
        runner.close()


def kept(calls: Calls) -> Run:
    run = runs.find(calls.world.store, "run-1")
    assert run
    return run


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_that_stays_fails_the_run_with_its_sentence(
    case: Case, server: ChatServer, make_runner: Any
) -> None:
    server.default = case.behaviour
    runner, calls, run = make_runner(url=server.url, **case.settings)
    runner.advance(run).result(TIMEOUT_S)
    failed = kept(calls)
    assert (failed.status, failed.error_type, failed.error_step) == ("failed", "AllFailed", "draft")
    assert case.sentence in (failed.error_text or "")
    assert KEY not in (failed.error_trace or "")


def test_a_step_that_runs_again_does_not_pay_again(server: ChatServer, make_runner: Any) -> None:
    runner, calls, run = make_runner(url=server.url)
    calls.broken = True
    runner.advance(run).result(TIMEOUT_S)
    assert kept(calls).status == "failed"
    calls.broken = False
    server.default = answer('{"causes": ["service"], "confidence": 0.25}')
    runs.set_status(calls.world.store, "run-1", "running")
    runner.advance(replace(run, status="running")).result(TIMEOUT_S)
    assert kept(calls).status == "completed"
    assert [row.error_type for row in calls.world.rows()].count(None) == len(calls.world.rows()) == 2
    drafts = [row for row in calls.world.rows() if ":draft:draft" in row.idempotency_key]
    assert len(drafts) == 1
