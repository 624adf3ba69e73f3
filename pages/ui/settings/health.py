"""Breakers, limits, budgets and the last failures, as they are now."""

import pandas as pd
import streamlit as st

from agents.workbench import Workbench
from pages.ui.formats import count, when
from pages.ui.formats import share as percents
from pages.ui.models import session_id
from pages.ui.settings import budgets
from pages.ui.text import plain

POLL_S = 3
STATES = {
    "closed": ("Working", "green"),
    "open": ("Paused after failures", "red"),
    "half_open": ("On trial", "orange"),
}


def draw(bench: Workbench) -> None:
    """Drawn anew every few seconds; costs nothing while no model is connected."""
    if not bench.models.connected(session_id()):
        return
    st.subheader("State of the models", anchor=False)

    @st.fragment(run_every=POLL_S)
    def live() -> None:
        _draw_breakers(bench)
        _draw_limits(bench)
        budgets.draw_standings(bench)
        _draw_failures(bench)

    live()


def _draw_breakers(bench: Workbench) -> None:
    statuses = bench.models.client(bench.models.connected(session_id())).breakers()
    if not statuses:
        st.caption("No call has been made since Whytree was started.")
    for (provider, model), status in statuses.items():
        label, color = STATES[status.state]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(label, color=color)  # type: ignore[arg-type]
            st.markdown(f"{plain(provider)}, {plain(model)}")
            if status.failures:
                st.caption(f"Failures in a row: {count(status.failures)}")
            if status.locked_out:
                st.caption("The key was refused: correct it and test again.")


def _draw_limits(bench: Workbench) -> None:
    used = bench.models.client(bench.models.connected(session_id())).limits_used()
    for provider, shares in used.items():
        for name, share in shares.items():
            told = f"{plain(provider)}: {percents(share, 0)} of the {plain(name)} a minute are used"
            st.progress(min(share, 1.0), text=told)


def _draw_failures(bench: Workbench) -> None:
    from agents.llm.faults import clause_of

    failures = bench.models.last_failures()
    if not failures:
        st.caption("No failure is on record.")
        return
    st.markdown("**Last failures**")
    st.dataframe(
        pd.DataFrame(
            {
                "When": [when(call.started_at) for call in failures],
                "Model": [f"{call.provider_name}/{call.request_model}" for call in failures],
                "What it did": [clause_of(call.error_type) for call in failures],
                "Status": pd.array([call.http_status for call in failures], dtype="Int64"),
                "Task": [call.agent_name for call in failures],
            }
        ),
        hide_index=True,
        placeholder="none",
    )
