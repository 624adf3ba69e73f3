"""Limits on money: a call that might pass one is not made.

Before a call an upper estimate of its cost is set aside; afterwards the real cost takes its place. What was
spent is read from the calls when a limit is set or the process starts, and counted along from there; it is
read again when a rate is set, or figures are deleted. A call is recorded before it is settled: one that is
between the two as sums are read counts twice rather than not at all. Live, demo and test money are counted
apart, each against the same limits.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self

from agents.llm.errors import BudgetExceeded
from agents.llm.limits import Account, Basis, Kept, Limits, Payer
from agents.llm.prices import Cost
from agents.usage.budgets import set_plain
from storage import budgets
from storage.budgets import Budget, BudgetEvent, EventKind, Scope
from storage.clock import new_id
from storage.db import Store

__all__ = ["Account", "Budgets", "Payer", "Reservation", "Standing"]

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
        return self.allowed * Decimal(str(self.budget.stops_at))

    @property
    def warnings(self) -> Sequence[tuple[Decimal, EventKind]]:
        """From which shares on it warns."""
        own = self.budget.warn_share
        return budgets.USUAL_WARNINGS if own is None else ((Decimal(str(own)), "warned"),)


class Reservation:
    """Money set aside for one call; settle it with the real cost, or leave it to give all back."""

    def __init__(self, book: "Budgets", payer: Payer, estimate: Cost) -> None:
        self._book = book
        self.payer = payer
        self.estimate = estimate
        self.set_aside: dict[Account, Decimal] = {}
        """The estimate in every sum that it counts in; the book's alone to change."""
        self._open = True

    def settle(self, cost: Cost) -> None:
        """Put the real cost in the place of the estimate; only the first time counts."""
        if self._open:
            self._open = False
            self._book.settle(self, cost)

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
        self._kept: dict[Kept, Basis] = {}
        self._under_way: set[Reservation] = set()
        self._spent: defaultdict[Account, Decimal] = defaultdict(Decimal)
        self._set_aside: defaultdict[Account, Decimal] = defaultdict(Decimal)
        self._told: set[tuple[str, Account, str]] = set()
        self._count()

    def set(
        self, scope: Scope, subject: str, amount: Decimal | None, allow_unknown_price: bool, set_by: str
    ) -> None:
        """Set a limit in US dollars, or lift it with None; committed when this returns."""
        set_plain(self._store, scope, subject, amount, allow_unknown_price, set_by)

    def limits(self) -> list[Budget]:
        """Every limit that is set."""
        with self._lock:
            self._count()
            return list(self._limits.every)

    def reserve(self, payer: Payer, estimate: Cost) -> Reservation:
        """Set an upper estimate aside; raises BudgetExceeded when a limit might be passed."""
        reservation = Reservation(self, payer, estimate)
        with self._lock:
            holding = self._holding(payer)
            refusal = next((told for pair in holding if (told := self._refusal(*pair, estimate))), None)
            if refusal is None:
                self._put_aside(reservation, self._kept)
                self._under_way.add(reservation)
        if refusal:
            self._note_stop(payer, refusal.standing)
            raise BudgetExceeded(refusal.sentence)
        return reservation

    def settle(self, reservation: Reservation, cost: Cost) -> None:
        """Take an estimate back and count the real cost, warning where a limit comes near."""
        payer = reservation.payer
        with self._lock:
            self._under_way.discard(reservation)
            for account, amount in reservation.set_aside.items():
                self._set_aside[account] -= amount
            for account, amount in self._amounts(payer, self._kept, cost):
                self._spent[account] += amount
            warnings = self._due_warnings(payer)
        for standing, kind in warnings:
            self._note(payer, standing, kind)

    def standings(self, payer: Payer) -> list[Standing]:
        """The limits that hold for a payer, and how far they are used."""
        with self._lock:
            return [self._standing(*pair) for pair in self._holding(payer)]

    def _count(self) -> None:
        """See what people have set; read the sums that a new limit needs, or that rest on old rates."""
        if self._limits.refresh():
            for kept in self._limits.kept:
                basis = self._limits.basis(kept)
                if self._kept.get(kept) != basis:
                    self._read(kept)
                    self._kept[kept] = basis

    def _read(self, kept: Kept) -> None:
        """Take what was spent from what is on record, and what is set aside from the calls under way."""
        for sums in (self._spent, self._set_aside):
            for account in [one for one in sums if one.kept == kept]:
                del sums[account]
        self._spent.update(self._limits.spent(kept))
        for reservation in self._under_way:
            others = {one: aside for one, aside in reservation.set_aside.items() if one.kept != kept}
            reservation.set_aside = others
            self._put_aside(reservation, [kept])

    def _put_aside(self, reservation: Reservation, kept: Iterable[Kept]) -> None:
        for account, amount in self._amounts(reservation.payer, kept, reservation.estimate):
            reservation.set_aside[account] = amount
            self._set_aside[account] += amount

    def _holding(self, payer: Payer) -> list[tuple[Budget, Account]]:
        self._count()
        return self._limits.holding(payer)

    def _amounts(self, payer: Payer, kept: Iterable[Kept], cost: Cost) -> list[tuple[Account, Decimal]]:
        """What a payer's cost is in each sum that it counts in; none where that is unknown."""
        accounts = self._limits.accounts(payer, kept)
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
            return _Refusal(standing, f"{where} cannot be kept, {_why_unknown(estimate, limit.currency)}")
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


def _why_unknown(estimate: Cost, currency: str) -> str:
    if estimate.amount is None:
        return (
            "because the price of the model is unknown. Nothing was sent. Give the model a price of its own "
            "in Settings, or allow unknown prices under this budget."
        )
    return (
        f"because the model is paid in {estimate.currency} and no rate from {estimate.currency} to "
        f"{currency} is set. Nothing was sent. Set the rate under Usage, Alerts and budgets, or allow "
        f"unknown prices under this budget."
    )


@dataclass(frozen=True)
class _Refusal:
    standing: Standing
    sentence: str
