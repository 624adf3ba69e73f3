"""A form that was sent: its button says that it was taken, and its fields are empty again."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui.notice import was_done
from pages.ui.text import plain

_TURN = "sent_turn_{}"
_TOLD = "sent_told_{}"


def key(form: str, field: str) -> str:
    """Of a field; another one after each time the form was taken, so that it starts anew."""
    turn = st.session_state.get(_TURN.format(form), 0)
    return f"{field}-{turn}" if turn else field


def send(form: str, sentence: str, action: Callable[..., object], *arguments: Any, **named: Any) -> None:
    """Do what the form asks for, and say so at its button; a refusal leaves its fields as they are."""
    if was_done(action, *arguments, **named):
        st.session_state[_TURN.format(form)] = st.session_state.get(_TURN.format(form), 0) + 1
        st.session_state[_TOLD.format(form)] = sentence


def told(form: str) -> None:
    """Draw the sentence, until a person does something else."""
    if sentence := st.session_state.pop(_TOLD.format(form), None):
        st.success(plain(sentence), icon=":material/check_circle:")
