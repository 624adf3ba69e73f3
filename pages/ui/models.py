"""This browser session and the models it has connected."""

import uuid

import streamlit as st

from agents.workbench import Workbench


def session_id() -> str:
    """Names this browser session to the workbench; pasted keys are kept under it, in memory."""
    return str(st.session_state.setdefault("session_id", uuid.uuid4().hex))


def is_connected(bench: Workbench) -> bool:
    """True when a model may be used here."""
    return bool(bench.models.connected(session_id()))
