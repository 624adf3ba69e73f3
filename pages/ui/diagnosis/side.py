"""Beside every question and diagnosis: belief as bars, the tree, the answers and what each did."""

from typing import Any

import pandas as pd
import streamlit as st

from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.ledger import Ledger, LedgerLine, moves
from agents.diagnosis.view import DiagnosisView
from agents.workbench import Workbench
from pages.ui import charts
from pages.ui.notice import act
from pages.ui.text import plain

ABOUT_TREE = "The causes as a tree; the stronger its colour, the more belief."
ANSWER_PX, CELL_PX = 130, 76
"""Columns of the ledger: wide enough to know an answer by, narrow enough to compare causes."""


def draw_belief(view: DiagnosisView) -> None:
    """Belief per cause as bars in whole percents, with the last shift."""
    st.markdown(
        "**Belief**", help="How far the answers point to each cause, by Bayes' rule. Not a frequency."
    )
    leading = view.belief[0]
    st.plotly_chart(
        charts.inked(charts.belief_bars(view.belief), st.context.theme.type == "dark"),
        key=f"belief-{view.run_id}-{view.seq}",
        config={"displayModeBar": False},
        alt=f"Bar chart of belief per cause; {leading.label} leads with {leading.percent} percent.",
    )


def draw_tree(bench: Workbench, view: DiagnosisView) -> None:
    """The why-tree under its heading."""
    st.markdown("**Why-tree**", help=ABOUT_TREE)
    draw_tree_alone(bench, view)


def draw_tree_alone(bench: Workbench, view: DiagnosisView) -> None:
    """The why-tree, shaded by belief."""
    dark = st.context.theme.type == "dark"
    st.graphviz_chart(
        bench.tree_dot(view.run_id, dark=dark),
        width="stretch",
        alt=f"Why-tree of {len(view.belief)} causes; {view.belief[0].label} holds most belief.",
    )


def draw_answers(bench: Workbench, view: DiagnosisView) -> None:
    """Every answer so far, open to change."""
    if view.ledger is None or not view.ledger.lines:
        return
    st.markdown(
        "**Answers so far.** Changing one recomputes everything.",
        help="Under each answer stand the cause whose belief it raised most and the one it lowered most. "
        "The ledger shows what it did to every cause.",
    )
    for number, line in enumerate(view.ledger.lines, start=1):
        _draw_answer(bench, view, number, line)


def draw_ledger(view: DiagnosisView) -> None:
    """What each answer did to each cause, from the start to the belief shown."""
    if view.ledger is None or not view.ledger.lines:
        return
    st.markdown(
        "**Ledger**",
        help="How belief came about, the likeliest cause first: a cause's weight at the start, what each "
        "answer added (+) or took away (-), and the sum. A sum of 0 is 50 %, +2.2 is 90 %, -2.2 is 10 % "
        "(weights are natural logarithms of odds).",
    )
    st.caption(
        "A name that is cut off is whole when you point at it; scroll sideways where the table is wider."
    )
    columns: Any = {0: st.column_config.TextColumn(width=ANSWER_PX)}  # places, which the types leave out
    columns |= {
        place: st.column_config.TextColumn(width=CELL_PX, alignment="right", help=plain(bar.label))
        for place, bar in enumerate(view.belief, start=1)
    }
    st.dataframe(
        _ledger_frame(view.ledger, view),
        key=f"ledger-{view.seq}",
        height="content",
        column_config=columns,
        alt=f"What each of {len(view.ledger.lines)} answers added to the weight of each cause.",
    )


def _draw_answer(bench: Workbench, view: DiagnosisView, number: int, line: LedgerLine) -> None:
    texts = dict(line.options)
    key = f"change-{view.seq}-{line.question_id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            f"{number}. {plain(line.question)}",
            list(texts),
            index=list(texts).index(line.answer_id),
            format_func=lambda answer_id: texts[answer_id],
            key=key,
            on_change=_change,
            args=(bench, view, line, key),
            help=plain(f"Note: {line.note}") if line.note else None,
        )
        st.button(
            "Take back",
            key=f"withdraw-{view.seq}-{line.question_id}",
            icon=":material/backspace:",
            type="tertiary",
            on_click=act,
            args=(bench.withdraw, view.run_id, line.question_id, view.seq),
        )
    source = "From the complaint. " if line.source == "text" else ""
    st.caption(source + _effect(view, number, line))


def _change(bench: Workbench, view: DiagnosisView, line: LedgerLine, key: str) -> None:
    """Streamlit also calls this for a field of a drawing that is gone already: nobody has changed that."""
    chosen = st.session_state[key]
    if chosen != line.answer_id:
        act(bench.answer, view.run_id, line.question_id, chosen, view.seq, line.note)


def _effect(view: DiagnosisView, number: int, line: LedgerLine) -> str:
    """Which cause the answer raised most and which it lowered most, in whole percents like every banner."""
    if line.answer_id == DONT_KNOW or view.ledger is None:
        return "Moved nothing."
    course = {bar.label: moves(view.ledger, bar.label)[number - 1] for bar in view.belief}
    ways = {label: after - before for label, (before, after) in course.items()}
    parts = [
        f"{verb} “{plain(label)}” from {course[label][0]} % to {course[label][1]} %"
        for verb, label in (
            ("raised", max(ways, key=ways.__getitem__)),
            ("lowered", min(ways, key=ways.__getitem__)),
        )
        if ways[label]
    ]
    return f"It {' and '.join(parts)}." if parts else "Moved no cause by a whole percent."


def _ledger_frame(ledger: Ledger, view: DiagnosisView) -> pd.DataFrame:
    """Steps down, causes across, as texts: start, each answer, sum, belief."""
    steps: dict[str, dict[str, float]] = {"Start": ledger.start}
    for number, line in enumerate(ledger.lines, start=1):
        steps[f"{number}. {line.answer}"] = line.shifts
    steps["Sum"] = ledger.end
    causes = [bar.label for bar in view.belief]
    rows = [[f"{step[label]:+.2f}" for label in causes] for step in steps.values()]
    rows.append([charts.share_of(bar) for bar in view.belief])
    return pd.DataFrame(rows, index=[*steps, "Belief"], columns=causes, dtype=object)
