"""What an action had to say: kept over the rerun that follows it, in sight until the next action."""

from collections.abc import Callable
from typing import Any, NoReturn

import streamlit as st

from agents.errors import READABLE, Stale
from pages.ui import sight
from pages.ui.text import plain

_KEY = "notice"
_SHOWN = "notice_shown"
_ADMITTED = "admitted"
_LAST = "last_act"
"""What was done last on this page: the name of the action, and its arguments."""
TOO_FAST = (
    "Two things were asked for here, one right behind the other. The first was done; nothing was changed by "
    "the second: look at what the page shows now, then go on."
)


def act(action: Callable[..., object], *arguments: Any, **named: Any) -> None:
    """Do what a person asked for, as a callback; a refusal is kept as a sentence for the next drawing."""
    was_done(action, *arguments, **named)


def was_done(action: Callable[..., object], *arguments: Any, **named: Any) -> bool:
    """The same, for a caller that goes on when it was done; False when it was refused.

    A key that is pressed twice asks twice for one thing, which is done once and no refusal.
    """
    before = st.session_state.pop(_ADMITTED, None)
    asked = (action.__name__, arguments)
    try:
        action(*arguments, **named)
    except Stale as error:
        last = st.session_state.get(_LAST)
        if asked == last:
            st.session_state[_ADMITTED] = before
        else:
            keep_notice(TOO_FAST if last and _drawn(last[1]) == _drawn(arguments) else str(error))
        return False
    except READABLE as error:
        keep_notice(str(error))
        return False
    st.session_state[_ADMITTED] = arguments[:1]
    st.session_state[_LAST] = asked
    return True


def _drawn(arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The run and its last event when the page was drawn, which an act carries; None where one does not."""
    seen = [value for value in arguments if isinstance(value, int)]
    return (arguments[0], *seen) if seen else None


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


def add_to_notice(sentence: str) -> None:
    """Say something more about the refusal that is kept; nothing when there was none."""
    if kept := st.session_state.get(_KEY):
        keep_notice(f"{kept} {sentence}")


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
