"""Budgets, what they did, and what has been spent."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Literal

from storage.clock import new_id, now
from storage.db import Connection, Store, insert
from storage.runs import Environment
from storage.usage import audit

Scope = Literal["run", "agent", "user", "project", "month"]
EventKind = Literal["warned", "warned_70", "warned_90", "stopped"]

USUAL_WARNINGS: Sequence[tuple[Decimal, EventKind]] = (
    (Decimal("0.7"), "warned_70"),
    (Decimal("0.9"), "warned_90"),
)
"""From which shares on a limit warns that has no threshold of its own."""
USUAL_STOP = 1.0
"""The share at which calls are refused under one that has none."""
ANYONE = "*"
"""Subject of a budget that holds for each run, agent, user or project alone, where none is named."""


@dataclass(frozen=True)
class Budget:
    """A limit on money; the newest row of a scope and subject holds."""

    budget_id: str
    scope: Scope
    """`run` counts a whole run; the others a calendar month in `time_zone`."""
    subject: str
    """A run's, agent's, user's or project's id, or `*` for each of them; `*` for the month."""
    amount: Decimal | None
    """None when the limit was lifted."""
    currency: str
    allow_unknown_price: bool
    """Whether calls whose price is unknown may pass under this limit."""
    set_by: str
    set_at: datetime
    warn_share: float | None = None
    """Share of what is allowed from which on it warns; None for the usual ones."""
    stop_share: float | None = None
    """Share of what is allowed from which on calls are refused; None for all of it."""
    time_zone: str | None = None
    """Whose calendar months count; None for UTC."""

    @property
    def warns_at(self) -> tuple[float, ...]:
        """The shares at which it warns."""
        return warns_at(self.warn_share)

    @property
    def stops_at(self) -> float:
        """The share at which calls are refused."""
        return self.stop_share or USUAL_STOP


@dataclass(frozen=True)
class BudgetEvent:
    """A budget warned or stopped a call."""

    event_id: str
    scope: Scope
    subject: str
    """The run, agent, user or project itself, never `*`, but for the month."""
    period: str
    """`2026-11` for a month, empty for a run."""
    environment: Environment
    kind: EventKind
    budget_amount: Decimal
    spent_amount: Decimal
    """What had been spent, calls in flight not counted."""
    currency: str
    run_id: str | None
    occurred_at: datetime


@dataclass(frozen=True)
class Spent:
    """Known cost of the calls of one run."""

    scope: Scope
    subject: str
    environment: Environment
    currency: str
    amount: Decimal


def set_budget(
    store: Store,
    scope: Scope,
    subject: str,
    amount: Decimal | None,
    currency: str,
    allow_unknown_price: bool,
    set_by: str,
) -> Budget:
    """Set a limit, or lift it with None, and note who did; committed when this returns."""
    budget = Budget(new_id(), scope, subject, amount, currency, allow_unknown_price, set_by, now())
    told = {"amount": None if amount is None else f"{amount:f}", "currency": currency}
    event = audit.event(set_by, "set_budget", f"{scope} {subject}", told)

    def work(connection: Connection) -> None:
        insert(connection, "budgets", [dict(vars(budget))])
        insert(connection, "audit_events", [event])

    store.transact(work)
    store.touched.limit()
    return budget


def current(store: Store) -> list[Budget]:
    """The limits that hold now."""
    sql = f"select {_names(Budget)} from budgets order by set_at, budget_id"
    newest = {(row["scope"], row["subject"]): Budget(**row) for row in store.read(sql)}
    return [budget for budget in newest.values() if budget.amount is not None]


def note(store: Store, event: BudgetEvent) -> None:
    """Add what a budget did."""
    store.append("budget_events", [dict(vars(event))])


def events(store: Store, limit: int = 100, environments: Sequence[str] | None = None) -> list[BudgetEvent]:
    """What budgets did, newest first; in some environments alone if they are named."""
    sql = f"""
        select {_names(BudgetEvent)} from budget_events
        where $environments::varchar[] is null or list_contains($environments::varchar[], environment)
        order by occurred_at desc, event_id desc limit $limit
    """
    named = None if environments is None else list(environments)
    return [BudgetEvent(**row) for row in store.read(sql, {"environments": named, "limit": limit})]


def spent_by_runs(store: Store, since: datetime) -> list[Spent]:
    """Known cost of the calls of each run since a time."""
    sql = """
        select 'run' as scope, run_id as subject, environment, cost_currency as currency,
               sum(cost_amount) as amount
        from calls where started_at >= ? and cost_amount is not null and cost_currency is not null
                     and run_id is not null
        group by 2, 3, 4
    """
    return [Spent(**row) for row in store.read(sql, [since])]


def warns_at(own: float | None) -> tuple[float, ...]:
    """The shares at which a limit warns, by its own threshold if it has one."""
    return tuple(float(share) for share, _ in USUAL_WARNINGS) if own is None else (own,)


def _names(row: type) -> str:
    return ", ".join(field.name for field in fields(row))
