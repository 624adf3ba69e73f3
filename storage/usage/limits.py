"""Limits on money as managers set them: with thresholds, a time zone, raises for a while, and a trace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from storage.budgets import USUAL_STOP, warns_at
from storage.clock import new_id, now
from storage.db import Connection, Store, insert
from storage.usage import audit
from storage.usage.figure import Figure, Query, Reader
from storage.usage.filters import Filters, Hours, conditions
from storage.usage.query import (
    UNCONVERTED,
    converted,
    lot_parameters,
    needs_raw_rows,
    sums_relation,
    with_lots,
)
from storage.usage.rates import lots

LimitScope = Literal["month", "project", "user", "agent"]

DIMENSION: dict[LimitScope, str] = {"project": "project_id", "user": "user_id", "agent": "agent_name"}
"""Column that tells the subjects of a scope apart; the month has one subject, everybody."""
SPENT = "Cost of calls, tools and searches since the period began, as it was recorded at the time."


@dataclass(frozen=True)
class Limit:
    """Money that may be spent in each month; the newest row of a scope and subject holds."""

    scope: LimitScope
    subject: str
    """A project's, user's or agent's name; `*` for each of them, and for the month."""
    amount: Decimal | None
    """None lifts the limit."""
    currency: str
    warn_share: float | None
    """Share of the amount from which on people are warned; None for the usual ones."""
    stop_share: float
    """Share of the amount from which on calls are stopped."""
    time_zone: str
    """Whose calendar months count."""
    allow_unknown_price: bool
    set_by: str
    set_at: datetime

    @property
    def warns_at(self) -> tuple[float, ...]:
        """The shares of the amount from which on people are warned."""
        return warns_at(self.warn_share)


@dataclass(frozen=True)
class Raise:
    """More money for a while."""

    raise_id: str
    scope: LimitScope
    subject: str
    amount: Decimal
    """On top of the limit."""
    currency: str
    valid_from: datetime
    valid_until: datetime
    reason: str
    set_by: str
    set_at: datetime


def set_limit(store: Store, limit: Limit) -> None:
    """Set or lift a limit, and note who did; committed when this returns."""
    row = {"budget_id": new_id(), **vars(limit)}
    told = {
        "amount": None if limit.amount is None else f"{limit.amount:f}",
        "currency": limit.currency,
        "warn_share": limit.warn_share,
        "stop_share": limit.stop_share,
        "time_zone": limit.time_zone,
    }
    event = audit.event(limit.set_by, "set_budget", f"{limit.scope} {limit.subject}", told)

    def work(connection: Connection) -> None:
        insert(connection, "budgets", [row])
        insert(connection, "audit_events", [event])

    store.transact(work)
    store.touched.limit()


def raise_limit(store: Store, raised: Raise) -> None:
    """Add money for a while, and note who did and why; committed when this returns."""
    told = {
        "amount": f"{raised.amount:f}",
        "currency": raised.currency,
        "until": raised.valid_until.isoformat(),
        "reason": raised.reason,
    }
    event = audit.event(raised.set_by, "raise_budget", f"{raised.scope} {raised.subject}", told)

    def work(connection: Connection) -> None:
        insert(connection, "budget_raises", [dict(vars(raised))])
        insert(connection, "audit_events", [event])

    store.transact(work)
    store.touched.limit()


def limits(store: Store) -> list[Limit]:
    """The limits of calendar months that hold now."""
    sql = f"""
        select scope, subject, amount, currency, warn_share,
               coalesce(stop_share, {USUAL_STOP}) as stop_share, coalesce(time_zone, 'UTC') as time_zone,
               allow_unknown_price, set_by, set_at
        from budgets where scope <> 'run' order by set_at, budget_id
    """
    newest = {(row["scope"], row["subject"]): Limit(**row) for row in store.read(sql)}
    return [limit for limit in newest.values() if limit.amount is not None]


def raises(store: Store, at: datetime) -> list[Raise]:
    """Raises that hold at a time."""
    sql = "select * from budget_raises where valid_from <= ? and valid_until > ? order by set_at, raise_id"
    return [Raise(**row) for row in store.read(sql, [at, at])]


def raises_to_come(store: Store, at: datetime) -> list[Raise]:
    """Raises that hold at a time or will later."""
    sql = "select * from budget_raises where valid_until > ? order by set_at, raise_id"
    return [Raise(**row) for row in store.read(sql, [at])]


def spent(
    reader: Reader,
    scope: LimitScope,
    start: datetime,
    end: datetime,
    currency: str,
    environments: Sequence[str],
) -> Figure:
    """Money spent between two hours, per `subject` of the scope: `cost_amount` and what is not in it."""
    by = {"month": (), "project": ("project",), "user": ("user",), "agent": ("agent",)}[scope]
    filters = Filters(Hours(start, end), environments=tuple(environments), currency=currency)
    measures = ("attempts", "paid_steps", "unknown_prices", "cost_amount")
    relation, source = sums_relation(filters, filters.span, by, measures)
    of_time = lots(reader.rates, currency, filters.span)
    condition, parameters = conditions(filters)
    subject = DIMENSION.get(scope, "'*'")
    sql = f"""
        select {subject} as subject, sum(attempts)::bigint as attempts,
               {converted("cost_amount", of_time)} as cost_amount,
               sum(unknown_prices)::bigint as unknown_prices, {UNCONVERTED} as unconverted
        from ({with_lots(relation, of_time)}) where {condition} and {subject} is not null group by 1
        order by cost_amount desc, subject
    """
    parameters |= lot_parameters(of_time)
    if needs_raw_rows(filters, by):
        parameters |= {"start": start, "end": end}
    return reader.figure(Query(sql, parameters, SPENT, source, "attempts"))


def new_raise(
    scope: LimitScope, subject: str, amount: Decimal, currency: str, until: datetime, reason: str, set_by: str
) -> Raise:
    """A raise from now on."""
    at = now()
    return Raise(new_id(), scope, subject, amount, currency, at, until, reason, set_by, at)
