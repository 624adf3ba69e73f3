"""Starting a how-tree from a cause that the why-tree has confirmed."""

from __future__ import annotations

from agents.errors import NotFound, Refused
from agents.tree.belief import OTHER_TEXT
from agents.tree.model import Leaf, Node, ProblemTree, Split, WhySource, find


def how_tree_from(tree: ProblemTree, leaf_id: str, new_id: str | None = None) -> ProblemTree:
    """A how-tree whose question answers a supported leaf of a why-tree; `Refused` for any other leaf.

    It opens with a single leaf for something else; options are added beside it. The frame is taken over.
    """
    node = find(tree.root, leaf_id)
    if node is None:
        raise NotFound(f"There is no leaf {leaf_id!r} in this tree.")
    if tree.kind != "why":
        raise Refused("Options are drawn up for a confirmed cause, and this tree already holds options.")
    if node.leaf is None or node.leaf.status != "supported":
        raise Refused(
            f"\u201c{node.text}\u201d is not a confirmed cause yet. "
            "Conclude it as supported, with its evidence, before looking for solutions."
        )
    question = f"How can we put this right: {node.text.rstrip(' .?!')}?"
    other = Node(id="something_else", text=OTHER_TEXT, leaf=Leaf(is_other=True))
    root = Node(id="root", text=question[:400], split=Split(kind="free"), children=(other,))
    return ProblemTree(
        id=new_id or f"{tree.id[:40]}.how.{leaf_id[:34]}",
        kind="how",
        title=f"Options: {node.text}"[:400],
        frame=tree.frame,
        sources=tree.sources,
        source=WhySource(tree_id=tree.id, node_id=node.id, text=node.text, cause_ids=node.leaf.cause_ids),
        root=root,
    )
