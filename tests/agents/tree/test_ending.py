"""The whole job: the tree of a diagnosis, every finding mended, half of it undone, and a PowerPoint."""

import io
from itertools import product

import pytest
from pptx import Presentation

from agents.tree.mece.report import Finding
from agents.tree.model import Node, Split, belief_of, find, leaves, walk
from agents.tree.ops import Delete, Dissolve, Op, Part, SetFrame, SetLeaf, SplitLeaf
from agents.workbench import Workbench
from tests.agents.tree.decks import assert_readable, nodes_shown
from tests.conftest import Diagnose, Play

ANALYST = "ada"
FACTS = {
    "metric": "share of buses on time",
    "direction": "fell",
    "size": "20 %",
    "period": "since March",
    "scope": "the north",
    "trouble": "70 % on time instead of 90 %",
    "owner": "Depot manager",
    "success_criterion": "90 % on time by autumn",
    "constraints": ["No new buses"],
    "actors": ["Drivers"],
}
PLAN = {
    "analysis": "Count the trips",
    "data_source": "Trip log",
    "owner": "Depot manager",
    "effort_days": 2,
    "due": "2027-03-01",
    "disproof": "Fewer than one trip a day",
    "severity": 3,
}
PLACES = [
    "".join(part)
    for part in product(("Ba", "De", "Ki", "Lo", "Nu"), ("rmo", "ndu", "lke", "sti"), ("x", "z", "v"))
]


class Analyst:
    """Somebody at work on one tree, who remembers how it stood after each step."""

    def __init__(self, bench: Workbench, tree_id: str) -> None:
        self.desk, self.tree_id = bench.trees, tree_id
        self.state = self.desk.state(tree_id)
        self.stood = [self.state]
        self._places = iter(PLACES)

    @property
    def size(self) -> int:
        return sum(1 for _ in walk(self.state.tree.root))

    def do(self, *ops: Op) -> None:
        """Edits as one version, which loses no belief."""
        self.state = self.desk.edit_all(self.tree_id, ops, self.state.seq, ANALYST, ops[0].op)
        assert belief_of(self.state.tree.root) == pytest.approx(1, abs=1e-9)
        self.stood.append(self.state)

    def undo(self) -> None:
        self.state = self.desk.undo(self.tree_id, self.state.seq)

    def bring_to(self, count: int) -> None:
        """Take a branch out, or split the leaves that stand highest, until there are so many nodes."""
        if count < self.size:
            self.do(Delete(node_id="cause.roads"), Dissolve(node_id="listed"))
        while self.size < count:
            self.do(self._split(min(5, count - self.size)))
        assert self.size == count

    def _split(self, parts: int) -> SplitLeaf:
        queue = [self.state.tree.root]
        while queue[0].children or queue[0].id in ("cause.drivers", "cause.something_else"):
            queue = [*queue[1:], *queue[0].children]
        texts = [f"The depot of {next(self._places)} fails" for _ in range(parts)]
        made = tuple(Part(new_id=f"n.{text.split()[3]}", text=text) for text in texts)
        split = Split(kind="free", dimension="depot", order="structure")
        return SplitLeaf(node_id=queue[0].id, parts=made, split=split)

    def mend_everything(self) -> None:
        """Rule by rule, each as one version, until the checker finds nothing."""
        for _ in range(12):
            findings = self.desk.check(self.state.tree).findings
            if not findings:
                return
            rule = findings[0].rule
            self.do(*(self._mending(finding) for finding in findings if finding.rule == rule))
        raise AssertionError(findings)

    def _mending(self, finding: Finding) -> Op:
        if finding.remedy is not None:
            return finding.remedy
        if finding.rule in ("F2", "F3"):
            return SetFrame.model_validate({"changes": FACTS})
        node = find(self.state.tree.root, finding.node_id or "")
        assert isinstance(node, Node) and finding.rule in ("L1", "L2", "L3"), finding
        claim = {"hypothesis": f"{node.text}, on more than 5 trips a day"}
        return SetLeaf.model_validate({"node_id": node.id, "changes": PLAN | claim})


@pytest.mark.parametrize("count", [5, 25, 60])
def test_a_diagnosis_ends_as_a_mended_tree_half_undone_and_a_powerpoint_that_can_be_read(
    bench: Workbench, diagnose: Diagnose, play: Play, count: int
) -> None:
    run = diagnose(bench)
    assert play(bench, run, "drivers").phase == "concluded"
    analyst = Analyst(bench, bench.open_tree(run))
    analyst.bring_to(count)
    assert analyst.desk.check(analyst.state.tree).findings
    analyst.mend_everything()
    assert all(leaf.hypothesis for _, leaf in leaves(analyst.state.tree.root) if not leaf.is_other)

    half = len(analyst.stood) // 2
    for before in reversed(analyst.stood[half:-1]):
        analyst.undo()
        assert analyst.state.tree == before.tree
    assert analyst.state.version == half + 1
    assert analyst.state.can_redo

    deck = Presentation(io.BytesIO(analyst.desk.export(analyst.tree_id, "pptx")))
    assert_readable(deck)
    assert nodes_shown(deck) == {node.id for node in walk(analyst.state.tree.root)}
    said = [s.text_frame.text for slide in deck.slides for s in slide.shapes if s.has_text_frame]
    assert any(text.startswith(f"Version {half + 1}") for text in said)
