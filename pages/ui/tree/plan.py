"""The work plan: every end of a branch a row, its fields filled in a table or for all at once."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from agents.errors import BadInput
from agents.tree.desk import TreeState
from agents.tree.draw.face import percent
from agents.tree.exports.rows import head_of
from agents.tree.model import Leaf, leaves
from agents.tree.ops import Op, SetLeaf
from agents.tree.schedule import scheduled
from agents.workbench import Workbench
from pages.ui.formats import counted
from pages.ui.text import plain
from pages.ui.tree import framing
from pages.ui.tree.common import edit_all

FIELDS = ("hypothesis", "analysis", "data_source", "owner", "effort_days", "due", "disproof", "severity")
ALIKE, IN_TURN = "The same day for all", "One after another, most telling first"


def draw(bench: Workbench, state: TreeState) -> None:
    """What the plan lacks, the table of leaves, a form for all of them, and the frame of the question."""
    draw_gaps(bench, state)
    _draw_table(bench, state)
    _draw_all(bench, state)
    framing.draw(bench, state)


def of(state: TreeState) -> str:
    """What a leaf is called towards people who plan, within a sentence."""
    return head_of(state.tree).lower()


def draw_gaps(bench: Workbench, state: TreeState) -> None:
    """What is still to be filled in: leaves that nobody could start on, wherever the plan is shown."""
    found = bench.trees.check(state.tree, state.run, for_work_plan=True).of("L2").findings
    if not found:
        return
    named = sum(not leaf.is_other for _, leaf in leaves(state.tree.root))
    told = f"Still to be filled in for a work plan: {len(found)} of {counted(named, of(state))}"
    with st.expander(told, icon=":material/edit_note:"):
        st.caption(
            "What each of them needs before somebody can start on it. The files can be made meanwhile."
        )
        for finding in found:
            st.markdown(plain(finding.message))


def _draw_table(bench: Workbench, state: TreeState) -> None:
    key = f"plan-{state.run.run_id}-{state.seq}"
    frame = _frame(state)
    if frame.empty:
        told = f"This tree has no named {of(state)} yet. Add one on the tab of the tree."
        st.info(told, icon=":material/info:")
        return
    st.data_editor(
        frame,
        key=key,
        hide_index=True,
        disabled=["id", "leaf", "belief", "status"],
        column_order=["leaf", "belief", "status", *FIELDS],
        column_config={
            "leaf": st.column_config.TextColumn(head_of(state.tree), pinned=True, width=260),
            "belief": st.column_config.TextColumn("Belief", alignment="right"),
            "status": st.column_config.TextColumn("Status"),
            "hypothesis": st.column_config.TextColumn("Hypothesis", max_chars=2000),
            "analysis": st.column_config.TextColumn("Analysis", max_chars=2000),
            "data_source": st.column_config.TextColumn("Data source", max_chars=2000),
            "owner": st.column_config.TextColumn("Owner", max_chars=200),
            "effort_days": st.column_config.NumberColumn(
                "Effort (days)", min_value=0.0, max_value=10_000.0, step=0.5
            ),
            "due": st.column_config.DateColumn("Due"),
            "disproof": st.column_config.TextColumn("What would refute it", max_chars=2000),
            "severity": st.column_config.NumberColumn("Severity (1 to 5)", min_value=1.0, max_value=5.0),
        },
        on_change=edit_all,
        args=(bench, state, lambda: _cells(list(frame["id"]), key), "work plan"),
    )


def _frame(state: TreeState) -> pd.DataFrame:
    rows = []
    for node, leaf in leaves(state.tree.root):
        if not leaf.is_other:
            fields = {name: getattr(leaf, name) for name in FIELDS}
            rows.append(
                {"id": node.id, "leaf": node.text, "belief": _belief(leaf), "status": leaf.status, **fields}
            )
    frame = pd.DataFrame(rows, columns=["id", "leaf", "belief", "status", *FIELDS])
    frame["due"] = pd.to_datetime(frame["due"]).dt.date
    numbers = ["effort_days", "severity"]
    return frame.astype(dict.fromkeys(numbers, float))


def _belief(leaf: Leaf) -> str:
    """In the words of the drawings, so that one belief is not told in two ways."""
    return "" if leaf.belief is None else percent(leaf.belief)


def _cells(ids: list[str], key: str) -> Sequence[Op]:
    """All cells that were changed at once, by hand or by pasting."""
    changed: dict[int, dict[str, Any]] = st.session_state[key]["edited_rows"]
    return [
        SetLeaf(node_id=ids[row], changes={name: _value(cell) for name, cell in cells.items()})
        for row, cells in changed.items()
    ]


def _value(cell: Any) -> Any:
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if cell != "" else None


def _draw_all(bench: Workbench, state: TreeState) -> None:
    """One form for every open leaf that has no owner, source or date yet."""
    with st.form(f"all-{state.run.run_id}"):
        st.markdown(f"**Fill in for all open {of(state)}s**")
        left, middle, right = st.columns(3)
        left.text_input("Owner, where none is named", max_chars=200, key="all_owner")
        middle.date_input("Due on, or first day of work", value=None, format="YYYY-MM-DD", key="all_due")
        right.radio("Due dates", [ALIKE, IN_TURN], key="all_way")
        st.form_submit_button(
            "Fill in",
            on_click=edit_all,
            args=(bench, state, lambda: _for_all(state), "work plan for all"),
        )


def _for_all(state: TreeState) -> Sequence[Op]:
    owner, due = str(st.session_state["all_owner"]).strip(), st.session_state["all_due"]
    if not owner and due is None:
        raise BadInput("Nothing was filled in. Nothing was changed: name an owner or a day.")
    opened = [(n, leaf) for n, leaf in leaves(state.tree.root) if leaf.status == "open" and not leaf.is_other]
    ops: list[Op] = []
    if owner:
        ops += [SetLeaf(node_id=n.id, changes={"owner": owner}) for n, leaf in opened if not leaf.owner]
    if due is not None and st.session_state["all_way"] == IN_TURN:
        ops += scheduled(state.tree, due)
    elif due is not None:
        ops += [SetLeaf(node_id=n.id, changes={"due": due}) for n, _ in opened]
    return ops
