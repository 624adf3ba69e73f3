"""What the month will have cost by its end, by a plain method that anybody can check.

A day to come is the usual day of its weekday, the median of the last eight weeks, times the recent level:
what those weeks were like compared with usual days, recent ones counting more and days far out of the
ordinary no more than others. The band is how far the same method was off, over as many days, at each day of
the past, from the 10th to the 90th percentile.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FACTOR_DAYS = 56
"""Days that usual days and the level are taken from."""
HALF_LIFE_DAYS = 8.0
"""A day that many days ago counts half as much for the level."""
ORDINARY = (0.5, 1.8)
"""A day counts for the level with at least and at most so many usual ones."""
LEAST_DAYS = 14
"""Fewer days say nothing about weekdays, so that there is no forecast."""
PAST_DAYS = 120
"""How far back the method is tried for the band."""
LEAST_TRIALS = 8
"""Fewer trials say nothing about the band, so that there is none."""
FIRST_TRIAL_DAYS = 28
QUANTILES = (0.1, 0.9)
FEW_STRETCHES = 2.0
"""Stretches that overlap tell little of the extremes: the band is wider by this over their number."""
WIDEST = 1.0
CENT = Decimal("0.01")

METHOD = (
    "Spent so far plus, for each day to come, the usual day of its weekday (the median of the last eight "
    "weeks) times the recent level (half-life eight days). In 80 of 100 cases the month should end within "
    "the band: it is how far the same method was off over as many days at each day of the past four months."
)


@dataclass(frozen=True)
class DayAhead:
    """Money spent since the month began, by the end of a day to come."""

    day: date
    expected: Decimal
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True)
class Forecast:
    """What a month will have cost."""

    today: date
    """The first day that is not over."""
    spent: Decimal
    """Since the month began, today so far included."""
    days: tuple[DayAhead, ...]
    """From today to the month's last day."""
    unknown_days: int = 0
    """Days before today that it says nothing from, because no price of a call was known."""
    method: str = METHOD

    @property
    def notes(self) -> tuple[str, ...]:
        """What it says nothing from, in a sentence; empty when that is nothing."""
        if not self.unknown_days:
            return ()
        told = "1 day" if self.unknown_days == 1 else f"{self.unknown_days:,} days"
        return (f"The forecast leaves out {told} on which no price of a call that costs is known.",)

    @property
    def month_end(self) -> DayAhead:
        """The month's last day."""
        return self.days[-1]

    def crosses(self, limit: Decimal) -> date | None:
        """The day on which a limit is expected to be passed; None when it is not, this month."""
        if self.spent > limit:
            return self.today
        return next((ahead.day for ahead in self.days if ahead.expected > limit), None)


def month_end(daily: Mapping[date, Decimal | None], today: date) -> Forecast | None:
    """Forecast the month of `today` from money spent per day; None when there are too few days.

    Days that are missing after the first one are days on which nothing was spent; a day of None is one of
    which no price is known, and is left out.
    """
    unknown = {day for day, amount in daily.items() if amount is None and day < today}
    known = {day: amount for day, amount in daily.items() if amount is not None}
    first = min(daily, default=today)
    every = [first + timedelta(days=n) for n in range((today - first).days)]
    past = [day for day in every if day not in unknown]
    if len(past) < LEAST_DAYS:
        return None
    spent = np.array([float(known.get(day, 0)) for day in past])
    last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    ahead = [today + timedelta(days=n) for n in range((last - today).days + 1)]
    weekdays = np.array([day.weekday() for day in past])
    expected = predict(spent, weekdays, np.array([day.weekday() for day in ahead]))
    band = band_of(spent, weekdays, len(ahead))
    so_far = sum((known.get(day, Decimal(0)) for day in past if day >= today.replace(day=1)), Decimal(0))
    found = _forecast(so_far, known.get(today, Decimal(0)), ahead, expected, band)
    return replace(found, unknown_days=len(unknown))


def predict(spent: Floats, weekdays: Ints, ahead: Ints) -> Floats:
    """Money of days to come, given the past ones and the weekdays (0 is Monday) of both."""
    recent, of_days = spent[-FACTOR_DAYS:], weekdays[-FACTOR_DAYS:]
    usual = _usual(recent, of_days)
    ordinary = np.clip(recent, ORDINARY[0] * usual[of_days], ORDINARY[1] * usual[of_days])
    weights = 0.5 ** (np.arange(len(recent))[::-1] / HALF_LIFE_DAYS)
    usual_money = float((weights * usual[of_days]).sum())
    level = float((weights * ordinary).sum()) / usual_money if usual_money > 0 else 0.0
    return np.asarray(level * usual[ahead])


def _usual(recent: Floats, of_days: Ints) -> Floats:
    """The median day for each weekday; that of all days where there is none."""
    every = [recent[of_days == weekday] for weekday in range(7)]
    return np.array([np.median(days if len(days) else recent) for days in every])


def band_of(spent: Floats, weekdays: Ints, days: int) -> tuple[float, float] | None:
    """Factors on the expected money of so many days; None when the past is too short to tell."""
    trials = range(max(FIRST_TRIAL_DAYS, len(spent) - PAST_DAYS), len(spent) - days + 1)
    ratios = [ratio for n in trials if (ratio := _trial(spent, weekdays, n, days)) is not None]
    if len(ratios) < LEAST_TRIALS:
        return None
    low, high = (float(q) for q in np.quantile(ratios, QUANTILES))
    wider = 1 + min(FEW_STRETCHES * days / len(ratios), WIDEST)
    return max(1 - max(1 - low, 0) * wider, 0.0), 1 + max(high - 1, 0) * wider


def _trial(spent: Floats, weekdays: Ints, n: int, days: int) -> float | None:
    """What was really spent in the days after day `n`, over what was expected then."""
    expected = float(predict(spent[:n], weekdays[:n], weekdays[n : n + days]).sum())
    return float(spent[n : n + days].sum()) / expected if expected > 0 else None


def _forecast(
    before: Decimal,
    spent_today: Decimal,
    ahead: list[date],
    expected: Floats,
    band: tuple[float, float] | None,
) -> Forecast:
    def money(factor: float, until: int) -> Decimal:
        """Spent before, and what is to come by a day; never less than what is spent already."""
        value = before + Decimal(repr(factor * float(expected[: until + 1].sum())))
        return max(value, before + spent_today).quantize(CENT)

    days = tuple(
        DayAhead(
            day=day,
            expected=money(1.0, n),
            low=money(band[0], n) if band else None,
            high=money(band[1], n) if band else None,
        )
        for n, day in enumerate(ahead)
    )
    return Forecast(ahead[0], before + spent_today, days)
