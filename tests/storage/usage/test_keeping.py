"""The sums kept beside calls are those of the raw rows, whatever happens to the store."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import deletion, retention, runs, states
from storage.calls import Call
from storage.clock import new_id, now
from storage.db import Connection, Store, insert
from storage.runs import Run
from storage.usage import checking, keeping, run_days
from storage.usage import runs as figures
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Span
from storage.usage.rollups import TAIL
from tests.usage_rows import NOON, admit, call, record, step

ACTIONS = (
    "calls",
    "again",
    "steps",
    "run",
    "finish",
    "merge",
    "reopen",
    "delete",
    "forget",
    "retain",
    "many",
)


class World:
    """A store to which things happen by chance."""

    def __init__(self, file: Path, seed: int) -> None:
        self.file = file
        self.chance = random.Random(seed)
        self.store = Store.open(file)
        self.runs: list[Run] = []
        self.made: list[Call] = []

    def attempt(self) -> Call:
        chance, run = self.chance, self.chance.choice([None, *self.runs])
        failed, cached = chance.random() < 0.2, chance.random() < 0.1
        known = chance.random() < 0.8
        return call(
            NOON - timedelta(minutes=chance.randrange(60 * 24 * 40)),
            run_id=run.run_id if run else None,
            step_id="step" if chance.random() < 0.3 else None,
            attempt_no=chance.choice([1, 1, 2]),
            provider_name=chance.choice(["aurora", "borealis"]),
            request_model=chance.choice(["large", "small"]),
            agent_name=chance.choice([None, "code", "tree"]),
            user_id=chance.choice(["ada", "bob"]),
            environment=chance.choice(["live", "demo"]),
            duration_s=chance.choice([0.0, chance.lognormvariate(0, 1)]),
            time_to_first_chunk_s=chance.choice([None, 0.2]),
            error_type=chance.choice(["timeout", "cancelled"]) if failed else None,
            fallback_from=chance.choice([None, None, "aurora/large"]),
            input_tokens=chance.choice([None, 1_000]),
            cost_amount=Decimal(chance.randrange(10**9)).scaleb(-8) if known else None,
            cost_currency=chance.choice(["USD", "EUR"]) if known else None,
            served_from="cache" if cached else "provider",
            cost_avoided_amount=Decimal("0.01") if cached and known else None,
        )

    def calls(self) -> None:
        made = [self.attempt() for _ in range(self.chance.randrange(1, 30))]
        self.made += made
        record(self.store, *made)

    def again(self) -> None:
        some = self.chance.sample(self.made, min(len(self.made), 5))
        record(self.store, *(replace(one, cost_amount=Decimal(7)) for one in some))

    def steps(self) -> None:
        if self.runs:
            kinds = ({}, {"kind": "agent", "is_billed": False, "cost_amount": None, "cost_currency": None})
            rows = [step(self.chance.choice(self.runs), **self.chance.choice(kinds)) for _ in range(4)]
            self.store.transact(lambda connection: insert(connection, "steps", rows))

    def run(self) -> None:
        at = NOON - timedelta(days=self.chance.randrange(40))
        status = self.chance.choice(["completed", "running"])
        finished = at + timedelta(hours=30) if status == "completed" else None
        self.runs.append(admit(self.store, at, status=status, finished_at=finished, kind="ask"))

    def finish(self) -> None:
        if self.runs:
            run = self.chance.choice(self.runs)
            runs.set_status(self.store, run.run_id, "failed", finished_at=NOON)

    def merge(self) -> None:
        self.store.transact(lambda connection: keeping.merge(connection, 0))

    def reopen(self) -> None:
        self.store.close()
        self.store = Store.open(self.file)

    def delete(self) -> None:
        if self.runs:
            deletion.delete_runs(self.store, [self.chance.choice(self.runs).run_id])

    def forget(self) -> None:
        deletion.delete_owned(self.store, "user_id", "bob")
        self.made = [one for one in self.made if one.user_id != "bob"]

    def retain(self) -> None:
        retention.remove(self.store, {"prompts": 1, "events": 1})

    def many(self) -> None:
        """A batch that leaves as one flush, beside a transaction of somebody else."""
        made = [self.attempt() for _ in range(120)]
        self.made += made
        for one in made:
            self.store.append("calls", [dict(vars(one))])
        self.run()


@given(seed=st.integers(0, 2**32), actions=st.lists(st.sampled_from(ACTIONS), min_size=4, max_size=9))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_equal_the_raw_rows_after_anything_that_can_happen(
    seed: int, actions: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = World(tmp_path_factory.mktemp("world") / "whytree.duckdb", seed)
    try:
        for action in actions:
            getattr(world, action)()
        found = checking.check(world.store)
        assert found.is_equal, found.differences
        kept = world.store.read("select count(distinct idempotency_key) as n, count(*) as all from calls")[0]
        assert kept["n"] == kept["all"] == len(world.made)
    finally:
        world.store.close()


def test_runs_that_changed_since_they_were_counted_are_counted_as_they_are(store: Store) -> None:
    filters = Filters(Span(NOON.date() - timedelta(days=40), NOON.date()))
    admit(store, NOON - timedelta(days=30))
    store.transact(keeping.merge)
    admit(store, NOON - timedelta(days=20), status="failed", updated_at=now())
    late = admit(store, NOON - timedelta(days=30), status="running", finished_at=None, updated_at=now())
    reader = Reader.of(store)
    ask = figures.counts(reader, filters, ()).frame.iloc[0]
    assert (ask["runs"], ask["completed"], ask["failed"], ask["finished"]) == (3, 1, 1, 1)
    runs.set_status(store, late.run_id, "completed", finished_at=NOON)
    ask = figures.counts(reader, filters, ()).frame.iloc[0]
    assert (ask["runs"], ask["completed"], ask["finished"]) == (3, 2, 2)


def test_a_wrong_sum_is_found_named_and_mended(store: Store) -> None:
    record(store, call(), call(agent_name="tree"))
    store.transact(lambda connection: keeping.merge(connection, 0))
    store.transact(lambda connection: connection.execute("update usage_sums set cost_amount = 5"))
    found = checking.check(store)
    assert not found.is_equal
    assert found.differences["usage_sums"] > 0
    assert "rows of usage_sums" in found.sentence
    checking.mend(store)
    assert checking.check(store).is_equal


def test_a_check_does_not_wait_for_nor_stop_those_who_write(store: Store) -> None:
    record(store, *(call() for _ in range(50)))
    sqls = [sql for queries in keeping.comparisons().values() for sql in queries]
    for sql in sqls:
        store.append("calls", [dict(vars(call()))])
        assert store.read(sql)[0]["n"] == 0
    store.flush()
    assert checking.check(store).calls == 50 + len(sqls)


WRITER = """
import sys
from pathlib import Path
from storage.db import Store
from storage.usage import keeping
from tests.usage_rows import call
keeping.TAIL_ROWS = 40
store = Store.open(Path(sys.argv[1]))
while True:
    for n in range(25):
        store.append("calls", [dict(vars(call(agent_name=f"agent {n % 3}")))])
    store.flush()
    print("more", flush=True)
