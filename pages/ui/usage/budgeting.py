"""Budgets, raises, currency rates, and who did what."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import streamlit as st

from agents.usage.desk import Filters, LimitScope, Standing
from agents.usage.words import budgets_count
from agents.who import LONGEST_NAME
from agents.workbench import Workbench
from pages.ui import bounds, sent
from pages.ui.formats import money, share, when
from pages.ui.identity import who
from pages.ui.notice import act, keep_notice
from pages.ui.text import plain
from pages.ui.usage import budget_events, reading, trail
from pages.ui.usage.tables import Column
from pages.ui.usage.tables import draw as table

SCOPES: Mapping[LimitScope, str] = {
    "month": "Everybody together",
    "project": "Project",
    "user": "User",
    "agent": "Agent",
}
STATES = {"ok": ":green-badge[in budget]", "warn": ":orange-badge[near its end]", "stop": ":red-badge[spent]"}
LIMIT, RATE = "limit", "rate"
"""Forms."""
ZONES = ("UTC", "Europe/Berlin", "Europe/Istanbul", "Europe/London", "America/New_York", "Asia/Tokyo")


def draw(bench: Workbench, filters: Filters) -> None:
    """How budgets stand, and the forms."""
    _draw_standings(bench, filters)
    budget_events.draw(bench, filters)
    left, right = st.columns(2, gap="medium")
    with left:
        _draw_limit_form(bench)
    with right:
        _draw_rates(bench)
    _draw_audit(bench)


def _draw_standings(bench: Workbench, filters: Filters) -> None:
    with st.container(border=True, key="card-standings"):
        st.subheader("Budgets of this month", anchor=False)
        found = bench.usage.standings()
        if found and not bench.usage.counts(filters):
            st.caption(
                f"{budgets_count(bench.usage.environment)}; what the filters show besides is not in it."
            )
        if not found:
            st.caption("No budget is set yet, or nothing was spent under one.")
        for number, standing in enumerate(found):
            _draw_standing(bench, standing, number)


def _draw_standing(bench: Workbench, standing: Standing, number: int) -> None:
    limit = standing.limit
    named = subject_of(standing)
    used = bounds.used(standing.spent, standing.allowed, limit.currency)
    warns = bounds.sentence(limit.warns_at, limit.stop_share)
    with st.container(border=True, key=f"standing-{number}"):
        st.markdown(f"**{plain(named)}**, {standing.month.label} {STATES[standing.state]}")
        st.progress(min(standing.fullness, 1.0), text=plain(used))
        ahead = bench.usage.outlook(standing)
        crosses = ahead.crosses(standing.allowed) if ahead else None
        told = [f"{warns}, months of {limit.time_zone}."]
        if standing.raised_by:
            told.append(f"{money(standing.raised_by, limit.currency)} of it is a raise.")
        if standing.state != "stop" and crosses is not None:
            told.append(f"It is expected to be spent on {crosses}.")
        told += ahead.notes if ahead else ()
        told += standing.notes
        st.caption(plain(" ".join(told)))
        with st.popover("Raise it for a while", icon=":material/trending_up:"):
            _draw_raise(bench, standing, number)


def subject_of(standing: Standing) -> str:
    """Whose budget it is, as people read it."""
    scope = standing.limit.scope
    return SCOPES[scope] if scope == "month" else f"{SCOPES[scope]} {standing.subject}"


def warning(standing: Standing) -> str:
    """A budget that is past its warning or its stop, in a sentence; empty for others."""
    if standing.state == "ok":
        return ""
    limit = standing.limit
    used = bounds.used(standing.spent, standing.allowed, limit.currency)
    whose = subject_of(standing)
    whose = whose[0].lower() + whose[1:]
    passed, does = (
        (limit.stop_share, "calls are stopped")
        if standing.state == "stop"
        else (standing.warned_at, "it warns")
    )
    return f"Budget of {whose}, {standing.month.label}: {used}, past the {share(passed, 0)} at which {does}."


def _draw_raise(bench: Workbench, standing: Standing, number: int) -> None:
    with st.form(f"raise-{number}", border=False):
        amount = st.number_input(f"More {standing.limit.currency}", min_value=0.0, value=None, step=10.0)
        until = st.date_input(
            "Until the end of", value=bench.usage.today() + timedelta(days=7), format="YYYY-MM-DD"
        )
        reason = st.text_input("Reason", max_chars=500, help="Others read it under “Who did what”.")
        if st.form_submit_button("Raise it"):
            more = None if amount is None else Decimal(str(amount))
            act(bench.usage.raise_limit, standing, more, until, reason, who())
            reading.forget()
            st.rerun()


def _draw_limit_form(bench: Workbench) -> None:
    with st.container(border=True, key="card-limit"):
        st.subheader("Set or lift a budget", anchor=False)
        scope = st.selectbox("For", list(SCOPES), format_func=lambda name: SCOPES[name], key="limit-scope")
        with st.form("limit", border=False):
            subject = _subject(bench, scope)
            with st.grid(2):  # row by row, so that one column keeps the order
                amount = st.number_input(
                    "A month", min_value=0.0, value=None, key=sent.key(LIMIT, "limit-amount")
                )
                currency = st.text_input(
                    "Currency", "USD", max_chars=3, key=sent.key(LIMIT, "limit-currency")
                )
                warn = st.number_input(
                    "Warn at %",
                    1,
                    1000,
                    None,
                    key=sent.key(LIMIT, "limit-warn"),
                    placeholder=f"{bounds.shares()}, as usual",
                )
                stop = st.number_input("Stop at %", 1, 1000, 100, key=sent.key(LIMIT, "limit-stop"))
            zone = st.selectbox(
                "Months of", ZONES, accept_new_options=True, key=sent.key(LIMIT, "limit-zone")
            )
            unknown = st.checkbox("Allow calls whose price is unknown", key=sent.key(LIMIT, "limit-unknown"))
            with st.container(horizontal=True):
                keep = st.form_submit_button("Keep", icon=":material/check:")
                is_lifted = st.form_submit_button("Lift this budget", icon=":material/remove_circle:")
            if keep or is_lifted:
                terms: dict[str, object] = {
                    "currency": currency.strip().upper(),
                    "warn_share": None if warn is None else warn / 100,
                    "stop_share": stop / 100,
                    "time_zone": zone,
                    "allow_unknown_price": unknown,
                }
                if keep:
                    sent.send(LIMIT, "The budget is kept.", _keep, bench, scope, subject, amount, terms)
                else:
                    lift = bench.usage.set_limit
                    sent.send(LIMIT, "The budget is lifted.", lift, scope, subject, None, who())
                reading.forget()
                st.rerun()
        sent.told(LIMIT)


def _subject(bench: Workbench, scope: LimitScope) -> str:
    if scope == "month":
        return "*"
    key = sent.key(LIMIT, f"limit-subject-{scope}")
    if scope == "agent":
        agents = ["*", *bench.usage.agents()]
        return st.selectbox(
            "Name", agents, format_func=lambda name: "Each agent" if name == "*" else name, key=key
        )
    return st.text_input("Name", key=key, help="Empty is a budget for each of them.", max_chars=LONGEST_NAME)


def _keep(
    bench: Workbench, scope: LimitScope, subject: str, amount: float | None, terms: Mapping[str, object]
) -> None:
    limit = bench.usage.set_limit(scope, subject, bounds.amount(amount), who(), **terms)
    if told := bench.usage.stranger(limit):
        keep_notice(told)


def _draw_rates(bench: Workbench) -> None:
    with st.container(border=True, key="card-rates"):
        st.subheader("Currency rates", anchor=False)
        rates = sorted(bench.usage.rates(), key=lambda rate: rate.valid_from, reverse=True)
        if rates:
            table(
                [vars(rate) for rate in rates],
                [
                    Column("One", lambda row: row["from_currency"], is_text=True),
                    Column("Is worth", lambda row: f"{row['rate'].normalize():f} {row['to_currency']}"),
                    Column("From the day", lambda row: f"{row['valid_from']:%Y-%m-%d}"),
                    Column("Set by", lambda row: row["set_by"], is_text=True),
                ],
                "rates",
            )
        else:
            st.caption("No rate is set: money in another currency is left out, and the figures say so.")
        with st.form("rate", border=False):
            with st.grid(2):
                one = st.text_input("One unit of", "EUR", max_chars=3, key=sent.key(RATE, "rate-from"))
                other = st.text_input("Is worth, in", "USD", max_chars=3, key=sent.key(RATE, "rate-to"))
                rate = st.number_input(
                    "Rate", min_value=0.0, value=None, format="%.6f", key=sent.key(RATE, "rate-rate")
                )
                since = st.date_input(
                    "From the day",
                    value=bench.usage.today(),
                    format="YYYY-MM-DD",
                    key=sent.key(RATE, "rate-day"),
                )
            if st.form_submit_button("Set the rate", icon=":material/currency_exchange:"):
                worth = Decimal(str(rate or 0))
                codes = one.strip().upper(), other.strip().upper()
                kept = f"The rate from {codes[0]} to {codes[1]} is set."
                sent.send(RATE, kept, bench.usage.set_rate, *codes, worth, since, who())
                reading.forget()
                st.rerun()
        sent.told(RATE)


def _draw_audit(bench: Workbench) -> None:
    with st.container(border=True, key="card-audit"):
        st.subheader("Who did what", anchor=False)
        found = bench.usage.audit()
        if not found:
            st.caption("Nobody has changed a budget, a rule or a rate yet.")
            return
        names = {rule.rule_id: rule.name for rule in bench.usage.rules()}
        names |= {alert.alert_id: names.get(alert.rule_id, "an alert") for alert in bench.usage.alerts()}
        table(
            [vars(event) for event in found],
            [
                Column("When", lambda row: when(row["occurred_at"]), is_text=True),
                Column("Who", lambda row: row["actor"], is_text=True),
                Column("What", lambda row: str(row["action"]).replace("_", " "), is_text=True),
                Column(
                    "To what", lambda row: trail.to_what(row["subject"], row["data"], names), is_text=True
                ),
                Column("Details", lambda row: trail.details(row["data"]), is_text=True),
            ],
            "audit",
        )
