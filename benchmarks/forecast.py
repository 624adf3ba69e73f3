"""How well the month's end is foreseen: `python -m benchmarks.forecast [--histories N] [--seed S]`.

Histories are generated, not taken from the method: weekdays of random shape, growth or decline, noise that
lasts some days, price changes at a random day, days far out of the ordinary, and holidays. On a random day
of the month the month's end is forecast and compared with the naive run rate (spent so far over days so far,
times the days of the month). Prints a table by day of the month and one JSON line last.
"""

import argparse
import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from agents.usage.forecast import month_end

WEEK = np.array((1.0, 1.06, 1.09, 1.03, 0.9, 0.24, 0.17))
DAYS_OF_MONTH = (3, 6, 10, 15, 20, 25)
"""Days on which the month is looked at; so many days of it, less one, are over."""
HISTORY_DAYS = (45, 200)


@dataclass(frozen=True)
class Trial:
    """One look at one month."""

    day: int
    off: float
    """Of the forecast, as a share of what the month cost."""
    run_rate_off: float
    covered: bool | None
    """None when there was no band."""
    width: float


def history(rng: np.random.Generator, days: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Money per day; day 0 is a Monday."""
    t = np.arange(days)
    week = WEEK * rng.lognormal(0, 0.15, 7)
    lasting, drift = rng.choice([0.0, 0.08]), np.zeros(days)
    for n in range(1, days):
        drift[n] = 0.5 * drift[n - 1] + rng.normal(0, lasting)
    noise = rng.lognormal(0, rng.choice([0.08, 0.15, 0.25]), days)
    money = 100 * week[t % 7] * np.exp(rng.normal(0, 0.002) * t + drift) * noise
    if rng.random() < 0.3:
        money[rng.integers(0, days) :] *= rng.choice([0.75, 1.35])
    incidents = rng.random(days) < 0.01
    money[incidents] *= rng.uniform(1.5, 3, incidents.sum())
    money[rng.random(days) < 0.01] *= 0.2
    return np.asarray(money)


def trial(rng: np.random.Generator) -> Trial:
    """A random history, looked at on a random day."""
    monday = date(2026, 1, 5)
    month = (monday + timedelta(days=int(rng.integers(*HISTORY_DAYS)))).replace(day=1)
    after = (month + timedelta(days=31)).replace(day=1)
    money = history(rng, (after - monday).days)
    daily = {monday + timedelta(days=n): Decimal(f"{value:.2f}") for n, value in enumerate(money)}
    today = month.replace(day=int(rng.choice(DAYS_OF_MONTH)))
    forecast = month_end({day: value for day, value in daily.items() if day < today}, today)
    if forecast is None:
        raise ValueError(f"no forecast from {(today - monday).days} days")
    real = float(sum(value for day, value in daily.items() if month <= day < after))
    so_far = float(forecast.spent)
    end = forecast.month_end
    low, high = (None if limit is None else float(limit) for limit in (end.low, end.high))
    has_band = low is not None and high is not None
    return Trial(
        day=today.day,
        off=abs(float(end.expected) - real) / real,
        run_rate_off=abs(so_far / (today.day - 1) * (after - month).days - real) / real,
        covered=low <= real <= high if low is not None and high is not None else None,
        width=(high - low) / real if has_band and low is not None and high is not None else float("nan"),
    )


def print_row(name: str, trials: list[Trial]) -> None:
    """One line of the table."""
    off, naive = (np.mean([getattr(t, key) for t in trials]) for key in ("off", "run_rate_off"))
    banded = [t for t in trials if t.covered is not None]
    print(
        f"{name:>10}{len(trials):>8}{off:>10.3f}{naive:>10.3f}{off / naive:>10.2f}"
        f"{np.mean([t.covered for t in banded]):>10.2f}{np.mean([t.width for t in banded]):>10.2f}"
        f"{len(banded) / len(trials):>10.2f}"
    )


def main() -> None:
    """Try many histories."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--histories", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    rng = np.random.default_rng(wanted.seed)
    trials = [trial(rng) for _ in range(wanted.histories)]
    names = ("MAE", "run rate", "ratio", "in band", "width", "has band")
    print(f"{'on day':>10}{'months':>8}" + "".join(f"{name:>10}" for name in names))
    for day in DAYS_OF_MONTH:
        if of_day := [t for t in trials if t.day == day]:
            print_row(str(day), of_day)
    print_row("all", trials)
    covered = [t.covered for t in trials if t.covered is not None]
    ratio = sum(t.off for t in trials) / sum(t.run_rate_off for t in trials)
    print(
        json.dumps(
            {"mae_ratio_to_run_rate": round(ratio, 3), "coverage_80": round(float(np.mean(covered)), 3)}
        )
    )


if __name__ == "__main__":
    main()
