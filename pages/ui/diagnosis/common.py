"""What several parts of the diagnosis share."""

import streamlit as st


def open_run(run_id: str) -> None:
    """Show a run: its id in the link is all that a reload or another browser needs."""
    st.query_params["run"] = run_id
