"""The usage page where money is unknown: no bar of zero, no zero in words; and what budgets did."""

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from agents.workbench import Workbench
from benchmarks.make_usage import yesterday
from pages.ui.usage import reading
from storage import budgets
from storage.budgets import BudgetEvent
from storage.clock import new_id, now
from storage.db import Store
from tests.pages.usage_screen import UsageScreen
from tests.usage_rows import admit, call, record

LIVE = {"environment": "live", "period": "last_30_days"}
UNKNOWN = {"cost_amount": None, "cost_currency": None, "price_version": None}


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Figures are read anew."""
    reading.forget()
    yield
    reading.forget()


@pytest.fixture
def store(bench: Workbench) -> Store:
    """The store of the pages, with a run whose money is wholly unknown."""
    opened: Store = bench.usage._store
    noon = datetime.combine(yesterday(), time(12))
    run_id = admit(opened, noon).run_id
    cached = {"served_from": "cache", "cost_amount": Decimal(0), "cost_source": "cache"}
    record(
        opened,
        call(noon, run_id=run_id, **UNKNOWN),
        call(noon, run_id=run_id, **cached, cost_avoided_amount=None),
    )
    return opened


def bars(screen: UsageScreen, key: str, axis: str) -> list[Any]:
    """What the bars of a chart are long."""
    (chart,) = [one for one in screen.at.get("plotly_chart") if f"chart-{key}" in one.proto.id]
    return [value for trace in json.loads(chart.proto.spec)["data"] for value in trace[axis]]


@pytest.mark.parametrize(
    ("section", "key", "axis", "count"),
    [
        ("reconcile", "bill", "y", 1),
        ("units", "unit", "x", 1),
        ("units", "spread", "x", 2),
        ("spend", "savings", "x", 1),
    ],
)
def test_what_is_unknown_has_no_bar(store: Store, section: str, key: str, axis: str, count: int) -> None:
    screen = UsageScreen().visit(section=section, **LIVE)
    assert bars(screen, key, axis) == [None] * count


@pytest.mark.parametrize(
    ("section", "key", "axis"), [("tokens", "tokens-model", "x"), ("tokens", "tokens-day", "y")]
)
def test_tokens_that_nobody_told_have_no_bar_and_are_unknown_in_the_table(
    store: Store, section: str, key: str, axis: str
) -> None:
    untold = {"input_tokens": None, "output_tokens": None, "usage_source": None}
    noon = datetime.combine(yesterday(), time(12)) - timedelta(days=1)
    record(store, call(noon, request_model="silent", **untold))
    screen = UsageScreen().visit(section=section, model="silent", **LIVE)
    assert set(bars(screen, key, axis)) == {None}
    assert screen.table("Model")[0][:3] == ["silent", "unknown", "unknown"]


def test_the_own_time_of_an_agent_without_a_step_is_unknown(store: Store) -> None:
    screen = UsageScreen().visit(section="latency", **LIVE)
    assert bars(screen, "split", "x")[1] is None
    rows = next(rows for rows in screen.tables() if rows[0][-1] == "Waiting")
    assert rows[1][-1] == "unknown"


def test_savings_that_nobody_knows_are_unknown_in_words_and_in_the_table(store: Store) -> None:
    screen = UsageScreen().visit(section="spend", **LIVE)
    assert "What 1 reply from the cache saved is unknown." in screen.said
    table = next(rows for rows in screen.tables() if rows[0][:2] == ["Agent", "Saved"])
    assert [(row[0], row[1], row[-1]) for row in table[1:]] == [
        ("code", "unknown", "1"),
        ("Together", "unknown", "1"),
    ]


def test_days_left_out_of_the_forecast_are_counted_beside_it(store: Store) -> None:
    noon = datetime.combine(yesterday(), time(12))
    record(store, *(call(noon - timedelta(days=n)) for n in range(1, 21)))
    for section in ("overview", "spend"):
        said = UsageScreen().visit(section=section, **LIVE).said
        assert "The forecast leaves out 1 day on which no price of a call that costs is known." in said


def test_a_stop_and_a_warning_of_a_budget_stand_on_the_page(store: Store) -> None:
    for scope, kind, period in (("user", "warned_70", "2026-11"), ("run", "stopped", "")):
        budgets.note(
            store,
            BudgetEvent(
                new_id(),
                scope,
                "ada",
                period,
                "live",
                kind,
                Decimal(5),
                Decimal("3.6"),
                "USD",
                None,
                now(),  # type: ignore[arg-type]
            ),
        )
    rows = UsageScreen().visit(section="alerts", **LIVE).table("Happened")
    assert [row[1:] for row in rows] == [
        ["A single run", "stopped", "USD 3.60", "USD 5.00"],
        ["User ada, 2026-11", "warned at 70 %", "USD 3.60", "USD 5.00"],
    ]
