"""What can be done with the chosen node: one small form per kind of edit."""

import streamlit as st

from agents.tree.desk import TreeState
from agents.tree.model import Node, walk
from agents.workbench import Workbench
from pages.ui.tree import declaring, shaping, testing
from pages.ui.tree.common import choose, chosen, labels, what_key
from pages.ui.tree.form import Form


def draw(bench: Workbench, state: TreeState) -> None:
    """The chosen node and the edit picked for it."""
    node = chosen(state)
    names = labels(walk(state.tree.root))
    with st.container(border=True):
        key = f"pick-{state.seq}-{node.id}"
        st.selectbox(
            "Chosen node",
            list(names),
            index=list(names).index(node.id),
            format_func=lambda node_id: names[node_id],
            key=key,
            on_change=lambda: choose(state, st.session_state[key]),
        )
        edits = edits_of(state, node)
        if st.session_state.get(what_key(node.id)) not in edits:
            st.session_state[what_key(node.id)] = "Rename"
        what = st.pills("Edit", list(edits), required=True, key=what_key(node.id))
        edits[what or "Rename"](bench, state, node)


def edits_of(state: TreeState, node: Node) -> dict[str, Form]:
    """The edits that make sense for a node."""
    edits: dict[str, Form] = {"Rename": declaring.rename}
    other = node.leaf is not None and node.leaf.is_other
    if node.children:
        edits |= {
            "Add below": shaping.add,
            "Kind of split": declaring.kind,
            "Order": shaping.order,
            "Group children": shaping.group,
            "Merge children": shaping.merge,
        }
    elif not other:
        edits |= {"Split": shaping.split, "Status": testing.status}
    edits["Amount"] = declaring.amount
    if _is_stage(state, node):
        edits["Stage"] = declaring.stage
    if node.id != state.tree.root.id:
        edits |= {"Move": shaping.move} | ({} if other else {"Delete": shaping.delete})
    return edits


def _is_stage(state: TreeState, node: Node) -> bool:
    """Whether the node is a part of a process."""
    parents = (n for n in walk(state.tree.root) if any(child.id == node.id for child in n.children))
    parent = next(parents, None)
    return parent is not None and parent.split is not None and parent.split.kind == "process"
