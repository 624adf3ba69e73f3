"""The month's end: weekdays respected, a band from the past, nothing said where little is known."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from agents.usage.forecast import METHOD, month_end
from benchmarks.forecast import trial

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


def test_days_of_unknown_prices_pull_nothing_down_and_are_counted() -> None:
    today = date(2026, 11, 16)
    known = regular(today)
    unknown = {day: None for day in known if day >= date(2026, 11, 4)}
    forecast = month_end({**known, **unknown}, today)
    whole = month_end(known, today)
    assert forecast is not None and whole is not None
    assert forecast.unknown_days == len(unknown) == 12
    assert whole.unknown_days == 0
    assert forecast.month_end.expected - forecast.spent == whole.month_end.expected - whole.spent


def test_days_of_unknown_prices_do_not_count_towards_those_that_a_forecast_needs() -> None:
    today = MONDAY + timedelta(days=20)
    known = regular(today)
    assert month_end({**known, **dict.fromkeys(list(known)[:7])}, today) is None


def test_the_forecast_beats_the_run_rate_and_its_band_holds_what_it_promises() -> None:
    rng = np.random.default_rng(1)
    trials = [trial(rng) for _ in range(120)]
    off, run_rate_off = (sum(getattr(one, name) for one in trials) for name in ("off", "run_rate_off"))
    covered = [one.covered for one in trials if one.covered is not None]
    assert off < 0.6 * run_rate_off
    assert len(covered) > 100
    assert 0.75 <= sum(covered) / len(covered) <= 0.9
