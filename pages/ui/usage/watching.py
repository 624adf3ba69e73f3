"""Alerts: what fired, who took note, what is watched, and a form for another rule."""

import streamlit as st

from agents.usage.alerts import METRICS_OF
from agents.usage.desk import Alert, Filters, Kind, Rule
from agents.workbench import Workbench
from pages.ui import sent
from pages.ui.formats import counted, when
from pages.ui.identity import who
from pages.ui.notice import act, keep_notice
from pages.ui.text import plain
from pages.ui.usage import address, budgeting
from pages.ui.usage.rule_words import IN_PERCENT, KINDS, METRICS, bound

SHOWN = 30
UNITS = (
    "As “What” counts: per cent, seconds, calls, or money. Money is in USD, and in the currency of the "
    "filters for a rule that is only for what they show."
)
FORM = "rule"


def draw(bench: Workbench, filters: Filters) -> None:
    """What fired, then the rules."""
    _draw_fired(bench, filters)
    _draw_rules(bench, filters)


def _draw_fired(bench: Workbench, filters: Filters) -> None:
    with st.container(border=True, key="card-fired"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Alerts", anchor=False)
            st.button("Look now", icon=":material/refresh:", on_click=_look, args=(bench,))
        near = [standing for standing in bench.usage.standings() if standing.state != "ok"]
        for standing in near:
            draw_as = st.error if standing.state == "stop" else st.warning
            draw_as(plain(budgeting.warning(standing)), icon=":material/account_balance_wallet:")
        fired = bench.usage.alerts(SHOWN)
        if not fired:
            st.caption("No rule has fired; budgets are told without one." if near else "Nothing has fired.")
        for alert in fired:
            _draw_alert(bench, alert)


def _draw_alert(bench: Workbench, alert: Alert) -> None:
    icon = ":material/error:" if alert.level == "alert" else ":material/warning:"
    with st.container(border=True, key=f"alert-{alert.alert_id}"):
        about = f" [Open the run]({address.run_href(alert.subject)})" if alert.subject else ""
        st.markdown(f"{icon} {plain(alert.sentence)}{about}")
        if alert.acked_by is not None:
            note = f": {alert.ack_note}" if alert.ack_note else "."
            st.caption(
                plain(f"{when(alert.fired_at)}. {alert.acked_by} took note {when(alert.acked_at)}{note}")
            )
            return
        st.caption(plain(f"{when(alert.fired_at)}. {_sent(alert)}"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            key = f"ack-note-{alert.alert_id}"
            st.text_input("Note", key=key, max_chars=500, placeholder="What was done about it", width=300)
            st.button(
                "Acknowledge",
                key=f"ack-{alert.alert_id}",
                icon=":material/done:",
                on_click=_acknowledge,
                args=(bench, alert, key),
            )


def _sent(alert: Alert) -> str:
    """Whether the webhook has it; nothing where none is set."""
    if alert.sent_at is not None:
        return f"Sent to the webhook {when(alert.sent_at)}."
    return f"Not sent to the webhook yet: {alert.send_problem}" if alert.send_problem else ""


def _look(bench: Workbench) -> None:
    fired = bench.usage.check_rules()
    told = f"{counted(len(fired), 'alert')} fired."
    keep_notice(told if fired else "Every rule was looked at; nothing fired.")


def _acknowledge(bench: Workbench, alert: Alert, key: str) -> None:
    act(bench.usage.acknowledge, alert.alert_id, who(), str(st.session_state.get(key, "")))


def _draw_rules(bench: Workbench, filters: Filters) -> None:
    with st.container(border=True, key="card-rules"):
        st.subheader("What is watched", anchor=False)
        rules = bench.usage.rules()
        if not rules:
            st.caption("No rule is set yet. Rules are looked at each minute while Whytree runs.")
        for rule in rules:
            with st.container(horizontal=True, vertical_alignment="center", key=f"rule-{rule.rule_id}"):
                st.markdown(f"**{plain(rule.name)}**: {plain(_told(rule))}")
                st.button(
                    "Stop watching" if rule.is_enabled else "Watch again",
                    key=f"switch-{rule.rule_id}",
                    on_click=act,
                    args=(bench.usage.switch_rule, rule, not rule.is_enabled, who()),
                )
        _draw_form(bench, filters)


def _told(rule: Rule) -> str:
    bounds = [
        f"{word} at {bound(rule.kind, rule.metric, at, *rule.limited_to.get('currency', ()))}"
        for word, at in (("warns", rule.warn_at), ("alerts", rule.alert_at))
        if at is not None
    ]
    fires = f": {', '.join(bounds)}" if bounds else ""
    chosen = "; ".join(f"{name} {' or '.join(values)}" for name, values in rule.limited_to.items())
    limited = f", limited to {chosen}" if chosen else ""
    state = "" if rule.is_enabled else " (not watched now)"
    hours = f"Over the last {rule.window_h} h, again after {rule.cooldown_h} h at the earliest"
    when_it = KINDS[rule.kind][0].lower() + KINDS[rule.kind][1:]
    return f"{METRICS[rule.metric]}, when {when_it}{fires}. {hours}{limited}{state}."


def _draw_form(bench: Workbench, filters: Filters) -> None:
    with st.expander("Watch something", icon=":material/add_alert:"):
        kind = st.selectbox("When", list(KINDS), format_func=lambda name: KINDS[name], key="rule-kind")
        with st.form(f"rule-{kind}", border=False):
            metric = st.selectbox(
                "What", METRICS_OF[kind], format_func=lambda name: METRICS[name], key=f"rule-metric-{kind}"
            )
            name = st.text_input(
                "Name", max_chars=120, key=sent.key(FORM, "rule-name"), placeholder="How others will know it"
            )
            with st.grid(2):  # row by row, so that one column keeps the order
                warn = st.number_input(
                    _label(kind, "Warn at"),
                    min_value=0.0,
                    value=None,
                    key=sent.key(FORM, f"rule-warn-{kind}"),
                )
                alert = st.number_input(
                    _label(kind, "Alert at"),
                    min_value=0.0,
                    value=None,
                    key=sent.key(FORM, f"rule-alert-{kind}"),
                )
                window = st.number_input(
                    "Look at the last hours", 1, 744, 24, key=sent.key(FORM, "rule-window")
                )
                cooldown = st.number_input(
                    "Stay quiet for hours after it", 0, 744, 24, key=sent.key(FORM, "rule-cooldown")
                )
            narrow = st.checkbox("Only for what the filters show", key=sent.key(FORM, "rule-narrow"))
            if st.form_submit_button("Watch it", icon=":material/add_alert:"):
                in_percent = kind == "change" or metric in IN_PERCENT
                terms: dict[str, object] = {
                    "warn_at": _number(warn, in_percent),
                    "alert_at": _number(alert, in_percent),
                    "window_h": int(window),
                    "cooldown_h": int(cooldown),
                    "filters": filters if narrow else None,
                }
                watched = f"“{name}” is watched now; it stands above."
                sent.send(FORM, watched, bench.usage.set_rule, name, kind, metric, who(), **terms)
                st.rerun()
        sent.told(FORM)


def _label(kind: Kind, word: str) -> str:
    unit = {"change": " (% more)", "outlier": " (MADs above the median)", "no_data": ", not used"}
    return f"{word}{unit.get(kind, '')}"


def _number(value: float | None, in_percent: bool) -> float | None:
    return None if value is None else value / 100 if in_percent else value
