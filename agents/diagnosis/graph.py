"""The graph of a diagnosis: frame -> decide -> draft, word, wait, propose or conclude -> structure.

The state holds the run's id alone. Each node reads the run's events, adds what is missing and nothing
else: one that runs again after a crash, or after a person has acted meanwhile, does nothing when it is
not its turn, and the edges lead to the node whose turn it is. The waiting node only waits. So a checkpoint
at each pause and end is enough, and what a person waits for after an answer is one write of two events:
the belief, and the question that it leads to.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from agents.diagnosis import form, framing, inquiry
from agents.diagnosis.advisor import Advisor
from agents.diagnosis.case import Case, Inquiry
from agents.diagnosis.cases import Cases
from agents.diagnosis.conclusion import conclude
from agents.diagnosis.structure import structure
from agents.errors import ModelFailed, NotFound, Refused
from agents.tree.document import dump_tree
from storage import runs, trees
from storage.clock import now
from storage.runs import NewEvent

MODEL_FAILURES = (ModelFailed, Refused)
"""What may go wrong with a model without ending the diagnosis: the built-in analyst goes on."""
OFFERED = 3
"""Questions offered at once, best first."""
Turn = Literal["draft", "wait", "word", "propose", "conclude"]


class State(TypedDict):
    """What the checkpointer keeps."""

    run_id: str


@dataclass(frozen=True)
class DiagnosisNodes:
    """The nodes; each returns the keys of the state that it changes: none."""

    cases: Cases
    advisor: Advisor

    def frame(self, state: State) -> dict[str, Any]:
        """Read the complaint, unless that was done."""
        case = self.cases.case(state["run_id"])
        if case.framing is None:
            found = framing.frame(case.text, self.cases.library().playbooks)
            status = None if self._next(case) == "draft" else "waiting"
            self._add(case, ("framed", found.model_dump(mode="json")), status=status)
        return {}

    def wait(self, state: State) -> dict[str, Any]:
        """Wait until a person has done something; what, stands in the events."""
        interrupt(state["run_id"])
        return {}

    def decide(self, state: State) -> Turn:
        """Where to go: to the client, to the next question, or to the diagnosis."""
        return self._next(self.cases.case(state["run_id"]))

    def _next(self, case: Case) -> Turn:
        if case.confirmed is None:
            return "draft" if case.draft is not None and case.draft.status == "wanted" else "wait"
        if case.concluded is not None or case.wants_conclusion:
            return "conclude"
        if self.cases.inquiry(case).stop is not None:
            return "conclude"
        return "word" if case.to_be_worded else "propose"

    def draft(self, state: State) -> dict[str, Any]:
        """Let the model draft a playbook where none covers the problem; a refusal is told, not hidden."""
        case = self.cases.case(state["run_id"])
        if self._next(case) != "draft":
            return {}
        try:
            said = self.advisor.draft(self._run(case), case)
        except MODEL_FAILURES as error:
            self._add(case, _model_failed("draft", error), status="waiting")
            return {}
        made = said.value
        self.cases.keep(made.playbook)
        names = {"playbook_id": made.playbook.id, "playbook_hash": made.playbook.hash, "model": said.model}
        drafted = ("drafted", {**names, "widened": made.widened, "cells": made.cells})
        self._add(case, drafted, status="waiting")
        return {}

    def word(self, state: State) -> dict[str, Any]:
        """Let the model word the questions; without it the playbook's own words stay."""
        case = self.cases.case(state["run_id"])
        if self._next(case) != "word":
            return {}
        try:
            said = self.advisor.word(self._run(case), self.cases.inquiry(case))
        except MODEL_FAILURES as error:
            self._add(case, _model_failed("word", error))
            return {}
        self._add(case, ("worded", {"questions": said.value, "model": said.model}))
        return {}

    def propose(self, state: State) -> dict[str, Any]:
        """Put the best question and two more on offer."""
        case = self.cases.case(state["run_id"])
        if self._next(case) != "propose":
            return {}
        if case.open_question is not None:
            self._add(case, status="waiting")
            return {}
        work = self.cases.inquiry(case)
        options = inquiry.choose(work.table, case.answers, case.asked)
        offered = [option.question_id for option in options]
        if work.confirmed.mode == "form":
            fixed = [q for q in form.best_form(work.table) if q in offered]
            offered = fixed + [q for q in offered if q not in fixed]
        asked = {"question_id": offered[0], "offers": _on_offer(work, offered)}
        self._add(case, *_believed(work), ("asked", asked), status="waiting")
        return {}

    def conclude(self, state: State) -> dict[str, Any]:
        """Read the diagnosis off the belief."""
        case = self.cases.case(state["run_id"])
        if case.concluded is None and self._next(case) == "conclude":
            work = self.cases.inquiry(case)
            self._add(case, *_believed(work), ("concluded", conclude(work).model_dump(mode="json")))
        return {}

    def structure(self, state: State) -> dict[str, Any]:
        """Keep the tree of the diagnosis as a version of its own; without a model the run ends here."""
        case = self.cases.case(state["run_id"])
        if case.concluded is None:
            return {}
        ended = {} if case.with_model else _ended()
        if case.drawn_for == case.concluded_seq:
            self._add(case, **ended)
            return {}
        tree = structure(self.cases.inquiry(case))
        version = case.tree_version + 1
        row = trees.row(case.run_id, version, "engine", "From the diagnosis", dump_tree(tree))
        drawn = ("drawn", {"version": version, "author": "engine", "concluded": case.concluded_seq})
        self._add(case, drawn, rows=[("trees", row)], **ended)
        return {}

    def after_structure(self, state: State) -> Literal["summarise", "__end__"]:
        """Where to go when the tree is drawn."""
        return "summarise" if self.cases.case(state["run_id"]).with_model else "__end__"

    def summarise(self, state: State) -> dict[str, Any]:
        """Let the model write the summary from the record; the diagnosis stands without it."""
        case = self.cases.case(state["run_id"])
        if case.concluded is None or not case.with_model:
            return {}
        if case.summary is not None:
            self._add(case, **_ended())
            return {}
        try:
            said = self.advisor.summarise(self._run(case), self.cases.inquiry(case))
        except MODEL_FAILURES as error:
            self._add(case, _model_failed("summary", error), **_ended())
            return {}
        lines = [{"text": text, "evidence": list(evidence)} for text, evidence in said.value.sentences]
        data = {"sentences": lines, "dropped": said.value.dropped, "model": said.model}
        self._add(case, ("summarised", data), **_ended())
        return {}

    def _run(self, case: Case) -> runs.Run:
        run = runs.find(self.cases.store, case.run_id)
        if run is None:
            raise NotFound("This run is no longer in the store.")
        return run

    def _add(self, case: Case, *events: NewEvent, **changes: Any) -> None:
        """Add events and change the run's row, unless a person was faster (OutOfStep)."""
        runs.add_events(self.cases.store, case.run_id, events, case.seq, **changes)


