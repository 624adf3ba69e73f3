"""What an action had to say: kept over the rerun that follows it, in sight until the next action."""

from collections.abc import Callable
from typing import Any, NoReturn

import streamlit as st

from agents.errors import READABLE
from pages.ui import sight
from pages.ui.text import plain

_KEY = "notice"
_SHOWN = "notice_shown"
_ADMITTED = "admitted"


def act(action: Callable[..., object], *arguments: Any, **named: Any) -> None:
    """Do what a person asked for, as a callback; a refusal is kept as a sentence for the next drawing."""
    was_done(action, *arguments, **named)


def was_done(action: Callable[..., object], *arguments: Any, **named: Any) -> bool:
    """The same, for a caller that goes on when it was done; False when it was refused."""
    st.session_state.pop(_ADMITTED, None)
    try:
        action(*arguments, **named)
    except READABLE as error:
        keep_notice(str(error))
        return False
    st.session_state[_ADMITTED] = arguments[:1]
    return True


def act_on(action: Callable[..., object], *arguments: Any, **named: Any) -> None:
    """The same where something else stands on the page afterwards: leads the person there."""
    sight.lead()
    act(action, *arguments, **named)


def was_admitted(run_id: str) -> bool:
    """True when the last act of this session was on this run, and was not refused."""
    return bool(st.session_state.get(_ADMITTED) == (run_id,))


def keep_notice(sentence: str) -> None:
    """Show a sentence at the next drawing, and bring it into sight."""
    sight.lead()
    st.session_state[_KEY] = sentence


def show_notice() -> None:
    """Draw the sentence that an action left, until a person does something else."""
    sentence = st.session_state[_SHOWN] = st.session_state.pop(_KEY, None)
    if sentence:
        with sight.refusal():
            st.warning(plain(sentence), icon=":material/info:")


def draw_anew() -> NoReturn:
    """Run the page again without an act of a person, as a poll does: the sentence in sight stays."""
    if sentence := st.session_state.get(_SHOWN):
        st.session_state.setdefault(_KEY, sentence)
    st.rerun()
