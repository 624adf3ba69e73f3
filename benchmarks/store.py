"""How fast calls are recorded while they are read: `python -m benchmarks.store [--calls N] [--stored N]`.

Threads record attempts with their prompts and answers as fast as the store takes them, while another thread
asks for the figures of the usage page without a pause. Beside it, in the same run and with the same reading
going on, plain DuckDB records the same rows one by one, each in a transaction of its own. The delay is the
time from handing an attempt over until it is on disk, seen by its row. Prints a table and one JSON line last.
"""

import argparse
import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.make_usage import fill, yesterday
from storage import calls, runs
from storage.calls import Call, CallText
from storage.clock import new_id, now
from storage.db import Store, insert
from storage.usage import keeping, latency, reliability, spend
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Span

MODELS = (("aurora", "aurora-large"), ("aurora", "aurora-small"), ("borealis", "borealis-pro"))
AGENTS = ("diagnosis", "tree", "code", "summary")
PROMPT = json.dumps([{"role": "user", "content": "Why did our sales fall in the north? " * 25}])
ANSWER = "Because the largest reseller went over to a competitor in March. " * 8
RUN_CALLS = 50
THREADS = 2
LOOK_S = 0.02
"""Seconds between two looks at what is on disk."""
PATIENCE_S = 60.0
"""Seconds without anything new on disk after which the rest is taken for lost."""


@dataclass
class Told:
    """What the recording threads handed over: how many in all, at what time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    count: int = 0
    marks: list[tuple[int, float]] = field(default_factory=list)

    def add(self, count: int) -> None:
        """So many more were handed over just now."""
        with self.lock:
            self.count += count
            self.marks.append((self.count, time.perf_counter()))


def attempts(run_id: str, count: int) -> Iterator[tuple[Call, CallText]]:
    """Attempts of a run as the client records them."""
    for n in range(count):
        call_id, at = new_id(), now()
        provider, model = MODELS[n % len(MODELS)]
        failed = n % 50 == 49
        call = Call(
            call_id=call_id,
            attempt_no=1,
            idempotency_key=f"{call_id}:ask:{n}",
            provider_name=provider,
            request_model=model,
            started_at=at,
            duration_s=0.4 + (n * 37 % 101) / 50,
            user_id="me",
            project_id="default",
            environment="live",
            run_id=run_id,
            agent_name=AGENTS[n % len(AGENTS)],
            prompt_name="ask",
            prompt_version="0123456789ab",
            input_tokens=None if failed else 1_200,
            output_tokens=None if failed else 300,
            usage_source=None if failed else "provider",
            error_type="rate_limited" if failed else None,
            http_status=429 if failed else 200,
            time_to_first_chunk_s=None if failed else 0.2,
            cost_amount=Decimal(0) if failed else Decimal("0.00123400"),
            cost_currency="USD",
            cost_source="not_billed" if failed else "prices",
        )
        yield call, CallText(call_id, run_id, PROMPT, ANSWER, at)


def record(store: Store, run_ids: list[str], told: Told) -> None:
    """Record attempts, run by run."""
    for run_id in run_ids:
        for call, text in attempts(run_id, RUN_CALLS):
            calls.record(store, call, text)
        told.add(RUN_CALLS)


def admit(store: Store, count: int) -> list[str]:
    """Admit runs, as happens before any of their calls."""
    run_ids = [new_id() for _ in range(count)]
    rows = [vars(_run(run_id)) for run_id in run_ids]
    store.transact(lambda connection: insert(connection, "runs", rows))
    return run_ids


def _run(run_id: str) -> runs.Run:
    at = now()
    return runs.Run(run_id, "ask", "A task", "A task", "running", "me", "default", "live", at, at)


def read_figures(store: Store, done: threading.Event, counted: list[int]) -> None:
    """Ask for what the page shows, again and again."""
    reader, today = Reader.of(store), now().date()
    filters = Filters(Span(today - timedelta(days=29), today), environments=("live", "demo"))
    while not done.is_set():
        spend.totals(reader, filters)
        spend.over_time(reader, filters, "model")
        latency.percentiles(reader, filters, ("model",))
        reliability.rates(reader, filters)
        spend.breakdown(reader, filters, ("user", "model"))
        counted[0] += 5


@contextlib.contextmanager
def read_meanwhile(store: Store) -> Iterator[list[int]]:
    """Figures are read while the block runs; yields how many so far."""
    done, counted = threading.Event(), [0]
    thread = threading.Thread(target=read_figures, args=(store, done, counted))
    thread.start()
    try:
        yield counted
    finally:
        done.set()
        thread.join()


def stored(store: Store) -> int:
    """How many attempts there are."""
    return int(store.read("select count(*) as n from calls")[0]["n"])


def watch(store: Store, before: int, wanted: int, patience_s: float) -> list[tuple[float, int]]:
    """When how many attempts were on disk, until all are or nothing new came for so long."""
    seen = [(time.perf_counter(), 0)]
    newest = seen[0][0]
    while seen[-1][1] < wanted and seen[-1][0] - newest < patience_s:
        time.sleep(LOOK_S)
        found = stored(store) - before
        newest = time.perf_counter() if found > seen[-1][1] else newest
        seen.append((time.perf_counter(), found))
    return seen


def batched(store: Store, wanted: int, patience_s: float = PATIENCE_S) -> dict[str, float]:
    """Record through the store; returns calls per second, delays and how many queries ran beside.

    `expected` is how many attempts there have to be afterwards. What never came counts in the delays as if
    it had come when the wait was over.
    """
    before = stored(store)
    told = Told()
    run_ids = admit(store, wanted // RUN_CALLS)
    wanted = len(run_ids) * RUN_CALLS
    parts = [run_ids[n::THREADS] for n in range(THREADS)]
    threads = [threading.Thread(target=record, args=(store, part, told)) for part in parts]
    with read_meanwhile(store) as counted:
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        seen = watch(store, before, wanted, patience_s)
        took, queries = seen[-1][0] - start, counted[0]
        for thread in threads:
            thread.join()
    times, counts = np.array([at for at, _ in seen]), np.array([count for _, count in seen])
    places = [min(int(np.searchsorted(counts, count)), len(counts) - 1) for count, _ in told.marks]
    delays = [times[place] - at for place, (_, at) in zip(places, told.marks, strict=True)]
    return {
        "calls_per_s": seen[-1][1] / took,
        "delay_p50_ms": 1e3 * float(np.quantile(delays, 0.5)),
        "delay_p95_ms": 1e3 * float(np.quantile(delays, 0.95)),
        "queries_per_s": queries / took,
        "expected": before + wanted,
    }


def lost(file: Path, expected: int) -> int:
    """How many attempts are missing on disk, in a closed store that is opened again."""
    store = Store.open(file)
    try:
        return expected - stored(store)
    finally:
        store.close()


def one_by_one(store: Store, wanted: int) -> dict[str, float]:
    """Plain DuckDB: each attempt and its text in a transaction of its own, without any rollup."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(Path(folder) / "plain.duckdb") as plain:
        for table in ("calls", "call_texts"):
            columns = store.read(
                "select column_name, data_type from duckdb_columns() where table_name = ?", [table]
            )
            plain.execute(f"create table {table} ({', '.join(' '.join(row.values()) for row in columns)})")
        with read_meanwhile(store) as counted:
            start = time.perf_counter()
            for call, text in attempts(new_id(), wanted):
                plain.execute("begin")
                for table, row in (("calls", vars(call)), ("call_texts", vars(text))):
                    marks = ", ".join("?" for _ in row)
                    plain.execute(
                        f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values())
                    )
                plain.execute("commit")
            took = time.perf_counter() - start
        return {"calls_per_s": wanted / took, "queries_per_s": counted[0] / took}


