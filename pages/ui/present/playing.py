"""Playing a demo: at each tick the simulated client gives one ordinary answer.

The tab computes nothing. It says which state it has drawn; when another tab was faster, the workbench
refuses and the next drawing shows what holds, so two tabs on one demo play it once.
"""

import streamlit as st

from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE, Stale
from agents.workbench import Workbench
from pages.ui import sight
from pages.ui.notice import keep_notice

SPEEDS = {"slow": 8.0, "normal": 4.0, "fast": 1.5}
"""Seconds for which a question stands before the client answers it."""
_PLAYING = "demo_playing"
_SPEED = "demo_speed"
_DRAWN = "demo_drawn"


def is_playing() -> bool:
    """True while questions are answered by themselves in this tab."""
    return bool(st.session_state.get(_PLAYING, False))


def toggle() -> None:
    """Play or pause; what plays comes into sight, with the keys beside it."""
    sight.lead()
    st.session_state[_PLAYING] = not is_playing()


def pause() -> None:
    """Let the next question stand until somebody acts."""
    st.session_state[_PLAYING] = False


def speed() -> str:
    """Name of the speed in this tab."""
    return str(st.session_state.get(_SPEED, "normal"))


def change_speed() -> None:
    """Take the next speed; the slowest comes after the fastest."""
    names = list(SPEEDS)
    st.session_state[_SPEED] = names[(names.index(speed()) + 1) % len(names)]


def step(bench: Workbench, view: DiagnosisView) -> None:
    """One answer of the client, by a person's act; nothing when another tab has gone on meanwhile."""
    sight.lead()
    _answer(bench, view)


def _answer(bench: Workbench, view: DiagnosisView) -> None:
    try:
        bench.demos.play_on(view.run_id, view.seq)
    except Stale:
        return
    except READABLE as error:
        pause()
        keep_notice(str(error))


def play(bench: Workbench, view: DiagnosisView) -> None:
    """While playing: one answer when the question has stood for the time of the speed."""
    if not is_playing():
        return
    st.session_state[_DRAWN] = False

    @st.fragment(run_every=SPEEDS[speed()])
    def tick() -> None:
        if st.session_state[_DRAWN]:
            _answer(bench, view)
            if not view.asked or bench.view(view.run_id).phase == "concluded":
                sight.lead()  # from the complaint to the questions, and to the reveal; else nothing moves
            st.rerun()
        st.session_state[_DRAWN] = True  # this call draws the page; the next one is a tick of the clock

    tick()
