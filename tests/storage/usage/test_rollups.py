"""What rollups answer is what raw rows answer, for any filters and any time."""

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks.make_usage import yesterday
from benchmarks.usage_queries import raw
from storage.db import Store, insert
from storage.usage import keeping, latency, reconcile, reliability, runs, spend, tokens
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Hours, Span
from storage.usage.rollups import cover
from tests.usage_rows import call

Ask = Callable[[Reader, Filters], Any]
QUESTIONS: dict[str, Ask] = {
    "totals": spend.totals,
    "days": spend.daily_totals,
    "models by day": lambda r, f: spend.over_time(r, f, "model"),
    "kinds": lambda r, f: spend.breakdown(r, f, ("kind",)),
    "changes": lambda r, f: spend.changes(r, f, "agent"),
    "rates": reliability.rates,
    "errors": reliability.errors,
    "fallbacks": reliability.fallbacks,
    "tokens": lambda r, f: tokens.by_class(r, f, "model"),
    "runs": runs.counts,
    "unit costs": runs.unit_costs,
    "time": latency.time_split,
    "bill": reconcile.by_day,
}


@pytest.fixture(scope="module")
def reader(usage_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Some weeks of usage."""
    file = tmp_path_factory.mktemp("rollups") / "whytree.duckdb"
    shutil.copy(usage_file, file)
    store = Store.open(file)
    yield Reader.of(store)
    store.close()


def drawn(seed: int) -> Filters:
    chance = random.Random(seed)
    last = yesterday() - timedelta(days=chance.randrange(10))
    filters = Filters(Span(last - timedelta(days=chance.randrange(12)), last), environments=("demo", "live"))
    limits = {
        "models": ("aurora-large", "cirrus-mid"),
        "providers": ("borealis", "house"),
        "agents": ("diagnosis", "tree", "content"),
    }
    for field in chance.sample(list(limits), chance.randrange(3)):
        filters = replace(filters, **{field: limits[field]})
    return filters


def rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Rows in an order of their own, without those of nothing: free steps of agents are in rollups alone."""
    shown = frame.astype(object).where(frame.notna(), None).itertuples(index=False)
    return sorted((tuple(row) for row in shown if any(map(is_something, row))), key=repr)


def is_something(cell: Any) -> bool:
    return isinstance(cell, int | float | Decimal) and cell != 0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", QUESTIONS)
def test_rollups_and_raw_rows_give_the_same_figure(name: str, seed: int, reader: Reader) -> None:
    filters, ask = drawn(seed), QUESTIONS[name]
    ours, theirs = ask(reader, filters), ask(reader, raw(filters))
    assert (ours.source, theirs.source) == ("rollups", "raw rows")
    assert rows(ours.frame) == rows(theirs.frame)


@pytest.mark.parametrize("minutes", [0, 30])
def test_any_time_between_two_hours_or_half_hours_has_its_own_sum(minutes: int, reader: Reader) -> None:
    start = datetime.combine(yesterday() - timedelta(days=3), datetime.min.time()) + timedelta(hours=5)
    hours = Hours(start + timedelta(minutes=minutes), start + timedelta(hours=30, minutes=minutes))
    figure = spend.sums(reader, Filters(hours, environments=("demo",)))
    sql = "select count(*) as n from calls where started_at >= ? and started_at < ?"
    assert figure.frame["attempts"].iloc[0] == reader.store.read(sql, [hours.start, hours.end])[0]["n"] > 0


def test_a_time_is_covered_by_each_hour_once_with_the_fewest_periods() -> None:
    chance = random.Random(1)
    for _ in range(200):
        first = chance.randrange(2_000)
        after = first + chance.randrange(2_000)
        pieces = cover(first, after, (672, 168, 24, 1))
        hours = [hour for span, a, b in pieces for hour in range(a * span, b * span)]
        assert sorted(hours) == list(range(first, after))
        assert sum(b - a for _, a, b in pieces) <= 2 * (23 + 6 + 3) + (after - first) // 672


def test_percentiles_of_days_are_the_same_before_and_after_rows_are_merged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latency, "EXACT_BELOW", 0)
    days = [datetime(2026, 11, day) for day in (2, 8, 9, 30)]
    made = [call(day + timedelta(minutes=29 * n), duration_s=1.0 + n) for day in days for n in range(49)]
    store.transact(lambda connection: insert(connection, "calls", [dict(vars(one)) for one in made]))
    reader, filters = Reader.of(store), Filters(Span(days[0].date(), days[-1].date()))
    groups: tuple[latency.By, ...] = ("day", "week", "period")
    before = [latency.percentiles(reader, filters, (by,)).frame for by in groups]
    store.transact(keeping.merge)
    after = [latency.percentiles(reader, filters, (by,)).frame for by in groups]
    assert [len(frame) for frame in before] == [4, 3, 1]
    assert list(before[0]["day"]) == days and list(before[0]["timed"]) == [49] * 4
    assert all(one.equals(other) for one, other in zip(before, after, strict=True))
