"""The work plan: every leaf a row, its fields filled in a table."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from agents.tree.desk import TreeState
from agents.tree.model import leaves
from agents.tree.ops import SetFrame, SetLeaf
from agents.workbench import Workbench
from pages.ui.tree.common import edit

FIELDS = ("hypothesis", "analysis", "data_source", "owner", "effort_days", "due", "disproof")
FRAME = ("trouble", "owner", "success_criterion", "metric", "direction", "size", "period", "scope")
FRAME_LISTS = ("constraints", "actors")


def draw(bench: Workbench, state: TreeState) -> None:
    """The table of leaves, and the frame of the question."""
    st.caption("Each change is kept as a version of its own.")
    key = f"plan-{state.run.run_id}-{state.seq}"
    frame = _frame(state)
    st.data_editor(
        frame,
        key=key,
        hide_index=True,
        disabled=["id", "leaf", "belief", "status"],
        column_order=["leaf", "belief", "status", *FIELDS],
        column_config={
            "leaf": st.column_config.TextColumn("Leaf", pinned=True),
            "belief": st.column_config.NumberColumn("Belief", format="percent"),
            "effort_days": st.column_config.NumberColumn("Effort (days)", min_value=0.0, step=0.5),
            "due": st.column_config.DateColumn("Due"),
        },
        on_change=_keep_cells,
        args=(bench, state, list(frame["id"]), key),
    )
    st.markdown("**Frame of the question**")
    _draw_frame(bench, state)


def _frame(state: TreeState) -> pd.DataFrame:
    rows = []
    for node, leaf in leaves(state.tree.root):
        if not leaf.is_other:
            fields = {name: getattr(leaf, name) for name in FIELDS}
            rows.append(
                {"id": node.id, "leaf": node.text, "belief": leaf.belief, "status": leaf.status, **fields}
            )
    columns = ["id", "leaf", "belief", "status", *FIELDS]
    frame = pd.DataFrame(rows, columns=columns)
    frame["due"] = pd.to_datetime(frame["due"]).dt.date
    return frame


def _keep_cells(bench: Workbench, state: TreeState, ids: list[str], key: str) -> None:
    changed: dict[int, dict[str, Any]] = st.session_state[key]["edited_rows"]
    for row, cells in changed.items():
        edit(bench, state, SetLeaf(node_id=ids[row], changes={n: _value(v) for n, v in cells.items()}))


def _value(cell: Any) -> Any:
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if cell != "" else None


def _draw_frame(bench: Workbench, state: TreeState) -> None:
    frame = state.tree.frame
    with st.form(f"frame-{state.seq}", border=False):
        columns = st.columns(4)
        values: dict[str, Any] = {}
        for number, name in enumerate(FRAME):
            label = name.replace("_", " ").capitalize()
            values[name] = columns[number % 4].text_input(
                label, value=getattr(frame, name) or "", max_chars=300
            )
        for name in FRAME_LISTS:
            given = "\n".join(getattr(frame, name))
            values[name] = st.text_area(f"{name.capitalize()}, one a line", value=given, height=80)
        if st.form_submit_button("Keep the frame"):
            changes = {name: _field(name, value) for name, value in values.items()}
            edit(bench, state, SetFrame(changes=changes))
            st.rerun()


def _field(name: str, value: str) -> Any:
    if name in FRAME_LISTS:
        return tuple(line.strip() for line in value.splitlines() if line.strip())
    return value.strip() or None
