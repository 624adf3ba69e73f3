"""What can be done with the chosen node: one small form per kind of edit."""

from collections.abc import Callable

import streamlit as st

from agents.errors import READABLE
from agents.tree.desk import TreeState
from agents.tree.model import Node, Quantity, Split, walk
from agents.tree.ops import (
    AddLeaf,
    Conclude,
    Delete,
    Dissolve,
    Merge,
    Move,
    Op,
    Park,
    Part,
    Rename,
    Reopen,
    Reorder,
    SetNode,
    SetSplit,
    SplitLeaf,
)
from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.notice import keep_notice
from pages.ui.text import plain
from pages.ui.tree.common import choose, chosen, edit, labels, new_id
from pages.ui.tree.start import show_tree

KINDS = ("binary", "formula", "process", "segment", "framework", "free")
Make = Callable[[], Op]


def draw(bench: Workbench, state: TreeState) -> None:
    """The chosen node and the edit picked for it."""
    node = chosen(state)
    names = labels(state)
    with st.container(border=True):
        picked = st.selectbox(
            "Chosen node",
            list(names),
            index=list(names).index(node.id),
            format_func=lambda node_id: names[node_id],
            key=f"pick-{state.seq}-{node.id}",
        )
        if picked != node.id:
            choose(state, picked)
            st.rerun()
        edits = _edits(state, node)
        what = st.pills("Edit", list(edits), default="Rename", required=True, key=f"what-{node.id}")
        edits[what or "Rename"](bench, state, node)


def _edits(state: TreeState, node: Node) -> dict[str, Callable[[Workbench, TreeState, Node], None]]:
    """The edits that make sense for a node."""
    edits: dict[str, Callable[[Workbench, TreeState, Node], None]] = {"Rename": _rename}
    if node.children:
        edits |= {"Add below": _add, "Kind of split": _kind, "Order": _order, "Merge children": _merge}
    elif node.leaf is not None and not node.leaf.is_other:
        edits |= {"Split": _split, "Status": _status}
    edits["Amount"] = _amount
    if node.id != state.tree.root.id:
        edits |= {"Move": _move, "Delete": _delete}
    return edits


def _rename(bench: Workbench, state: TreeState, node: Node) -> None:
    text = _key(state, "text")
    with st.form(_key(state, "rename"), border=False):
        st.text_input("Text", value=node.text, max_chars=400, key=text)
        _submit(bench, state, "Keep", lambda: Rename(node_id=node.id, text=st.session_state[text]))


def _add(bench: Workbench, state: TreeState, node: Node) -> None:
    text, share = _key(state, "text"), _key(state, "share")
    with st.form(_key(state, "add"), border=False):
        st.text_input("Text of the new leaf", max_chars=400, key=text)
        st.slider("Share of “something else” that it takes over", 0, 100, 0, format="%d %%", key=share)
        _submit(
            bench,
            state,
            "Add",
            lambda: AddLeaf(
                parent_id=node.id,
                new_id=new_id(state),
                text=st.session_state[text],
                share_of_other=st.session_state[share] / 100,
            ),
        )


def _delete(bench: Workbench, state: TreeState, node: Node) -> None:
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


def _move(bench: Workbench, state: TreeState, node: Node) -> None:
    inside = {n.id for n in walk(node)}
    targets = {n.id: n.text for n in walk(state.tree.root) if n.id not in inside and n.children}
    parent = _key(state, "parent")
    with st.form(_key(state, "move"), border=False):
        st.selectbox("Under", list(targets), format_func=lambda node_id: targets[node_id], key=parent)
        _submit(bench, state, "Move", lambda: Move(node_id=node.id, parent_id=st.session_state[parent]))