def main() -> None:
    """Record both ways and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--calls", type=int, default=200_000, help="attempts to record")
    parser.add_argument("--plain-calls", type=int, default=1_500, help="attempts to record one by one")
    parser.add_argument("--stored", type=int, default=200_000, help="attempts that are there before")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "whytree.duckdb"
        store = Store.open(file)
        fill(store, wanted.stored, 60, 1, yesterday())
        plain = one_by_one(store, wanted.plain_calls)
        ours = batched(store, wanted.calls)
        wrong = sum(store.transact(keeping.differences).values())
        store.close()
        missing = lost(file, int(ours["expected"]))
    print(f"{'':24}{'calls/s':>12}{'queries/s beside':>20}{'delay p50':>12}{'delay p95':>12}")
    print(f"{'one row a transaction':24}{plain['calls_per_s']:>12,.0f}{plain['queries_per_s']:>20.1f}")
    print(
        f"{'store, with rollups':24}{ours['calls_per_s']:>12,.0f}{ours['queries_per_s']:>20.1f}"
        f"{ours['delay_p50_ms']:>9.0f} ms{ours['delay_p95_ms']:>9.0f} ms"
    )
    print(f"rows of rollups that differ from the raw rows: {wrong}")
    found = {
        "calls_per_s": round(ours["calls_per_s"]),
        "ratio_to_row_per_tx": round(ours["calls_per_s"] / plain["calls_per_s"], 1),
        "delay_p95_ms": round(ours["delay_p95_ms"]),
        "lost": missing,
        "rollup_differences": wrong,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
