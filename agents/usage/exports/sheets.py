"""What a workbook of usage holds: tables with their headings and charts, read from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from agents.usage.exports.harmless import named
from agents.usage.month import UNKNOWN_MONEY
from storage.usage import latency, reconcile, reliability, runs, spend, units
from storage.usage.figure import Figure, Reader, notes_of
from storage.usage.filters import Filters
from storage.usage.spend import Dimension

Kind = Literal["text", "day", "count", "money", "price", "share", "seconds"]
Shape = Literal["column", "bar", "line"]

TOP = 7
"""Series of a stacked chart; the rest is one more."""
OTHER = "all others"
LONGEST_DAILY, LONGEST_WEEKLY = 93, 400
"""Days up to which a chart shows days, and weeks; months beyond."""


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    """In the frame."""
    heading: str
    kind: Kind


@dataclass(frozen=True)
class Chart:
    """A native chart over columns of its table."""

    title: str
    shape: Shape
    category: str
    series: tuple[str, ...]
    is_stacked: bool = False
    most: int = 20
    """Rows that are drawn, from the first one on, where the category is no time."""


@dataclass(frozen=True)
class Sheet:
    """One table of a workbook."""

    name: str
    figure: Figure
    columns: tuple[Column, ...]
    chart: Chart | None = None


def sheets(reader: Reader, filters: Filters) -> list[Sheet]:
    """Every table but the key figures."""
    currency = filters.currency
    by: tuple[tuple[Dimension, str], ...] = (
        ("model", "Model"),
        ("provider", "Provider"),
        ("agent", "Agent"),
        ("project", "Project"),
        ("user", "User"),
    )
    return [
        over_time(reader, filters),
        *(_breakdown(reader, filters, name, heading) for name, heading in by),
        _user_model(reader, filters),
        _changes(reader, filters),
        _latency(reader, filters),
        _failures(reader, filters),
        _units(reader, filters, currency),
        _bill(reader, filters),
    ]


def over_time(reader: Reader, filters: Filters, top: int = TOP) -> Sheet:
    """Cost per day, week or month, one column per model; the columns add up to the headline."""
    days = (filters.span.end - filters.span.start).days
    grain = "day" if days <= LONGEST_DAILY else "week" if days <= LONGEST_WEEKLY else "month"
    figure = spend.over_time(reader, filters, "model", grain)
    names, frame = _pivot(figure.frame, grain, top)
    columns = (Column(grain, grain.capitalize(), "day"), *(Column(n, n, "money") for n in names))
    title = f"Spend per {grain} by model ({filters.currency})"
    chart = Chart(title, "column", grain, tuple(names), is_stacked=True)
    return Sheet("Spend over time", replace(figure, frame=frame), columns, chart)


def _pivot(frame: pd.DataFrame, grain: str, top: int) -> tuple[list[str], pd.DataFrame]:
    """One row per time, one column per model, the dearest first; an unknown cost leaves the cell empty."""
    frame = frame.assign(model=[named("model", name) for name in frame["model"]])
    known = frame[frame["cost_amount"].notna()]
    totals = known.groupby("model")["cost_amount"].sum().sort_values(ascending=False, kind="stable")
    kept = list(totals.index[:top])
    few = known.assign(model=known["model"].where(known["model"].isin(kept), OTHER))
    wide = few.groupby([grain, "model"])["cost_amount"].sum().unstack("model")
    names = [name for name in (*kept, OTHER) if name in wide.columns]
    wide = wide.reindex(index=sorted(frame[grain].unique()), columns=names)
    return names, wide.rename_axis(columns=None).reset_index(names=grain)


def _breakdown(reader: Reader, filters: Filters, by: Dimension, heading: str) -> Sheet:
    figure = spend.breakdown(reader, filters, (by,))
    columns = (
        Column(by, heading, "text"),
        Column("calls", "Calls", "count"),
        Column("attempts", "Attempts", "count"),
        Column("cost_amount", f"Cost ({filters.currency})", "money"),
        Column("share", "Share", "share"),
        Column("unknown_prices", "Calls of unknown price", "count"),
    )
    chart = Chart(f"Spend by {heading.lower()} ({filters.currency})", "bar", by, ("cost_amount",))
    return Sheet(f"{heading}s", figure, columns, chart)


def _user_model(reader: Reader, filters: Filters) -> Sheet:
    figure = spend.breakdown(reader, filters, ("user", "model"))
    columns = (
        Column("user", "User", "text"),
        Column("model", "Model", "text"),
        Column("calls", "Calls", "count"),
        Column("cost_amount", f"Cost ({filters.currency})", "money"),
        Column("share", "Share", "share"),
        Column("unknown_prices", "Calls of unknown price", "count"),
    )
    return Sheet("Users and models", figure, columns)


def _changes(reader: Reader, filters: Filters) -> Sheet:
    figure = spend.changes(reader, filters, "model")
    money = {
        "previous_cost": "Before",
        "cost_amount": "Now",
        "change": "Change",
        "volume_effect": "By volume",
        "price_effect": "By price",
    }
    columns = (
        Column("model", "Model", "text"),
        Column("previous_attempts", "Attempts before", "count"),
        Column("attempts", "Attempts now", "count"),
        *(Column(name, f"{heading} ({filters.currency})", "money") for name, heading in money.items()),
        Column("previous_unknown_prices", "Calls of unknown price before", "count"),
        Column("unknown_prices", "Calls of unknown price now", "count"),
    )
    title = f"Change against the period before ({filters.currency})"
    return Sheet("What changed", figure, columns, Chart(title, "bar", "model", ("change",)))


def _latency(reader: Reader, filters: Filters) -> Sheet:
    percents = {"p50": "p50", "p95": "p95", "p99": "p99"}
    columns = (
        Column("model", "Model", "text"),
        Column("timed", "Timed calls", "count"),
        *(Column(name, f"{heading} (s)", "seconds") for name, heading in percents.items()),
    )
    chart = Chart("Seconds of a reply by model", "bar", "model", tuple(percents))
    return Sheet("Latency", latency.percentiles(reader, filters, ("model",)), columns, chart)


def _failures(reader: Reader, filters: Filters) -> Sheet:
    shares = {"failure_rate": "Failure rate", "fallback_rate": "Fallback rate"}
    counts = {"attempts": "Attempts", "failed": "Failed", "fallbacks": "Fallbacks", "cancelled": "Cancelled"}
    columns = (
        Column("provider", "Provider", "text"),
        *_columns(counts, "count"),
        *_columns(shares, "share"),
    )
    chart = Chart("Failed attempts by provider", "bar", "provider", ("failure_rate",))
    return Sheet("Reliability", reliability.rates(reader, filters), columns, chart)


def _units(reader: Reader, filters: Filters, currency: str) -> Sheet:
    spread = units.whole_costs(reader, filters)
    of_kind = runs.unit_costs(reader, filters)
    now = of_kind.frame[of_kind.frame["period"] == "current"]
    whole = spread.frame[["kind", "median_cost", "p95_cost", "partly_unknown"]]
    frame = now.merge(whole, on="kind", how="left")
    money = {
        "cost_amount": "Cost of all",
        "cost_per_finished": "Per finished one",
        "median_cost": "Median",
        "p95_cost": "p95",
    }
    columns = (
        Column("kind", "Kind of work", "text"),
        Column("runs", "Started", "count"),
        Column("finished", "Finished", "count"),
        *(Column(name, f"{heading} ({currency})", "price") for name, heading in money.items()),
        Column("unknown_prices", "Calls of unknown price", "count"),
        Column("partly_unknown", "Finished ones of partly unknown cost, not in median and p95", "count"),
    )
    figure = replace(
        of_kind, frame=frame, sql=f"{of_kind.sql};\n\n{spread.sql}", notes=notes_of(now, UNKNOWN_MONEY)
    )
    chart = Chart(f"Cost per finished piece of work ({currency})", "bar", "kind", ("cost_per_finished",))
    return Sheet("Cost per work", figure, columns, chart)


def _bill(reader: Reader, filters: Filters) -> Sheet:
    texts = {"provider": "Provider", "model": "Model", "currency": "Currency", "price_version": "Price list"}
    tokens = {
        "fresh_input": "Fresh input",
        "cache_read": "Cache read",
        "cache_write": "Cache write",
        "reasoning": "Reasoning",
        "visible_output": "Visible output",
    }
    counts = {"attempts": "Attempts", "paid_steps": "Paid steps", "cache_hits": "From cache", **tokens}
    columns = (
        Column("day", "Day (UTC)", "day"),
        *_columns(texts, "text"),
        *_columns({**counts, "unknown_prices": "Of unknown price"}, "count"),
        Column("cost_amount", "Cost as billed", "price"),
    )
    return Sheet("Reconcile", reconcile.by_day(reader, filters), columns)


def _columns(headings: Mapping[str, str], kind: Kind) -> Sequence[Column]:
    return [Column(name, heading, kind) for name, heading in headings.items()]
