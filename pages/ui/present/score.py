"""How well a trainee's questions did, over all sessions."""

import streamlit as st

from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.text import percent


def draw(bench: Workbench) -> None:
    """The score of the person in the sidebar."""
    asked, worth = bench.demos.training_score(who())
    if worth is None:
        st.caption("Your score will stand here after the first question that you choose.")
        return
    with st.container(horizontal=True):
        st.metric("Questions you chose", asked, border=True, width="content")
        st.metric(
            "Their worth against the tool's own",
            percent(round(100 * worth)),
            border=True,
            width="content",
            help="Bits expected, weighed against the effort to answer: yours added up, divided by what the "
            "tool's own questions would have been worth at the same moments. 100 % is as good as the tool.",
        )
