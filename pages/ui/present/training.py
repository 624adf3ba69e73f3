"""Training: the analyst asks first, then sees what the tool would have asked and what both are worth."""

import streamlit as st

from agents.diagnosis.stage import Guess, Staged
from agents.diagnosis.view import DiagnosisView
from agents.workbench import Workbench
from pages.ui import sight
from pages.ui.diagnosis.rounds import BIT, EFFORT
from pages.ui.notice import act_on
from pages.ui.present import stage, start
from pages.ui.text import plain

LIST_PX = 420
NUMBERED = 9
"""Questions that are asked by a key: as many as there are digits."""


def draw(bench: Workbench, view: DiagnosisView, staged: Staged) -> None:
    """The questions to choose from, what the last one was worth, and belief beside it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        stage.draw_again(bench, staged)
        stage.draw_conclude(bench, view)
        start.link_to_start()
    left, right = st.columns([6, 5], gap="large")
    with left, sight.place(not stage.is_opening(view)):
        _draw_last(bench, view)
        _draw_choice(bench, view)
    with right:
        stage.draw_belief(view)


def draw_guesses(bench: Workbench, view: DiagnosisView) -> None:
    """What every chosen question was worth."""
    texts = _texts(bench, view)
    for number, made in enumerate(bench.demos.guesses(view.run_id), start=1):
        st.markdown(f"{number}. {_compared(made, texts)}")


def _draw_last(bench: Workbench, view: DiagnosisView) -> None:
    stage.draw_said(view)
    made = bench.demos.guesses(view.run_id)
    if made:
        st.markdown(_compared(made[-1], _texts(bench, view)), help=BIT)


def _draw_choice(bench: Workbench, view: DiagnosisView) -> None:
    st.header("What would you ask next?", anchor=False)
    st.markdown(
        f"Question {view.asked + 1} of at most {max(view.budget, view.asked + 1)}. One click asks it, and so "
        "does its number."
    )
    with st.container(height=LIST_PX, border=True, gap="xsmall"):
        for number, question in enumerate(bench.demos.open_questions(view.run_id), start=1):
            label, icon = EFFORT[question.effort]
            st.button(
                f"{plain(question.text)} ({label[0].lower()}{label[1:]})",
                key=f"ask-{view.seq}-{question.question_id}",
                type="tertiary",
                icon=icon,
                shortcut=str(number) if number <= NUMBERED else None,
                on_click=act_on,
                args=(bench.demos.guess, view.run_id, question.question_id, view.seq),
            )


def _compared(made: Guess, texts: dict[str, str]) -> str:
    yours = f"You asked “{plain(texts[made.question_id])}”, worth **{made.gain:.2f} bit**."
    if made.question_id == made.best_id:
        return f"{yours} The tool would have asked the same."
    own = f"The tool would have asked “{plain(texts[made.best_id])}”, worth **{made.best_gain:.2f} bit**"
    if made.gain > made.best_gain:
        return f"{yours} {own}: less, but easier to answer or on another theme."
    return f"{yours} {own}."


def _texts(bench: Workbench, view: DiagnosisView) -> dict[str, str]:
    offered = {question.question_id: question.text for question in bench.demos.open_questions(view.run_id)}
    return offered | {line.question_id: line.question for line in (view.ledger.lines if view.ledger else ())}
