"""The row of key figures: each with its change against the equal period before, and a line of its days."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

import pandas as pd

from storage.usage import latency, runs, spend
from storage.usage.figure import Figure, Reader, notes_of, notes_on
from storage.usage.filters import Filters

Unit = Literal["money", "share", "count", "seconds"]
Value = Decimal | float | int | None
Row = Mapping[Hashable, Any]

UNIT_OF_WORK = "diagnosis"
"""The kind of run whose cost is a key figure."""
NOTHING: Row = {}


@dataclass(frozen=True)
class Tile:
    """One key figure."""

    key: str
    title: str
    unit: Unit
    value: Value
    """None is unknown, and shown so."""
    previous: Value
    """The same in the equal period before."""
    days: pd.DataFrame
    """`day` and `value`, for a line; empty where there is none."""
    figure: Figure
    """How it is computed."""
    less_is_better: bool = False
    notes: tuple[str, ...] = ()
    """What is not in it; the figure's own notes are these, and those on the period before."""

    @property
    def change(self) -> float | None:
        """Against the period before, as a share; None when there is nothing to compare with."""
        if self.value is None or not self.previous:
            return None
        return float(self.value) / float(self.previous) - 1


def tiles(reader: Reader, filters: Filters) -> list[Tile]:
    """Key figures of the period; those of the month are in `month.py`."""
    return [*_of_calls(reader, filters), *_of_runs(reader, filters), _of_latency(reader, filters)]


def _of_calls(reader: Reader, filters: Filters) -> list[Tile]:
    figure, days = spend.totals(reader, filters), spend.daily_totals(reader, filters)
    return [
        _tile(
            "spend", "Spend", "money", figure, days, "cost_amount", True, ("unknown_prices", "unconverted")
        ),
        _tile("calls", "Model calls", "count", figure, days, "calls"),
        _tile("fallback_rate", "Fallback rate", "share", figure, days, "fallback_rate", True),
        _tile(
            "saved_by_cache",
            "Saved by cache",
            "money",
            figure,
            days,
            "cost_avoided_amount",
            False,
            ("unknown_savings",),
        ),
    ]


def _of_runs(reader: Reader, filters: Filters) -> list[Tile]:
    figure, days = runs.counts(reader, filters), runs.counts(reader, filters, ("day",))
    return [
        _unit_cost(reader, filters),
        _tile("runs", "Runs", "count", figure, days, "runs"),
        _tile("success_rate", "Success rate", "share", figure, days, "success_rate"),
    ]


def _of_latency(reader: Reader, filters: Filters) -> Tile:
    figure = latency.percentiles(reader, filters, ("period",))
    days = latency.percentiles(reader, filters, ("day",))
    return _tile("p95_latency", "p95 latency", "seconds", figure, days, "p95", True)


def _unit_cost(reader: Reader, filters: Filters) -> Tile:
    figure = runs.unit_costs(reader, filters)
    found, every_day = figure.frame, runs.unit_costs(reader, filters, "day").frame
    of_unit = found[found["kind"] == UNIT_OF_WORK] if len(found) else found
    days = every_day[every_day["kind"] == UNIT_OF_WORK] if len(every_day) else every_day
    rows = {row["period"]: row for row in of_unit.to_dict("records")}
    now, before = rows.get("current", NOTHING), rows.get("previous", NOTHING)
    missing = ("unknown_prices", "unconverted")
    return Tile(
        key="cost_per_diagnosis",
        title="Cost per finished diagnosis",
        unit="money",
        value=_plain(now.get("cost_per_finished")),
        previous=_plain(before.get("cost_per_finished")),
        days=pd.DataFrame({"day": days["day"], "value": days["cost_per_finished"]}),
        figure=replace(figure, rows=int(of_unit["attempts"].sum()), notes=notes_of(of_unit, missing)),
        less_is_better=True,
        notes=notes_on(now, missing),
    )


def _tile(
    key: str,
    title: str,
    unit: Unit,
    figure: Figure,
    days: Figure,
    column: str,
    less_is_better: bool = False,
    missing: tuple[str, ...] = (),
) -> Tile:
    rows = {row["period"]: row for row in figure.frame.to_dict("records")}
    now, before = rows.get("current", NOTHING), rows.get("previous", NOTHING)
    return Tile(
        key=key,
        title=title,
        unit=unit,
        value=_plain(now.get(column, _of_nothing(unit))),
        previous=_plain(before.get(column, _of_nothing(unit))),
        days=pd.DataFrame({"day": days.frame["day"], "value": days.frame[column]}),
        figure=replace(figure, notes=notes_of(figure.frame, missing)),
        less_is_better=less_is_better,
        notes=notes_on(now, missing),
    )


def _of_nothing(unit: Unit) -> Value:
    """What a period without a single call comes to: no money and no calls, but no rate and no duration."""
    of_nothing: dict[Unit, Value] = {"money": Decimal(0), "count": 0}
    return of_nothing.get(unit)


def _plain(value: Any) -> Value:
    """A cell of a frame, None for what is unknown."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, Decimal):
        return value
    return float(value) if isinstance(value, float) else int(value)
