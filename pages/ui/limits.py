"""What one run may use: money, time and steps, set where it is started; empty is what the house allows."""

from decimal import Decimal
from types import ModuleType

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from agents.running.limits import MOST_COST, MOST_SECONDS, MOST_STEPS, Limits, OwnLimits
from agents.running.records import Run
from pages.ui import formats

USUAL = Limits()
"""What a run may use that has no limits of its own."""
MINUTE_S = 60.0
Place = ModuleType | DeltaGenerator
"""Where a field is drawn: a column, or `st` itself."""


def draw(prefix: str) -> None:
    """A small popover with the three fields; its label says what is set."""
    set_now = told(chosen(prefix))
    label = f"Limits: {set_now}" if set_now else "Limits of this run"
    with st.popover(label, icon=":material/speed:", key=f"{prefix}_limits"):
        st.caption(
            "When its time is over a run stops at once; when its money or its steps are used up, before its "
            "next step. They hold for all its work, over every answer; what it did so far is kept, and "
            "trying it again lets it go on for as many steps or as long. Empty: what every run may use from "
            "one answer of yours to the next."
        )
        draw_fields(prefix, (st, st, st))


def draw_fields(prefix: str, places: tuple[Place, Place, Place]) -> None:
    """Money, minutes and steps, each in its place."""
    money, minutes, steps = places
    money.number_input(
        "US dollars a run may cost",
        0.01,
        float(MOST_COST),
        None,
        key=f"{prefix}_cost",
        placeholder="No limit of its own",
    )
    minutes.number_input(
        "Minutes a run may work",
        1,
        int(MOST_SECONDS / MINUTE_S),
        None,
        key=f"{prefix}_minutes",
        placeholder=f"{USUAL.seconds / MINUTE_S:.0f}",
    )
    steps.number_input(
        "Steps a run may take", 1, MOST_STEPS, None, key=f"{prefix}_steps", placeholder=f"{USUAL.steps}"
    )


def chosen(prefix: str) -> OwnLimits:
    """What stands in the fields; before they are drawn the first time nothing does."""
    cost, minutes, steps = (st.session_state.get(f"{prefix}_{name}") for name in ("cost", "minutes", "steps"))
    return OwnLimits(
        steps=None if steps is None else int(steps),
        seconds=None if minutes is None else MINUTE_S * minutes,
        cost=None if cost is None else Decimal(f"{cost:.2f}"),
    )


def of_run(run: Run) -> str:
    """The limits that a run was started with, in words; empty when it has none of its own."""
    return told(OwnLimits.of(run))


def told(limits: OwnLimits) -> str:
    """Limits in words: `USD 0.50, 2 min 0 s, 20 steps`."""
    parts = [] if limits.cost is None else [formats.money(limits.cost)]
    parts += [] if limits.seconds is None else [formats.seconds(limits.seconds)]
    parts += [] if limits.steps is None else [formats.counted(limits.steps, "step")]
    return ", ".join(parts)
