"""The history of a tree: who did what, and two versions side by side."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from agents.tree.compare import Change, Difference, compare
from agents.tree.desk import TreeState, Version
from agents.tree.model import ProblemTree, walk
from agents.tree.outline import to_outline
from agents.workbench import Workbench
from pages.ui import formats

MARKS: dict[Difference, str] = {"added": "+", "removed": "-"}
CHANGED = "~"


def draw(bench: Workbench, state: TreeState) -> None:
    """The list and the comparison."""
    found = bench.trees.versions(state.run.run_id)
    _draw_list(found, state)
    if len(found) < 2:
        st.caption("With the first edit there will be two versions to compare.")
        return
    numbers = [version.number for version in found]
    keys = [f"{side}-{state.run.run_id}-{state.seq}" for side in ("before", "after")]
    left, right = st.columns(2, gap="large")
    before = left.selectbox("Compare version", numbers, index=len(numbers) - 2, key=keys[0])
    after = right.selectbox("with version", numbers, index=len(numbers) - 1, key=keys[1])
    old, new = (bench.trees.version(state.run.run_id, number) for number in (before, after))
    changes = compare(old, new)
    marks = {c.node_id: MARKS.get(c.what, CHANGED) for c in changes if c.node_id is not None}
    for column, tree in ((left, old), (right, new)):
        column.code(_outline(tree, marks), language=None, wrap_lines=True)
    _draw_changes(changes)


def _draw_list(found: list[Version], state: TreeState) -> None:
    zone = formats.viewer_zone()
    st.dataframe(
        pd.DataFrame(
            {
                "Version": [v.number for v in found],
                "By": [v.author for v in found],
                "What": [v.note for v in found],
                "When": [formats.when(v.created_at, zone) for v in found],
                "At hand": [v.number == state.version for v in found],
            }
        ),
        hide_index=True,
        key=f"versions-{state.seq}",
    )


def _outline(tree: ProblemTree, marks: Mapping[str, str]) -> str:
    """One node a line, with a mark before each that differs."""
    lines = zip(walk(tree.root), to_outline(tree).splitlines(), strict=True)
    return "\n".join(f"{marks.get(node.id, ' ')} {line}" for node, line in lines)


def _draw_changes(changes: tuple[Change, ...]) -> None:
    if not changes:
        st.caption("These two versions are alike.")
        return
    st.caption("A line with + was added, with - removed, with ~ changed. Every change, field by field:")
    st.dataframe(
        pd.DataFrame(
            {
                "What": [change.what for change in changes],
                "Node": [change.label for change in changes],
                "Field": [_field(change) for change in changes],
                "Before": [_shown(change.before) for change in changes],
                "After": [_shown(change.after) for change in changes],
            }
        ),
        hide_index=True,
    )


def _field(change: Change) -> str:
    return (change.field or "").removeprefix("leaf.").replace(".", ": ").replace("_", " ")


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)
