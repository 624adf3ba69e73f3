"""The limits on money as people set them: months of a time zone, raises for a while, rates of currencies."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from agents.usage.months import Month, month_of
from storage import budgets
from storage.budgets import ANYONE, Budget, Scope
from storage.db import Store
from storage.runs import Environment
from storage.usage import limits as monthly
from storage.usage.figure import Reader
from storage.usage.rates import Rate

RUNS_REACH_BACK = timedelta(days=35)
"""How long ago a run's first call may lie for its budget to count it after a restart."""
ENVIRONMENTS: Sequence[Environment] = ("live", "demo", "test")


@dataclass(frozen=True)
class Payer:
    """Whom a call is counted against."""

    user_id: str
    project_id: str
    environment: Environment
    run_id: str | None = None
    agent_name: str | None = None


@dataclass(frozen=True)
class Account:
    """One sum that is counted: a run's, or a user's, project's, agent's or everybody's in a month."""

    scope: Scope
    subject: str
    period: str
    """`2026-11` for a month, empty for a run."""
    environment: Environment
    currency: str
    time_zone: str
    """Whose calendar months count."""

    @property
    def kept(self) -> "Kept":
        """Among which sums it is counted."""
        return (self.scope, self.time_zone, self.currency)


Kept = tuple[Scope, str, str]
"""Scope, time zone and currency in which sums are kept."""
Basis = tuple[int, Sequence[Rate]]
"""What sums that were read rest on: the deletions until then, and the rates into their currency."""


class Limits:
    """What is set in a store; it is read again when somebody has changed it. Not safe between threads."""

    def __init__(self, store: Store, utc: Callable[[], datetime]) -> None:
        self._store = store
        self._utc = utc
        self._months: dict[str, Month] = {}
        self._seen: int | None = None

    def refresh(self) -> bool:
        """Read what is set, the first time and when somebody has changed it; whether it was read."""
        if self._seen == self._store.touched.limits:
            return False
        self._read()
        return True

    def _read(self) -> None:
        seen, self._deletions = self._store.touched.limits, self._store.touched.deletions
        self.every: list[Budget] = budgets.current(self._store)
        self.kept: set[Kept] = {
            (limit.scope, limit.time_zone or "UTC", limit.currency) for limit in self.every
        }
        """In which sums the limits are counted."""
        self._named = {(limit.scope, limit.subject): limit for limit in self.every}
        self._raises = monthly.raises_to_come(self._store, self._utc())
        self._reader = Reader.of(self._store)
        self._seen = seen

    def holding(self, payer: Payer) -> list[tuple[Budget, Account]]:
        """The limits that hold for a payer; one that names its subject goes before the one for each."""
        found: list[tuple[Budget, Account]] = []
        for scope, subject in _subjects(payer) if self._named else ():
            limit = self._named.get((scope, subject)) or self._named.get((scope, ANYONE))
            if limit:
                kept = (scope, limit.time_zone or "UTC", limit.currency)
                found.append((limit, self._account(kept, subject, payer.environment)))
        return found

    def accounts(self, payer: Payer, kept: Iterable[Kept]) -> list[Account]:
        """The sums that a payer's call counts in."""
        subjects = dict(_subjects(payer))
        return [self._account(one, subjects[one[0]], payer.environment) for one in kept if one[0] in subjects]

    def allowed(self, limit: Budget, account: Account) -> Decimal:
        """The limit with the raises that hold now."""
        now = self._utc()
        more = (
            one.amount
            for one in self._raises
            if (one.scope, one.currency) == (limit.scope, limit.currency)
            and one.subject in (account.subject, limit.subject)
            and one.valid_from <= now < one.valid_until
        )
        return (limit.amount or Decimal(0)) + sum(more, Decimal(0))

    def converted(self, amount: Decimal | None, source: str | None, target: str) -> Decimal | None:
        """Money in another currency at the rate of today; None where there is no rate, or no amount."""
        if amount is None or source == target:
            return amount
        now = self._utc()
        rates = [
            rate.rate
            for rate in self._reader.rates
            if (rate.from_currency, rate.to_currency) == (source, target) and rate.valid_from <= now
        ]
        return amount * rates[-1] if rates else None

    def basis(self, kept: Kept) -> Basis:
        """What the sums of now rest on: when it is another one, they have to be read again."""
        return self._deletions, [rate for rate in self._reader.rates if rate.to_currency == kept[2]]

    def spent(self, kept: Kept) -> dict[Account, Decimal]:
        """What is on record as spent: this month, or by each run; the same figures as on the usage page."""
        scope, zone, currency = kept
        self._store.flush()
        if scope == "run":
            return self._spent_by_runs(kept)
        month = self._month(zone)
        found: dict[Account, Decimal] = {}
        for environment in ENVIRONMENTS:
            figure = monthly.spent(self._reader, scope, month.start, month.end, currency, (environment,))
            for row in figure.frame.to_dict("records"):
                found[self._account(kept, str(row["subject"]), environment)] = row["cost_amount"]
        return found

    def _spent_by_runs(self, kept: Kept) -> dict[Account, Decimal]:
        found: dict[Account, Decimal] = {}
        for row in budgets.spent_by_runs(self._store, self._utc() - RUNS_REACH_BACK):
            account = self._account(kept, row.subject, row.environment)
            amount = self.converted(row.amount, row.currency, account.currency) or Decimal(0)
            found[account] = found.get(account, Decimal(0)) + amount
        return found

    def _account(self, kept: Kept, subject: str, environment: Environment) -> Account:
        scope, zone, currency = kept
        period = "" if scope == "run" else self._month(zone).label
        return Account(scope, subject, period, environment, currency, zone)

    def _month(self, zone: str) -> Month:
        now, month = self._utc(), self._months.get(zone)
        if month is None or not month.start <= now < month.end:
            month = self._months[zone] = month_of(now, zone)
        return month


def _subjects(payer: Payer) -> list[tuple[Scope, str]]:
    named: list[tuple[Scope, str | None]] = [
        ("run", payer.run_id),
        ("agent", payer.agent_name),
        ("user", payer.user_id),
        ("project", payer.project_id),
        ("month", ANYONE),
    ]
    return [(scope, subject) for scope, subject in named if subject is not None]
