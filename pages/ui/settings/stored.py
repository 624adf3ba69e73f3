"""Where everything is kept, and how large it is."""

from pathlib import Path

import streamlit as st

from agents.workbench import Workbench
from pages.ui import formats
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


LOGS = ("-wal", "-shm", "-journal", ".wal")
"""Ends of the names of what SQLite and DuckDB keep beside a file until it is taken in."""


def bytes_of(path: Path) -> int:
    """Of a folder all it holds; of a file also its logs, where the newest of it may still stand alone."""
    inside = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else []
    beside = [file for end in ("", *LOGS) if (file := path.with_name(path.name + end)).is_file()]
    return sum(_bytes(file) for file in (*inside, *beside))


def _bytes(file: Path) -> int:
    """None of a file that was taken away since it was listed."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def draw(bench: Workbench) -> None:
    """The data folder, file by file."""
    folder = bench.settings.data.resolve()
    st.markdown(
        f"Everything is in **{plain(str(folder))}**. Nothing leaves this machine, except calls to a model "
        "you connect."
    )
    for name, what in WHAT.items():
        kept = bytes_of(folder / name)
        st.markdown(f"- `{name}` ({formats.size(kept) if kept else 'nothing yet'}): {what}")
    if bench.refused_playbooks:
        st.warning("Playbook files that were not loaded:", icon=":material/rule:")
        for refusal in bench.refused_playbooks:
            st.text(str(refusal))
