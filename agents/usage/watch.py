"""How each kind of rule looks at usage."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from agents.usage.words import money
from storage.usage import latency, spend, units
from storage.usage.alerts import Alert, Kind, Level, Metric, Rule, new_alert
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Hours

Check = Callable[[Reader, Rule, Filters, datetime], list[Alert]]

WORDS: Mapping[Metric, str] = {
    "spend": "Spend",
    "calls": "The number of calls",
    "failure_rate": "The rate of failed attempts",
    "fallback_rate": "The rate of fallbacks",
    "p95_latency": "The p95 latency",
    "unknown_prices": "The number of calls of unknown price",
    "run_cost": "The cost of a run",
}
QUIET_DAYS = 7
"""Silence is told when there were calls within so many days before."""
LAST_RUNS = 50
"""Runs of the same kind that an outlier is compared with."""
LEAST_RUNS = 10
"""Fewer runs do not say what is ordinary."""
LEAST_SPREAD = 0.05
"""Share of the median that the MAD is taken for at least: runs may all cost the same."""


def threshold(reader: Reader, rule: Rule, filters: Filters, at: datetime) -> list[Alert]:
    """A metric has reached a bound."""
    value = value_of(reader, rule.metric, filters)
    level = _level(rule, value)
    if level is None or value is None:
        return []
    bound = rule.alert_at if level == "alert" else rule.warn_at
    return [new_alert(rule, level, "", value, bound, _sentence(rule, value, bound, filters), at)]


def change(reader: Reader, rule: Rule, filters: Filters, at: datetime) -> list[Alert]:
    """A metric has grown by a share since the equal time before, if there was anything then."""
    value = value_of(reader, rule.metric, filters)
    before = value_of(reader, rule.metric, filters.previous)
    if value is None or not before:
        return []
    grown = value / before - 1
    level = _level(rule, grown)
    if level is None:
        return []
    bound = rule.alert_at if level == "alert" else rule.warn_at
    sizes = f"from {_shown(rule, before, filters)} to {_shown(rule, value, filters)}"
    more = f"{WORDS[rule.metric]} grew by {100 * grown:.0f} %"
    sentence = f"{more} in {rule.window_h} hours, {sizes} (rule “{rule.name}”)."
    return [new_alert(rule, level, "", grown, bound, sentence, at)]


def outlier(reader: Reader, rule: Rule, filters: Filters, at: datetime) -> list[Alert]:
    """A run has cost far more than the last ones of its kind: median + k x MAD."""
    figure = units.outliers(reader, filters, LAST_RUNS, LEAST_RUNS, LEAST_SPREAD)
    found = []
    for row in figure.frame.to_dict("records"):
        level = _level(rule, float(row["deviation"]))
        if level is not None:
            bound = rule.alert_at if level == "alert" else rule.warn_at
            median = f"{filters.currency} {float(row['median_cost']):.4f}"
            above = f"{float(row['deviation']):.1f} MADs above the median of {median}"
            sentence = (
                f"A run of “{row['kind']}” cost {filters.currency} {float(row['cost']):.4f}, {above} "
                f"of the last {int(row['compared'])} runs (rule “{rule.name}”)."
            )
            found.append(new_alert(rule, level, str(row["run"]), float(row["cost"]), bound, sentence, at))
    return found


def no_data(reader: Reader, rule: Rule, filters: Filters, at: datetime) -> list[Alert]:
    """No call has come, though there were some in the days before."""
    if value_of(reader, "calls", filters):
        return []
    start = filters.span.start
    before = replace(filters, span=Hours(start - timedelta(days=QUIET_DAYS), start))
    if not value_of(reader, "calls", before):
        return []
    sentence = f"No call was recorded for {rule.window_h} hours (rule “{rule.name}”)."
    return [new_alert(rule, "alert", "", 0.0, None, sentence, at)]


CHECKS: Mapping[Kind, Check] = {
    "threshold": threshold,
    "change": change,
    "outlier": outlier,
    "no_data": no_data,
}


def value_of(reader: Reader, metric: Metric, filters: Filters) -> float | None:
    """A metric over a time; None when nothing is known of it."""
    if metric == "p95_latency":
        frame = latency.percentiles(reader, filters, ()).frame
        return None if frame.empty or not frame["timed"].iloc[0] else float(frame["p95"].iloc[0])
    row = spend.sums(reader, filters).frame.iloc[0]
    if metric == "failure_rate":
        return float(row["failed"]) / float(row["attempts"]) if row["attempts"] else None
    if metric == "fallback_rate":
        return float(row["fallbacks"]) / float(row["answered"]) if row["answered"] else None
    column = {"spend": "cost_amount", "calls": "calls", "unknown_prices": "unknown_prices"}[metric]
    return None if row[column] is None else float(row[column])


def _level(rule: Rule, value: float | None) -> Level | None:
    if value is None:
        return None
    if rule.alert_at is not None and value >= rule.alert_at:
        return "alert"
    return "warn" if rule.warn_at is not None and value >= rule.warn_at else None


def _sentence(rule: Rule, value: float, bound: float | None, filters: Filters) -> str:
    reached = "" if bound is None else f" and has reached {_shown(rule, bound, filters)}"
    return (
        f"{WORDS[rule.metric]} is {_shown(rule, value, filters)} in {rule.window_h} hours{reached} "
        f"(rule “{rule.name}”)."
    )


def _shown(rule: Rule, value: float, filters: Filters) -> str:
    if rule.metric == "spend":
        return money(Decimal(str(value)), filters.currency)
    if rule.metric.endswith("_rate"):
        return f"{100 * value:.1f} %"
    return f"{value:.1f} s" if rule.metric == "p95_latency" else f"{value:.0f}"
