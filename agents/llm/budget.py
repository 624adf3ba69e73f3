"""Limits on money: a call that might pass one is not made.

Before a call an upper estimate of its cost is set aside; afterwards the real cost takes its place. What was
spent is read from the calls at the start and counted along from there. Live, demo and test money are
counted apart, each against the same limits.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from agents.llm.errors import BudgetExceeded
from agents.llm.prices import Cost
from storage import budgets
from storage.budgets import ANYONE, Budget, BudgetEvent, EventKind, Scope
from storage.clock import new_id
from storage.db import Store
from storage.runs import Environment

RUNS_REACH_BACK = timedelta(days=35)
"""How long ago a run's first call may lie for its budget to count it after a restart."""
WARNINGS: Sequence[tuple[Decimal, EventKind]] = (
    (Decimal("0.7"), "warned_70"),
    (Decimal("0.9"), "warned_90"),
)
NAMES: dict[Scope, str] = {
    "run": "this run",
    "user": "this user this month",
    "project": "this project this month",
    "month": "everybody this month",
}


@dataclass(frozen=True)
class Payer:
    """Whom a call is counted against."""

    user_id: str
    project_id: str
    environment: Environment
    run_id: str | None = None


@dataclass(frozen=True)
class Account:
    """One sum that is counted: a run's, or a user's, project's or everybody's in a month."""

    scope: Scope
    subject: str
    period: str
    environment: Environment
    currency: str


@dataclass(frozen=True)
class Standing:
    """A limit and what has been spent under it."""

    budget: Budget
    account: Account
    spent: Decimal
    set_aside: Decimal
    """Upper estimates of the calls in flight."""


class Reservation:
    """Money set aside for one call; settle it with the real cost, or leave it to give all back."""

    def __init__(self, book: "Budgets", payer: Payer, accounts: Sequence[Account], amount: Decimal) -> None:
        self._book = book
        self._payer = payer
        self._accounts = accounts
        self._amount = amount
        self._open = True

    def settle(self, cost: Cost) -> None:
        """Put the real cost in the place of the estimate; only the first time counts."""
        if self._open:
            self._open = False
            self._book.settle(self._payer, self._accounts, self._amount, cost)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.settle(Cost())


