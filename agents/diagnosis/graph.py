"""The graph of a diagnosis: frame -> record -> decide -> wait, propose -> wait or conclude -> structure.

The state holds the run's id alone. Each node reads the run's events, adds what is missing and nothing
else: one that runs again after a crash, or after a person has acted meanwhile, does nothing when it is
not its turn, and the edges lead to the node whose turn it is. The waiting node only waits.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from agents.diagnosis import form, framing, inquiry
from agents.diagnosis.case import Case
from agents.diagnosis.cases import Cases
from agents.diagnosis.conclusion import conclude
from agents.diagnosis.structure import structure
from agents.tree.document import dump_tree
from storage import runs, trees
from storage.clock import now

OFFERED = 3
"""Questions offered at once, best first."""
Turn = Literal["wait", "record", "propose", "conclude"]


class State(TypedDict):
    """What the checkpointer keeps."""

    run_id: str


@dataclass(frozen=True)
class DiagnosisNodes:
    """The nodes; each returns the keys of the state that it changes: none."""

    cases: Cases

    def frame(self, state: State) -> dict[str, Any]:
        """Read the complaint, unless that was done."""
        case = self.cases.case(state["run_id"])
        if case.framing is None:
            found = framing.frame(case.text, self.cases.library().playbooks)
            self._add(case, ("framed", found.model_dump(mode="json")))
        return {}

    def wait(self, state: State) -> dict[str, Any]:
        """Wait until a person has done something; what, stands in the events."""
        interrupt(state["run_id"])
        return {}

    def record(self, state: State) -> dict[str, Any]:
        """Note the belief after what the person did; before the confirmation the person's turn."""
        case = self.cases.case(state["run_id"])
        turn = self._next(case)
        if turn == "wait":
            self._add(case, status="waiting")
        elif turn == "record":
            work = self.cases.inquiry(case)
            belief = dict(zip(work.table.causes, map(float, work.belief), strict=True))
            self._add(case, ("believed", {"after": case.changed_seq, "belief": belief}))
        return {}

    def decide(self, state: State) -> Turn:
        """Where to go: to the client, to the belief, to the next question, or to the diagnosis."""
        return self._next(self.cases.case(state["run_id"]))

    def _next(self, case: Case) -> Turn:
        if case.confirmed is None:
            return "wait"
        if case.believed_seq < case.changed_seq:
            return "record"
        if case.concluded is not None or case.wants_conclusion:
            return "conclude"
        return "propose" if self.cases.inquiry(case).stop is None else "conclude"

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
        asked = {"question_id": offered[0], "offers": offered[:OFFERED]}
        self._add(case, ("asked", asked), status="waiting")
        return {}

    def conclude(self, state: State) -> dict[str, Any]:
        """Read the diagnosis off the belief."""
        case = self.cases.case(state["run_id"])
        if case.concluded is None and self._next(case) == "conclude":
            self._add(case, ("concluded", conclude(self.cases.inquiry(case)).model_dump(mode="json")))
        return {}

    def structure(self, state: State) -> dict[str, Any]:
        """Keep the tree of the diagnosis as a version of its own and end the run."""
        case = self.cases.case(state["run_id"])
        if case.concluded is None or self.cases.is_finished(case):
            return {}
        tree = structure(self.cases.inquiry(case))
        version = case.tree_version + 1
        row = trees.row(case.run_id, version, "engine", "From the diagnosis", dump_tree(tree))
        drawn = ("drawn", {"version": version, "author": "engine"})
        self._add(case, drawn, status="completed", finished_at=now(), rows=[("trees", row)])
        return {}

    def _add(self, case: Case, *events: tuple[str, dict[str, Any]], **changes: Any) -> None:
        """Add events and change the run's row, unless a person was faster (OutOfStep)."""
        runs.add_events(self.cases.store, case.run_id, events, case.seq, **changes)


def build(cases: Cases) -> StateGraph[State]:
    """The graph, to be compiled with a checkpointer."""
    nodes = DiagnosisNodes(cases)
    graph = StateGraph(State)
    for node in (nodes.frame, nodes.wait, nodes.record, nodes.propose, nodes.conclude, nodes.structure):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "frame")
    graph.add_edge("frame", "record")
    graph.add_edge("wait", "record")
    graph.add_conditional_edges("record", nodes.decide)
    graph.add_edge("propose", "wait")
    graph.add_edge("conclude", "structure")
    graph.add_edge("structure", END)
    return graph
