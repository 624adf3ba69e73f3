"""The graph of a request: route -> answer, or ask the person and wait.

The state holds the run's id alone. Each node reads the run's events, adds what is missing and nothing else,
so that one which runs again after a crash does no harm. The agents stand in `assistants/registry.py`.

A request that the lexical classifier is sure of takes no model call. What it is not sure of is put to the
model, where one is connected; what nobody is sure of is put to the person.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, ConfigDict, Field

from agents.assistants.answers import Answer, HandOver
from agents.assistants.desk import Desk
from agents.assistants.registry import AGENTS, known
from agents.assistants.tables import only_tables
from agents.assistants.turn import Ranked, Routing, Turn
from agents.data.naming import named_in
from agents.data.sentences import quoted
from agents.errors import BadInput, ModelFailed, Refused
from agents.routing.lexical import SURE_FROM, UNCLEAR, Ranking, classify, decide
from agents.running.offspring import Born, Offspring
from storage import messages
from storage.clock import now
from storage.messages import Message
from storage.runs import Run

DATA, COMPARE = "data", "compare"
LEAST_NAMES = 2
"""Columns or values of an attached table that a text names before they count as evidence."""
OFFERED = 3
"""Agents the person picks from."""


class State(TypedDict):
    """What the checkpointer keeps."""

    run_id: str


class Routed(BaseModel):
    """What the model says."""

    model_config = ConfigDict(extra="ignore")

    label: str
    confidence: float = Field(ge=0, le=1)
    reason: str


@dataclass(frozen=True)
class RouterNodes:
    """The nodes; each returns the keys of the state that it changes: none."""

    desk: Desk
    offspring: Offspring

    def route(self, state: State) -> dict[str, Any]:
        """Find out who takes it, unless that was done or a person said it."""
        run, turn = self.desk.open(state["run_id"])
        if turn.routing is None:
            self._keep(run, turn, self._routing(run, turn))
        return {}

    def decide(self, state: State) -> Literal["answer", "wait", "__end__"]:
        """Where to go: to the agent, to the person, or, in a dry run, home."""
        _, turn = self.desk.open(state["run_id"])
        if turn.dry_run or turn.answer is not None:
            return "__end__"
        return "wait" if turn.agent is None else "answer"

    def wait(self, state: State) -> dict[str, Any]:
        """Wait until the person has picked an agent; which one stands in the events."""
        interrupt(state["run_id"])
        return {}

    def answer(self, state: State) -> dict[str, Any]:
        """Hand the task to its agent and keep what it answers."""
        run, turn = self.desk.open(state["run_id"])
        if turn.answer is not None or turn.agent is None:
            return {}
        task = self.desk.task(run, turn)
        answered = known(turn.agent).handle(task)
        born = Born(None)
        if isinstance(answered, HandOver) and run.queue is not None and turn.chosen is None:
            born = self.offspring.of(run)
            answered = answered.model_copy(update={"run_id": born.run_id, "why_not": born.why_not})
        self._finish(run, answered, task.answered_by, born)
        self.offspring.start(born)
        return {}

    def _routing(self, run: Run, turn: Turn) -> Routing:
        if turn.chosen is not None:
            reason = f"You chose {known(turn.chosen).label}."
            return Routing(turn.chosen, None, reason, "chosen", ())
        attached = self.desk.attached_name(run.run_id)
        ranking = classify(turn.text, attached)
        found = lexical(ranking, self.desk.earlier_agent(run))
        found = self._by_table(run, turn, ranking, found)
        if found.label is not None:
            return found
        try:
            return self._by_model(run, turn, attached, found) or found
        except (ModelFailed, Refused) as error:
            return replace(found, note=str(error))

    def _by_table(self, run: Run, turn: Turn, ranking: Ranking, found: Routing) -> Routing:
        """The data agent where a comparison, or what nobody is sure of, names things of an attached table."""
        files = only_tables(self.desk.attachments(run)) if found.label in (None, COMPARE) else ()
        try:
            names = named_in(files, turn.text)
        except (BadInput, Refused) as error:
            return replace(found, note=str(error))
        return of_table(ranking, found, names)

    def _by_model(self, run: Run, turn: Turn, attached: str | None, found: Routing) -> Routing | None:
        """What the model says, or None without one."""
        speaker = self.desk.speaker(run, "router")
        if speaker is None:
            return None
        values = {
            "agents": "\n".join(f"{agent.id}: {agent.does}" for agent in AGENTS.values()),
            "earlier": self.desk.earlier_agent(run) or "none",
            "attached": attached or "none",
            "request": turn.text,
        }
        said_by_model = speaker.decide(Routed, "router", values, role="router")
        return judged(said_by_model, found.choices)

    def _keep(self, run: Run, turn: Turn, routing: Routing) -> None:
        columns: dict[str, Any] = {
            "routing_label": routing.label,
            "routing_confidence": routing.confidence,
            "routing_reason": routing.reason,
            "routing_method": routing.method,
            "agent_name": routing.label,
        }
        if turn.dry_run:
            columns |= {"status": "completed", "finished_at": now()}
        self.desk.write(run.run_id, ("routed", asdict(routing)), **columns)

    def _finish(self, run: Run, answer: Answer, model: str | None, born: Born) -> None:
        message = Message(run.run_id, run.conversation_id or "", "assistant", answer.words, now())
        event = ("answered", {"answer": answer.model_dump(mode="json"), "model": model})
        self.desk.write(
            run.run_id,
            event,
            rows=[messages.said(message), *self.offspring.rows(born)],
            status="completed",
            finished_at=now(),
        )


def lexical(ranking: Ranking, earlier: str | None = None) -> Routing:
    """The classifier's ranking as a routing; in a conversation the earlier agent is among the choices."""
    decision = decide(ranking)
    chances = {ranked.label: ranked.probability for ranked in ranking.labels}
    names = list(dict.fromkeys([*([earlier] if earlier else []), *decision.choices]))
    choices = tuple(Ranked(name, chances.get(name, 0.0)) for name in names if name in AGENTS)[:OFFERED]
    label = decision.label if decision.label in AGENTS else None
    confidence = ranking.confidence if label else max((choice.probability for choice in choices), default=0.0)
    return Routing(label, confidence, decision.reason, "lexical", choices)


