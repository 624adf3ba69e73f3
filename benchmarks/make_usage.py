"""Writes a plausible store: `python -m benchmarks.make_usage --calls N --days D --seed S [--out FILE]`.

Every row is invented, has the environment `demo`, and depends on nothing but the arguments. Weekdays and
hours have their pattern, providers fail now and then (one of them for hours on one day), calls are tried
again, fall back, or come from the cache, a price changes, one model bills in euros, one has no known price.
"""

import argparse
import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.usage_day import INCIDENT_HOURS, INCIDENT_PROVIDER, make_day
from benchmarks.usage_rows import DayTables
from benchmarks.usage_world import EURO_RATES, MODELS, Calendar, People
from storage.clock import new_id
from storage.db import Connection, Row, Store, insert
from storage.usage import keeping

ROWS = 50_000
"""Calls of a transaction, at least, but for the last one."""
TEXTS = 2_000
"""Latest calls that get a prompt and an answer."""
BREAKER = ((5, "closed", "open"), (35, "open", "half_open"), (36, "half_open", "closed"))
"""Minute of each hour of the incident, and how the breaker changes then."""
MONTHLY_BUDGET_SHARE = Decimal("1.1")
"""Budget of a month, as a share of what thirty days cost on average."""

Tables = tuple[pa.Table, pa.Table, pa.Table]


def days_of(calendar: Calendar, calls: int, seed: int) -> Iterator[Tables]:
    """Calls, runs and steps of each day."""
    rng = np.random.default_rng(seed)
    people, quotas = People.hired(rng), calendar.quotas(rng, calls)
    for day, quota in zip(calendar.days, quotas, strict=True):
        runs, attempts = make_day(rng, people, calendar, int(day), int(quota))
        if quota:
            tables = DayTables(rng, calendar, int(day), runs, attempts)
            yield tables.calls(), tables.runs(), tables.steps()


def fill(store: Store, calls: int, days: int, seed: int, until: date) -> None:
    """Add invented usage to a store; its rollups are right when this returns."""
    calendar = Calendar.ending(until, days)
    for tables in _together(days_of(calendar, calls, seed)):
        store.transact(lambda connection, tables=tables: _add(connection, tables))  # type: ignore[misc]
    store.transact(lambda connection: _add_rest(connection, calendar))
    store.transact(keeping.rebuild)


def _together(days: Iterator[Tables]) -> Iterator[Tables]:
    """Days put together until they are worth a transaction."""
    waiting: list[Tables] = []
    for tables in days:
        waiting.append(tables)
        if sum(calls.num_rows for calls, _, _ in waiting) >= ROWS:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _joined(days: list[Tables]) -> Tables:
    calls, runs, steps = (pa.concat_tables(tables).unify_dictionaries() for tables in zip(*days, strict=True))
    return calls, runs, steps


def _add(connection: Connection, tables: Tables) -> None:
    for name, table in zip(("calls", "runs", "steps"), tables, strict=True):
        connection.register("made", table)
        columns = ", ".join(table.column_names)
        connection.execute(f"insert into {name} ({columns}) select {columns} from made")
        connection.unregister("made")


def _add_rest(connection: Connection, calendar: Calendar) -> None:
    _add_events(connection)
    _add_texts(connection)
    _add_rates(connection, calendar)
    _add_breakers(connection, calendar)
    _add_budget(connection, calendar)


def _add_events(connection: Connection) -> None:
    """How each run ended: one without any event would be told as a run that has lost some."""
    connection.execute(
        """
        insert into events (run_id, seq, kind, occurred_at, data, status)
        select run_id, 1, status, updated_at, '{}', status from runs
        where run_id not in (select run_id from events)
        """
    )


def _add_texts(connection: Connection) -> None:
    connection.execute(
        """
        insert into call_texts
        select call_id, run_id,
               json_array(json_object('role', 'user', 'content', 'Invented prompt of ' || agent_name)),
               case when error_type is null then 'Invented answer of ' || request_model end, started_at
        from calls order by started_at desc limit ?
        """,
        [TEXTS],
    )


def _add_rates(connection: Connection, calendar: Calendar) -> None:
    first, span = _midnight(int(calendar.days[0])), len(calendar.days) // len(EURO_RATES)
    rates: list[Row] = [
        {
            "rate_id": new_id(),
            "from_currency": "EUR",
            "to_currency": "USD",
            "rate": Decimal(rate),
            "valid_from": first + timedelta(days=span * n),
            "set_by": "finance",
            "set_at": first,
        }
        for n, rate in enumerate(EURO_RATES)
    ]
    insert(connection, "currency_rates", rates)


def _add_breakers(connection: Connection, calendar: Calendar) -> None:
    """The provider that fails is left alone again and again on the day of the incident."""
    start = _midnight(calendar.incident)
    names = [model.name for model in MODELS if model.provider == INCIDENT_PROVIDER]
    changes = [
        (name, start + timedelta(hours=hour, minutes=minute), before, after)
        for name in names
        for hour in range(*INCIDENT_HOURS)
        for minute, before, after in BREAKER
    ]
    rows: list[Row] = [
        {
            "event_id": new_id(),
            "provider_name": INCIDENT_PROVIDER,
            "model": name,
            "kind": "breaker",
            "data": json.dumps({"before": before, "after": after, "failures": 5, "locked_out": False}),
            "occurred_at": at,
        }
        for name, at, before, after in changes
    ]
    insert(connection, "provider_events", rows)


def _add_budget(connection: Connection, calendar: Calendar) -> None:
    found = connection.execute("select sum(cost_amount) from calls where cost_currency = 'USD'").fetchone()
    spent = (found and found[0]) or Decimal(0)
    month = spent / len(calendar.days) * 30 * MONTHLY_BUDGET_SHARE
    budget: Row = {
        "budget_id": new_id(),
        "scope": "month",
        "subject": "*",
        "amount": month.quantize(Decimal(1)) + 1,
        "currency": "USD",
        "allow_unknown_price": True,
        "set_by": "finance",
        "set_at": _midnight(int(calendar.days[0])),
        "warn_share": 0.8,
        "stop_share": 1.0,
        "time_zone": "UTC",
    }
    insert(connection, "budgets", [budget])


def _midnight(day: int) -> datetime:
    return datetime.fromtimestamp(day * 86_400, UTC).replace(tzinfo=None)


def main() -> None:
    """Write the store and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", type=date.fromisoformat, default=yesterday(), help="the last day")
    parser.add_argument("--out", type=Path, default=Path(".whytree/usage-demo.duckdb"))
    wanted = parser.parse_args()
    if wanted.out.exists():
        parser.error(f"{wanted.out} exists; it was left as it is. Move it away or choose another --out.")
    start = time.perf_counter()
    store = Store.open(wanted.out)
    fill(store, wanted.calls, wanted.days, wanted.seed, wanted.until)
    found = {name: _count(store, name) for name in ("calls", "runs", "steps")}
    store.close()
    took = round(time.perf_counter() - start, 1)
    counts = ", ".join(f"{count:,} {name}" for name, count in found.items())
    print(f"{wanted.out}: {counts} in {took} s")
    print(json.dumps({**found, "seconds": took, "mb": round(wanted.out.stat().st_size / 1e6, 1)}))


def yesterday() -> date:
    """The last day that is over, in UTC."""
    return datetime.now(UTC).date() - timedelta(days=1)


def _count(store: Store, table: str) -> int:
    return int(store.read(f"select count(*) as n from {table}")[0]["n"])


if __name__ == "__main__":
    main()
