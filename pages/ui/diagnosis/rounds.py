"""One round: the best question, its answers as one click each, and why it is asked."""

import pandas as pd
import streamlit as st

from agents.diagnosis.cards import QuestionCard
from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.view import DiagnosisView
from agents.workbench import Workbench
from pages.ui import sight
from pages.ui.diagnosis import model
from pages.ui.notice import act_on, add_to_notice, draw_anew
from pages.ui.text import percent, plain

EFFORT = {
    "recall": ("From memory", ":material/psychology:"),
    "look_up": ("A look into a report", ":material/find_in_page:"),
    "analyse": ("A small analysis", ":material/query_stats:"),
}
BIT = (
    "How much the answer is expected to tell. One bit is what “heads or tails?” tells: it halves what is "
    "open. 0.40 bit is a good question, 0.05 bit hardly worth asking."
)
SHOWN_CAUSES = 4
NOTHING_MOVED = "After each answer you read here what it did to belief."
"""Keeps the place of that sentence, so that the first answer moves nothing on the page."""
POLL_S = 0.4


def draw(bench: Workbench, view: DiagnosisView) -> None:
    """The question that waits for an answer."""
    chosen = _chosen(view) if view.questions and view.held is None else None
    with sight.place():
        st.info(plain(view.moved) if view.moved else NOTHING_MOVED, icon=":material/swap_vert:")
        for sentence in view.warnings:
            st.warning(sentence, icon=":material/warning:")
        if chosen is not None:
            _draw_question(bench, view, chosen)
        elif view.held is None:
            st.info(
                "The next question is being chosen. Reload the page in a moment.",
                icon=":material/hourglass_top:",
            )
    if chosen is None:
        return
    _draw_others(view, chosen)
    with st.container(horizontal=True):
        if view.asked:
            last = (
                [line for line in view.ledger.lines if line.source == "person"][-1] if view.ledger else None
            )
            if last is not None:
                st.button(
                    "Undo the last answer",
                    icon=":material/undo:",
                    shortcut="U",
                    on_click=act_on,
                    args=(bench.withdraw, view.run_id, last.question_id, view.seq),
                )
        st.button(
            "Conclude now",
            icon=":material/flag:",
            shortcut="Shift+E",
            on_click=act_on,
            args=(bench.conclude, view.run_id, view.seq),
            help="End the questions. The diagnosis says honestly whether the answers decide it.",
        )


def wait_for(bench: Workbench, view: DiagnosisView) -> None:
    """While the tool works: say so, and draw anew when it has something."""

    @st.fragment(run_every=POLL_S)
    def poll() -> None:
        now = bench.view(view.run_id)
        if not now.is_working:
            draw_anew()
        model.draw_working(now)

    poll()


def redraw_when_done(bench: Workbench, view: DiagnosisView) -> None:
    """Draw the page anew when the tool has something to add to it."""

    @st.fragment(run_every=POLL_S)
    def poll() -> None:
        if not bench.view(view.run_id).is_working:
            draw_anew()

    poll()


def draw_stopped(bench: Workbench, view: DiagnosisView) -> None:
    """A run that failed or was cancelled: what happened, and what can be done."""
    if view.status == "cancelled":
        st.info("This run was cancelled. What was recorded stays readable.", icon=":material/cancel:")
        return
    with sight.place():
        st.error(plain(view.error or "A step failed."), icon=":material/error:")
        st.caption("No diagnosis was made. Everything you answered is stored.")
        st.button(
            "Try the failed step again",
            icon=":material/refresh:",
            on_click=act_on,
            args=(bench.retry, view.run_id),
        )


def _chosen(view: DiagnosisView) -> QuestionCard:
    wanted = st.session_state.get(f"question-{view.run_id}-{view.seq}")
    return next((card for card in view.questions if card.question_id == wanted), view.questions[0])


def _draw_question(bench: Workbench, view: DiagnosisView, card: QuestionCard) -> None:
    label, icon = EFFORT[card.effort]
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(f"Question {view.asked + 1} of at most {max(view.budget, view.asked + 1)}")
            st.badge(label, icon=icon, color="gray")
        st.markdown(f"#### {plain(card.text)}")
        for number, answer in enumerate(card.answers, start=1):
            st.button(
                plain(answer.text),
                key=f"answer-{view.seq}-{card.question_id}-{answer.answer_id}",
                shortcut=str(number),
                width="stretch",
                on_click=_answer,
                args=(bench, view, card, answer.answer_id),
            )
        st.button(
            "Don't know",
            key=f"answer-{view.seq}-{card.question_id}-{DONT_KNOW}",
            type="tertiary",
            shortcut="D",
            on_click=_answer,
            args=(bench, view, card, DONT_KNOW),
        )
        st.text_input(
            "Note to the answer",
            key=f"note-{view.run_id}-{view.seq}",
            max_chars=2000,
            placeholder="A note to go with the answer; write it before you click",
            label_visibility="collapsed",
        )
        model.draw_reading(bench, view, card)
        _draw_why(view, card)


def _answer(bench: Workbench, view: DiagnosisView, card: QuestionCard, answer_id: str) -> None:
    note = st.session_state[f"note-{view.run_id}-{view.seq}"]
    act_on(bench.answer, view.run_id, card.question_id, answer_id, view.seq, note)
    if note:
        add_to_notice(f"Your note was not stored: “{note}”")


def _draw_why(view: DiagnosisView, card: QuestionCard) -> None:
    first, second = card.separates
    with st.expander("Why this question, and what each answer would do", icon=":material/help:"):
        st.markdown(
            f"It is expected to tell **{card.gain:.2f} bit**. It separates most: "
            f"**{plain(first)}** from **{plain(second)}**.",
            help=BIT,
        )
        st.caption("Belief now and after each answer. Scroll the table sideways to see every cause.")
        leading = [bar.label for bar in view.belief[:SHOWN_CAUSES]]
        rows = {"Now": {bar.label: percent(bar.percent) for bar in view.belief[:SHOWN_CAUSES]}}
        for answer in card.answers:
            effect = dict(answer.effect)
            rows[plain(answer.text)] = {label: percent(effect[label]) for label in leading}
        frame = pd.DataFrame.from_dict(rows, orient="index").rename(columns=plain)
        st.table(frame)


def _draw_others(view: DiagnosisView, chosen: QuestionCard) -> None:
    others = [card for card in view.questions if card.question_id != chosen.question_id]
    if not others:
        return
    st.caption("Or answer one of these instead:")
    for card in others:
        st.button(
            f"{plain(card.text)} ({card.gain:.2f} bit)",
            key=f"instead-{view.seq}-{card.question_id}",
            type="tertiary",
            icon=":material/alt_route:",
            wrap=True,
            on_click=_choose,
            args=(f"question-{view.run_id}-{view.seq}", card.question_id),
        )


def _choose(key: str, question_id: str) -> None:
    sight.lead()
    st.session_state[key] = question_id
