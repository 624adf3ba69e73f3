"""A run that waits for a key: why, and the two ways on."""

import streamlit as st

from agents.diagnosis.view import DiagnosisView
from agents.workbench import Workbench
from pages.ui.models import is_connected, session_id
from pages.ui.notice import act_on
from pages.ui.text import plain


def draw(bench: Workbench, view: DiagnosisView) -> None:
    """What it waits for, and what the person can do; nothing when it does not wait for a key."""
    if view.held is None:
        return
    st.warning(plain(view.held), icon=":material/key_off:")
    connected = is_connected(bench)
    with st.container(horizontal=True):
        if connected:
            st.button(
                "Go on with the model connected here",
                key="supply",
                type="primary",
                icon=":material/play_arrow:",
                on_click=act_on,
                args=(bench.supply, view.run_id, view.seq, session_id()),
            )
        elif st.button("Connect a model", key="to-settings", type="primary", icon=":material/key:"):
            st.switch_page("../settings.py")  # seen from pages/ui/shell.py, which runs every page
        st.button(
            "Go on without a model",
            key="dispense",
            icon=":material/power_off:",
            on_click=act_on,
            args=(bench.dispense, view.run_id, view.seq),
            help="The built-in analyst does the rest; what the model did so far stays.",
        )
