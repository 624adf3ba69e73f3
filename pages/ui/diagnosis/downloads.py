"""What can be taken away: the record and the tree, made when they are asked for."""

import streamlit as st

from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE
from agents.workbench import Workbench
from pages.ui.text import plain


def draw(bench: Workbench, view: DiagnosisView) -> None:
    """Buttons for the record as JSON and memo, and the tree as SVG and PNG."""
    name = f"whytree-{view.run_id[-8:]}"
    files = (
        ("Memo", "md", "text/markdown", lambda: bench.record_memo(view.run_id).encode()),
        ("Record", "json", "application/json", lambda: bench.record_json(view.run_id).encode()),
        ("Tree as SVG", "svg", "image/svg+xml", lambda: bench.tree_image(view.run_id, "svg")),
        ("Tree as PNG", "png", "image/png", lambda: bench.tree_image(view.run_id, "png")),
    )
    try:
        with st.container(horizontal=True):
            for label, ending, kind, make in files:
                st.download_button(
                    label,
                    make,
                    file_name=f"{name}.{ending}",
                    mime=kind,
                    icon=":material/download:",
                    on_click="ignore",
                    key=f"download-{ending}",
                )
    except READABLE as error:
        st.warning(plain(str(error)), icon=":material/image_not_supported:")
