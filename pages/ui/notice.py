"""What an action had to say: kept over the rerun that follows it, shown once."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from agents.errors import READABLE
from pages.ui.text import plain

_KEY = "notice"


def act(action: Callable[..., object], *arguments: Any, **named: Any) -> None:
    """Do what a person asked for, as a callback; a refusal is kept as a sentence for the next drawing."""
    try:
        action(*arguments, **named)
    except READABLE as error:
        keep_notice(str(error))


def keep_notice(sentence: str) -> None:
    """Show a sentence at the next drawing."""
    st.session_state[_KEY] = sentence


def show_notice() -> None:
    """Draw the sentence that an action left, once."""
    sentence = st.session_state.pop(_KEY, None)
    if sentence:
        st.warning(plain(sentence), icon=":material/info:")
