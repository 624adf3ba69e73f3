"""What a node says of itself: its text, how it is divided, its amount, its part of a process."""

import streamlit as st

from agents.tree.desk import TreeState
from agents.tree.model import Node, Quantity, Split
from agents.tree.ops import Op, Rename, SetNode, SetSplit
from agents.workbench import Workbench
from pages.ui.tree.form import KINDS, field, submit, typed

OPERATORS = {"sum": "are added up", "product": "are multiplied"}
ORDERS = {
    "belief": "the most belief first",
    "quantity": "the largest amount first",
    "effort": "the least effort first",
    "alphabet": "the alphabet",
    "time": "time",
    "structure": "the structure of the subject",
}


def rename(bench: Workbench, state: TreeState, node: Node) -> None:
    """Another text."""
    text = field(state, "text")
    with st.form(field(state, "rename"), border=False):
        st.text_input("Text", value=node.text, max_chars=400, key=text)
        submit(bench, state, "Keep", lambda: [Rename(node_id=node.id, text=typed(text))], "rename")


def kind(bench: Workbench, state: TreeState, node: Node) -> None:
    """How the node is divided, by what, and in which order."""
    now = node.split or Split(kind="free")
    keys = {name: field(state, name) for name in ("kind", "by", "order", "operator", "tolerance")}
    keys |= {name: field(state, name) for name in ("start", "end", "deductive", "closed")}
    with st.form(field(state, "set-kind"), border=False):
        st.selectbox("Kind of split", KINDS, index=KINDS.index(now.kind), key=keys["kind"])
        st.text_input("By which dimension", value=now.dimension, max_chars=200, key=keys["by"])
        _draw_order(now, keys["order"])
        st.checkbox(
            "The children are steps of one argument",
            value=now.deductive,
            key=keys["deductive"],
            help="Steps build on each other and may share words, so they are not checked for overlap.",
        )
        st.checkbox(
            "These segments are all there can be",
            value=now.closed,
            key=keys["closed"],
            help="The checker then asks for no branch for all others. Only data could prove it.",
        )
        _draw_formula(now, keys)
        left, right = st.columns(2)
        left.text_input("A process starts at", value=now.start or "", max_chars=200, key=keys["start"])
        right.text_input("and ends at", value=now.end or "", max_chars=200, key=keys["end"])
        submit(bench, state, "Keep", lambda: [_split_op(node, now, keys)], "set split")


def _draw_order(now: Split, key: str) -> None:
    st.selectbox(
        "The order of the children follows",
        list(ORDERS),
        index=list(ORDERS).index(now.order) if now.order else None,
        format_func=lambda name: ORDERS[name],
        placeholder="What the kind implies, or not declared",
        key=key,
    )


def _draw_formula(now: Split, keys: dict[str, str]) -> None:
    left, right = st.columns(2)
    left.selectbox(
        "In a formula the children",
        list(OPERATORS),
        index=list(OPERATORS).index(now.operator) if now.operator else None,
        format_func=lambda name: OPERATORS[name],
        key=keys["operator"],
    )
    right.number_input(
        "Gap allowed, in percent", 0.0, 100.0, value=100 * now.tolerance, step=0.5, key=keys["tolerance"]
    )


def _split_op(node: Node, now: Split, keys: dict[str, str]) -> Op:
    said = {name: st.session_state[key] for name, key in keys.items()}
    formula, process = said["kind"] == "formula", said["kind"] == "process"
    changes = {
        "kind": said["kind"],
        "dimension": said["by"].strip(),
        "order": said["order"],
        "deductive": said["deductive"],
        "closed": said["closed"] and said["kind"] == "segment",
        "operator": said["operator"] if formula else None,
        "tolerance": said["tolerance"] / 100 if formula else now.tolerance,
        "start": (said["start"].strip() or None) if process else None,
        "end": (said["end"].strip() or None) if process else None,
    }
    return SetSplit(node_id=node.id, split=Split.model_validate({**now.model_dump(), **changes}))


def amount(bench: Workbench, state: TreeState, node: Node) -> None:
    """The node's amount in a formula."""
    value, unit, inverted = (field(state, name) for name in ("value", "unit", "inverted"))
    now = node.quantity
    with st.form(field(state, "amount"), border=False):
        st.number_input("Amount, for formula splits", value=now.value if now else None, key=value)
        st.text_input("Unit", value=(now.unit or "") if now else "", max_chars=40, key=unit)
        st.checkbox(
            "Subtracted in a sum, divided by in a product",
            value=now.inverted if now else False,
            key=inverted,
        )
        submit(bench, state, "Keep", lambda: [_amount_op(node, value, unit, inverted)], "set amount")


def _amount_op(node: Node, value: str, unit: str, inverted: str) -> Op:
    said = st.session_state[value]
    quantity = None
    if said is not None:
        kept = Quantity(value=said, unit=typed(unit) or None, inverted=st.session_state[inverted])
        quantity = kept.model_dump(mode="json")
    return SetNode(node_id=node.id, changes={"quantity": quantity})


def stage(bench: Workbench, state: TreeState, node: Node) -> None:
    """Where the node, as a stage of a process, begins and ends."""
    start, end = field(state, "stage-start"), field(state, "stage-end")
    with st.form(field(state, "stage"), border=False):
        left, right = st.columns(2)
        left.text_input("This stage begins at", value=node.stage_start or "", max_chars=200, key=start)
        right.text_input("and ends at", value=node.stage_end or "", max_chars=200, key=end)
        submit(bench, state, "Keep", lambda: [_stage_op(node, start, end)], "set stage")


def _stage_op(node: Node, start: str, end: str) -> Op:
    changes = {"stage_start": typed(start) or None, "stage_end": typed(end) or None}
    return SetNode(node_id=node.id, changes=changes)
