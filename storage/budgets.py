"""Budgets, what they did, and what has been spent."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Literal

from storage.clock import new_id, now
from storage.db import Store, insert
from storage.runs import Environment

Scope = Literal["run", "user", "project", "month"]
EventKind = Literal["warned_70", "warned_90", "stopped"]

ANYONE = "*"
"""Subject of a budget that holds for each run, user or project alone, where none is named."""


@dataclass(frozen=True)
class Budget:
    """A limit on money; the newest row of a scope and subject holds."""

    budget_id: str
    scope: Scope
    """`run` counts a whole run; the others a calendar month in UTC."""
    subject: str
    """A run's, user's or project's id, or `*` for each of them; `*` for the month."""
    amount: Decimal | None
    """None when the limit was lifted."""
    currency: str
    allow_unknown_price: bool
    """Whether calls whose price is unknown may pass under this limit."""
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class BudgetEvent:
    """A budget warned or stopped a call."""

    event_id: str
    scope: Scope
    subject: str
    """The run, user or project itself, never `*`, but for the month."""
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
    """Known cost of the calls of one run, user, project or month."""

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
    """Set a limit, or lift it with None; committed when this returns."""
    budget = Budget(new_id(), scope, subject, amount, currency, allow_unknown_price, set_by, now())
    store.transact(lambda connection: insert(connection, "budgets", [dict(vars(budget))]))
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


def spent(store: Store, month_start: datetime, runs_since: datetime) -> list[Spent]:
    """What users, projects and the month have spent since `month_start`, and runs since `runs_since`."""
    since: Sequence[tuple[Scope, str, datetime]] = (
        ("run", "run_id", runs_since),
        ("user", "user_id", month_start),
        ("project", "project_id", month_start),
        ("month", f"'{ANYONE}'", month_start),
    )
    sql = " union all ".join(
        f"""
        select '{scope}' as scope, {subject} as subject, environment, cost_currency as currency,
               sum(cost_amount) as amount
        from calls where started_at >= ? and cost_amount is not null and cost_currency is not null
                     and {subject} is not null
        group by 2, 3, 4
        """
        for scope, subject, _ in since
    )
    return [Spent(**row) for row in store.read(sql, [start for _, _, start in since])]


def _names(row: type) -> str:
    return ", ".join(field.name for field in fields(row))
