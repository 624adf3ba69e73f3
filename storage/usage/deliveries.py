"""Alerts on their way to a webhook: every attempt is kept, so that nothing is forgotten over a restart."""

from dataclasses import dataclass
from datetime import datetime

from storage.clock import new_id
from storage.db import Store, insert
from storage.usage.alerts import Alert


@dataclass(frozen=True)
class Delivery:
    """One attempt to hand an alert over."""

    delivery_id: str
    alert_id: str
    attempt_no: int
    problem: str | None
    """Sentence on why it failed; None when it arrived. It never holds the webhook's address."""
    attempted_at: datetime


@dataclass(frozen=True)
class Pending:
    """An alert that has not arrived yet."""

    alert: Alert
    attempts: int
    last_at: datetime | None
    """None before the first attempt."""


def note(store: Store, alert_id: str, attempt_no: int, problem: str | None, at: datetime) -> Delivery:
    """Keep an attempt; on disk when this returns."""
    delivery = Delivery(new_id(), alert_id, attempt_no, problem, at)
    store.transact(lambda connection: insert(connection, "alert_deliveries", [dict(vars(delivery))]))
    return delivery


def pending(store: Store, since: datetime, most_attempts: int) -> list[Pending]:
    """Alerts fired since then that have neither arrived nor been given up, oldest first."""
    sql = """
        select a.*, count(d.delivery_id) as attempts, max(d.attempted_at) as last_at
        from alerts as a left join alert_deliveries as d on d.alert_id = a.alert_id
        where a.fired_at >= ?
        group by all
        having count(*) filter (where d.delivery_id is not null and d.problem is null) = 0
               and count(d.delivery_id) < ?
        order by a.fired_at, a.alert_id
    """
    rows = store.read(sql, [since, most_attempts])
    return [
        Pending(attempts=row.pop("attempts"), last_at=row.pop("last_at"), alert=Alert(**row)) for row in rows
    ]
