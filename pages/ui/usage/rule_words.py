"""Rules for alerts in words: when they fire, on what, and each bound with its unit."""

from collections.abc import Mapping
from decimal import Decimal

from agents.usage.desk import Kind, Metric
from pages.ui.formats import money, share

KINDS: Mapping[Kind, str] = {
    "threshold": "It reaches a bound",
    "change": "It grows against the time before",
    "outlier": "A run costs far more than usual",
    "no_data": "Nothing comes in any more",
}
METRICS: Mapping[Metric, str] = {
    "spend": "Spend",
    "calls": "Model calls",
    "failure_rate": "Failed attempts, in %",
    "fallback_rate": "Fallbacks, in %",
    "p95_latency": "p95 latency, in seconds",
    "unknown_prices": "Calls of unknown price",
    "run_cost": "Cost of a run",
}
IN_PERCENT = ("failure_rate", "fallback_rate")
IN_MONEY = ("spend", "run_cost")


def bound(kind: str, metric: str, at: float, currency: str = "USD") -> str:
    """Where a rule of this kind fires, with the unit of what it looks at."""
    if kind == "change" or metric in IN_PERCENT:
        return share(at, 0)
    if kind == "outlier":
        return f"{at:g} MADs above the median"
    if metric in IN_MONEY:
        return money(Decimal(str(at)), currency)
    return f"{at:,g} s" if metric == "p95_latency" else f"{at:,g}"
