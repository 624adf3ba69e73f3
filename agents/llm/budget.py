"""Limits on money: a call that might pass one is not made.

Before a call an upper estimate of its cost is set aside; afterwards the real cost takes its place. What was
spent is read from the calls when a limit is set or the process starts, and counted along from there. Live,
demo and test money are counted apart, each against the same limits.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self

from agents.llm.errors import BudgetExceeded
from agents.llm.limits import Account, Kept, Limits, Payer
from agents.llm.prices import Cost
from storage import budgets
from storage.budgets import Budget, BudgetEvent, EventKind, Scope
from storage.clock import new_id
from storage.db import Store

__all__ = ["Account", "Budgets", "Payer", "Reservation", "Standing"]

WARNINGS: Sequence[tuple[Decimal, EventKind]] = (
    (Decimal("0.7"), "warned_70"),
    (Decimal("0.9"), "warned_90"),
)
"""Where a limit warns that was set without a threshold of its own."""
NAMES: dict[Scope, str] = {
    "run": "this run",
    "agent": "this agent this month",
    "user": "this user this month",
    "project": "this project this month",
    "month": "everybody this month",
}


@dataclass(frozen=True)
class Standing:
    """A limit and what has been spent under it."""

    budget: Budget
    account: Account
    spent: Decimal
    set_aside: Decimal
    """Upper estimates of the calls in flight."""
    allowed: Decimal
    """The limit with the raises that hold."""

    @property
    def stop_at(self) -> Decimal:
        """What may be spent before calls are refused."""
        return self.allowed * Decimal(str(self.budget.stop_share or 1))

    @property
    def warnings(self) -> Sequence[tuple[Decimal, EventKind]]:
        """From which shares on it warns."""
        own = self.budget.warn_share
        return WARNINGS if own is None else ((Decimal(str(own)), "warned"),)


class Reservation:
    """Money set aside for one call; settle it with the real cost, or leave it to give all back."""

    def __init__(self, book: "Budgets", payer: Payer, set_aside: Sequence[tuple[Account, Decimal]]) -> None:
        self._book = book
        self._payer = payer
        self._set_aside = set_aside
        self._open = True

    def settle(self, cost: Cost) -> None:
        """Put the real cost in the place of the estimate; only the first time counts."""
        if self._open:
            self._open = False
            self._book.settle(self._payer, self._set_aside, cost)

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
        self._limits = Limits(store, utc)
        self._kept: set[Kept] = set()
        self._spent: defaultdict[Account, Decimal] = defaultdict(Decimal)
        self._set_aside: defaultdict[Account, Decimal] = defaultdict(Decimal)
        self._told: set[tuple[str, Account, str]] = set()
        self._count()

    def set(
        self, scope: Scope, subject: str, amount: Decimal | None, allow_unknown_price: bool, set_by: str
    ) -> None:
        """Set a limit in US dollars, or lift it with None; committed when this returns."""
        budgets.set_budget(self._store, scope, subject, amount, "USD", allow_unknown_price, set_by)

    def limits(self) -> list[Budget]:
        """Every limit that is set."""
        with self._lock:
            self._count()
            return list(self._limits.every)

    def holds_for(self, payer: Payer) -> bool:
        """Whether any limit holds for this payer's calls."""
        with self._lock:
            return bool(self._holding(payer))

    def reserve(self, payer: Payer, estimate: Cost) -> Reservation:
        """Set an upper estimate aside; raises BudgetExceeded when a limit might be passed."""
        with self._lock:
            holding = self._holding(payer)
            refusal = next((told for pair in holding if (told := self._refusal(*pair, estimate))), None)
            aside = [] if refusal else self._amounts([account for _, account in holding], estimate)
            for account, amount in aside:
                self._set_aside[account] += amount
        if refusal:
            self._note_stop(payer, refusal.standing)
            raise BudgetExceeded(refusal.sentence)
        return Reservation(self, payer, aside)

    def settle(self, payer: Payer, set_aside: Sequence[tuple[Account, Decimal]], cost: Cost) -> None:
        """Take an estimate back and count the real cost, warning where a limit comes near."""
        with self._lock:
            for account, amount in set_aside:
                self._set_aside[account] -= amount
            for account, amount in self._amounts(self._limits.accounts(payer, self._kept), cost):
                self._spent[account] += amount
            warnings = self._due_warnings(payer)
        for standing, kind in warnings:
            self._note(payer, standing, kind)

    def standings(self, payer: Payer) -> list[Standing]:
        """The limits that hold for a payer, and how far they are used."""
        with self._lock:
            return [self._standing(*pair) for pair in self._holding(payer)]

    def _count(self) -> None:
        """See what people have set; begin to keep the sums that a new limit needs, from what is on record."""
        self._limits.refresh()
        for kept in self._limits.kept - self._kept:
            self._spent.update(self._limits.spent(kept))
            self._kept.add(kept)

    def _holding(self, payer: Payer) -> list[tuple[Budget, Account]]:
        self._count()
        return self._limits.holding(payer)

    def _amounts(self, accounts: Sequence[Account], cost: Cost) -> list[tuple[Account, Decimal]]:
        """What a cost is in the currency of each account; none where that is unknown."""
        found = ((one, self._limits.converted(cost.amount, cost.currency, one.currency)) for one in accounts)
        return [(account, amount) for account, amount in found if amount]

    def _refusal(self, limit: Budget, account: Account, estimate: Cost) -> "_Refusal | None":
        standing = self._standing(limit, account)
        where = f"The budget of {standing.allowed:.2f} {limit.currency} for {NAMES[limit.scope]}"
        if standing.stop_at != standing.allowed:
            where += f", which stops at {standing.stop_at:.2f},"
        amount = self._limits.converted(estimate.amount, estimate.currency, limit.currency)
        if amount is None:
            if limit.allow_unknown_price:
                return None
            return _Refusal(
                standing,
                f"{where} cannot be kept, because the price of the model is unknown. Nothing was sent. Give "
                f"the model a price of its own in Settings, or allow unknown prices under this budget.",
            )
        if standing.spent + standing.set_aside + amount <= standing.stop_at:
            return None
        return _Refusal(
            standing,
            f"{where} would be passed: {standing.spent:.4f} are spent, {standing.set_aside:.4f} are set "
            f"aside for calls under way, and this call may cost up to {amount:.4f}. "
            f"Nothing was sent. Raise the budget to go on.",
        )

    def _standing(self, limit: Budget, account: Account) -> Standing:
        allowed = self._limits.allowed(limit, account)
        return Standing(limit, account, self._spent[account], self._set_aside[account], allowed)

    def _due_warnings(self, payer: Payer) -> list[tuple[Standing, EventKind]]:
        due: list[tuple[Standing, EventKind]] = []
        for limit, account in self._limits.holding(payer):
            standing = self._standing(limit, account)
            for share, kind in standing.warnings:
                mark = (limit.budget_id, account, kind)
                if standing.spent and standing.spent >= share * standing.allowed and mark not in self._told:
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
        account = standing.account
        event = BudgetEvent(
            event_id=new_id(),
            scope=account.scope,
            subject=account.subject,
            period=account.period,
            environment=account.environment,
            kind=kind,
            budget_amount=standing.allowed,
            spent_amount=standing.spent,
            currency=account.currency,
            run_id=payer.run_id,
            occurred_at=self._utc(),
        )
        budgets.note(self._store, event)


@dataclass(frozen=True)
class _Refusal:
    standing: Standing
    sentence: str
