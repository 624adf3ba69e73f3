"""Three agents to be killed at work: a chain of steps, a parallel fan-out, and one that asks a person."""

from collections.abc import Callable
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from storage import runs
from storage.clock import now
from storage.db import Store
from storage.runs import Event, Status

CHAIN = ("one", "two", "three")
BRANCHES = ("left", "middle", "right", "far")
Ask = Callable[[str, str, str], int]
"""Run, node and call; the model's answer."""


def merged(old: dict[str, int], new: dict[str, int]) -> dict[str, int]:
    """The answers of several branches together."""
    return {**old, **new}


class State(TypedDict):
    """What the checkpointer keeps."""

    run_id: str
    answers: Annotated[dict[str, int], merged]


class Agents:
    """The graphs; every step reads the run's events and adds what is missing."""

    def __init__(self, store: Store, ask: Ask) -> None:
        self._store = store
        self._ask = ask

    def graphs(self) -> dict[str, "StateGraph[Any]"]:
        """A graph for each kind of run."""
        return {"chain": self._chain(), "fan": self._fan(), "person": self._person()}

    def _chain(self) -> "StateGraph[Any]":
        """Each step makes a call and records it; the runner sees that the last one was the end."""
        graph = StateGraph(State)
        for before, node in zip((START, *CHAIN), CHAIN, strict=False):
            graph.add_node(node, self._recording(node))
            graph.add_edge(before, node)
        graph.add_edge(CHAIN[-1], END)
        return graph

    def _fan(self) -> "StateGraph[Any]":
        """Branches call at the same time; what they heard is recorded where they meet."""
        graph = StateGraph(State)
        graph.add_node("meet", self._meet)
        for node in BRANCHES:
            graph.add_node(node, self._branch(node))
            graph.add_edge(START, node)
        graph.add_edge(list(BRANCHES), "meet")
        graph.add_edge("meet", END)
        return graph

    def _person(self) -> "StateGraph[Any]":
        """A call, a pause for a person, and a call with what the person said."""
        graph = StateGraph(State)
        steps: tuple[tuple[str, Any], ...] = (
            ("put", self._put),
            ("wait", self._wait),
            ("take", self._take),
        )
        for (before, _), (node, step) in zip(((START, None), *steps), steps, strict=False):
            graph.add_node(node, step)
            graph.add_edge(before, node)
        graph.add_edge("take", END)
        return graph

    def _recording(self, node: str) -> Any:
        def step(state: State) -> dict[str, Any]:
            self._once(state["run_id"], node, lambda _: self._ask(state["run_id"], node, "say"))
            return {}

        return step

    def _branch(self, node: str) -> Any:
        return lambda state: {"answers": {node: self._ask(state["run_id"], node, "say")}}

    def _meet(self, state: State) -> dict[str, Any]:
        answers = state["answers"]
        self._once(state["run_id"], "meet", lambda _: sum(answers[node] for node in BRANCHES))
        return {}

    def _put(self, state: State) -> dict[str, Any]:
        run_id = state["run_id"]
        self._once(run_id, "put", lambda _: self._ask(run_id, "put", "say"), "waiting")
        return {}

    def _wait(self, state: State) -> dict[str, Any]:
        interrupt(state["run_id"])
        return {}

    def _take(self, state: State) -> dict[str, Any]:
        run_id = state["run_id"]

        def heard(there: list[Event]) -> int:
            answer = next(event.data["value"] for event in there if event.kind == "answered")
            return self._ask(run_id, "take", str(answer))

        self._once(run_id, "take", heard, "completed", finished_at=now())
        return {}

    def _once(
        self,
        run_id: str,
        kind: str,
        number: Callable[[list[Event]], int],
        status: Status | None = None,
        **changes: Any,
    ) -> None:
        """Record what a step found, unless an earlier life did."""
        there = runs.events(self._store, run_id)
        if all(event.kind != kind for event in there):
            data = {"number": number(there)}
            runs.add_events(self._store, run_id, [(kind, data)], there[-1].seq, status, **changes)
