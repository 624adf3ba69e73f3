"""Where everything is kept, and how large it is."""

import streamlit as st

from agents.workbench import Workbench
from pages.ui.text import plain

WHAT = {
    "whytree.duckdb": "Runs, events, answers, trees, calls and their cost",
    "checkpoints.sqlite": "Where paused runs go on",
    "journal.sqlite": "Paid replies, kept before they are used",
    "attachments": "Files that people attached",
    "queue.sqlite": "Which runs of batches wait for their turn; made anew when it is lost",
    "search.sqlite": "Words for the search; made anew when it is lost",
    "convenience": "Drafts and cached replies; losing it loses nothing",
}


def draw(bench: Workbench) -> None:
    """The data folder, file by file."""
    folder = bench.settings.data.resolve()
    st.markdown(
        f"Everything is in **{plain(str(folder))}**. Nothing leaves this machine, except calls to a model "
        "you connect."
    )
    for name, what in WHAT.items():
        path = folder / name
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        size = sum(file.stat().st_size for file in files)
        st.markdown(f"- `{name}` ({size / 1e6:.1f} MB): {what}")
    if bench.refused_playbooks:
        st.warning("Playbook files that were not loaded:", icon=":material/rule:")
        for refusal in bench.refused_playbooks:
            st.text(str(refusal))