def _on_offer(work: Inquiry, ranked: list[str]) -> list[str]:
    """The best questions, and the one on the client's own suspicion, so that it can be tested at any time."""
    best, tests = ranked[:OFFERED], work.table.tests.values()
    last = [question_id for question_id in ranked if question_id in tests and question_id not in best]
    return [*best[: OFFERED - len(last)], *last]


def _believed(work: Inquiry) -> list[NewEvent]:
    """The belief after what a person did, unless it is on record."""
    case = work.case
    if case.believed_seq >= case.changed_seq:
        return []
    belief = dict(zip(work.table.causes, map(float, work.belief), strict=True))
    return [("believed", {"after": case.changed_seq, "belief": belief})]


def _ended() -> dict[str, Any]:
    """What ends a run."""
    return {"status": "completed", "finished_at": now()}


def _model_failed(task: str, error: Exception) -> tuple[str, dict[str, Any]]:
    return "model_failed", {"task": task, "error_type": type(error).__name__, "sentence": str(error)}


def build(cases: Cases, advisor: Advisor) -> StateGraph[State]:
    """The graph, to be compiled with a checkpointer."""
    nodes = DiagnosisNodes(cases, advisor)
    graph = StateGraph(State)
    for node in (
        nodes.frame,
        nodes.draft,
        nodes.wait,
        nodes.word,
        nodes.propose,
        nodes.conclude,
        nodes.structure,
        nodes.summarise,
    ):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "frame")
    for before in ("frame", "draft", "wait", "word"):
        graph.add_conditional_edges(before, nodes.decide)
    graph.add_edge("propose", "wait")
    graph.add_edge("conclude", "structure")
    graph.add_conditional_edges("structure", nodes.after_structure)
    graph.add_edge("summarise", END)
    return graph
