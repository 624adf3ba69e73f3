"""The month's end: weekdays respected, a band from the past, nothing said where little is known."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from agents.usage.forecast import METHOD, month_end

MONDAY = date(2026, 8, 3)
WEEK = (100, 110, 120, 110, 90, 20, 10)
D = Decimal


def regular(until: date, level: int = 1) -> dict[date, Decimal]:
    days = [MONDAY + timedelta(days=n) for n in range((until - MONDAY).days)]
    return {day: D(WEEK[day.weekday()] * level) for day in days}


@pytest.mark.parametrize("day", [2, 9, 14, 22, 30])
def test_a_regular_week_is_foreseen_to_the_cent_whatever_day_it_is(day: int) -> None:
    today = date(2026, 11, day)
    forecast = month_end(regular(today), today)
    assert forecast is not None
    whole = sum(D(WEEK[date(2026, 11, n).weekday()]) for n in range(1, 31))
    assert forecast.month_end.expected == whole
    assert (forecast.month_end.low, forecast.month_end.high) == (whole, whole)


def test_a_day_far_out_of_the_ordinary_moves_the_forecast_no_more_than_a_busy_one() -> None:
    today = date(2026, 11, 12)
    daily = regular(today)
    calm = month_end(daily, today)
    daily[date(2026, 11, 10)] *= 50
    wild = month_end(daily, today)
    assert calm is not None and wild is not None
    to_come = wild.month_end.expected - wild.spent
    assert to_come < (calm.month_end.expected - calm.spent) * D("1.15")


def test_what_is_spent_already_is_the_least_that_is_expected() -> None:
    today = date(2026, 11, 30)
    daily = {**regular(today), today: D(10_000)}
    forecast = month_end(daily, today)
    assert forecast is not None
    assert forecast.month_end.expected == forecast.spent
    assert forecast.month_end.low == forecast.month_end.high == forecast.spent


def test_days_without_a_row_are_days_on_which_nothing_was_spent() -> None:
    today = date(2026, 11, 16)
    daily = {day: cost for day, cost in regular(today).items() if day.weekday() < 5}
    forecast = month_end(daily, today)
    assert forecast is not None
    weekend = [ahead for ahead in forecast.days if ahead.day.weekday() >= 5]
    before = {ahead.day: ahead.expected for ahead in forecast.days}
    assert all(ahead.expected == before[ahead.day - timedelta(days=1)] for ahead in weekend)


def test_the_day_on_which_a_budget_is_passed_is_told_and_none_when_it_is_not() -> None:
    today = date(2026, 11, 10)
    forecast = month_end(regular(today), today)
    assert forecast is not None
    crossed = forecast.crosses(forecast.spent + D(110 + 120 + 5))
    assert crossed == date(2026, 11, 12)
    assert forecast.crosses(forecast.month_end.expected) is None
    assert forecast.crosses(forecast.spent - 1) == today


def test_too_few_days_have_no_forecast_and_a_short_past_has_no_band() -> None:
    today = MONDAY + timedelta(days=13)
    assert month_end(regular(today), today) is None
    assert month_end({}, today) is None
    later = MONDAY + timedelta(days=20)
    forecast = month_end(regular(later), later)
    assert forecast is not None
    assert forecast.month_end.low is None
    assert "half-life eight days" in METHOD
