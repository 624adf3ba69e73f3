"""Watches usage by rules: thresholds, changes, runs far out of the ordinary, and silence."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from agents.errors import BadInput, NotFound
from agents.usage.watch import CHECKS
from storage.clock import new_id, now
from storage.db import Store
from storage.usage import alerts
from storage.usage.alerts import Alert, Kind, Metric, Rule
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Hours

LONGEST_NOTE = 500
LONGEST_WINDOW_H = 24 * 31
METRICS_OF: dict[Kind, tuple[Metric, ...]] = {
    "threshold": ("spend", "calls", "failure_rate", "fallback_rate", "p95_latency", "unknown_prices"),
    "change": ("spend", "calls", "failure_rate", "fallback_rate", "p95_latency"),
    "outlier": ("run_cost",),
    "no_data": ("calls",),
}
"""What each kind of rule can watch."""


def set_rule(
    store: Store,
    name: str,
    kind: Kind,
    metric: Metric,
    set_by: str,
    warn_at: float | None = None,
    alert_at: float | None = None,
    filters: Filters | None = None,
    window_h: int = 24,
    cooldown_h: int = 24,
    is_enabled: bool = True,
    rule_id: str | None = None,
) -> Rule:
    """Add a rule, or change the one of an id; committed when this returns."""
    if metric not in METRICS_OF[kind]:
        raise BadInput(f"A rule of this kind watches {' or '.join(METRICS_OF[kind])}. Nothing was changed.")
    if kind != "no_data" and warn_at is None and alert_at is None:
        raise BadInput("The rule has no bound, so that it would never fire. Nothing was changed.")
    if warn_at is not None and alert_at is not None and warn_at > alert_at:
        raise BadInput("The warning has to come before the alert. Nothing was changed.")
    if not (1 <= window_h <= LONGEST_WINDOW_H and 0 <= cooldown_h <= LONGEST_WINDOW_H):
        raise BadInput(f"Hours have to be between 1 and {LONGEST_WINDOW_H}. Nothing was changed.")
    query = {} if filters is None else filters.to_query()
    limited = {key: value for key, value in query.items() if key not in ("from", "to", "period")}
    rule = Rule(
        rule_id or new_id(),
        name.strip()[:120] or kind,
        kind,
        metric,
        json.dumps(limited, ensure_ascii=False),
        warn_at,
        alert_at,
        window_h,
        cooldown_h,
        is_enabled,
        set_by,
        now(),
    )
    alerts.set_rule(store, rule)
    return rule


def check(store: Store, at: datetime) -> list[Alert]:
    """Look at every enabled rule as of a moment (UTC); returns the alerts that fired now and are kept."""
    reader = Reader.of(store)
    enabled = [rule for rule in alerts.rules(store) if rule.is_enabled]
    found = [alert for rule in enabled for alert in CHECKS[rule.kind](reader, rule, watched(rule, at), at)]
    return alerts.fire(store, found, {rule.rule_id: rule.cooldown_h for rule in enabled})


def watched(rule: Rule, at: datetime) -> Filters:
    """What a rule looks at: its filters, over its hours up to the end of the current one."""
    end = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    filters = Filters.from_query(json.loads(rule.filters), at.date())
    return replace(filters, span=Hours(end - timedelta(hours=rule.window_h), end), preset=None)


def acknowledge(store: Store, alert_id: str, acked_by: str, note: str = "") -> None:
    """Take note of an alert; on disk when this returns."""
    if not any(alert.alert_id == alert_id for alert in alerts.latest(store, limit=10_000)):
        raise NotFound(f"There is no alert “{alert_id[:60]}” in this store. Check the link.")
    alerts.acknowledge(store, alert_id, acked_by, note.strip()[:LONGEST_NOTE])
