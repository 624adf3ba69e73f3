"""What the analyst leaves with: files made when they are asked for."""

from functools import partial

import streamlit as st

from agents.tree.desk import TreeState
from agents.tree.exports import EXPORTS, file_name
from agents.workbench import Workbench
from pages.ui.tree import plan


def draw(bench: Workbench, state: TreeState) -> None:
    """A button per format."""
    st.caption(f"Every file says when it was made and that it is version {state.version}.")
    plan.draw_gaps(bench, state)
    with st.container(horizontal=True):
        for name, kind in EXPORTS.items():
            st.download_button(
                kind.label,
                partial(bench.trees.export, state.run.run_id, name),
                file_name=file_name(state.tree, state.version, name),
                mime=kind.media_type,
                icon=":material/download:",
                on_click="ignore",
                key=f"export-{name}",
            )