class Budgets:
    """All limits and what was spent under them; safe to share between threads."""

    def __init__(self, store: Store, utc: Callable[[], datetime]) -> None:
        self._store = store
        self._utc = utc
        self._lock = threading.Lock()
        self._limits: list[Budget] = budgets.current(store)
        self._spent: defaultdict[Account, Decimal] = defaultdict(Decimal)
        self._set_aside: defaultdict[Account, Decimal] = defaultdict(Decimal)
        self._told: set[tuple[str, Account, str]] = set()
        self._recount()

    def set(
        self, scope: Scope, subject: str, amount: Decimal | None, allow_unknown_price: bool, set_by: str
    ) -> None:
        """Set a limit in US dollars, or lift it with None; committed when this returns."""
        budgets.set_budget(self._store, scope, subject, amount, "USD", allow_unknown_price, set_by)
        current = budgets.current(self._store)
        with self._lock:
            self._limits = current

    def limits(self) -> list[Budget]:
        """Every limit that is set."""
        with self._lock:
            return list(self._limits)

    def holds_for(self, payer: Payer) -> bool:
        """Whether any limit holds for this payer's calls."""
        return bool(self._holding(payer))

    def reserve(self, payer: Payer, estimate: Cost) -> Reservation:
        """Set an upper estimate aside; raises BudgetExceeded when a limit might be passed."""
        amount = estimate.amount or Decimal(0)
        with self._lock:
            holding = self._holding(payer)
            refusal = next((told for pair in holding if (told := self._refusal(*pair, estimate))), None)
            if refusal is None:
                accounts = [account for _, account in holding if account.currency == estimate.currency]
                for account in accounts:
                    self._set_aside[account] += amount
        if refusal:
            self._note_stop(payer, refusal.standing)
            raise BudgetExceeded(refusal.sentence)
        return Reservation(self, payer, accounts, amount)

    def settle(self, payer: Payer, accounts: Sequence[Account], amount: Decimal, cost: Cost) -> None:
        """Take an estimate back and count the real cost, warning where a limit comes near."""
        with self._lock:
            for account in accounts:
                self._set_aside[account] -= amount
            if cost.amount and cost.currency:
                for account in self._accounts(payer, cost.currency):
                    self._spent[account] += cost.amount
            warnings = self._due_warnings(payer)
        for standing, kind in warnings:
            self._note(payer, standing, kind)

    def standings(self, payer: Payer) -> list[Standing]:
        """The limits that hold for a payer, and how far they are used."""
        with self._lock:
            return [self._standing(*pair) for pair in self._holding(payer)]

    def _recount(self) -> None:
        now = self._utc()
        month = datetime(now.year, now.month, 1)
        for row in budgets.spent(self._store, month, now - RUNS_REACH_BACK):
            period = "" if row.scope == "run" else _period(now)
            account = Account(row.scope, row.subject, period, row.environment, row.currency)
            self._spent[account] += row.amount

    def _accounts(self, payer: Payer, currency: str) -> list[Account]:
        month = _period(self._utc())
        subjects: list[tuple[Scope, str, str]] = [
            ("user", payer.user_id, month),
            ("project", payer.project_id, month),
            ("month", ANYONE, month),
        ]
        if payer.run_id is not None:
            subjects.insert(0, ("run", payer.run_id, ""))
        return [Account(*subject, payer.environment, currency) for subject in subjects]

    def _holding(self, payer: Payer) -> list[tuple[Budget, Account]]:
        """The limits that hold for a payer; one that names its subject goes before the one for each."""
        named = {(limit.scope, limit.subject): limit for limit in self._limits}
        if not named:
            return []
        found: list[tuple[Budget, Account]] = []
        for account in self._accounts(payer, ""):
            limit = named.get((account.scope, account.subject)) or named.get((account.scope, ANYONE))
            if limit:
                found.append((limit, replace(account, currency=limit.currency)))
        return found

    def _refusal(self, limit: Budget, account: Account, estimate: Cost) -> "_Refusal | None":
        standing = self._standing(limit, account)
        allowed = _allowed(limit)
        where = f"The budget of {allowed:.2f} {limit.currency} for {NAMES[limit.scope]}"
        if estimate.amount is None or estimate.currency != limit.currency:
            if limit.allow_unknown_price:
                return None
            return _Refusal(
                standing,
                f"{where} cannot be kept, because the price of the model is unknown. Nothing was sent. Give "
                f"the model a price of its own in Settings, or allow unknown prices under this budget.",
            )
        if standing.spent + standing.set_aside + estimate.amount <= allowed:
            return None
        return _Refusal(
            standing,
            f"{where} would be passed: {standing.spent:.4f} are spent, {standing.set_aside:.4f} are set "
            f"aside for calls under way, and this call may cost up to {estimate.amount:.4f}. "
            f"Nothing was sent. Raise the budget to go on.",
        )

    def _standing(self, limit: Budget, account: Account) -> Standing:
        return Standing(limit, account, self._spent[account], self._set_aside[account])

    def _due_warnings(self, payer: Payer) -> list[tuple[Standing, EventKind]]:
        due: list[tuple[Standing, EventKind]] = []
        for limit, account in self._holding(payer):
            standing = self._standing(limit, account)
            for share, kind in WARNINGS:
                mark = (limit.budget_id, account, kind)
                if standing.spent and standing.spent >= share * _allowed(limit) and mark not in self._told:
                    self._told.add(mark)
                    due.append((standing, kind))
        return due

    def _note_stop(self, payer: Payer, standing: Standing) -> None:
        """Note that a limit stopped a run; once, however often the run asks again."""
        mark = (f"{standing.budget.budget_id}:{payer.run_id}", standing.account, "stopped")
        with self._lock:
            first = mark not in self._told
            self._told.add(mark)
        if first:
            self._note(payer, standing, "stopped")

    def _note(self, payer: Payer, standing: Standing, kind: EventKind) -> None:
        account, limit = standing.account, standing.budget
        event = BudgetEvent(
            event_id=new_id(),
            scope=account.scope,
            subject=account.subject,
            period=account.period,
            environment=account.environment,
            kind=kind,
            budget_amount=_allowed(limit),
            spent_amount=standing.spent,
            currency=limit.currency,
            run_id=payer.run_id,
            occurred_at=self._utc(),
        )
        budgets.note(self._store, event)


@dataclass(frozen=True)
class _Refusal:
    standing: Standing
    sentence: str


def _period(at: datetime) -> str:
    return f"{at:%Y-%m}"


def _allowed(limit: Budget) -> Decimal:
    """A limit that holds always has an amount; one that was lifted is never asked."""
    return limit.amount or Decimal(0)
