"""What several parts of the tree workbench share: which node is chosen, and how an edit is sent."""

import streamlit as st

from agents.tree.desk import TreeState
from agents.tree.model import Node, find, walk
from agents.tree.ops import Op
from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.notice import act


def chosen(state: TreeState) -> Node:
    """The node picked in the drawing or in a finding; the root when none is."""
    wanted = st.session_state.get(_key(state))
    return (find(state.tree.root, wanted) if isinstance(wanted, str) else None) or state.tree.root


def choose(state: TreeState, node_id: str) -> None:
    """Pick a node."""
    st.session_state[_key(state)] = node_id


def edit(bench: Workbench, state: TreeState, op: Op) -> None:
    """Send an edit, as a callback."""
    act(bench.trees.edit, state.run.run_id, op, state.seq, who().user_id)


def new_id(state: TreeState) -> str:
    """An id that no node of the tree has."""
    taken = {node.id for node in walk(state.tree.root)}
    return next(f"n{number}" for number in range(1, len(taken) + 2) if f"n{number}" not in taken)


def labels(state: TreeState) -> dict[str, str]:
    """Text of every node by id, in reading order."""
    return {node.id: node.text for node in walk(state.tree.root)}


def _key(state: TreeState) -> str:
    return f"chosen-{state.run.run_id}"
