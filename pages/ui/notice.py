"""What an action had to say: kept over the rerun that follows it, in sight until the next action."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import streamlit as st

from agents.errors import READABLE, Stale
from pages.ui import sight
from pages.ui.text import plain

_KEY = "notice"
_SHOWN = "notice_shown"
_ACTS = "acts"
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
    acts = _acts()
    asked = (action.__name__, arguments)
    with acts.one_at_a_time:
        admitted, acts.admitted = acts.admitted, None
        try:
            action(*arguments, **named)
        except Stale as error:
            if asked == acts.done:
                acts.admitted = admitted
            else:
                keep_notice(TOO_FAST if acts.done and _at_once(acts.done[1], arguments) else str(error))
            return False
        except READABLE as error:
            keep_notice(str(error))
            return False
        acts.done, acts.admitted = asked, arguments[:1]
    return True


@dataclass
class _Acts:
    """What this session did; an object, since the next press ends a callback that writes to the session."""

    one_at_a_time: Any = field(default_factory=threading.RLock)
    """The next press is worked on in another thread, while the first still waits for the disk."""
    done: tuple[str, tuple[Any, ...]] | None = None
    """The last act that was not refused: the name of the action, and its arguments."""
    admitted: tuple[Any, ...] | None = None
    """What the last act was on; None when it was refused."""


def _acts() -> _Acts:
    acts: _Acts = st.session_state.setdefault(_ACTS, _Acts())
    return acts


def _at_once(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """True for acts of one drawing of the page: both carry the run, and its last event as it was drawn."""
    seen = [[value for value in arguments if isinstance(value, int)] for arguments in (one, other)]
    return bool(seen[0]) and one[0] == other[0] and seen[0] == seen[1]


def act_on(action: Callable[..., object], *arguments: Any, **named: Any) -> None:
    """The same where something else stands on the page afterwards: leads the person there."""
    sight.lead()
    act(action, *arguments, **named)


def was_admitted(run_id: str) -> bool:
    """True when the last act of this session was on this run, and was not refused."""
    return _acts().admitted == (run_id,)


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
