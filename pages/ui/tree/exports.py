"""What the analyst leaves with: files made when they are asked for."""

from functools import partial

import streamlit as st

from agents.tree.desk import TreeState
from agents.tree.exports import EXPORTS
from agents.workbench import Workbench


def draw(bench: Workbench, state: TreeState) -> None:
    """A button per format."""
    st.caption(f"Every file says when it was made and that it is version {state.version}.")
    with st.container(horizontal=True):
        for name, kind in EXPORTS.items():
            st.download_button(
                kind.label,
                partial(bench.trees.export, state.run.run_id, name),
                file_name=f"whytree-{state.run.run_id[-8:]}-v{state.version}.{kind.extension}",
                mime=kind.media_type,
                icon=":material/download:",
                on_click="ignore",
                key=f"export-{name}",
            )
