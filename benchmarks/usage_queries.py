"""Every query behind the usage page, by section, and the filters that it is tried with."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from agents.usage import budgets, month, tiles
from agents.usage.watch import LAST_RUNS, LEAST_RUNS, LEAST_SPREAD
from storage import calls
from storage.calls import Call, CallText
from storage.db import Store
from storage.usage import alerts, drill, latency, reconcile, reliability, runs, spend, tokens, units
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Hours, Span

Ask = Callable[[Reader, Filters], Any]

ENVIRONMENTS = ("live", "demo", "test")
DIMENSIONS: tuple[spend.Dimension, ...] = ("model", "provider", "agent", "user", "project", "prompt")


class FromRawRows(Filters):
    """The same filters, answered from raw rows alone."""

    @property
    def needs_raw_rows(self) -> bool:
        """Always."""
        return True

    @property
    def needs_raw_runs(self) -> bool:
        """Always."""
        return True


def raw(filters: Filters) -> FromRawRows:
    """The same, answered from raw rows."""
    return FromRawRows(**vars(filters))


def cases(today: datetime, prompt: str) -> dict[str, Filters]:
    """Filters by what they limit; those that rollups know come first."""
    quarter = Filters(Span((today - timedelta(days=89)).date(), today.date()), environments=ENVIRONMENTS)
    month_long = quarter.within(Span((today - timedelta(days=29)).date(), today.date()))
    return {
        "unfiltered": quarter,
        "date": month_long,
        "model": replace(quarter, models=("aurora-large", "cirrus-mid")),
        "provider": replace(quarter, providers=("borealis",)),
        "agent": replace(quarter, agents=("diagnosis", "tree")),
        "environment": replace(quarter, environments=("demo",)),
        "user": replace(quarter, users=("user-03",)),
        "project": replace(quarter, projects=("project-07",)),
        "prompt": replace(quarter, prompts=(prompt,)),
    }


ROLLED_UP = ("unfiltered", "date", "model", "provider", "agent", "environment")


def sections(today: datetime, run_id: str, call_id: str) -> dict[str, dict[str, Ask]]:
    """Section -> query -> how it is asked."""
    last_day = Hours(today - timedelta(days=1), today)
    found: dict[str, dict[str, Ask]] = {
        "Overview": _overview(today),
        "Spend": _spend(),
        "Latency": _latency(),
        "Reliability": _reliability(),
        "Tokens": {
            "tokens by day": lambda r, f: tokens.by_class(r, f, "day"),
            "tokens by model": lambda r, f: tokens.by_class(r, f, "model"),
        },
        "Unit economics": {
            "cost per finished run": runs.unit_costs,
            "median and p95 of runs": units.whole_costs,
            "ten dearest runs": lambda r, f: drill.runs(r, f, "cost", 10),
        },
        "Alerts and budgets": {
            "budgets": lambda r, f: budgets.standings(r, today, f.environments),
            "outliers of a day": lambda r, f: units.outliers(
                r, f.within(last_day), LAST_RUNS, LEAST_RUNS, LEAST_SPREAD
            ),
            "alerts": lambda r, f: alerts.latest(r.store),
        },
        "Reconcile": {"bill by day": reconcile.by_day},
    }
    return {**found, "Drill-down": _drill(run_id, call_id)}


def _overview(today: datetime) -> dict[str, Ask]:
    return {
        "totals, both periods": spend.totals,
        "totals by day": spend.daily_totals,
        "cost per diagnosis": runs.unit_costs,
        "runs, both periods": runs.counts,
        "runs by day": lambda r, f: runs.counts(r, f, ("day",)),
        "p95, both periods": lambda r, f: latency.percentiles(r, f, ("period",)),
        "p95 by day": lambda r, f: latency.percentiles(r, f, ("day",)),
        "month, budget, forecast": lambda r, f: month.month_to_date(r, f, today),
        "spend by day and model": lambda r, f: spend.over_time(r, f, "model"),
    }


def _spend() -> dict[str, Ask]:
    def by_day(name: spend.Dimension) -> Ask:
        return lambda r, f: spend.over_time(r, f, name)

    def by(name: spend.Dimension) -> Ask:
        return lambda r, f: spend.breakdown(r, f, (name,))

    return {
        **{f"spend by day and {name}": by_day(name) for name in DIMENSIONS},
        **{f"spend by {name}": by(name) for name in DIMENSIONS},
        "user x model": lambda r, f: spend.breakdown(r, f, ("user", "model")),
        "what made it dearer": lambda r, f: spend.changes(r, f, "model"),
    }


def _latency() -> dict[str, Ask]:
    return {
        "percentiles by model": lambda r, f: latency.percentiles(r, f, ("model",)),
        "percentiles by agent": lambda r, f: latency.percentiles(r, f, ("agent",)),
        "percentiles by day": lambda r, f: latency.percentiles(r, f, ("day",)),
        "first piece by model": lambda r, f: latency.percentiles(r, f, ("model",), "first_chunk"),
        "percentiles by user": lambda r, f: latency.percentiles(r, f, ("user",)),
        "where the time goes": latency.time_split,
    }


def _reliability() -> dict[str, Ask]:
    return {
        "errors": reliability.errors,
        "rates by provider": reliability.rates,
        "rates by day": lambda r, f: reliability.rates(r, f, ("day",)),
        "fallbacks": reliability.fallbacks,
        "breakers": reliability.breakers,
    }


def _drill(run_id: str, call_id: str) -> dict[str, Ask]:
    return {
        "runs behind a bar": drill.runs,
        "calls behind a bar": drill.calls,
        "calls of a run": lambda r, f: drill.calls(r, f, run_id),
        "one call": lambda r, f: _one_call(r.store, run_id, call_id),
    }


def _one_call(store: Store, run_id: str, call_id: str) -> tuple[Call, CallText | None]:
    """What the page of a run reads to show one call: the run's calls, and the words of the one."""
    of_run = calls.of_run(store, run_id)
    return next(each for each in of_run if each.call_id == call_id), calls.text_of(store, call_id)


TILES: Mapping[str, Ask] = {"tiles": tiles.tiles}
"""The key figures: what rollups are measured by."""
