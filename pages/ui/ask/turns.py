"""One turn: what was asked, what is coming or came, and what can be done with it."""

import streamlit as st

from agents.assistants.board import TurnView
from agents.assistants.registry import AGENTS
from agents.assistants.turn import Ranked
from agents.documents.citations import without_citations
from agents.workbench import Workbench
from pages.ui.ask import answers, badge, notebook, prose
from pages.ui.formats import count
from pages.ui.models import session_id
from pages.ui.notice import act, draw_anew
from pages.ui.text import plain

POLL_S = 0.3
EDITING = "editing"


def draw(bench: Workbench, turn: TurnView, newest: bool) -> None:
    """A turn; one that is worked on draws itself anew."""
    if turn.is_working:
        _draw_request(bench, turn)
        _draw_coming(bench, turn.run_id)
        return
    draw_still(bench, turn, newest)


def draw_still(bench: Workbench, turn: TurnView, newest: bool) -> None:
    """A turn at one moment; `newest` ones may be acted on."""
    _draw_request(bench, turn)
    if turn.is_working:
        draw_partial(bench, turn)
        return
    with st.chat_message("assistant", avatar=":material/smart_toy:"):
        _draw_outcome(bench, turn)
        if newest and not turn.asks_back:
            _draw_actions(bench, turn)


def _draw_request(bench: Workbench, turn: TurnView) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        _draw_asked(bench, turn)


def _draw_asked(bench: Workbench, turn: TurnView) -> None:
    if st.session_state.get(EDITING) == turn.run_id:
        _draw_edit(bench, turn)
        return
    st.text(turn.text)
    for file in turn.files:
        st.badge(plain(file.name), icon=":material/attach_file:", color="gray")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Edit",
            key=f"edit-{turn.run_id}",
            type="tertiary",
            icon=":material/edit:",
            help="Ask something else in this place; what followed leaves the conversation.",
            on_click=_edit,
            args=(turn.run_id,),
        )
        if turn.versions > 1:
            st.caption(f"Asked {count(turn.versions)} times here; earlier versions stay on record.")


def _draw_edit(bench: Workbench, turn: TurnView) -> None:
    st.text_area("Your request", turn.text, key=f"edited-{turn.run_id}", max_chars=20_000, height=120)
    with st.container(horizontal=True):
        st.button(
            "Send again",
            key=f"resend-{turn.run_id}",
            type="primary",
            icon=":material/send:",
            on_click=_resend,
            args=(bench, turn.run_id),
        )
        st.button("Leave it", key=f"leave-{turn.run_id}", on_click=_edit, args=(None,))


def _edit(run_id: str | None) -> None:
    st.session_state[EDITING] = run_id


def _resend(bench: Workbench, run_id: str) -> None:
    text = st.session_state[f"edited-{run_id}"]
    st.session_state[EDITING] = None
    act(bench.conversations.edit, run_id, text, session_id())


def _draw_coming(bench: Workbench, run_id: str) -> None:
    """While it is worked on: what has come, and a button to stop it."""

    @st.fragment(run_every=POLL_S)
    def poll() -> None:
        turn = bench.conversations.turn(run_id)
        if not turn.is_working:
            draw_anew()
        draw_partial(bench, turn)

    poll()


def draw_partial(bench: Workbench, turn: TurnView) -> None:
    """What has come so far, and a button to stop it."""
    with st.chat_message("assistant", avatar=":material/smart_toy:"):
        label = f"{badge.label_of(turn.agent)} is at work" if turn.agent else "Finding the right agent"
        st.caption(label)
        _draw_text(turn)
        answers.draw_calls(turn.calls)
        st.button(
            "Stop",
            key=f"stop-{turn.run_id}",
            icon=":material/stop_circle:",
            on_click=act,
            args=(bench.conversations.stop, turn.run_id),
        )


def _draw_text(turn: TurnView) -> None:
    """What has come of a text; a citation is shown only where a whole answer was checked for its source."""
    if not turn.partial:
        return
    agent = AGENTS.get(turn.agent or "")
    if agent is None or not agent.cites:
        prose.draw(turn.partial)
        return
    shown = without_citations(turn.partial)
    prose.draw(shown)
    if shown.split() != turn.partial.split():
        st.caption("Citations are left out here: they are checked when the answer is whole.")


def _draw_outcome(bench: Workbench, turn: TurnView) -> None:
    if turn.answer is not None:
        answers.draw(bench, turn.run_id, turn.answer)
        badge.draw(turn)
    elif turn.error is not None:
        st.error(plain(turn.error), icon=":material/error:")
        badge.draw(turn)
    elif turn.status == "cancelled":
        _draw_text(turn)
        st.info("Stopped by you; what had come is kept above.", icon=":material/stop_circle:")
        badge.draw(turn)
    elif turn.held is not None:
        st.warning(plain(turn.held), icon=":material/power_off:")
        badge.draw(turn)
    elif turn.asks_back:
        _draw_question(bench, turn)
    elif turn.dry_run:
        _draw_dry_run(turn)


def _draw_question(bench: Workbench, turn: TurnView) -> None:
    """Nobody is sure who should take it: the best three, and all others."""
    st.markdown("**Which agent should take this?** It is not clear enough to guess.")
    badge.draw_reason(turn, with_choices=False)
    for choice in turn.routing.choices if turn.routing else ():
        _draw_choice(bench, turn, choice)
    _draw_others(bench, turn)


def _draw_choice(bench: Workbench, turn: TurnView, choice: Ranked) -> None:
    label, agent = choice.label, AGENTS[choice.label]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            agent.label,
            key=f"pick-{turn.run_id}-{label}",
            icon=":material/smart_toy:",
            on_click=act,
            args=(bench.conversations.hand_to, turn.run_id, label, session_id()),
        )
        st.caption(f"{badge.sureness(choice.probability)}: {plain(agent.does)}", width="stretch")


def _draw_dry_run(turn: TurnView) -> None:
    if turn.agent is None:
        st.markdown("**Nobody would take this silently**; you would be asked.")
    else:
        st.markdown(f"**{badge.label_of(turn.agent)} would take this.** Nothing was done.")
    badge.draw_reason(turn)


def _draw_actions(bench: Workbench, turn: TurnView) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if turn.status == "failed" or turn.held is not None:
            st.button(
                "Try again",
                key=f"retry-{turn.run_id}",
                type="primary",
                icon=":material/refresh:",
                on_click=act,
                args=(bench.conversations.retry, turn.run_id, session_id()),
            )
        elif not turn.dry_run:
            st.button(
                "Regenerate",
                key=f"again-{turn.run_id}",
                type="tertiary",
                icon=":material/refresh:",
                on_click=act,
                args=(bench.conversations.regenerate, turn.run_id, session_id()),
            )
        _draw_others(bench, turn)
        if turn.agent is not None and turn.agent in AGENTS and AGENTS[turn.agent].keeps_notes:
            notebook.draw(bench, turn.agent, turn.run_id)


def _draw_others(bench: Workbench, turn: TurnView) -> None:
    key = f"other-{turn.run_id}"
    with st.popover("Another agent", icon=":material/alt_route:", type="tertiary"):
        st.selectbox(
            "Agent",
            [label for label in AGENTS if label != turn.agent],
            format_func=badge.label_of,
            index=None,
            key=key,
            placeholder="Choose who takes it",
            on_change=_hand_over,
            args=(bench, turn.run_id, key),
        )


def _hand_over(bench: Workbench, run_id: str, key: str) -> None:
    chosen = st.session_state[key]
    if chosen is not None:
        act(bench.conversations.hand_to, run_id, chosen, session_id())
