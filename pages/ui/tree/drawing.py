"""The tree to click on, folded as the analyst likes, and a treemap of belief."""

import streamlit as st

from agents.errors import READABLE
from agents.tree.desk import TreeState
from agents.tree.draw.echarts import height, node_at, to_echarts
from agents.tree.draw.palette import DARK, LIGHT, Palette
from agents.tree.draw.treemap import to_treemap
from agents.tree.model import walk
from pages.ui.text import plain
from pages.ui.tree.common import choose, chosen, labels

WINDOW = 640
"""Pixels of height above which the drawing scrolls, so that the forms below stay in reach."""


def draw(state: TreeState) -> None:
    """Drawing or treemap, and what is folded."""
    view = st.segmented_control(
        "View", ["Tree", "Belief map"], default="Tree", required=True, label_visibility="collapsed"
    )
    if view == "Tree":
        _draw_tree(state)
    else:
        _draw_map(state)


def _palette() -> Palette:
    return DARK if st.context.theme.type == "dark" else LIGHT


def _draw_tree(state: TreeState) -> None:
    branches = labels(node for node in walk(state.tree.root) if node.children)
    folded = st.multiselect(
        "Folded branches",
        list(branches),
        format_func=lambda node_id: branches[node_id],
        key=f"folded-{state.run.run_id}",
        placeholder="Fold a branch to hide what is below it",
    )
    key = f"drawing-{state.run.run_id}-{state.seq}-{'/'.join(folded)}"
    tall = height(state.tree, folded)
    with st.container(height=WINDOW if tall > WINDOW else "content", border=tall > WINDOW):
        st.echarts_chart(
            to_echarts(state.tree, _palette(), folded, selected=chosen(state).id),
            height=tall,
            key=key,
            on_select=lambda: _choose_clicked(state, key, folded),
            alt=f"Problem tree with {sum(1 for _ in walk(state.tree.root))} nodes; click one to work on it.",
        )


def _choose_clicked(state: TreeState, key: str, folded: list[str]) -> None:
    """Pick the node that was clicked.

    A second click on a node takes the chart's own selection away; it means that node all the same.
    """
    last = f"last-{key}"
    for series in st.session_state[key].selection.selected:
        for index in series["data_indices"]:
            if series["data_type"] != "edge" and (found := node_at(state.tree, int(index), folded)):
                st.session_state[last] = found
    if last in st.session_state:
        choose(state, st.session_state[last])


def _draw_map(state: TreeState) -> None:
    try:
        figure = to_treemap(state.tree, _palette())
    except READABLE as error:
        st.info(plain(str(error)), icon=":material/info:")
        return
    st.plotly_chart(
        figure,
        key=f"map-{state.run.run_id}-{state.seq}",
        config={"displayModeBar": False},
        alt="Treemap of belief: the larger the tile, the more belief its branch holds.",
    )
