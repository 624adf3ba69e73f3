"""Rules for alerts, what they fired, and who took note."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from storage.clock import new_id, now
from storage.db import Connection, Store, insert
from storage.usage import audit

Kind = Literal["threshold", "change", "outlier", "no_data"]
Metric = Literal[
    "spend", "calls", "failure_rate", "fallback_rate", "p95_latency", "unknown_prices", "run_cost"
]
Level = Literal["warn", "alert"]


@dataclass(frozen=True)
class Rule:
    """What is watched; the newest row of a rule holds."""

    rule_id: str
    name: str
    kind: Kind
    metric: Metric
    filters: str
    """What it is limited to, as in a link of the usage page, without days."""
    warn_at: float | None
    """Bound for a warning; for a change a share (0.5 is 50 % more), for an outlier a number of MADs."""
    alert_at: float | None
    window_h: int
    """Hours that are looked at."""
    cooldown_h: int
    """Hours in which the same level does not fire again for the same subject."""
    is_enabled: bool
    set_by: str
    set_at: datetime

    @property
    def limited_to(self) -> dict[str, list[str]]:
        """Each filter with its values; an empty value stands for rows without one."""
        return {
            name: [value or "none" for value in values] for name, values in json.loads(self.filters).items()
        }


@dataclass(frozen=True)
class Alert:
    """A rule fired."""

    alert_id: str
    rule_id: str
    level: Level
    subject: str
    """What it is about: a run's id for an outlier, otherwise empty."""
    value: float | None
    bound: float | None
    sentence: str
    fired_at: datetime
    acked_by: str | None = None
    """Who took note; None while nobody did."""
    acked_at: datetime | None = None
    ack_note: str | None = None
    sent_at: datetime | None = None
    """When the webhook took it; None while it has not, and where none is set."""
    send_problem: str | None = None
    """Sentence on why the latest attempt to send it failed."""


LATER = ("acked_by", "acked_at", "ack_note", "sent_at", "send_problem")
"""Fields of an alert that come from what happened to it after it fired."""


def set_rule(store: Store, rule: Rule) -> None:
    """Add or change a rule; committed and noted when this returns."""
    told = {key: value for key, value in vars(rule).items() if key not in ("rule_id", "set_by", "set_at")}
    event = audit.event(rule.set_by, "set_alert_rule", rule.rule_id, told)

    def work(connection: Connection) -> None:
        insert(connection, "alert_rules", [dict(vars(rule))])
        insert(connection, "audit_events", [event])

    store.transact(work)


def rules(store: Store) -> list[Rule]:
    """All rules as they are now, disabled ones too, by name."""
    rows = store.read("select * from alert_rules order by set_at")
    newest = {row["rule_id"]: Rule(**row) for row in rows}
    return sorted(newest.values(), key=lambda rule: (rule.name, rule.rule_id))


def fire(store: Store, found: list[Alert], cooldowns: dict[str, int]) -> list[Alert]:
    """Keep alerts but those that cool down (hours by rule); returns the ones that were kept.

    One that was preceded by an alert cools down as a warning too.
    """

    def work(connection: Connection) -> list[Alert]:
        kept = [alert for alert in found if not _cools_down(connection, alert, cooldowns[alert.rule_id])]
        rows = [{key: value for key, value in vars(alert).items() if key not in LATER} for alert in kept]
        insert(connection, "alerts", rows)
        return kept

    return store.transact(work) if found else []


def acknowledge(store: Store, alert_id: str, acked_by: str, note: str) -> None:
    """Take note of an alert; the first one who does counts."""
    row = {"alert_id": alert_id, "note": note, "acked_by": acked_by, "acked_at": now()}
    event = audit.event(acked_by, "acknowledge_alert", alert_id, {"note": note})

    def work(connection: Connection) -> None:
        insert(connection, "alert_acks", [row])
        insert(connection, "audit_events", [event])

    store.transact(work)


def latest(store: Store, limit: int = 100) -> list[Alert]:
    """What fired, newest first."""
    sql = """
        select a.*, k.acked_by, k.acked_at, k.note as ack_note, d.sent_at, d.send_problem
        from alerts as a left join alert_acks as k on k.alert_id = a.alert_id
        left join (
            select alert_id, max(attempted_at) filter (where problem is null) as sent_at,
                   arg_max(problem, attempt_no) filter (where problem is not null) as send_problem
            from alert_deliveries group by alert_id
        ) as d on d.alert_id = a.alert_id
        order by a.fired_at desc, a.alert_id desc limit ?
    """
    return [Alert(**row) for row in store.read(sql, [limit])]


def new_alert(
    rule: Rule,
    level: Level,
    subject: str,
    value: float | None,
    bound: float | None,
    sentence: str,
    at: datetime,
) -> Alert:
    """An alert that has not been kept yet."""
    return Alert(new_id(), rule.rule_id, level, subject, value, bound, sentence, at)


def _cools_down(connection: Connection, alert: Alert, hours: int) -> bool:
    levels = ("alert",) if alert.level == "alert" else ("alert", "warn")
    marks = ", ".join("?" for _ in levels)
    sql = f"""
        select 1 from alerts where rule_id = ? and subject = ? and level in ({marks}) and fired_at > ? limit 1
    """
    since = alert.fired_at - timedelta(hours=hours)
    return bool(connection.execute(sql, [alert.rule_id, alert.subject, *levels, since]).fetchall())
