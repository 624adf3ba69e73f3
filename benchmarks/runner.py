"""What the runner itself costs: `python -m benchmarks.runner`.

Own time is from admission to the completed row, with an agent of two steps that do nothing. The 200 runs of
a one-second call are admitted and started one after the other, as fast as it goes; a run's extra is what
passed beyond that second since the first of them was admitted. Memory is the process's resident set.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph

from agents.runner import Runner
from storage import runs
from storage.clock import new_id, now
from storage.db import Store
from storage.runs import Run

CALL_S = 1.0
PATIENCE_S = 120.0
WARM_UP = 30


class State(TypedDict):
    """What the checkpointer keeps."""

    run_id: str


@dataclass(frozen=True)
class World:
    """A runner on files of its own."""

    store: Store
    runner: Runner

    def start(self, kind: str) -> "Future[None]":
        """Admit a run and let it go."""
        at = now()
        run = Run(new_id(), kind, "Benchmark", "Nothing", "running", "me", "default", "test", at, at)
        runs.admit(self.store, run)
        return self.runner.advance(run)

    def completed(self) -> int:
        """Runs that have come to their end."""
        row = self.store.read("select count(*) as n from runs where status = 'completed'")
        return int(row[0]["n"])


def agent(work: Callable[[], None]) -> "StateGraph[Any]":
    """Two steps: the work, and an end."""

    def call(state: State) -> dict[str, Any]:
        work()
        return {}

    graph = StateGraph(State)
    graph.add_node("call", call)
    graph.add_node("end", lambda state: {})
    graph.add_edge(START, "call")
    graph.add_edge("call", "end")
    graph.add_edge("end", END)
    return graph


@contextmanager
def world() -> Iterator[World]:
    """A store and a runner with an agent that does nothing and one that waits a second."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "whytree.duckdb")
        graphs = {"nothing": agent(lambda: None), "second": agent(lambda: time.sleep(CALL_S))}
        runner = Runner(store, Path(folder) / "checkpoints.sqlite", graphs)
        try:
            yield World(store, runner)
        finally:
            runner.close()
            store.close()


def own_times(there: World, wanted: int) -> list[float]:
    """Milliseconds from admission to the completed row, one run after the other."""
    times = []
    for _ in range(WARM_UP + wanted):
        start = time.perf_counter()
        there.start("nothing").result(PATIENCE_S)
        times.append(1000 * (time.perf_counter() - start))
    return times[WARM_UP:]


def at_once(there: World, wanted: int) -> list[float]:
    """Seconds beyond its call at which each of the runs had ended, sorted."""
    ends: list[float] = []
    start = time.perf_counter()
    for _ in range(wanted):
        there.start("second").add_done_callback(lambda _: ends.append(time.perf_counter()))
    before = time.perf_counter()
    while len(ends) < wanted:
        if time.perf_counter() - before > PATIENCE_S:
            raise TimeoutError(f"only {len(ends)} of {wanted} runs ended within {PATIENCE_S:.0f} s")
        time.sleep(0.01)
    return sorted(end - start - CALL_S for end in ends)


def growth_mb(there: World, wanted: int) -> float:
    """Megabytes the process has grown by over so many runs."""
    own_times(there, 100)
    before = resident_mb()
    own_times(there, wanted - WARM_UP)
    return resident_mb() - before


def resident_mb() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def main() -> None:
    """Print the table and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300, help="runs to time one after the other")
    parser.add_argument("--at-once", type=int, default=200, help="runs of a one-second call at once")
    parser.add_argument("--growth", type=int, default=2000, help="runs to watch the memory over")
    options = parser.parse_args()
    with world() as there:
        own = own_times(there, options.runs)
    with world() as there:
        extra = at_once(there, options.at_once)
        memory = resident_mb()
        if there.completed() != options.at_once:
            raise RuntimeError("a run has not come to its end")
    with world() as there:
        grown = growth_mb(there, options.growth)
    p95 = statistics.quantiles(own, n=20)[18]
    print(f"{'own ms p50':>12}{'own ms p95':>12}{'runs a second':>15}")
    print(f"{statistics.median(own):>12.1f}{p95:>12.1f}{1000 / statistics.mean(own):>15.1f}")
    print(
        f"{options.at_once} runs of {CALL_S:g} s at once: extra s p50 {statistics.median(extra):.2f}, ",
        end="",
    )
    print(f"p95 {statistics.quantiles(extra, n=20)[18]:.2f}, last {extra[-1]:.2f}; ", end="")
    print(f"{options.at_once / (extra[-1] + CALL_S):.0f} a second; {memory:.0f} MB resident")
    print(f"memory over {options.growth} runs: {grown:+.1f} MB")
    figures = {
        "own_ms_p50": round(statistics.median(own), 1),
        "own_ms_p95": round(p95, 1),
        "last_of_200_extra_s": round(extra[-1], 2),
        "mb_growth_2000": round(grown, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
