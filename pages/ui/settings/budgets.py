"""Limits on money: what holds, how far it is used, and a form for another."""

from decimal import Decimal

import streamlit as st

from agents.models import BudgetScope
from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.text import plain

SCOPES: dict[BudgetScope, str] = {
    "month": "Everybody, each month",
    "user": "Each user, each month",
    "project": "Each project, each month",
    "run": "Each run",
}


def draw(bench: Workbench) -> None:
    """The limits and the form."""
    st.caption(
        "A call that might pass a limit is not made; at 70 and 90 % a warning is kept. Calls whose price is "
        "unknown are refused under a limit unless it allows them."
    )
    book = bench.models.clients().budgets
    standings = book.standings(bench.models.payer(who()))
    if not standings:
        st.info("No limit is set.", icon=":material/all_inclusive:")
    for standing in standings:
        amount = standing.budget.amount
        if amount is not None:
            used = standing.spent + standing.set_aside
            share = float(used / amount) if amount else 1.0
            label = SCOPES[standing.budget.scope]
            st.progress(min(share, 1.0), text=f"{plain(label)}: {used:.2f} of {amount:.2f} USD")
    with st.form("budget"):
        st.markdown("**Set or lift a limit**")
        left, right = st.columns(2)
        chosen = left.selectbox("For", list(SCOPES), format_func=lambda name: SCOPES[name])
        wanted = right.number_input("US dollars; empty lifts the limit", min_value=0.0, value=None, step=1.0)
        unknown = st.checkbox("Allow calls whose price is unknown")
        if st.form_submit_button("Keep"):
            limit = None if wanted is None else Decimal(str(wanted))
            book.set(chosen, "*", limit, unknown, who().user_id)
            st.rerun()
