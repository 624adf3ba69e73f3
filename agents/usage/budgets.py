"""Budgets as managers see them: calendar months in a time zone, what is spent, and when it will be gone."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from agents.errors import BadInput
from agents.usage import days, forecast
from agents.usage.months import Month, month_of, zone_of
from agents.who import name_of
from storage import budgets as kept
from storage.budgets import Budget, Scope
from storage.clock import now
from storage.db import Store
from storage.usage import limits
from storage.usage.figure import Reader, notes_on
from storage.usage.filters import LIVE, Filters, Span
from storage.usage.limits import Limit, LimitScope, Raise
from storage.usage.rates import check_code

State = Literal["ok", "warn", "stop"]

HISTORY_DAYS = 180
"""Days that a forecast looks back on."""
EVERYBODY = "*"
UTC_NAME = "UTC"
LONGEST_REASON = 500
SUBJECT_FILTERS: dict[LimitScope, str] = {"project": "projects", "user": "users", "agent": "agents"}


@dataclass(frozen=True)
class Standing:
    """A limit and what has been spent under it by one subject."""

    limit: Limit
    subject: str
    """The project, user or agent itself; `*` for everybody together."""
    month: Month
    allowed: Decimal
    """The limit with the raises that hold."""
    raised_by: Decimal
    spent: Decimal
    unknown_prices: int
    """Calls whose price is unknown; what they cost is not in `spent`."""
    unconverted: int
    """Calls in a currency that no rate converts; not in `spent` either."""

    @property
    def share(self) -> float | None:
        """Of what is allowed; None when nothing is."""
        return float(self.spent / self.allowed) if self.allowed else None

    @property
    def fullness(self) -> float:
        """How near its end it is; one that allows nothing is at its end."""
        return 1.0 if self.share is None else self.share

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not in `spent`, in sentences."""
        counts = {"unknown_prices": self.unknown_prices, "unconverted": self.unconverted}
        return notes_on(counts, tuple(counts))

    @property
    def state(self) -> State:
        """Whether people are warned or stopped."""
        if self.spent >= self.allowed * Decimal(str(self.limit.stop_share)):
            return "stop"
        return "warn" if self.warned_at is not None else "ok"

    @property
    def warned_at(self) -> float | None:
        """The last share at which it has warned; None before the first."""
        passed = [at for at in self.limit.warns_at if self.spent >= self.allowed * Decimal(str(at))]
        return passed[-1] if passed else None


def set_limit(
    store: Store,
    scope: LimitScope,
    subject: str,
    amount: Decimal | None,
    set_by: str,
    currency: str = "USD",
    warn_share: float | None = None,
    stop_share: float = kept.USUAL_STOP,
    time_zone: str = "UTC",
    allow_unknown_price: bool = False,
) -> Limit:
    """Set a monthly limit, or lift it with None; committed when this returns.

    Without a warning of its own it warns where every limit does that has none.
    """
    zone_of(time_zone)
    check_code(currency)
    _check_amount(amount)
    subject = name_of(subject, "The name")
    if scope == "month" and subject != EVERYBODY:
        raise BadInput("The budget of the month is everybody's and has no name. Nothing was changed.")
    warned = kept.warns_at(warn_share)
    if not 0 < warned[0] <= warned[-1] <= stop_share <= 10:
        raise BadInput("The warning has to come before the stop, and both above 0 %. Nothing was changed.")
    limit = Limit(
        scope,
        subject,
        amount,
        currency,
        warn_share,
        stop_share,
        time_zone,
        allow_unknown_price,
        set_by,
        now(),
    )
    limits.set_limit(store, limit)
    return limit


def set_plain(
    store: Store,
    scope: Scope,
    subject: str,
    amount: Decimal | None,
    allow_unknown_price: bool,
    set_by: str,
) -> Budget:
    """Set a limit in US dollars with the usual thresholds, or lift it with None; committed on return."""
    _check_amount(amount)
    subject = name_of(subject, "The name")
    return kept.set_budget(store, scope, subject, amount, "USD", allow_unknown_price, set_by)


def raise_limit(
    store: Store,
    limit: Limit,
    subject: str,
    amount: Decimal | None,
    until: datetime,
    reason: str,
    set_by: str,
) -> Raise:
    """Allow more until a moment (UTC), for a reason; committed when this returns."""
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise BadInput("A raise needs a reason that others can read later. Nothing was changed.")
    if amount is None or amount == 0:
        raise BadInput("A raise needs an amount: how much more may be spent. Nothing was changed.")
    _check_amount(amount)
    if until <= now():
        raise BadInput("The raise would be over before it begins. Nothing was changed: choose a later day.")
    raised = limits.new_raise(limit.scope, subject, amount, limit.currency, until, reason, set_by)
    limits.raise_limit(store, raised)
    return raised


def standings(reader: Reader, at: datetime, environments: tuple[str, ...] = LIVE) -> list[Standing]:
    """Every limit with those it holds for, the ones nearest to their end first.

    A limit that names its subject goes before the one for each; subjects that spent nothing have no line
    under a limit for each.
    """
    held = limits.limits(reader.store)
    named = {(limit.scope, limit.subject) for limit in held}
    raises = limits.raises(reader.store, at)
    found: list[Standing] = []
    for limit in held:
        month = month_of(at, limit.time_zone)
        figure = limits.spent(reader, limit.scope, month.start, month.end, limit.currency, environments)
        spent = {str(row["subject"]): dict(row) for row in figure.frame.to_dict("records")}
        if limit.scope == "month" or limit.subject != EVERYBODY:
            subjects = [limit.subject]
        else:
            subjects = [name for name in spent if (limit.scope, name) not in named]
        found += [_standing(limit, name, month, spent.get(name), raises) for name in subjects]
    return sorted(found, key=lambda one: (-one.fullness, one.limit.scope, one.subject))


def outlook(
    reader: Reader, standing: Standing, at: datetime, environments: tuple[str, ...] = LIVE
) -> forecast.Forecast | None:
    """Where the month of a standing will end, by days of its own time zone; None when there are too few.

    `at` is in UTC.
    """
    limit = standing.limit
    zone = zone_of(limit.time_zone)
    today = days.day_in(zone, at)
    filters = Filters(
        Span(today - timedelta(days=HISTORY_DAYS), today), environments=environments, currency=limit.currency
    )
    if field := SUBJECT_FILTERS.get(limit.scope):
        filters = Filters(**{**vars(filters), field: (standing.subject,)})
    is_utc = limit.time_zone == UTC_NAME
    daily = days.spent(reader, filters) if is_utc else days.spent_in(zone, reader, filters)
    return forecast.month_end(daily, today)


def _standing(
    limit: Limit, subject: str, month: Month, spent: dict[Hashable, Any] | None, raises: list[Raise]
) -> Standing:
    more = sum(
        (
            one.amount
            for one in raises
            if one.scope == limit.scope
            and one.currency == limit.currency
            and one.subject in (subject, limit.subject)
        ),
        Decimal(0),
    )
    row = spent or {}
    return Standing(
        limit=limit,
        subject=subject,
        month=month,
        allowed=(limit.amount or Decimal(0)) + more,
        raised_by=more,
        spent=row.get("cost_amount", Decimal(0)),
        unknown_prices=int(row.get("unknown_prices", 0)),
        unconverted=int(row.get("unconverted", 0)),
    )


def _check_amount(amount: Decimal | None) -> None:
    if amount is not None and not (amount.is_finite() and 0 <= amount < Decimal(10) ** 10):
        raise BadInput(
            f"{amount} is no amount for a budget. Nothing was changed: write one below 10,000,000,000."
        )
