"""A why-tree with belief, causes and a full plan, small enough to reckon by hand."""

import pytest

from agents.tree.model import CauseShare, Frame, Leaf, Node, ProblemTree, Split


def leaf_node(
    node_id: str, text: str, belief: float | None, cause: str | None = None, **fields: object
) -> Node:
    causes = (CauseShare(cause_id=cause),) if cause else ()
    return Node(id=node_id, text=text, leaf=Leaf(belief=belief, causes=causes, **fields))


@pytest.fixture
def tree() -> ProblemTree:
    price = Node(
        id="price",
        text="Are we too dear?",
        split=Split(kind="binary", dimension="whose price moved", order="belief"),
        children=(
            leaf_node("ours", "We raised our prices", 0.3, "raised", hypothesis="List prices rose by 8 %"),
            leaf_node("theirs", "We did not raise our prices", 0.1, "undercut", owner="Sales"),
        ),
    )
    root = Node(
        id="root",
        text="Why did sales fall by 20 %?",
        split=Split(kind="free", dimension="what drives a purchase", order="belief"),
        children=(
            price,
            leaf_node("stock", "Shelves were empty", 0.4, "stockout", severity=5, evidence_ids=("answer_1",)),
            leaf_node("ads", "Advertising stopped", 0.1, "ads", severity=2),
            Node(id="else", text="Something else", leaf=Leaf(is_other=True, belief=0.1)),
        ),
    )
    frame = Frame(metric="net sales", direction="fell", size="20 %", period="third quarter", scope="shops")
    return ProblemTree(id="sales", kind="why", title="Falling sales", frame=frame, root=root)
