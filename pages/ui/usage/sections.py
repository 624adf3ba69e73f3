"""The sections of the usage page; the link says which is open, and only that one is computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from agents.usage.desk import Filters
from agents.workbench import Workbench
from pages.ui.usage import (
    address,
    behind,
    bill,
    budgeting,
    changed,
    failures,
    overview,
    speed,
    spending,
    token_use,
    unit_cost,
    watching,
)

KEY = "usage-section"


@dataclass(frozen=True)
class Section:
    """One of them."""

    title: str
    draw: Callable[[Workbench, Filters], None]
    needs_calls: bool = True
    """Whether there is nothing to see without calls."""


def _alerts_and_budgets(bench: Workbench, filters: Filters) -> None:
    watching.draw(bench, filters)
    budgeting.draw(bench, filters)


SECTIONS: Mapping[str, Section] = {
    "overview": Section("Overview", overview.draw),
    "spend": Section("Spend", spending.draw),
    "changes": Section("Changes", changed.draw),
    "latency": Section("Latency", speed.draw),
    "reliability": Section("Reliability", failures.draw),
    "tokens": Section("Tokens", token_use.draw),
    "units": Section("Unit economics", unit_cost.draw),
    "alerts": Section("Alerts and budgets", _alerts_and_budgets, needs_calls=False),
    "reconcile": Section("Reconcile", bill.draw),
    "runs": Section("Runs", behind.draw_section),
}
FIRST = "overview"


def choose() -> Section:
    """The choice of a section; an unknown one in a link is the first."""
    wanted = st.query_params.get(address.SECTION, FIRST)
    st.session_state[KEY] = wanted if wanted in SECTIONS else FIRST
    chosen = st.segmented_control(
        "Section",
        list(SECTIONS),
        format_func=lambda name: SECTIONS[name].title,
        required=True,
        key=KEY,
        on_change=_open,
        label_visibility="collapsed",
        wrap=True,
    )
    return SECTIONS[chosen or FIRST]


def _open() -> None:
    st.query_params[address.SECTION] = st.session_state[KEY] or FIRST
    for name in behind.IN_LINK:
        st.query_params.pop(name, None)
