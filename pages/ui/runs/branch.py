"""A new run that shares this one's record up to a moment, and goes on otherwise from there."""

import streamlit as st

from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE
from agents.replay import Replay
from agents.running.records import Run
from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.models import session_id
from pages.ui.notice import keep_notice
from pages.ui.runs.common import show
from pages.ui.runs.watch import Look
from pages.ui.text import plain

UNCHANGED = "unchanged"
LONGEST = {"ask": 20_000, "diagnosis": 5_000}


def draw(bench: Workbench, then: Replay, seen: Look, seq: int) -> None:
    """The form; what can be changed depends on what was on the screen after event `seq`."""
    run = seen.run
    if run.kind not in LONGEST:
        return
    with st.expander("Branch off from here", icon=":material/call_split:", key=f"branch-{run.run_id}"):
        if run.kind == "ask":
            _draw_text(bench, run, "The request, changed", "Ask it in its place")
            st.caption(
                "The conversation goes on from the changed request; what was said before stays on record."
            )
            return
        view = then.view(run.run_id)
        if view.phase == "framing":
            _draw_text(bench, run, "The complaint, changed", "Diagnose it anew")
        if seq > 1:
            _draw_fork(bench, view, run, seq)


def _draw_text(bench: Workbench, run: Run, label: str, verb: str) -> None:
    key = f"branch-text-{run.run_id}"
    st.text_area(label, run.input, key=key, max_chars=LONGEST[run.kind], height=120)
    st.button(
        verb, key="branch-with-text", icon=":material/send:", on_click=_with_text, args=(bench, run, key)
    )


def _with_text(bench: Workbench, run: Run, key: str) -> None:
    text = st.session_state[key]
    try:
        if run.kind == "ask":
            new = bench.conversations.edit(run.run_id, text, session_id())
        else:
            new = bench.start(text, who(), session=session_id())
    except READABLE as error:
        keep_notice(str(error))
    else:
        show(new)


def _draw_fork(bench: Workbench, view: DiagnosisView, run: Run, seq: int) -> None:
    key = f"branch-answer-{run.run_id}-{seq}"
    if view.phase == "asking" and view.questions:
        card = view.questions[0]
        texts = {answer.answer_id: answer.text for answer in card.answers}
        options = {UNCHANGED: "Not yet: let me look at it first", **texts, DONT_KNOW: "Don't know"}
        st.radio(plain(card.text), list(options), format_func=lambda option: plain(options[option]), key=key)
    st.button(
        f"Branch off after event {seq}",
        key="fork",
        icon=":material/call_split:",
        help="A new run with the record up to here; this one stays as it is.",
        on_click=_fork,
        args=(bench, view, run, seq, key),
    )


def _fork(bench: Workbench, view: DiagnosisView, run: Run, seq: int, key: str) -> None:
    answer = st.session_state.get(key, UNCHANGED)
    try:
        new = bench.runs.fork(run.run_id, seq + 1, who(), session_id())
        show(new)
        if answer != UNCHANGED:
            bench.answer(new, view.questions[0].question_id, answer, bench.view(new).seq)
    except READABLE as error:
        keep_notice(str(error))
