"""Limits on money: what holds, how far it is used, and a form for another."""

import streamlit as st

from agents.models import BudgetScope
from agents.workbench import Workbench
from pages.ui import bounds, sent
from pages.ui.formats import money
from pages.ui.identity import who
from pages.ui.text import plain

POLL_S = 3
FORM = "budget"
SCOPES: dict[BudgetScope, str] = {
    "month": "Everybody, each month",
    "user": "Each user, each month",
    "project": "Each project, each month",
    "agent": "Each agent, each month",
    "run": "Each run",
}
UNKNOWN_PRICES = {True: "calls of unknown price may pass", False: "calls of unknown price are refused"}


def draw(bench: Workbench) -> None:
    """The limits as they are now, and the form."""
    st.caption(
        f"A call that might pass a limit is not made. A limit set here {bounds.told()}. Calls whose price is "
        "unknown are refused under a limit unless it allows them. Limits with thresholds, time zones and "
        "raises of their own are set under Usage, Alerts and budgets; of two for one thing the later holds."
    )

    @st.fragment(run_every=POLL_S)
    def live() -> None:
        draw_standings(bench)

    live()
    _draw_form(bench)


def draw_standings(bench: Workbench) -> None:
    """Every limit that holds here, with what was spent and what calls under way may still cost."""
    book = bench.models.clients().budgets
    standings = book.standings(bench.models.payer(who()))
    of_others = [limit for limit in book.limits() if limit.scope in ("run", "agent")]
    if not standings and not of_others:
        st.info("No limit is set.", icon=":material/all_inclusive:")
    for standing in standings:
        limit = standing.budget
        used = standing.spent + standing.set_aside
        share = float(used / standing.allowed) if standing.allowed else 1.0
        whom = _whom(limit.scope, limit.subject)
        aside = money(standing.set_aside, limit.currency)
        warns = bounds.sentence(limit.warns_at, limit.stops_at)
        spent = bounds.used(standing.spent, standing.allowed, limit.currency)
        if (raised := standing.allowed - (limit.amount or 0)) > 0:
            spent += f" ({money(raised, limit.currency)} of the limit is a raise)"
        aside = f", {aside} set aside for calls under way" if standing.set_aside else ""
        unknown = UNKNOWN_PRICES[limit.allow_unknown_price]
        st.progress(min(share, 1.0), text=plain(f"{whom}: {spent}{aside}; {unknown}. {warns}."))
    for limit in of_others:
        whom, unknown = _whom(limit.scope, limit.subject), UNKNOWN_PRICES[limit.allow_unknown_price]
        warns = bounds.sentence(limit.warns_at, limit.stops_at)
        st.markdown(plain(f"{whom}: at most {money(limit.amount, limit.currency)}; {unknown}. {warns}."))


def _whom(scope: BudgetScope, subject: str) -> str:
    return SCOPES[scope] if subject == "*" else f"{SCOPES[scope]} ({subject})"


def _draw_form(bench: Workbench) -> None:
    with st.form("budget"):
        st.markdown("**Set or lift a limit**")
        left, right = st.columns(2)
        chosen = left.selectbox(
            "For", list(SCOPES), format_func=lambda name: SCOPES[name], key="budget_scope"
        )
        wanted = right.number_input(
            "US dollars",
            min_value=0.0,
            value=None,
            step=1.0,
            key=sent.key(FORM, "budget_amount"),
        )
        unknown = st.checkbox("Allow calls whose price is unknown", key=sent.key(FORM, "budget_unknown"))
        with st.container(horizontal=True):
            keep = st.form_submit_button("Keep", icon=":material/check:")
            lift = st.form_submit_button("Lift this limit", icon=":material/remove_circle:")
        if keep or lift:
            kept = f"{SCOPES[chosen]}: the limit is {'kept' if keep else 'lifted'}."
            sent.send(FORM, kept, _keep if keep else _lift, bench, chosen, wanted, unknown)
            st.rerun()
    sent.told(FORM)


def _keep(bench: Workbench, scope: BudgetScope, amount: float | None, unknown: bool) -> None:
    bench.models.clients().budgets.set(scope, "*", bounds.amount(amount), unknown, who().user_id)


def _lift(bench: Workbench, scope: BudgetScope, amount: float | None, unknown: bool) -> None:
    bench.models.clients().budgets.set(scope, "*", None, unknown, who().user_id)
