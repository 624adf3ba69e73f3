"""The history of a tree: who did what, and two versions side by side."""

import pandas as pd
import streamlit as st

from agents.tree.compare import Change, compare
from agents.tree.desk import TreeState
from agents.tree.outline import to_outline
from agents.workbench import Workbench
from pages.ui.text import plain


def draw(bench: Workbench, state: TreeState) -> None:
    """The list and the comparison."""
    found = bench.trees.versions(state.run.run_id)
    st.dataframe(
        pd.DataFrame(
            {
                "Version": [v.number for v in found],
                "By": [v.author for v in found],
                "What": [v.note for v in found],
                "When (UTC)": [v.created_at for v in found],
            }
        ),
        hide_index=True,
        key=f"versions-{state.seq}",
    )
    numbers = [v.number for v in found]
    if len(numbers) < 2:
        st.caption("With the first edit there will be two versions to compare.")
        return
    left, right = st.columns(2, gap="large")
    before = left.selectbox("Compare", numbers, index=len(numbers) - 2, key="before")
    after = right.selectbox("with", numbers, index=len(numbers) - 1, key="after")
    old, new = bench.trees.version(state.run.run_id, before), bench.trees.version(state.run.run_id, after)
    for column, tree in ((left, old), (right, new)):
        column.code(to_outline(tree), language=None, wrap_lines=True)
    _draw_changes(compare(old, new))


def _draw_changes(changes: tuple[Change, ...]) -> None:
    if not changes:
        st.caption("These two versions are alike.")
    for change in changes:
        st.markdown(f"- {_sentence(change)}")


def _sentence(change: Change) -> str:
    what = f"**{change.what.capitalize()}** {plain(change.label)}"
    if change.field is None:
        return what
    return f"{what}, {plain(change.field)}: {plain(_shown(change.before))} to {plain(_shown(change.after))}"


def _shown(value: object) -> str:
    return "empty" if value in (None, "", ()) else str(value)
