"""This month: spent so far, against the budget, and where it will end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from agents.usage import budgets, forecast, words
from agents.usage.budgets import HISTORY_DAYS, SUBJECT_FILTERS, Standing
from agents.usage.days import known_cost
from agents.usage.forecast import Forecast
from agents.usage.rows import records
from storage.runs import Environment
from storage.usage import spend
from storage.usage.figure import Figure, Reader, notes_of, notes_on, told_before
from storage.usage.filters import COLUMNS, Filters, Span

UNKNOWN_MONEY = ("unknown_prices", "unconverted")
"""Counts of what is not in a sum of money."""


@dataclass(frozen=True)
class Part:
    """Some days of the month before."""

    spent: Decimal | None
    """None when nothing of it is known."""
    notes: tuple[str, ...]
    """What is not in it."""


@dataclass(frozen=True)
class Before:
    """The month before."""

    by_now: Part
    """As many whole days of it as both months have by now."""
    whole: Part
    days: int
    """How many whole days are compared; 0 on the first of a month."""
    month: date
    """Its first day."""


@dataclass(frozen=True)
class MonthToDate:
    """The month of a day, in days of UTC."""

    spent: Decimal | None
    """Known cost so far; None when calls were made and no price of any is known."""
    forecast: Forecast | None
    """None when there are too few days to tell."""
    standing: Standing | None
    """The budget that holds for exactly what the filters show; None when there is none."""
    figure: Figure
    """Its notes say what is not in `spent`."""
    before: Before | None
    """None when nothing was recorded that month."""
    comparable: Decimal | None
    """Known cost of this month's whole days that `before` has too; None when nothing of them is known."""
    today: date
    besides: str
    """Whose spend budgets count, where the filters show another; empty where they show just that."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not in the month's figures, the forecast included."""
        return (*self.figure.notes, *self.notes_ahead)

    @property
    def notes_ahead(self) -> tuple[str, ...]:
        """What is not in the forecast, and by which days it goes where the budget goes by others."""
        if self.forecast is None:
            return ()
        zone = budgets.UTC_NAME if self.standing is None else self.standing.limit.time_zone
        other = f"The budget counts the month in {zone}; this month and its forecast count days in UTC."
        return (*self.forecast.notes, *((other,) if zone != budgets.UTC_NAME else ()))

    @property
    def crosses(self) -> date | None:
        """The day on which the budget is expected to be spent; None when it is not, this month."""
        if self.forecast is None or self.standing is None:
            return None
        return self.forecast.crosses(self.standing.allowed)

    @property
    def change(self) -> float | None:
        """Of what is spent in whole days, against as many of the month before; None with none to compare."""
        return _change(self.comparable, self.before.by_now.spent if self.before else None)

    @property
    def compared(self) -> str:
        """Which days the change compares, in a sentence; empty when nothing was recorded before."""
        if self.before is None:
            return ""
        if not self.before.days:
            return "No day of this month is over, so that none is compared."
        now, then = (_first_days(self.before.days, month) for month in (self.today, self.before.month))
        return f"Compared: {now} with {then}, whole days in UTC."

    @property
    def expected_change(self) -> float | None:
        """Of what is expected by the month's end, against the whole month before."""
        expected = self.forecast.month_end.expected if self.forecast else None
        return _change(expected, self.before.whole.spent if self.before else None)


def month_to_date(
    reader: Reader, filters: Filters, at: datetime, counted: Environment = "live"
) -> MonthToDate:
    """The month of a moment (UTC), whatever days the filters name; its budget is for what is counted."""
    today = at.date()
    first = today.replace(day=1)
    figure = spend.sums(reader, filters.within(Span(first, today)))
    spent = figure.frame["cost_amount"].iloc[0]
    history = filters.within(Span(today - timedelta(days=HISTORY_DAYS), today))
    days = records(spend.over_time(reader, history, None).frame)
    before = _before(days, today)
    whole_days = timedelta(days=before.days if before else 0)
    return MonthToDate(
        spent=None if spent is None else Decimal(spent),
        forecast=forecast.month_end({row["day"].date(): known_cost(row) for row in days}, today),
        standing=_standing(reader, filters, at, counted),
        figure=replace(figure, notes=notes_of(figure.frame, UNKNOWN_MONEY)),
        before=before,
        comparable=_known([row for row in days if first <= row["day"].date() < first + whole_days]),
        today=today,
        besides="" if filters.environments == (counted,) else words.budgets_count(counted),
    )


def _before(days: Sequence[Mapping[str, Any]], today: date) -> Before | None:
    last = today.replace(day=1) - timedelta(days=1)
    of_month = [row for row in days if last.replace(day=1) <= row["day"].date() <= last]
    if not of_month:
        return None
    compared = min(today.day - 1, last.day)
    by_now = _part([row for row in of_month if row["day"].day <= compared]) if compared else Part(None, ())
    return Before(by_now, _part(of_month), compared, last.replace(day=1))


def _first_days(count: int, month: date) -> str:
    return f"{month:%B} 1" if count == 1 else f"{month:%B} 1 to {count}"


def _part(days: Sequence[Mapping[str, Any]]) -> Part:
    counts = {name: sum(row[name] for row in days) for name in UNKNOWN_MONEY}
    return Part(_known(days), told_before(notes_on(counts, UNKNOWN_MONEY)))


def _known(days: Sequence[Mapping[str, Any]]) -> Decimal | None:
    known = [cost for row in days if (cost := known_cost(row)) is not None]
    return sum(known, Decimal(0)) if known or not days else None


def _change(now: Decimal | None, before: Decimal | None) -> float | None:
    return None if now is None or not before else float(now / before) - 1


def _standing(reader: Reader, filters: Filters, at: datetime, counted: Environment) -> Standing | None:
    if counted not in filters.environments:
        return None
    in_use = [name for name in COLUMNS if name != "environments" and getattr(filters, name)]
    scopes = {field: scope for scope, field in SUBJECT_FILTERS.items()}
    if not in_use:
        wanted = ("month", budgets.EVERYBODY)
    elif len(in_use) == 1 and in_use[0] in scopes and len(getattr(filters, in_use[0])) == 1:
        wanted = (scopes[in_use[0]], getattr(filters, in_use[0])[0])
    else:
        return None
    every = budgets.standings(reader, at, (counted,))
    fitting = [one for one in every if (one.limit.scope, one.subject) == wanted]
    return next((one for one in fitting if one.limit.currency == filters.currency), None)
