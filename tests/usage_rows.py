"""Calls, runs and steps as tests of usage write them: ordinary ones, with what a test changes."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from storage import calls
from storage.calls import Call, CallText
from storage.clock import new_id
from storage.db import Store, insert
from storage.runs import Run

NOON = datetime(2026, 11, 20, 12)


def call(at: datetime = NOON, **changes: Any) -> Call:
    """An attempt that cost a dollar, at a moment in UTC."""
    call_id = new_id()
    ordinary: dict[str, Any] = {
        "call_id": call_id,
        "attempt_no": 1,
        "idempotency_key": f"{call_id}:ask:1",
        "provider_name": "aurora",
        "request_model": "aurora-large",
        "started_at": at,
        "duration_s": 1.0,
        "user_id": "ada",
        "project_id": "north",
        "environment": "live",
        "agent_name": "code",
        "input_tokens": 100,
        "output_tokens": 10,
        "usage_source": "provider",
        "cost_amount": Decimal(1),
        "cost_currency": "USD",
        "cost_source": "prices",
        "price_version": "list 1",
    }
    return Call(**{**ordinary, **changes})


def record(store: Store, *made: Call) -> None:
    """Record attempts; on disk when this returns."""
    for one in made:
        calls.record(store, one, CallText(one.call_id, one.run_id, "[]", "Yes", one.started_at))
    store.flush()


def admit(store: Store, at: datetime = NOON, **changes: Any) -> Run:
    """Admit a run that was completed within a minute."""
    ordinary: dict[str, Any] = {
        "run_id": new_id(),
        "kind": "diagnosis",
        "title": "Sales fell",
        "input": "Sales fell",
        "status": "completed",
        "user_id": "ada",
        "project_id": "north",
        "environment": "live",
        "created_at": at,
        "updated_at": at,
        "finished_at": at + timedelta(minutes=1),
    }
    run = Run(**{**ordinary, **changes})
    store.transact(lambda connection: insert(connection, "runs", [dict(vars(run))]))
    return run


def step(run: Run, **changes: Any) -> dict[str, Any]:
    """The row of a search that cost half a cent."""
    ordinary: dict[str, Any] = {
        "step_id": new_id(),
        "run_id": run.run_id,
        "parent_step_id": None,
        "kind": "tool",
        "name": "web search",
        "agent_name": "content",
        "started_at": run.created_at,
        "duration_s": 0.5,
        "is_billed": True,
        "cost_amount": Decimal("0.005"),
        "cost_currency": "USD",
        "user_id": run.user_id,
        "project_id": run.project_id,
        "environment": run.environment,
    }
    return {**ordinary, **changes}
