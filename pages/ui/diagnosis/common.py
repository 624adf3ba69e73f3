"""What several parts of the diagnosis share."""

import streamlit as st

from pages.ui import sight
from pages.ui.identity import who


def open_run(run_id: str) -> None:
    """Show a run: its id in the link is all that a reload or another browser needs."""
    sight.lead()
    st.query_params["run"] = run_id


def link_to_all(kind: str) -> None:
    """A way from a short list of the person's runs to all of that kind."""
    if st.button("All in Runs", key=f"all-{kind}", type="tertiary", icon=":material/history:"):
        by = who()
        st.switch_page(
            "../runs.py",  # seen from pages/ui/shell.py, which runs every page
            query_params={"runs_kind": kind, "runs_user": by.user_id, "runs_project": by.project_id},
        )
