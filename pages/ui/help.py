"""The keyboard keys of every page, in a dialog."""

from pathlib import Path

import streamlit as st

from pages.ui.present import playing

SCRIPT = Path(__file__).with_name("keys.js").read_text(encoding="utf-8")
KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "Everywhere": (("H", "This help"),),
    "Diagnose": (
        ("Ctrl + Enter", "Start the diagnosis; confirm what was read"),
        ("1 to 4", "Answer the question"),
        ("D", "Don't know"),
        ("U", "Undo the last answer"),
        ("Shift + E", "Conclude now"),
    ),
    "Problem tree": (("Ctrl + Z", "Undo"), ("Ctrl + Y", "Redo")),
    "Runs, one run": (("Left, right arrow", "Replay: one event back or on"),),
    "Present": (
        ("Ctrl + Enter", "Start"),
        ("Space", "Play and pause"),
        ("Right arrow", "Step: the client answers now"),
        ("1 to 4, D", "Take over: answer by hand"),
        ("1 to 9", "In a training: ask that question"),
        ("S", "Speed"),
        ("N", "Again with another seed"),
        ("A", "Another demo: back to the choices"),
        ("Shift + E", "Reveal now"),
    ),
}


def listen() -> None:
    """Let Ctrl+Enter through where Streamlit keeps it; heard once a page is loaded, drawn on every page."""
    st.html(f"<script>{SCRIPT}</script>", unsafe_allow_javascript=True)


def draw_button() -> None:
    """The way to the dialog; a demo that plays pauses, since its next step would close it."""
    with st.sidebar:
        asked = st.button(
            "Help and keys",
            icon=":material/keyboard:",
            shortcut="H",
            type="tertiary",
            on_click=playing.pause,
            key="help",
        )
    if asked:
        _show()


@st.dialog("Help and keys", width="medium", icon=":material/keyboard:")
def _show() -> None:
    st.markdown(
        "Describe a problem on **Diagnose**, answer a few questions, read the diagnosis. Without a problem "
        "at hand, **Present** shows the whole course on a simulated client."
    )
    rows = [f"| {page} | {key} | {what} |" for page, keys in KEYS.items() for key, what in keys]
    st.markdown("\n".join(("| Where | Key | What it does |", "| --- | --- | --- |", *rows)))
    st.caption("A key does nothing while a text field has the focus, unless it goes with Ctrl.")
