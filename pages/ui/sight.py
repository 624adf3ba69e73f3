"""What an act leads to comes into sight: the next question, the verdict, the sentence that refuses.

The browser keeps its place on the page when everything on it changes, and the focus falls to nothing when
the button that had it goes. Both leave people on a phone, with a keyboard or a screen reader, somewhere else
than where it goes on. Streamlit has no element for that, so a small script of ours does it.
"""

import secrets
from pathlib import Path
from typing import Any

import streamlit as st

SCRIPT = (Path(__file__).with_suffix(".js")).read_text(encoding="utf-8")
"""Moves nothing that is in the window, and nothing while somebody types; takes the focus from nobody."""
_ACT = "sight_act"
_BEGINS = "sight_begins"
_FOLLOWED = "sight_followed"
_PAGE = "sight_page"


def place(here: bool = True) -> Any:
    """The container of what to look at next, or any if not here; a page draws at most one.

    Its first heading gets the focus where nothing has it any more.
    """
    return st.container(key="sight" if here else None)


def refusal() -> Any:
    """The container of a sentence that refuses; it comes before the place, and leaves the focus alone."""
    return st.container(key="refusal")


def lead() -> None:
    """Say that what was done leads to the place of the page, or to a refusal, as it is drawn next."""
    st.session_state[_ACT] = secrets.token_hex(4)
    st.session_state[_BEGINS] = False


def begin() -> None:
    """Say that what was done leads to another page, which begins at its top."""
    lead()
    st.session_state[_BEGINS] = True


def follow(page: str) -> None:
    """Take the person there; drawn on every page, which it names, and idle until the next act or page."""
    before, st.session_state[_PAGE] = st.session_state.get(_PAGE, page), page
    is_new = before != page
    if is_new and st.session_state.get(_ACT) == st.session_state.get(_FOLLOWED):
        begin()  # unless an act said where on it to look
    token = st.session_state[_FOLLOWED] = st.session_state.get(_ACT)
    if token:
        begins = str(st.session_state[_BEGINS]).lower()
        st.html(
            f'<script data-act="{token}" data-begins="{begins}">{SCRIPT}</script>',
            unsafe_allow_javascript=True,
        )