def of_table(ranking: Ranking, found: Routing, names: Sequence[str]) -> Routing:
    """Two names of a table speak for the data agent, as surely as for any that could compare or ask."""
    if len(names) < LEAST_NAMES:
        return found
    chances = {ranked.label: ranked.probability for ranked in ranking.labels}
    chance = sum(chances.get(label, 0.0) for label in (DATA, COMPARE, UNCLEAR))
    others = [choice for choice in found.choices if choice.label != DATA]
    listed = ", ".join(quoted(name) for name in names[:OFFERED])
    reason = f"{listed} stand in the attached table, which speaks for data."
    label = DATA if chance >= SURE_FROM else None
    return Routing(label, chance, reason, "lexical", (Ranked(DATA, chance), *others)[:OFFERED])


def judged(found: Routed, others: tuple[Ranked, ...]) -> Routing:
    """What the model said as a routing; unsure, or with a label nobody has, the person is asked."""
    best = [Ranked(found.label, found.confidence)] if found.label in AGENTS else []
    rest = [other for other in others if other.label != found.label]
    sure = bool(best) and found.confidence >= SURE_FROM
    label = found.label if sure else None
    return Routing(label, found.confidence, found.reason, "model", (*best, *rest)[:OFFERED])


def build(desk: Desk, offspring: Offspring) -> "StateGraph[State]":
    """The graph, not compiled; nodes are named after the methods."""
    nodes = RouterNodes(desk, offspring)
    graph = StateGraph(State)
    for node in (nodes.route, nodes.wait, nodes.answer):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "route")
    graph.add_conditional_edges("route", nodes.decide)
    graph.add_conditional_edges("wait", nodes.decide)
    graph.add_edge("answer", END)
    return graph
