"""The graph of a diagnosis: frame -> wait -> record -> decide -> propose -> wait ... conclude -> structure.

The state holds the run's id alone. Each node reads the run's events, adds what is missing and nothing
else, so a node that runs again after a crash changes nothing. The waiting node only waits.
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
            self._add(case, "framed", found.model_dump(mode="json"), status="waiting")
        return {}

    def wait(self, state: State) -> dict[str, Any]:
        """Wait until a person has done something; what, stands in the events."""
        interrupt(state["run_id"])
        return {}

    def record(self, state: State) -> dict[str, Any]:
        """Note the belief after what the person did."""
        case = self.cases.case(state["run_id"])
        if case.confirmed is not None and case.believed_seq < case.last_user_seq:
            work = self.cases.inquiry(case)
            belief = dict(zip(work.table.causes, map(float, work.belief), strict=True))
            self._add(case, "believed", {"after": case.last_user_seq, "belief": belief})
        return {}

    def decide(self, state: State) -> Literal["wait", "propose", "conclude"]:
        """Where to go: to the client, to the next question, or to the diagnosis."""
        case = self.cases.case(state["run_id"])
        if case.confirmed is None:
            return "wait"
        work = self.cases.inquiry(case)
        return "conclude" if case.wants_conclusion or work.stop is not None else "propose"

    def propose(self, state: State) -> dict[str, Any]:
        """Put the best question and two more on offer."""
        case = self.cases.case(state["run_id"])
        if case.open_question is not None:
            runs.set_status(self.cases.store, case.run_id, "waiting")
            return {}
        work = self.cases.inquiry(case)
        options = inquiry.choose(work.table, case.answers, case.asked)
        offered = [option.question_id for option in options]
        if work.confirmed.mode == "form":
            fixed = [q for q in form.best_form(work.table) if q in offered]
            offered = fixed + [q for q in offered if q not in fixed]
        asked = {"question_id": offered[0], "offers": offered[:OFFERED]}
        self._add(case, "asked", asked, status="waiting")
        return {}

    def conclude(self, state: State) -> dict[str, Any]:
        """Read the diagnosis off the belief."""
        case = self.cases.case(state["run_id"])
        if case.concluded is None:
            self._add(case, "concluded", conclude(self.cases.inquiry(case)).model_dump(mode="json"))
        return {}

    def structure(self, state: State) -> dict[str, Any]:
        """Keep the tree of the diagnosis as a version of its own and end the run."""
        case = self.cases.case(state["run_id"])
        if self.cases.is_finished(case):
            return {}
        tree = structure(self.cases.inquiry(case))
        version = case.tree_version + 1
        row = trees.row(case.run_id, version, "engine", "From the diagnosis", dump_tree(tree))
        drawn = {"version": version, "author": "engine"}
        self._add(case, "drawn", drawn, status="completed", finished_at=now(), rows=[("trees", row)])
        return {}

    def _add(self, case: Case, kind: str, data: dict[str, Any], **changes: Any) -> None:
        runs.add_events(self.cases.store, case.run_id, [(kind, data)], case.seq, **changes)


def build(cases: Cases) -> StateGraph[State]:
    """The graph, to be compiled with a checkpointer."""
    nodes = DiagnosisNodes(cases)
    graph = StateGraph(State)
    for node in (nodes.frame, nodes.wait, nodes.record, nodes.propose, nodes.conclude, nodes.structure):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "frame")
    graph.add_conditional_edges("frame", nodes.decide)
    graph.add_edge("wait", "record")
    graph.add_conditional_edges("record", nodes.decide)
    graph.add_edge("propose", "wait")
    graph.add_edge("conclude", "structure")
    graph.add_edge("structure", END)
    return graph
