"""How fast the usage page is: `python -m benchmarks.dashboards [--calls N] [--keep FOLDER]`.

Every query behind the page is asked again and again, in a store of N calls and in one of a tenth of them:
6 models, 8 agents, 50 users, 20 projects, 180 days. Beside each stands what a bare scan of the columns takes
that it would need from raw rows, measured by turns with it. The key figures are asked with each filter, from
rollups and from raw rows by turns. How they grow is asked of both stores by turns, with nothing else between:
right after raw rows the system takes back the memory of that query, at the cost of whoever asks next; the
growth of those that were asked next stands in the last line too, as `growth_behind_raw_queries`. Memory
is the process's own, with all that DuckDB keeps of the file. Prints tables and one JSON line last.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.make_usage import yesterday
from benchmarks.usage_memory import Memory
from benchmarks.usage_queries import ROLLED_UP, TILES, Ask, cases, raw, sections
from benchmarks.usage_scan import Watched, scans
from storage.db import Store
from storage.usage import latency
from storage.usage.figure import Reader
from storage.usage.filters import Filters

DAYS = 180
LONGEST_S = 3.0
"""A query is asked again until it has taken this long, or often enough."""
GROWTH_S = 15.0
"""The same where growth is measured: a few percent have to be told apart."""
ROUNDS, LEAST_ROUNDS = 30, 5
GROWTH_FROM, GROWTH_TO = 1_000_000, 10_000_000


@dataclass
class Times:
    """Milliseconds that something took, round by round."""

    ms: list[float] = field(default_factory=list)

    def add(self, work: Callable[[], object]) -> None:
        """Once more."""
        start = time.perf_counter()
        work()
        self.ms.append(1e3 * (time.perf_counter() - start))

    @property
    def p50(self) -> float:
        """Half are quicker."""
        return statistics.median(self.ms)

    @property
    def p95(self) -> float:
        """The nearest rank."""
        return sorted(self.ms)[-(-len(self.ms) * 95 // 100) - 1]


@dataclass(frozen=True)
class Found:
    """What was measured in one store."""

    calls: int
    sections: dict[str, float]
    """p95 of all queries of a section together."""
    worst_query: tuple[str, float]
    worst_ratio: tuple[str, float]
    tiles: dict[str, tuple[float, float]]
    """Filters -> p50 of the key figures as they are asked, and from raw rows."""
    percentile_error: float


def by_turns(
    first: Callable[[], object], second: Callable[[], object], rounds: int, longest_s: float = LONGEST_S
) -> tuple[Times, Times]:
    """Both, one after the other, so that whatever else the machine does meets both."""
    one, other = Times(), Times()
    first(), second()
    while len(one.ms) < rounds and (
        len(one.ms) < min(rounds, LEAST_ROUNDS) or sum(one.ms) + sum(other.ms) < 1e3 * longest_s
    ):
        one.add(first)
        other.add(second)
    return one, other


def measure(store: Store, today: datetime, rounds: int, memory: Memory) -> Found:
    """Ask everything of one store, and print it."""
    reader = Reader.of(store)
    prompt = "prompt_name || '@' || prompt_version as prompt"
    sql = f"select call_id, run_id, {prompt} from calls order by started_at desc limit 1"
    newest = store.read(sql)[0]
    filters = cases(today, newest["prompt"])
    calls = int(store.read("select count(*) as n from calls")[0]["n"])
    print(f"\n{calls:,} calls, {rounds} rounds, 90 days and the 90 before\n")
    print(f"{'':32}{'p50 ms':>10}{'p95 ms':>10}{'+MB':>8}{'scan ms':>10}{'ratio':>8}")
    opened: dict[str, float] = {}
    slowest, dearest = ("", 0.0), ("", 0.0)
    for name, queries in sections(today, newest["run_id"], newest["call_id"]).items():
        together = [0.0]
        for query, ask in queries.items():
            times, scan, grown = one_query(reader, filters["unfiltered"], ask, rounds, memory)
            ratio = times.p50 / scan.p50 if scan.ms else 0.0
            shown = f"{scan.p50:>10.1f}{ratio:>8.2f}" if scan.ms else f"{'-':>10}{'-':>8}"
            print(f"{query:32}{times.p50:>10.1f}{times.p95:>10.1f}{grown:>8.0f}{shown}", flush=True)
            slowest = max(slowest, (query, times.p95), key=lambda pair: pair[1])
            dearest = max(dearest, (query, ratio), key=lambda pair: pair[1])
            together.append(times.p95)
        opened[name] = sum(together)
        print(f"{f'= {name}':32}{'':10}{opened[name]:>10.1f}\n")
    return Found(
        calls,
        opened,
        slowest,
        dearest,
        key_figures(reader, filters, rounds),
        percentile_error(reader, filters),
    )


def one_query(
    reader: Reader, filters: Filters, ask: Ask, rounds: int, memory: Memory
) -> tuple[Times, Times, float]:
    """The query, the bare scan under it, and the megabytes that it needed for a while."""
    watched = Watched(reader.store)
    ask(Reader(watched.as_store, reader.rates), raw(filters))
    bare = scans(reader.store, watched.asked)

    def scan() -> None:
        for sql in bare:
            reader.store.read(sql)

    before = memory.start()
    times, scanned = by_turns(lambda: ask(reader, filters), scan, rounds)
    return times, scanned if bare else Times(), max(memory.highest() - before, 0.0)


def key_figures(reader: Reader, filters: dict[str, Filters], rounds: int) -> dict[str, tuple[float, float]]:
    """The tiles with each filter, as they are asked and from raw rows."""
    print(f"{'key figures, filtered by':32}{'p50 ms':>10}{'p95 ms':>10}{'raw p50':>10}{'ratio':>8}")
    found = {}
    for name, chosen in filters.items():
        ask = TILES["tiles"]
        ours, others = by_turns(
            lambda ask=ask, chosen=chosen: ask(reader, chosen),  # type: ignore[misc]
            lambda ask=ask, chosen=chosen: ask(reader, raw(chosen)),  # type: ignore[misc]
            rounds,
        )
        found[name] = (ours.p50, others.p50)
        ratio = ours.p50 / others.p50
        print(f"{name:32}{ours.p50:>10.1f}{ours.p95:>10.1f}{others.p50:>10.1f}{ratio:>8.3f}", flush=True)
    return found


def growth(small: Store, large: Store, today: datetime, rounds: int) -> dict[str, float]:
    """How many times as long the key figures of the large store take: the median of pairs, by filters."""
    one, other = Reader.of(small), Reader.of(large)
    print(f"\n{'key figures, both by turns':32}{'small p50':>10}{'large p50':>10}{'growth':>8}")
    found, filters = {}, cases(today, "")
    for name in ROLLED_UP:
        ask, chosen = TILES["tiles"], filters[name]
        before, after = by_turns(
            lambda ask=ask, chosen=chosen: ask(one, chosen),  # type: ignore[misc]
            lambda ask=ask, chosen=chosen: ask(other, chosen),  # type: ignore[misc]
            rounds,
            GROWTH_S,
        )
        found[name] = statistics.median(b / a for a, b in zip(before.ms, after.ms, strict=True))
        print(f"{name:32}{before.p50:>10.1f}{after.p50:>10.1f}{found[name]:>8.2f}", flush=True)
    return found


def percentile_error(reader: Reader, filters: dict[str, Filters]) -> float:
    """The largest share by which a percentile differs from that of the raw rows."""
    worst = 0.0
    groups: tuple[tuple[latency.By, ...], ...] = ((), ("model",), ("agent",), ("model", "agent"), ("day",))
    for name in ROLLED_UP:
        for by in groups:
            ours = latency.percentiles(reader, filters[name], by).frame
            exact = latency.percentiles(reader, raw(filters[name]), by).frame
            if list(ours["timed"]) != list(exact["timed"]):
                raise ValueError(f"{name} by {by}: the counts differ")
            for column in ("p50", "p95", "p99"):
                off = (ours[column] / exact[column] - 1).abs().max()
                worst = max(worst, float(off))
    return worst


def store_of(calls: int, folder: Path, seed: int) -> Path:
    """A store of so many calls, made by a process of its own; one that is there is used again."""
    file = folder / f"usage-{calls}-{seed}-{yesterday():%Y%m%d}.duckdb"
    if not file.exists():
        arguments = ["--calls", str(calls), "--days", str(DAYS), "--seed", str(seed), "--out", str(file)]
        subprocess.run([sys.executable, "-m", "benchmarks.make_usage", *arguments], check=True)
    return file


def summary(large: Found, small: Found, grown: float, peak_mb: float) -> dict[str, object]:
    """The last line."""
    ratios = {name: ours / others for name, (ours, others) in large.tiles.items()}
    print(f"\nslowest query: {large.worst_query[0]}; dearest beside its scan: {large.worst_ratio[0]}")
    is_full = (small.calls, large.calls) == (GROWTH_FROM, GROWTH_TO)
    detail = [ratio for name, ratio in ratios.items() if name not in ROLLED_UP]
    behind = [large.tiles[name][0] / small.tiles[name][0] for name in ROLLED_UP]
    drills = large.sections["Drill-down"]
    return {
        "calls": large.calls,
        "page_p95_ms": round(large.sections["Overview"], 1),
        "slowest_section_p95_ms": round(max(large.sections.values()), 1),
        "drill_down_p95_ms": round(drills, 1),
        "worst_query_ms": round(large.worst_query[1], 1),
        "worst_ratio_to_scan": round(large.worst_ratio[1], 2),
        "peak_mb": round(peak_mb),
        "tiles_to_raw_ratio": round(max(ratios[name] for name in ROLLED_UP), 3),
        "detail_to_raw_ratio": round(max(detail), 3),
        "percentile_error": round(large.percentile_error, 5),
        "growth_1m_to_10m": round(grown, 2) if is_full else None,
        "growth": round(grown, 2),
        "growth_behind_raw_queries": round(max(behind), 2),
    }


def main() -> None:
    """Measure the small store, then the large one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the stores; those of a run before are used")
    wanted = parser.parse_args()
    today = datetime.combine(yesterday(), datetime.min.time()) + timedelta(hours=23)
    with tempfile.TemporaryDirectory() as temporary:
        folder = wanted.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        files = [store_of(calls, folder, wanted.seed) for calls in (wanted.calls // 10, wanted.calls)]
        found, memory = [], Memory()
        for file in files:
            with closing(Store.open(file)) as store:
                found.append(measure(store, today, wanted.rounds, memory))
        with closing(Store.open(files[0])) as small, closing(Store.open(files[1])) as large:
            grown = growth(small, large, today, wanted.rounds)
    print(json.dumps(summary(found[1], found[0], max(grown.values()), memory.peak)))


if __name__ == "__main__":
    main()