"""


def test_sums_are_right_after_the_process_was_killed_while_it_wrote_and_merged(tmp_path: Path) -> None:
    file = tmp_path / "whytree.duckdb"
    root = Path(__file__).parents[3]
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    told = sum(1 for _, _ in zip(range(8), writer.stdout, strict=False))
    os.kill(writer.pid, signal.SIGKILL)
    told += len(writer.stdout.readlines())
    writer.wait()
    with contextlib.closing(Store.open(file)) as store:
        found = checking.check(store)
    assert found.is_equal, found.differences
    assert found.calls >= 25 * told > 0


def test_a_store_with_sums_of_another_version_makes_them_again(tmp_path: Path) -> None:
    file = tmp_path / "whytree.duckdb"
    store = Store.open(file)
    record(store, call())
    store.transact(lambda connection: connection.execute("update usage_rollups set version = 1"))
    store.transact(lambda connection: connection.execute("update usage_tail set cost_amount = 9"))
    store.close()
    with contextlib.closing(Store.open(file)) as store:
        assert checking.check(store).is_equal


def test_a_row_that_is_missing_from_any_sum_is_found(usage_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "whytree.duckdb"
    shutil.copy(usage_file, file)
    with contextlib.closing(Store.open(file)) as store:
        for table in ("usage_sums", "usage_durations", "usage_first_chunks", "usage_faults", "usage_runs"):
            sql = f"delete from {table} where rowid = (select min(rowid) from {table})"
            store.transact(lambda connection, sql=sql: connection.execute(sql))
        assert all(checking.check(store).differences.values())


def test_runs_are_counted_as_they_are_also_when_the_clock_was_set_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted() -> dict[str, int]:
        sql = f"select status, sum(runs)::bigint as n from ({run_days.counted(store)}) group by 1"
        return {row["status"]: row["n"] for row in store.read(sql)}

    at_work = admit(store, NOON, status="running", finished_at=None, updated_at=now())
    store.transact(lambda connection: run_days.count(connection, now()))
    an_hour_ago = now() - timedelta(hours=1)
    monkeypatch.setattr(states, "now", lambda: an_hour_ago)
    runs.set_status(store, at_work.run_id, "completed", finished_at=an_hour_ago)
    assert counted() == {"completed": 1}
    store.transact(lambda connection: run_days.count(connection, now()))
    admit(store, NOON, status="failed", updated_at=an_hour_ago)
    assert counted() == {"completed": 1, "failed": 1}
    assert checking.check(store).is_equal


def test_runs_are_counted_as_they_are_when_a_change_with_an_old_stamp_was_taken_back(store: Store) -> None:
    def take_back(connection: Connection) -> None:
        insert(connection, "runs", [{**vars(known), "run_id": new_id(), "updated_at": an_hour_ago}])
        raise ZeroDivisionError

    an_hour_ago = now() - timedelta(hours=1)
    known = admit(store, NOON, status="completed", updated_at=now())
    store.transact(lambda connection: run_days.count(connection, now()))
    with pytest.raises(ZeroDivisionError):
        store.transact(take_back)
    assert checking.check(store).is_equal
    admit(store, NOON, status="failed", updated_at=an_hour_ago)
    assert checking.check(store).is_equal


def test_the_tail_is_merged_again_and_again_while_rows_come(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "TAIL_ROWS", 10)
    for _ in range(12):
        record(store, *(call() for _ in range(4)))
        assert store.read(f"select count(*) as n from {TAIL}")[0]["n"] <= 10
    assert checking.check(store).is_equal
