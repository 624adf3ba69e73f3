"""Who answered a turn, how surely it was routed, what it cost, how long it took, and which model."""

from decimal import Decimal

import streamlit as st

from agents.assistants.board import TurnView
from agents.assistants.registry import AGENTS
from pages.ui.formats import count, money, seconds, share
from pages.ui.text import plain

LEAST, SUREST = 0.01, 0.99
METHODS = {
    "lexical": "by its words, without a model",
    "model": "by the model",
    "chosen": "by your choice",
}


def draw(turn: TurnView) -> None:
    """One line."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if turn.agent is not None:
            st.badge(label_of(turn.agent), icon=":material/smart_toy:", color="blue")
        st.caption(plain(", ".join(facts(turn))), width="content")
        if turn.routing is not None:
            with st.popover("Why this agent", type="tertiary"):
                draw_reason(turn)


def draw_reason(turn: TurnView, with_choices: bool = True) -> None:
    """How the router came to it, and what else it thought of."""
    if turn.routing is None:
        return
    st.markdown(plain(turn.routing.reason))
    st.caption(f"Routed {METHODS[turn.routing.method]}.")
    for choice in turn.routing.choices if with_choices else ():
        st.caption(f"{label_of(choice.label)}: {sureness(choice.probability)}")
    if turn.routing.note:
        st.caption(f"The model was asked and did not route it: {plain(turn.routing.note)}")
    if turn.corrected_to is not None:
        st.caption(f"You gave it to {label_of(turn.corrected_to)}; that is kept.")


def facts(turn: TurnView) -> list[str]:
    """Confidence, time, cost and model in words; what is unknown is called so."""
    found = []
    if turn.routing is not None and turn.routing.confidence is not None and not turn.corrected_to:
        found.append(f"{sureness(turn.routing.confidence)} sure")
    if turn.seconds is not None:
        found.append(seconds(turn.seconds))
    if not turn.is_working:
        found.append(cost(turn.cost, turn.unknown_costs))
    if turn.answer is not None:
        found.append(turn.model or "no model")
    return found


def cost(amount: Decimal | None, unknown: int) -> str:
    """Money, or that it is unknown."""
    if amount is None:
        return "cost unknown"
    known = money(amount) if amount else "no cost"
    return f"{known} and {count(unknown)} calls of unknown cost" if unknown else known


def sureness(confidence: float) -> str:
    """A confidence that never claims to be certain, nor that something cannot be."""
    if confidence > SUREST:
        return f"over {share(SUREST, 0)}"
    return f"under {share(LEAST, 0)}" if confidence < LEAST else share(confidence, 0)


def label_of(agent_id: str) -> str:
    """What an agent is called."""
    return AGENTS[agent_id].label if agent_id in AGENTS else plain(agent_id)