def _order(bench: Workbench, state: TreeState, node: Node) -> None:
    for number, child in enumerate(node.children):
        with st.container(horizontal=True, vertical_alignment="center"):
            for step, icon in ((-1, ":material/arrow_upward:"), (1, ":material/arrow_downward:")):
                st.button(
                    "Up" if step < 0 else "Down",
                    key=_key(state, f"order-{child.id}-{step}"),
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


def _merge(bench: Workbench, state: TreeState, node: Node) -> None:
    names = {child.id: child.text for child in node.children}
    which, text = _key(state, "which"), _key(state, "text")
    with st.form(_key(state, "merge"), border=False):
        st.multiselect("Children to make one of", list(names), format_func=lambda i: names[i], key=which)
        st.text_input("Text of the merged node", max_chars=400, key=text)
        _submit(
            bench,
            state,
            "Merge",
            lambda: Merge(node_ids=tuple(st.session_state[which]), text=st.session_state[text]),
        )


def _split(bench: Workbench, state: TreeState, node: Node) -> None:
    parts, kind, by = _key(state, "parts"), _key(state, "kind"), _key(state, "by")
    with st.form(_key(state, "split"), border=False):
        st.text_area("Its parts, one a line", height=100, key=parts)
        st.selectbox("Kind of split", KINDS, index=len(KINDS) - 1, key=kind)
        st.text_input("By which dimension", max_chars=200, key=by)
        _submit(bench, state, "Split", lambda: _split_op(state, node, parts, kind, by))


def _split_op(state: TreeState, node: Node, parts: str, kind: str, by: str) -> Op:
    texts = [line.strip() for line in str(st.session_state[parts]).splitlines() if line.strip()]
    first = int(new_id(state)[1:])
    made = tuple(Part(new_id=f"n{first + number}", text=text) for number, text in enumerate(texts))
    split = Split(kind=st.session_state[kind], dimension=st.session_state[by])
    return SplitLeaf(node_id=node.id, parts=made, split=split)


def _kind(bench: Workbench, state: TreeState, node: Node) -> None:
    now = node.split or Split(kind="free")
    kind, by, operator = _key(state, "kind"), _key(state, "by"), _key(state, "operator")
    start, end = _key(state, "start"), _key(state, "end")
    with st.form(_key(state, "set-kind"), border=False):
        st.selectbox("Kind of split", KINDS, index=KINDS.index(now.kind), key=kind)
        st.text_input("By which dimension", value=now.dimension, max_chars=200, key=by)
        operators = ["sum", "product"]
        index = operators.index(now.operator) if now.operator else None
        st.selectbox("Formula: the children are a", operators, index=index, key=operator)
        left, right = st.columns(2)
        left.text_input("Process: starts at", value=now.start or "", max_chars=200, key=start)
        right.text_input("Process: ends at", value=now.end or "", max_chars=200, key=end)
        _submit(bench, state, "Keep", lambda: _kind_op(node, now, kind, by, operator, start, end))


def _kind_op(node: Node, now: Split, kind: str, by: str, operator: str, start: str, end: str) -> Op:
    said = st.session_state
    formula, process = said[kind] == "formula", said[kind] == "process"
    changes = {
        "kind": said[kind],
        "dimension": said[by],
        "operator": said[operator] if formula else None,
        "start": (said[start] or None) if process else None,
        "end": (said[end] or None) if process else None,
    }
    return SetSplit(node_id=node.id, split=Split.model_validate({**now.model_dump(), **changes}))


def _amount(bench: Workbench, state: TreeState, node: Node) -> None:
    value, unit = _key(state, "value"), _key(state, "unit")
    now = node.quantity
    with st.form(_key(state, "amount"), border=False):
        st.number_input("Amount, for formula splits", value=now.value if now else None, key=value)
        st.text_input("Unit", value=(now.unit or "") if now else "", max_chars=40, key=unit)
        _submit(bench, state, "Keep", lambda: _amount_op(node, value, unit))


def _amount_op(node: Node, value: str, unit: str) -> Op:
    amount = st.session_state[value]
    kept = None if amount is None else Quantity(value=amount, unit=st.session_state[unit] or None)
    quantity = None if kept is None else kept.model_dump(mode="json")
    return SetNode(node_id=node.id, changes={"quantity": quantity})


def _status(bench: Workbench, state: TreeState, node: Node) -> None:
    status, reason = _key(state, "status"), _key(state, "reason")
    now = node.leaf.status if node.leaf else "open"
    states = ["open", "supported", "refuted", "parked"]
    with st.form(_key(state, "set-status"), border=False):
        st.selectbox("Status", states, index=states.index(now), key=status)
        st.text_input(
            "Evidence (ids, with commas) or the reason for parking",
            value=", ".join(node.leaf.evidence_ids) if node.leaf else "",
            max_chars=400,
            key=reason,
        )
        _submit(bench, state, "Keep", lambda: _status_op(node, status, reason))
    if now == "supported" and state.tree.kind == "why":
        st.button(
            "Draw up options for this cause",
            icon=":material/lightbulb:",
            on_click=_options,
            args=(bench, state, node.id),
        )


def _status_op(node: Node, status: str, reason: str) -> Op:
    wanted, said = st.session_state[status], str(st.session_state[reason])
    if wanted == "parked":
        return Park(node_id=node.id, reason=said)
    if wanted == "open":
        return Reopen(node_id=node.id)
    ids = tuple(part.strip() for part in said.split(",") if part.strip())
    return Conclude(node_id=node.id, status=wanted, evidence_ids=ids)


def _options(bench: Workbench, state: TreeState, leaf_id: str) -> None:
    try:
        show_tree(bench.trees.options_for(state.run.run_id, leaf_id, who()))
    except READABLE as error:
        keep_notice(str(error))


def _submit(bench: Workbench, state: TreeState, label: str, make: Make) -> None:
    """The form's button; what was typed is read when it is clicked."""
    st.form_submit_button(label, on_click=_send, args=(bench, state, make))


def _send(bench: Workbench, state: TreeState, make: Make) -> None:
    try:
        op = make()
    except ValueError as error:
        first = str(error).splitlines()
        keep_notice(f"This edit cannot be made: {_reason(first)} The tree stays as it was.")
        return
    edit(bench, state, op)


def _reason(lines: list[str]) -> str:
    """The readable part of a validation error."""
    told = [line.strip() for line in lines if line.startswith("  ")]
    return (told[0].split(" [type")[0] if told else "a field is empty or too long").rstrip(".") + "."


def _key(state: TreeState, name: str) -> str:
    return f"edit-{name}-{chosen(state).id}-{state.seq}"
