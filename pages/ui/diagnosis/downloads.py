"""What can be taken away: the record and the tree, made when they are asked for."""

import re
from unicodedata import normalize

import streamlit as st

from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE
from agents.workbench import Workbench
from pages.ui.text import plain

NAME_CHARS = 50
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def file_name(title: str) -> str:
    """What a file is called: after the complaint, in letters and digits that every system takes."""
    ascii_only = normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
    short = words if len(words) <= NAME_CHARS else words[:NAME_CHARS].rsplit("-", 1)[0]
    return f"whytree-{short}".rstrip("-")


def draw(bench: Workbench, view: DiagnosisView) -> None:
    """Buttons for the memo, the whole record, and the tree."""
    name = file_name(view.title)
    files = (
        ("Memo", "md", "text/markdown", lambda: bench.record_memo(view.run_id).encode()),
        ("Memo for Word", "docx", WORD, lambda: bench.record_word(view.run_id)),
        ("Record as JSON", "json", "application/json", lambda: bench.record_json(view.run_id).encode()),
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
