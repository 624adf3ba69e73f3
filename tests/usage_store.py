"""A filled store for tests of usage: invented work, and calls that are harder to count than those."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.make_usage import fill, yesterday
from storage.calls import Call, CallText, record
from storage.clock import new_id
from storage.db import Store

CALLS, DAYS, SEED = 2_500, 80, 11
"""Enough for every day of the last month and of the one before to have some."""


def make(file: Path) -> None:
    """Fill a new store."""
    store = Store.open(file)
    fill(store, CALLS, DAYS, SEED, yesterday())
    for n in range(40):
        odd_call(store, n, yesterday() - timedelta(days=n))
    store.close()


def odd_call(store: Store, n: int, day: date, **changes: object) -> Call:
    """A call in a currency without a rate, or of unknown price, or without an agent."""
    call_id = new_id()
    known: dict[str, object] = {
        "call_id": call_id,
        "idempotency_key": call_id,
        "attempt_no": 1,
        "provider_name": ("delta", "aurora")[n % 2],
        "request_model": ("delta-one", "aurora-large")[n % 2],
        "started_at": datetime(day.year, day.month, day.day, n % 24, 5, tzinfo=UTC).replace(tzinfo=None),
        "duration_s": 0.25 + n / 10,
        "user_id": f"odd-{n % 3}",
        "project_id": "odd",
        "environment": "demo",
        "agent_name": None if n % 3 == 0 else "email",
        "input_tokens": 100 + n,
        "output_tokens": 10,
        "cost_amount": None if n % 5 == 0 else Decimal(n * 7 % 13) / 97 * 10,
        "cost_currency": ("USD", "GBP", "EUR")[n % 3],
    }
    amount = known["cost_amount"]
    known["cost_amount"] = amount.quantize(Decimal("1e-8")) if isinstance(amount, Decimal) else None
    call = Call(**{**known, **changes})  # type: ignore[arg-type]
    record(store, call, CallText(call.call_id, call.run_id, "[]", "An answer", call.started_at))
    return call
