"""What a fault of a model does to the run that called it, and what a resume pays again."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph

from agents.llm.call import Reply
from agents.llm.faults import Kind
from agents.runner import Runner
from storage import runs
from storage.clock import now
from storage.runs import Run
from tests.agents.llm.conftest import MakeWorld
from tests.agents.llm.kit import KEY, Sink, World, provider
from tests.agents.llm.test_fault_table import CASES, STREAM_CASES, Case
from tests.agents.llm.test_text_gate import CORPUS
from tests.servers import faults
from tests.servers.chat_server import ANSWER, Behaviour, ChatServer, answer

TIMEOUT_S = 60


class State(TypedDict):
    run_id: str


class Calls:
    """A graph of two calls; the second may be made to fail outside of any model."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.broken = False
        self.streams = False
        self.deadline_s = 20.0
        self.said: list[str] = []

    def draft(self, state: State) -> dict[str, Any]:
        if self.streams:
            self.said.append(self._write(state).text)
        else:
            self.said.append(
                self.world.ask("draft", self.deadline_s, run_id=state["run_id"]).value.model_dump_json()
            )
        if self.broken:
            raise LookupError("the step broke after its call")
        return {}

    def _write(self, state: State) -> Reply[str]:
        return self.world.write(Sink(), "draft", self.deadline_s, run_id=state["run_id"])

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


@pytest.mark.parametrize("case", STREAM_CASES, ids=lambda case: case.name)
def test_a_broken_stream_fails_the_run_with_its_sentence(
    case: Case, server: ChatServer, make_runner: Any
) -> None:
    server.default = case.behaviour
    runner, calls, run = make_runner(url=server.url, **case.settings)
    calls.streams, calls.deadline_s = True, case.deadline_s
    runner.advance(run).result(TIMEOUT_S)
    failed = kept(calls)
    assert (failed.status, failed.error_type, failed.error_step) == ("failed", "AllFailed", "draft")
    assert case.sentence in (failed.error_text or "")
    assert calls.said == []


def test_a_server_that_is_not_there_fails_the_run_with_its_sentence(make_runner: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        runner, calls, run = make_runner(url=f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
        runner.advance(run).result(TIMEOUT_S)
    failed = kept(calls)
    assert (failed.status, failed.error_type) == ("failed", "AllFailed")
    assert "could not be reached" in (failed.error_text or "")


@pytest.mark.parametrize(("text", "kind"), CORPUS.values(), ids=CORPUS)
def test_bad_output_of_a_model_fails_the_run_by_name_and_crashes_none(
    text: str, kind: Kind, server: ChatServer, make_runner: Any
) -> None:
    server.default = answer(text)
    runner, calls, run = make_runner(url=server.url)
    runner.advance(run).result(TIMEOUT_S)
    failed = kept(calls)
    assert (failed.status, failed.error_type, calls.said) == ("failed", "AllFailed", [])
    assert {row.error_type for row in calls.world.rows()} == {kind}


WELL: dict[str, tuple[Behaviour, list[str | None], bool]] = {
    "fenced JSON": (answer(f"```json\n{ANSWER}\n```"), [None], False),
    "missing usage": (faults.without_usage, [None], False),
    "response_format refused": (faults.only_with(None), ["bad_request", "bad_request", None], False),
    "a stream cut before its usage": (faults.stream_without_usage(ANSWER), [None], True),
}
"""What a run survives: the behaviour, the attempts of its first call, and whether that streams."""


@pytest.mark.parametrize(("behaviour", "errors", "streams"), WELL.values(), ids=WELL)
def test_what_can_be_mended_completes_the_run_with_what_the_model_said(
    behaviour: Behaviour, errors: list[str | None], streams: bool, server: ChatServer, make_runner: Any
) -> None:
    if streams:
        server.then(behaviour)
    else:
        server.default = behaviour
    runner, calls, run = make_runner(url=server.url)
    calls.streams = streams
    runner.advance(run).result(TIMEOUT_S)
    assert (kept(calls).status, kept(calls).error_text) == ("completed", None)
    assert [row.error_type for row in calls.world.rows()][: len(errors)] == errors
    assert json.loads(calls.said[0]) == json.loads(ANSWER)


def test_an_ignored_response_format_is_mended_and_the_run_completes(
    server: ChatServer, make_runner: Any
) -> None:
    server.then(answer("The causes are price and mix."))
    runner, calls, run = make_runner(url=server.url)
    runner.advance(run).result(TIMEOUT_S)
    assert kept(calls).status == "completed"
    assert [row.error_type for row in calls.world.rows()] == ["bad_json", None, None]


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
