"""What the analyst leaves with: files made when they are asked for."""

import streamlit as st

from agents.tree.desk import TreeState
from agents.workbench import Workbench


def draw(bench: Workbench, state: TreeState) -> None:
    """A button per kind of file."""
    st.caption(f"Every file says when it was made and that it is version {state.version}.")
    for kind in bench.tree_exports:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                kind.label,
                lambda name=kind.name: bench.export_tree(state.run.run_id, name),
                file_name=f"whytree-{state.run.run_id[-8:]}-v{state.version}.{kind.ending}",
                mime=kind.mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"export-{kind.name}",
            )
            st.caption(kind.about)
