"""The last slide: the hidden cause beside the diagnosis, and how it got there."""

import streamlit as st

from agents.diagnosis.stage import Reveal, Staged
from agents.diagnosis.view import DiagnosisView
from agents.workbench import Workbench
from pages.ui import sight
from pages.ui.diagnosis import side
from pages.ui.present import figures, score, start, training
from pages.ui.present.stage import draw_again
from pages.ui.text import percent, plain

VERDICTS = {
    (True, True): ("Right", ":material/check_circle:", "The diagnosis names the hidden cause."),
    (True, False): ("Wrong", ":material/cancel:", "The diagnosis names another cause than the hidden one."),
    (False, True): (
        "Not decided",
        ":material/balance:",
        "The answers did not suffice for a verdict. The cause that leads is the hidden one.",
    ),
    (False, False): (
        "Not decided",
        ":material/balance:",
        "The answers did not suffice for a verdict. The cause that leads is not the hidden one.",
    ),
}
"""By whether it was decided, and whether the leading cause is the hidden one."""
UNASKED = "Nothing was asked, so there is nothing to decide by."


def draw(bench: Workbench, view: DiagnosisView, staged: Staged) -> None:
    """Verdict, figures, belief over time, tree, and the ways on."""
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_again(bench, staged, primary=True)
        start.link_to_start()
    draw_reveal(bench, view, staged)


def draw_reveal(bench: Workbench, view: DiagnosisView, staged: Staged) -> None:
    """All of it below the ways on."""
    found = bench.demos.reveal(view.run_id)
    steps = bench.demos.beliefs(view.run_id)
    with sight.place():
        _draw_verdict(found)
    _draw_figures(found, steps)
    if staged.casting.training:
        st.subheader("Your questions", anchor=False)
        training.draw_guesses(bench, view)
        score.draw(bench)
    over_time, tree = st.columns([6, 5], gap="large")
    with over_time:
        _draw_timeline(found, steps)
    with tree:
        st.subheader("Why-tree", anchor=False, help=side.ABOUT_TREE)
        side.draw_tree_alone(bench, view)
    _draw_answers(view)
    _draw_links(view, staged)


def _draw_verdict(found: Reveal) -> None:
    word, icon, sentence = VERDICTS[found.decided, found.right]
    st.title(word, icon=icon, anchor=False)
    st.markdown(sentence if found.asked else UNASKED)
    hidden, diagnosis = st.columns(2, border=True)
    hidden.caption("The hidden cause was")
    hidden.header(plain(found.hidden), anchor=False)
    diagnosis.caption(_what_was_found(found))
    diagnosis.header(plain(found.found), anchor=False)


def _what_was_found(found: Reveal) -> str:
    if found.decided:
        return "The diagnosis is"
    return f"No verdict; {'the answers point most to' if found.asked else 'the likeliest at the start was'}"


def _draw_figures(found: Reveal, steps: list[dict[str, float]]) -> None:
    form = "right" if found.form_right else "wrong"
    with st.grid(4):
        st.metric("Questions asked", found.asked, border=True, height="stretch")
        st.metric(
            "A fixed questionnaire asked",
            found.form_asked,
            f"decided, {form}" if found.form_decided else f"not decided, {form} cause leads",
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help="Questions that the best fixed questionnaire for this kind of problem put to the same "
            "client, with the same rule for stopping.",
        )
        st.metric(
            "Belief in the hidden cause",
            percent(round(100 * steps[-1][found.hidden])),
            f"{percent(round(100 * steps[0][found.hidden]))} at the start",
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
        st.metric(
            "Answers by hand",
            found.by_hand,
            border=True,
            height="stretch",
            help="Given by hand, and other than what the simulated client would have said.",
        )


def _draw_timeline(found: Reveal, steps: list[dict[str, float]]) -> None:
    first, last = (round(100 * step[found.hidden]) for step in (steps[0], steps[-1]))
    st.subheader("Belief over time", anchor=False)
    st.plotly_chart(
        figures.belief_over_time(steps, found.hidden, found.found, st.context.theme.type == "dark"),
        key="belief_over_time",
        config={"displayModeBar": False},
        alt=f"Belief over time: {found.hidden}, the hidden cause, went from {first} to {last} percent.",
    )


def _draw_answers(view: DiagnosisView) -> None:
    lines = view.ledger.lines if view.ledger else ()
    with st.expander(f"Every question and answer: {len(lines)}", icon=":material/forum:"):
        for number, line in enumerate(lines, start=1):
            st.markdown(f"{number}. {plain(line.question)} **“{plain(line.answer)}”**")


def _draw_links(view: DiagnosisView, staged: Staged) -> None:
    with st.expander("Take it with you", icon=":material/link:"):
        st.markdown("This link starts the same demo anew, here or anywhere else that has these playbooks:")
        st.code(f"/present{start.link_for(staged.casting)}", language=None)
        st.link_button(
            "Open the full diagnosis", f"./?run={view.run_id}", icon=":material/stethoscope:", type="tertiary"
        )
