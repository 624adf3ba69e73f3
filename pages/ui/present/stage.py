"""A demo as the audience sees it: the complaint, the question, what the client says, belief in large type."""

import streamlit as st

from agents.diagnosis.cards import QuestionCard
from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.stage import ABOUT, Staged
from agents.diagnosis.view import DiagnosisView
from agents.workbench import Workbench
from pages.ui import sight
from pages.ui.diagnosis.rounds import BIT, NOTHING_MOVED
from pages.ui.notice import act_on
from pages.ui.present import figures, playing, start
from pages.ui.text import plain


def heading(view: DiagnosisView, staged: Staged) -> None:
    """What the client complains of, and that this is the real engine on simulated answers."""
    casting = staged.casting
    hidden = "chosen by hand" if casting.hidden else "drawn by the seed"
    with sight.place(is_opening(view)):
        st.subheader(f"“{plain(view.text)}”", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge("Demo", icon=":material/co_present:", color="violet")
        st.badge(f"Seed {casting.seed}", icon=":material/casino:", color="gray")
        st.badge(f"{casting.character.capitalize()} client", icon=":material/person:", color="gray")
        st.caption(
            "The real engine on simulated answers; nothing is scripted. "
            f"The client {_lower(ABOUT[casting.character])} "
            f"The hidden cause was {hidden} and is shown at the end.",
            width="content",
        )


def is_opening(view: DiagnosisView) -> bool:
    """True while the complaint is what there is to look at: nothing was answered, the run goes on."""
    return view.phase == "asking" and not view.asked


def draw(bench: Workbench, view: DiagnosisView, staged: Staged) -> None:
    """The controls, the question that waits, and belief beside it."""
    with sight.place(not is_opening(view)):
        _draw_controls(bench, view, staged)
        draw_scene(bench, view)


def draw_scene(bench: Workbench, view: DiagnosisView) -> None:
    """What was said, the question that waits, and belief beside it."""
    left, right = st.columns([6, 5], gap="large")
    with left:
        draw_said(view)
        if view.questions:
            _draw_question(bench, view, view.questions[0])
    with right:
        draw_belief(view)


def draw_said(view: DiagnosisView) -> None:
    """The client's last answer and what it moved."""
    lines = [line for line in (view.ledger.lines if view.ledger else ()) if line.source == "person"]
    with st.container(border=True):
        if not lines:
            st.markdown("**So far there is only the complaint.**")
            st.caption(NOTHING_MOVED)
            return
        st.markdown(f"{plain(lines[-1].question)} **“{plain(lines[-1].answer)}”**")
        st.caption(plain(view.moved or ""))


def draw_belief(view: DiagnosisView) -> None:
    """Belief per cause, each cause in its own place from the first question to the last."""
    order = list(view.ledger.start) if view.ledger else []
    leading = view.belief[0]
    st.subheader("Belief", anchor=False)
    st.plotly_chart(
        figures.belief_ladder(
            sorted(view.belief, key=lambda bar: order.index(bar.label)), st.context.theme.type == "dark"
        ),
        key=f"ladder-{view.run_id}",
        config={"displayModeBar": False},
        alt=f"Belief per cause; {leading.label} leads with {leading.percent} percent.",
    )


def draw_again(bench: Workbench, staged: Staged, primary: bool = False) -> None:
    """The next seed at one key."""
    st.button(
        "Again with another seed",
        icon=":material/casino:",
        shortcut="N",
        type="primary" if primary else "secondary",
        on_click=start.stage,
        args=(bench, staged.casting.again()),
        key="again",
    )


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _draw_controls(bench: Workbench, view: DiagnosisView, staged: Staged) -> None:
    is_playing = playing.is_playing()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Pause" if is_playing else "Play",
            icon=":material/pause:" if is_playing else ":material/play_arrow:",
            type="primary",
            shortcut="Space",
            on_click=playing.toggle,
            key="play",
        )
        st.button(
            "Step",
            icon=":material/skip_next:",
            shortcut="Right",
            on_click=playing.step,
            args=(bench, view),
            key="step",
        )
        st.button(
            f"Speed: {playing.speed()}",
            icon=":material/speed:",
            shortcut="S",
            on_click=playing.change_speed,
            help=f"The client answers after {playing.SPEEDS[playing.speed()]:g} seconds.",
            key="speed",
        )
        draw_again(bench, staged)
        draw_conclude(bench, view)
        start.link_to_start()


def draw_conclude(bench: Workbench, view: DiagnosisView) -> None:
    """The end of the questions and the reveal, whenever the audience has seen enough."""
    st.button(
        "Reveal now",
        icon=":material/flag:",
        shortcut="Shift+E",
        on_click=act_on,
        args=(bench.conclude, view.run_id, view.seq),
        key="reveal",
    )


def _draw_question(bench: Workbench, view: DiagnosisView, card: QuestionCard) -> None:
    first, second = card.separates
    st.header(plain(card.text), anchor=False)
    st.markdown(
        f"Question {view.asked + 1} of at most {max(view.budget, view.asked + 1)}. It separates "
        f"**{plain(first)}** from **{plain(second)}** most: {card.gain:.2f} bit.",
        help=BIT,
    )
    answers = [(answer.answer_id, plain(answer.text), str(n)) for n, answer in enumerate(card.answers, 1)]
    for answer_id, text, key in (*answers, (DONT_KNOW, "Don't know", "D")):
        st.button(
            text,
            key=f"answer-{view.seq}-{card.question_id}-{answer_id}",
            shortcut=key,
            width="stretch",
            on_click=_answer_by_hand,
            args=(bench, view, card, answer_id),
        )
    st.caption("The client answers when you play or step. Answer it yourself to take over.")


def _answer_by_hand(bench: Workbench, view: DiagnosisView, card: QuestionCard, answer_id: str) -> None:
    playing.pause()
    act_on(bench.answer, view.run_id, card.question_id, answer_id, view.seq)
