"""Edits that change the tree's shape: add, delete, move, reorder, split, group, merge."""

from collections.abc import Sequence

import streamlit as st

from agents.errors import BadInput
from agents.tree.desk import TreeState
from agents.tree.exports.rows import head_of
from agents.tree.model import Node, Split, walk
from agents.tree.ops import (
    AddLeaf,
    Delete,
    Dissolve,
    Merge,
    Move,
    Op,
    Part,
    Reorder,
    SetSplit,
    SplitLeaf,
)
from agents.workbench import Workbench
from pages.ui.text import plain
from pages.ui.tree.common import edit, labels, new_ids
from pages.ui.tree.form import KINDS, field, submit, typed


def add(bench: Workbench, state: TreeState, node: Node) -> None:
    """A new leaf below the node."""
    text, share = field(state, "text"), field(state, "share")
    with st.form(field(state, "add"), border=False):
        st.text_input(f"Text of the new {head_of(state.tree).lower()}", max_chars=400, key=text)
        st.slider("Share of “something else” that it takes over", 0, 100, 0, format="%d %%", key=share)
        submit(bench, state, "Add", lambda: [_leaf(state, node, text, share)], "add below")


def _leaf(state: TreeState, node: Node, text: str, share: str) -> Op:
    [new_id] = new_ids(state, 1)
    part = st.session_state[share] / 100
    return AddLeaf(parent_id=node.id, new_id=new_id, text=typed(text), share_of_other=part)


def delete(bench: Workbench, state: TreeState, node: Node) -> None:
    """Remove the node, with or without what is below it."""
    below = sum(1 for _ in walk(node)) - 1
    what = f" and the {below} nodes below it" if below else ""
    st.caption(f"Removes the node{what}; its belief goes to “something else”. Undo brings it back.")
    with st.container(horizontal=True):
        st.button(
            "Delete", icon=":material/delete:", on_click=edit, args=(bench, state, Delete(node_id=node.id))
        )
        if node.children:
            op = Dissolve(node_id=node.id)
            st.button("Keep its children, remove only this level", on_click=edit, args=(bench, state, op))


def move(bench: Workbench, state: TreeState, node: Node) -> None:
    """Hang the node under another parent."""
    inside = {n.id for n in walk(node)}
    targets = labels(n for n in walk(state.tree.root) if n.id not in inside and n.children)
    parent = field(state, "parent")
    with st.form(field(state, "move"), border=False):
        st.selectbox("Under", list(targets), format_func=lambda node_id: targets[node_id], key=parent)
        submit(
            bench,
            state,
            "Move",
            lambda: [Move(node_id=node.id, parent_id=st.session_state[parent])],
            "move",
        )


def order(bench: Workbench, state: TreeState, node: Node) -> None:
    """Another order of the children, step by step."""
    for number, child in enumerate(node.children):
        with st.container(horizontal=True, vertical_alignment="center"):
            for step, icon in ((-1, ":material/arrow_upward:"), (1, ":material/arrow_downward:")):
                st.button(
                    "Up" if step < 0 else "Down",
                    key=field(state, f"order-{child.id}-{step}"),
                    icon=icon,
                    disabled=not 0 <= number + step < len(node.children),
                    on_click=_swap,
                    args=(bench, state, node, number, number + step),
                )
            st.markdown(plain(child.text))


def _swap(bench: Workbench, state: TreeState, node: Node, one: int, other: int) -> None:
    ids = [child.id for child in node.children]
    ids[one], ids[other] = ids[other], ids[one]
    edit(bench, state, Reorder(node_id=node.id, child_ids=tuple(ids)))


def group(bench: Workbench, state: TreeState, node: Node) -> None:
    """Some children under a new node of their own."""
    which, text, by = field(state, "group"), field(state, "text"), field(state, "by")
    with st.form(field(state, "set-group"), border=False):
        _pick_children("Children that belong together", node, which)
        st.text_input("Text of the new node above them", max_chars=400, key=text)
        st.text_input("By which dimension it is divided", max_chars=200, key=by)
        submit(bench, state, "Group", lambda: _group_ops(state, node, which, text, by), "group")


def _group_ops(state: TreeState, node: Node, which: str, text: str, by: str) -> Sequence[Op]:
    ids = list(st.session_state[which])
    if len(ids) < 2:
        raise BadInput("A group needs at least two children. Nothing was changed: choose them first.")
    [new_id] = new_ids(state, 1)
    place = min(number for number, child in enumerate(node.children) if child.id in ids)
    first = AddLeaf(parent_id=node.id, new_id=new_id, text=typed(text), position=place)
    moves = [Move(node_id=child.id, parent_id=new_id) for child in node.children if child.id in ids]
    split = Split(kind="free", dimension=typed(by), order="structure")
    return [first, *moves, SetSplit(node_id=new_id, split=split)]


def merge(bench: Workbench, state: TreeState, node: Node) -> None:
    """One node of several children."""
    which, text = field(state, "which"), field(state, "text")
    with st.form(field(state, "merge"), border=False):
        _pick_children("Children to make one of", node, which)
        st.text_input("Text of the merged node", max_chars=400, key=text)
        submit(
            bench,
            state,
            "Merge",
            lambda: [Merge(node_ids=tuple(st.session_state[which]), text=typed(text))],
            "merge",
        )


def _pick_children(label: str, node: Node, key: str) -> None:
    names = labels(child for child in node.children if not (child.leaf and child.leaf.is_other))
    st.multiselect(label, list(names), format_func=lambda child_id: names[child_id], key=key)


def split(bench: Workbench, state: TreeState, node: Node) -> None:
    """Parts of a leaf."""
    parts, kind, by = field(state, "parts"), field(state, "kind"), field(state, "by")
    with st.form(field(state, "split"), border=False):
        st.text_area("Its parts, one a line", height=100, key=parts)
        st.selectbox("Kind of split", KINDS, index=len(KINDS) - 1, key=kind)
        st.text_input("By which dimension", max_chars=200, key=by)
        submit(bench, state, "Split", lambda: [_split_op(state, node, parts, kind, by)], "split")


def _split_op(state: TreeState, node: Node, parts: str, kind: str, by: str) -> Op:
    texts = [line.strip() for line in str(st.session_state[parts]).splitlines() if line.strip()]
    ids = new_ids(state, len(texts))
    made = tuple(Part(new_id=new_id, text=text) for new_id, text in zip(ids, texts, strict=True))
    divided = Split(kind=st.session_state[kind], dimension=typed(by))
    return SplitLeaf(node_id=node.id, parts=made, split=divided)
