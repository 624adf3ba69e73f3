"""Usage as the page sees it: figures by filters, and the limits, rules and rates that people set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from agents.usage import days, explain, exports, links, month, tiles
from agents.usage.budgets import Standing
from agents.usage.controls import Controls
from agents.usage.explain import Effect, Explanation
from agents.usage.explain import Of as Explained
from agents.usage.exports import Form
from agents.usage.forecast import Forecast
from agents.usage.month import Before, MonthToDate, Part
from agents.usage.rows import records
from agents.usage.tiles import UNIT_OF_WORK, Tile
from storage.budgets import BudgetEvent
from storage.clock import new_id, now
from storage.db import Store
from storage.runs import Environment
from storage.usage import (
    choices,
    drill,
    latency,
    reconcile,
    reliability,
    runs,
    savings,
    spend,
    tokens,
    units,
)
from storage.usage.alerts import Alert, Kind, Metric, Rule
from storage.usage.audit import AuditEvent
from storage.usage.drill import Order
from storage.usage.figure import Figure
from storage.usage.filters import LIVE, NONE, PRESETS, Filters, Hours, Span
from storage.usage.latency import By
from storage.usage.limits import Limit, LimitScope, Raise
from storage.usage.rates import Rate
from storage.usage.spend import Dimension

__all__ = [
    "NONE",
    "PRESETS",
    "UNIT_OF_WORK",
    "Alert",
    "AuditEvent",
    "Before",
    "BudgetEvent",
    "By",
    "Dimension",
    "Effect",
    "Explained",
    "Explanation",
    "Figure",
    "Filters",
    "Forecast",
    "Hours",
    "Kind",
    "Limit",
    "LimitScope",
    "Metric",
    "MonthView",
    "Order",
    "Part",
    "Presence",
    "Raise",
    "Rate",
    "Rule",
    "Span",
    "Standing",
    "Tile",
    "UsageDesk",
    "records",
]

Presence = Literal["some", "hidden", "elsewhere", "uncalled", "never"]
"""Whether the filters show anything, hide it, leave out demo and test alone, leave them out beside real runs
that called no model, or nothing was ever kept."""


@dataclass(frozen=True)
class MonthView:
    """The month of today, day by day."""

    to_date: MonthToDate
    days: Mapping[date, Decimal]
    """Known cost of each day of the month so far."""
    at: datetime


class UsageDesk(Controls):
    """What managers ask of usage; every figure says how it came about."""

    def __init__(self, store: Store, environment: Environment = "live") -> None:
        super().__init__(store, environment)
        self.key = new_id()
        """Tells this store from others, for caches."""

    # What is asked for, and what is taken along

    def filters(self, query: Mapping[str, str | Sequence[str]]) -> Filters:
        """Filters of a link; a sentence when they cannot be."""
        return links.read(query, self.today())

    def link(self, filters: Filters) -> dict[str, list[str]]:
        """Filters as a link carries them."""
        return links.write(filters)

    def choices(self, filters: Filters) -> dict[str, list[str]]:
        """What each filter can be set to: what occurs in both periods, and what is chosen."""
        whole = replace(filters, span=Span(filters.previous.span.start.date(), _last_day(filters)))
        found = choices.values(self._store, whole.span)
        chosen = {field: list(getattr(filters, field)) for field in found}
        every = {field: sorted({*values, *chosen[field]}) for field, values in found.items()}
        every["environments"] = sorted({*every["environments"], "live", "demo", "test"})
        return every

    def presence(self, filters: Filters) -> Presence:
        """Whether there is anything to show."""
        if int(spend.sums(self._reader(), filters).frame["attempts"].iloc[0]):
            return "some"
        kept = choices.environments(self._store)
        if not kept:
            return "never"
        if filters.environments != LIVE or "live" in kept:
            return "hidden"
        return "uncalled" if choices.has_live_runs(self._store, filters) else "elsewhere"

    def export(self, filters: Filters, form: Form) -> bytes:
        """What the filters show as a file."""
        self._store.flush()
        return exports.export(self._reader(), filters, form, counted=self.environment)

    # Overview and spend

    def tiles(self, filters: Filters) -> list[Tile]:
        """Key figures of the period."""
        return tiles.tiles(self._reader(), filters)

    def month(self, filters: Filters) -> MonthView:
        """The month of today, whatever days the filters name."""
        at = now()
        reader = self._reader()
        span = Span(at.date().replace(day=1), at.date())
        spent = days.spent(reader, filters.within(span))
        known = {day: amount for day, amount in spent.items() if amount is not None}
        return MonthView(month.month_to_date(reader, filters, at, self.environment), known, at)

    def spend_over_time(self, filters: Filters, by: Dimension | None, grain: str = "day") -> Figure:
        """Cost per hour, day, week or month, by one dimension."""
        return spend.over_time(self._reader(), filters, by, grain)

    def spend_by(self, filters: Filters, by: tuple[Dimension, ...]) -> Figure:
        """Cost by one or two dimensions, with shares."""
        return spend.breakdown(self._reader(), filters, by)

    def savings(self, filters: Filters, by: Literal["agent", "model", "day"]) -> Figure:
        """What the cache saved."""
        return savings.by(self._reader(), filters, by)

    # What changed

    def explain(self, filters: Filters, of: Explained) -> Explanation | None:
        """Why spend, or the cost of a finished diagnosis, changed; None when nothing can be compared."""
        return explain.explain(self._reader(), filters, of)

    def changes(self, filters: Filters, by: Dimension) -> Figure:
        """Cost now and before by one dimension, with the effect of volume and of price."""
        return spend.changes(self._reader(), filters, by)

    # Latency, reliability, tokens

    def percentiles(
        self, filters: Filters, by: tuple[By, ...], metric: Literal["duration", "first_chunk"] = "duration"
    ) -> Figure:
        """p50, p95 and p99."""
        return latency.percentiles(self._reader(), filters, by, metric)

    def time_split(self, filters: Filters) -> Figure:
        """Where the time of agents goes."""
        return latency.time_split(self._reader(), filters)

    def errors(self, filters: Filters) -> Figure:
        """Failed attempts by class and provider."""
        return reliability.errors(self._reader(), filters)

    def failure_rates(
        self, filters: Filters, by: tuple[Literal["provider", "model", "agent", "day", "period"], ...]
    ) -> Figure:
        """Rates of failures, attempts and fallbacks."""
        return reliability.rates(self._reader(), filters, by)

    def fallbacks(self, filters: Filters) -> Figure:
        """Who stood in for whom."""
        return reliability.fallbacks(self._reader(), filters)

    def breakers(self, filters: Filters) -> Figure:
        """When providers were left alone."""
        return reliability.breakers(self._reader(), filters)

    def tokens(self, filters: Filters, by: Literal["day", "model", "provider", "agent", "period"]) -> Figure:
        """Tokens of each class."""
        return tokens.by_class(self._reader(), filters, by)

    # Unit economics, reconciling, and what is behind a figure

    def unit_costs(self, filters: Filters) -> Figure:
        """Cost per finished run, by period and kind."""
        return runs.unit_costs(self._reader(), filters)

    def whole_costs(self, filters: Filters) -> Figure:
        """Median and p95 of finished runs, by kind."""
        return units.whole_costs(self._reader(), filters)

    def reconcile(self, filters: Filters) -> Figure:
        """By the provider's day and token class, as on a bill."""
        return reconcile.by_day(self._reader(), filters)

    def runs(self, filters: Filters, order: Order = "cost", limit: int = 50, offset: int = 0) -> Figure:
        """Runs behind a figure."""
        return drill.runs(self._reader(), filters, order, limit, offset)

    def calls(self, filters: Filters, run_id: str | None = None, limit: int = 50, offset: int = 0) -> Figure:
        """Calls behind a figure, or those of a run."""
        self._store.flush()
        return drill.calls(self._reader(), filters, run_id, limit, offset)


def _last_day(filters: Filters) -> date:
    return (filters.span.end - timedelta(microseconds=1)).date()
