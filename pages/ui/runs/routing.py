"""Who took a request, and why: the router's decision as it is kept on the run."""

import streamlit as st

from agents.running.records import Run
from pages.ui.ask.badge import METHODS, sureness
from pages.ui.runs.common import agent
from pages.ui.text import plain


def draw(run: Run) -> None:
    """One line; nothing for a run that nobody routed."""
    if run.routing_label is None and run.routing_method is None:
        return
    taker = "nobody; the person was asked" if run.routing_label is None else agent(run.routing_label)
    sure = "" if run.routing_confidence is None else f", {plain(sureness(run.routing_confidence))} sure"
    how = METHODS.get(run.routing_method or "", "in another way")
    with st.expander(f"Routed to {plain(taker)}{sure}", icon=":material/alt_route:", type="compact"):
        st.markdown(plain(run.routing_reason or "The reason is no longer kept."))
        st.caption(f"Routed {how}.")
