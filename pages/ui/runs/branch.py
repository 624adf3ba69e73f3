"""A new run that shares this one's record up to a moment, and goes on otherwise from there."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from agents.assistants import admission
from agents.assistants.registry import AGENTS
from agents.diagnosis import framing
from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE
from agents.replay import Replay
from agents.running.limits import OwnLimits
from agents.running.records import Event, Run
from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.models import session_id
from pages.ui.notice import keep_notice
from pages.ui.runs.common import agent, show_made
from pages.ui.runs.watch import Look
from pages.ui.text import plain

BRANCHED = "This is a new run, branched off from another one, which stays as it is."
UNCHANGED = "unchanged"
ROUTER = "router"
"""Choice in place of an agent: the router decides."""
LONGEST = {"ask": admission.LONGEST, "diagnosis": framing.LONGEST}


@dataclass(frozen=True)
class Fork:
    """Where a diagnosis is to be branched off, and what can be answered there."""

    before: int
    """The first event that the new run has not."""
    question_id: str | None = None
    text: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """Ids of answers with their texts; none where nothing is asked."""
    given: str | None = None
    """The answer that this run was given there."""


def draw(bench: Workbench, then: Replay, seen: Look, so_far: Sequence[Event]) -> None:
    """The form; what can be changed depends on what was on the screen after the last of these events."""
    run = seen.run
    if run.kind not in LONGEST:
        return
    with st.expander("Branch off from here", icon=":material/call_split:", key=f"branch-{run.run_id}"):
        if run.kind == "ask":
            _draw_text(bench, seen, "The request, changed", "Ask it in its place")
            st.caption(
                "Files and limits stay. The conversation goes on from the changed request; what was said "
                "before stays on record."
            )
            return
        st.caption(
            "This run stays as it is. The new one has its record up to here; open it in Diagnose to go on."
        )
        view = then.view(run.run_id)
        if view.phase == "framing":
            _draw_text(bench, seen, "The complaint, changed", "Diagnose it anew")
        if so_far[-1].seq > 1:
            _draw_fork(bench, run, _fork_at(view, so_far[-1]))


def _draw_text(bench: Workbench, seen: Look, label: str, verb: str) -> None:
    run_id = seen.run.run_id
    st.text_area(
        label, seen.run.input, key=f"branch-text-{run_id}", max_chars=LONGEST[seen.run.kind], height=120
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if seen.run.kind == "ask":
            st.selectbox(
                "Who takes it",
                [ROUTER, *AGENTS],
                format_func=lambda name: "The router decides" if name == ROUTER else agent(name),
                key=f"branch-agent-{run_id}",
                width=260,
            )
        st.button(
            verb, key="branch-with-text", icon=":material/send:", on_click=_with_text, args=(bench, seen)
        )


def _with_text(bench: Workbench, seen: Look) -> None:
    run = seen.run
    text = st.session_state[f"branch-text-{run.run_id}"]
    try:
        if run.kind == "ask":
            chosen = st.session_state[f"branch-agent-{run.run_id}"]
            taker = None if chosen == ROUTER else chosen
            new = bench.conversations.edit(run.run_id, text, session_id(), taker)
        else:
            told = next((event.data for event in seen.events if event.kind == "complained"), {})
            new = bench.start(
                text,
                who(),
                told.get("playbook_id"),
                bool(told.get("with_model")),
                session=session_id(),
                limits=OwnLimits.of(run),
                changed_from=run.run_id,
            )
    except READABLE as error:
        keep_notice(str(error))
    else:
        show_made(new, BRANCHED)


def _fork_at(view: DiagnosisView, last: Event) -> Fork:
    """Where an answer was given, it can be another one; where a question stood, it can be answered."""
    if last.kind == "answered" and view.ledger is not None:
        for line in view.ledger.lines:
            if line.question_id == last.data["question_id"]:
                return Fork(last.seq, line.question_id, line.question, line.options, line.answer_id)
    if view.phase == "asking" and view.questions:
        card = view.questions[0]
        answers = tuple((answer.answer_id, answer.text) for answer in card.answers)
        return Fork(last.seq + 1, card.question_id, card.text, (*answers, (DONT_KNOW, "Don't know")))
    return Fork(last.seq + 1)


def _draw_fork(bench: Workbench, run: Run, fork: Fork) -> None:
    key = f"branch-answer-{run.run_id}-{fork.before}"
    if fork.options:
        texts = {UNCHANGED: "Not yet: let me look at it first", **dict(fork.options)}
        if fork.given is not None:
            texts[fork.given] = f"{texts[fork.given]} (what was answered here)"
        st.radio(plain(fork.text), list(texts), format_func=lambda option: plain(texts[option]), key=key)
    st.button(
        f"Branch off before event {fork.before}"
        if fork.given is not None
        else f"Branch off after event {fork.before - 1}",
        key="fork",
        icon=":material/call_split:",
        on_click=_fork,
        args=(bench, run, fork, key),
    )


def _fork(bench: Workbench, run: Run, fork: Fork, key: str) -> None:
    answer = st.session_state.get(key, UNCHANGED)
    try:
        new = bench.runs.fork(run.run_id, fork.before, who(), session_id())
        show_made(new, BRANCHED)
        if answer != UNCHANGED and fork.question_id is not None:
            bench.answer(new, fork.question_id, answer, bench.view(new).seq)
    except READABLE as error:
        keep_notice(str(error))
