"""What the runner itself costs: `python -m benchmarks.runner`.

Own time is from admission to the completed row, with an agent of two steps that do nothing. The 200 runs are
started at the same moment by as many threads, as by 200 people, and each calls a model through the client: a
server in a process of its own answers after a second. A run's extra is what passed beyond that second since
that moment; beside it stands the same where one thread starts them one after the other, as fast as it goes,
and where the step only sleeps, which is the runner's own part. Memory is the process's resident set. What is
loaded is spared from the collector, as the server does when it starts.
"""

import argparse
import gc
import json
import queue
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph

from agents import collector
from agents.llm.call import CallContext
from agents.llm.client import LlmClient
from agents.llm.providers import Limits
from agents.runner import Runner
from agents.running import current
from benchmarks.overhead import MANY_PER_MINUTE, Causes, client_on, prompt, serving
from storage import runs
from storage.clock import new_id, now
from storage.db import Store
from storage.runs import Run

CALL_S = 1.0
PATIENCE_S = 120.0
WARM_UP = 30
LIMITS = Limits(requests_per_minute=MANY_PER_MINUTE, tokens_per_minute=MANY_PER_MINUTE * 1000)


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


def agent(work: Callable[[str], object]) -> "StateGraph[Any]":
    """Two steps: the work, and an end."""

    def call(state: State) -> dict[str, Any]:
        work(state["run_id"])
        return {}

    graph = StateGraph(State)
    graph.add_node("call", call)
    graph.add_node("end", lambda state: {})
    graph.add_edge(START, "call")
    graph.add_edge("call", "end")
    graph.add_edge("end", END)
    return graph


def asking(client: LlmClient) -> Callable[[str], object]:
    """A step's work that asks a model."""

    def work(run_id: str) -> object:
        context = CallContext(
            "call", "first", "me", "default", "test", run_id=run_id, step_id=current.step_id()
        )
        text = prompt(run_id)
        return client.ask(Causes, text, "diagnosis", context, current.cancel_event())

    return work


@contextmanager
def world(url: str | None = None) -> Iterator[World]:
    """A store and a runner with agents that do nothing, sleep a second, or ask a model at `url`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = Store.open(folder / "whytree.duckdb")
        stack.callback(store.close)
        graphs = {"nothing": agent(lambda _: None), "sleep": agent(lambda _: time.sleep(CALL_S))}
        if url is not None:
            graphs["ask"] = agent(asking(stack.enter_context(client_on(store, folder, url, LIMITS))))
        runner = Runner(store, folder / "checkpoints.sqlite", graphs)
        stack.callback(runner.close)
        yield World(store, runner)


def own_times(there: World, wanted: int) -> list[float]:
    """Milliseconds from admission to the completed row, one run after the other."""
    times = []
    for _ in range(WARM_UP + wanted):
        start = time.perf_counter()
        there.start("nothing").result(PATIENCE_S)
        times.append(1000 * (time.perf_counter() - start))
    return times[WARM_UP:]


def one_by_one(start: Callable[[], object], wanted: int) -> None:
    """Start runs from one thread, as fast as it goes."""
    for _ in range(wanted):
        start()


def together(start: Callable[[], object], wanted: int) -> None:
    """Start runs from as many threads at the same moment, as so many people would."""
    ready = threading.Barrier(wanted)

    def person() -> None:
        ready.wait()
        start()

    with ThreadPoolExecutor(wanted) as people:
        for done in [people.submit(person) for _ in range(wanted)]:
            done.result(PATIENCE_S)


Start = Callable[[Callable[[], object], int], None]


def at_once(there: World, kind: str, wanted: int, begin: Start = together) -> list[float]:
    """Seconds beyond its call at which each of the runs had ended, sorted."""
    there.start(kind).result(PATIENCE_S)  # what is imported with a first call
    before, ends = there.completed(), queue.Queue[float]()
    start = time.perf_counter()
    begin(lambda: there.start(kind).add_done_callback(lambda _: ends.put(time.perf_counter())), wanted)
    found = sorted(ends.get(timeout=PATIENCE_S) - start - CALL_S for _ in range(wanted))
    if there.completed() != before + wanted:
        raise RuntimeError("a run has not come to its end")
    return found


def growth_mb(there: World, wanted: int) -> tuple[float, float]:
    """Megabytes the process has grown by over so many runs, and those that DuckDB held for a while.

    DuckDB holds new rows in memory until it merges its log into the file, every few thousand runs, and keeps
    what it has taken for them, some 50 MB, for the next. So as many runs go before, with two merges, and
    there is one at both ends.
    """
    for _ in range(2):
        own_times(there, wanted // 2)
        merge(there.store)
    before = resident_mb()
    own_times(there, wanted - WARM_UP)
    sql = "select memory_usage_bytes as size from duckdb_memory() where tag = 'IN_MEMORY_TABLE'"
    held = int(there.store.read(sql)[0]["size"]) / 2**20
    merge(there.store)
    return resident_mb() - before, held


def merge(store: Store) -> None:
    """Have DuckDB write its log into the file, and Python give back what it does not need.

    What has changed is taken off the list for the search, as the server does every second.
    """
    store.touched.take()
    store.flush()
    store.read("checkpoint")
    gc.collect()


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
    collector.spare_what_is_loaded()
    with world() as there:
        own = own_times(there, options.runs)
    with world() as there:
        asleep = at_once(there, "sleep", options.at_once)
    with serving(CALL_S) as url, world(url) as there:
        extra = at_once(there, "ask", options.at_once)
        memory = resident_mb()
    with serving(CALL_S) as url, world(url) as there:
        in_turn = at_once(there, "ask", options.at_once, one_by_one)
    with world() as there:
        grown, held = growth_mb(there, options.growth)
    p95 = statistics.quantiles(own, n=20)[18]
    print(f"{'own ms p50':>12}{'own ms p95':>12}{'runs a second':>15}")
    print(f"{statistics.median(own):>12.1f}{p95:>12.1f}{1000 / statistics.mean(own):>15.1f}")
    print(f"{options.at_once} runs of a call of {CALL_S:g} s at once:")
    print(f"{'':24}{'extra s p50':>12}{'p95':>8}{'last':>8}{'a second':>10}")
    for name, found in (("to a server", extra), ("started in turn", in_turn), ("that only sleeps", asleep)):
        last = found[-1]
        print(
            f"{name:24}{statistics.median(found):>12.2f}{statistics.quantiles(found, n=20)[18]:>8.2f}"
            f"{last:>8.2f}{options.at_once / (last + CALL_S):>10.0f}"
        )
    print(f"{memory:.0f} MB resident behind the {options.at_once} calls")
    print(f"memory over {options.growth} runs: {grown:+.1f} MB, behind as many, with DuckDB's log merged at")
    print(f"both ends; before the last merge it held {held:.1f} MB for new rows")
    figures = {
        "own_ms_p50": round(statistics.median(own), 1),
        "own_ms_p95": round(p95, 1),
        "last_of_200_extra_s": round(extra[-1], 2),
        "last_of_200_in_turn_extra_s": round(in_turn[-1], 2),
        "last_of_200_asleep_extra_s": round(asleep[-1], 2),
        "mb_growth_2000": round(grown, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
