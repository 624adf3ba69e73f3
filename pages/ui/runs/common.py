"""What the parts of the Runs page share: states in words, links, and what runs are called."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from agents.assistants.registry import AGENTS
from agents.running.records import Listed
from pages.ui import sight
from pages.ui.text import plain

Color = Literal["gray", "blue", "orange", "green", "red"]
RUN = "run"
CALL = "call"
"""Parameters of the link to a run, and to one of its calls."""
MADE = "run_made"
"""The run that this browser session made last, and a sentence on it, until another is shown."""
SEEN = "What was seen"
"""The part of a run's page that replays it."""
STATES: Mapping[Listed, tuple[str, Color, str]] = {
    "queued": ("Queued", "gray", ":material/hourglass_empty:"),
    "running": ("Running", "blue", ":material/play_circle:"),
    "waiting": ("Waiting for a person", "orange", ":material/pause_circle:"),
    "held": ("Waiting for a model, key or file", "orange", ":material/key_off:"),
    "completed": ("Completed", "green", ":material/check_circle:"),
    "failed": ("Failed", "red", ":material/error:"),
    "cancelled": ("Cancelled", "gray", ":material/cancel:"),
}
"""By state: word, color, icon."""
HANDED_OVER = "diagnose"
"""The router's agent that hands a complaint to the Diagnose page."""
KINDS = {"diagnosis": "Diagnosis", "ask": "Request", "tree": "Problem tree"}


def state(status: Listed) -> str:
    """A state in a word or two."""
    return STATES[status][0]


def agent(name: str | None) -> str:
    """What an agent is called; `not chosen yet` where nobody has a run."""
    if name is None:
        return "not chosen yet"
    if name == HANDED_OVER:
        return "Handed to Diagnose"  # no two choices of a list may read alike
    return AGENTS[name].label if name in AGENTS else KINDS.get(name, name)


def kind(name: str) -> str:
    """What a kind of run is called."""
    return KINDS.get(name, name)


def badge(status: Listed) -> None:
    """A state, in its color."""
    word, color, icon = STATES[status]
    st.badge(word, icon=icon, color=color)


def show(run_id: str | None) -> None:
    """Show a run, or the list, from its top; the link says which."""
    sight.begin()
    st.session_state.pop(MADE, None)
    st.query_params.pop(CALL, None)
    if run_id is None:
        st.query_params.pop(RUN, None)
    else:
        st.query_params[RUN] = run_id


def show_made(run_id: str, told: str) -> None:
    """Show a run that was made just now, and say so."""
    show(run_id)
    st.session_state[MADE] = (run_id, told)


def made(run_id: str) -> str | None:
    """What to say of a run that was made just now in this browser session."""
    of, told = st.session_state.get(MADE, (None, None))
    return told if of == run_id else None


def tab_key(run_id: str) -> str:
    """Name of the widget that says which part of a run is shown."""
    return f"tab-{run_id}"


def show_tab(run_id: str, name: str) -> None:
    """Show a part of a run at the next drawing."""
    st.session_state[tab_key(run_id)] = name


def link_to_list() -> None:
    """A button back to the list, with the filters it had."""
    st.button("All runs", icon=":material/arrow_back:", key="all-runs", on_click=show, args=(None,))


def title(text: str) -> str:
    """A run's title in Markdown."""
    return plain(text) or "(no title)"
