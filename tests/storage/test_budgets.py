"""Limits on money are append-only rows, and what was spent is read from the calls."""

from datetime import timedelta
from decimal import Decimal

import pytest

from storage import budgets, calls
from storage.clock import new_id, now
from storage.db import Store
from storage.usage import limits
from storage.usage.figure import Reader


def paid(store: Store, run_id: str, user_id: str, cost: str | None, **changes: object) -> None:
    call_id = new_id()
    known = {
        "call_id": call_id,
        "attempt_no": 1,
        "idempotency_key": call_id,
        "provider_name": "openai",
        "request_model": "gpt-4.1",
        "started_at": now(),
        "duration_s": 0.1,
        "user_id": user_id,
        "project_id": "default",
        "environment": "live",
        "run_id": run_id,
        "cost_amount": None if cost is None else Decimal(cost),
        "cost_currency": None if cost is None else "USD",
    }
    call = calls.Call(**{**known, **changes})  # type: ignore[arg-type]
    calls.record(store, call, calls.CallText(call_id, run_id, "[]", None, now()))


@pytest.mark.parametrize("rows", [1, 30])
def test_money_with_a_positive_exponent_is_kept_whole(store: Store, rows: int) -> None:
    for number in range(rows):
        paid(store, f"run-{number}", "me", "12E+2")
    store.flush()
    assert {row["cost_amount"] for row in store.read("select cost_amount from calls")} == {Decimal(1200)}


def test_the_newest_limit_of_a_subject_holds(store: Store) -> None:
    budgets.set_budget(store, "user", "me", Decimal("5"), "USD", False, "me")
    newest = budgets.set_budget(store, "user", "me", Decimal("7.5"), "USD", True, "me")
    assert budgets.current(store) == [newest]


def test_a_lifted_limit_no_longer_holds(store: Store) -> None:
    budgets.set_budget(store, "month", "*", Decimal("5"), "USD", False, "me")
    budgets.set_budget(store, "month", "*", None, "USD", False, "me")
    assert budgets.current(store) == []


DAY = timedelta(days=1)


def of_subjects(store: Store, scope: limits.LimitScope, environment: str = "live") -> dict[str, Decimal]:
    figure = limits.spent(Reader.of(store), scope, now() - DAY, now() + DAY, "USD", (environment,))
    return dict(zip(figure.frame["subject"], figure.frame["cost_amount"], strict=True))


def test_spending_adds_up_per_run_user_project_and_month(store: Store) -> None:
    paid(store, "a", "me", "0.25")
    paid(store, "a", "me", "0.00000001")
    paid(store, "b", "you", "1")
    store.flush()
    found = {row.subject: row.amount for row in budgets.spent_by_runs(store, now() - DAY)}
    assert found == {"a": Decimal("0.25000001"), "b": Decimal(1)}
    assert of_subjects(store, "user") == {"me": Decimal("0.25000001"), "you": Decimal(1)}
    assert of_subjects(store, "project") == {"default": Decimal("1.25000001")}
    assert of_subjects(store, "month") == {"*": Decimal("1.25000001")}


def test_demo_spending_never_mixes_with_real_spending(store: Store) -> None:
    paid(store, "a", "me", "2", environment="demo")
    paid(store, "b", "me", "3")
    store.flush()
    runs = {(row.subject, row.environment): row.amount for row in budgets.spent_by_runs(store, now() - DAY)}
    assert runs == {("a", "demo"): 2, ("b", "live"): 3}
    assert of_subjects(store, "month", "demo") == {"*": Decimal(2)}
    assert of_subjects(store, "month") == {"*": Decimal(3)}


def test_last_month_and_unknown_prices_are_left_out(store: Store) -> None:
    paid(store, "old", "me", "9", started_at=now() - timedelta(days=40))
    paid(store, "unknown", "me", None)
    store.flush()
    assert budgets.spent_by_runs(store, now() - DAY) == []
    assert of_subjects(store, "month") == {"*": Decimal(0)}


def test_what_budgets_did_comes_back_newest_first(store: Store) -> None:
    for kind in ("warned_70", "stopped"):
        event = budgets.BudgetEvent(
            new_id(), "user", "me", "2026-11", "live", kind, Decimal(5), Decimal(4), "USD", "run", now()
        )
        budgets.note(store, event)
    store.flush()
    assert [event.kind for event in budgets.events(store)] == ["stopped", "warned_70"]


def test_what_budgets_did_is_told_of_the_environments_that_are_asked_for(store: Store) -> None:
    for environment in ("live", "demo"):
        event = budgets.BudgetEvent(
            new_id(),
            "month",
            "*",
            "2026-11",
            environment,  # type: ignore[arg-type]
            "stopped",
            Decimal(5),
            Decimal(4),
            "USD",
            None,
            now(),
        )
        budgets.note(store, event)
    store.flush()
    assert [event.environment for event in budgets.events(store, environments=("demo",))] == ["demo"]
    assert len(budgets.events(store)) == 2
