"""Whose work it is: user and project, chosen in the sidebar and kept in the link."""

import streamlit as st

from agents.errors import READABLE
from agents.workbench import Who, Workbench
from pages.ui.text import plain

DEFAULT = Who()
FRESH_S = 10
"""Seconds for which the lists of names hold: they are read from all runs, and every page shows them."""


def choose_identity(bench: Workbench) -> None:
    """Draw the two fields and keep the choice for the page."""
    users, projects = _people(bench, str(bench.settings.data))
    label = f"{plain(_told('user', DEFAULT.user_id))}, project {plain(_told('project', DEFAULT.project_id))}"
    with st.sidebar, st.expander(label, icon=":material/person:", key="identity"):
        st.caption("Whose work it is. It stands in the link: keep the link, the bare address forgets it.")
        user = st.selectbox(
            "User",
            _with(users, DEFAULT.user_id),
            key="user",
            accept_new_options=True,
            bind="query-params",
            help="New names can be typed.",
        )
        project = st.selectbox(
            "Project",
            _with(projects, DEFAULT.project_id),
            key="project",
            accept_new_options=True,
            bind="query-params",
        )
    try:
        st.session_state["who"] = Who.named(user or DEFAULT.user_id, project or DEFAULT.project_id)
    except READABLE as error:
        st.error(plain(str(error)), icon=":material/person_off:")
        st.stop()


def who() -> Who:
    """The user and project of this browser session."""
    chosen = st.session_state.get("who", DEFAULT)
    return chosen if isinstance(chosen, Who) else DEFAULT


def whose() -> str:
    """A sentence for beside the buttons that begin work: whom it counts for."""
    by = who()
    return (
        f"Counts as the work of **{plain(by.user_id)}** in the project **{plain(by.project_id)}**. "
        "Another name: in the sidebar."
    )


def _told(name: str, default: str) -> str:
    """A choice as it will be drawn: before the first drawing it stands in the link alone."""
    return st.session_state.get(name) or st.query_params.get(name) or default


@st.cache_data(ttl=FRESH_S, max_entries=4, show_spinner=False)
def _people(_bench: Workbench, data: str) -> tuple[list[str], list[str]]:
    """Users and projects of a data folder."""
    return _bench.people()


def _with(names: list[str], default: str) -> list[str]:
    return [default, *(name for name in names if name != default)]
