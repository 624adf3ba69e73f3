"""Searching the list of runs: `python -m benchmarks.search [--runs 100000] [--events 10]`.

A store is filled with runs, ten events each, in a language whose words are as frequent as words are. Then
people search: each query brings the number of all that is found and one page of lines with cost, work and
tags, as the page shows it. Meanwhile a run changes now and then, and its words are taken over first.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from agents.running.indexing import Indexer
from benchmarks.run_world import Language, make
from storage import runs, search
from storage.db import Store
from storage.runs import Run
from storage.search import RunQuery

PATIENCE_S = 1_800.0
CHANGED_EVERY = 20
"""Searches between two runs that change."""
Draw = Callable[[random.Random], RunQuery]


def kinds(language: Language) -> dict[str, Draw]:
    """What people look for, by name."""
    common = language.words[:30]
    rare = language.words[2_000:]
    return {
        "no words, newest": lambda rng: RunQuery(),
        "no words, filtered": lambda rng: RunQuery(
            statuses=("completed", "failed"), user_id=f"user{rng.randrange(40)}"
        ),
        "no words, by cost": lambda rng: RunQuery(sort="costly", user_id=f"user{rng.randrange(40)}"),
        "a word as people use it": lambda rng: RunQuery(language.word()),
        "a common word": lambda rng: RunQuery(rng.choice(common)),
        "a rare word": lambda rng: RunQuery(rng.choice(rare)),
        "two words": lambda rng: RunQuery(f"{language.word()} {language.word()}"),
        "a phrase": lambda rng: RunQuery(f'"{language.word()} {language.word()}"'),
        "a beginning": lambda rng: RunQuery(rng.choice(language.words)[:4]),
        "a word, filtered": lambda rng: RunQuery(language.word(), agents=("diagnosis",), environment="live"),
        "a word, by cost": lambda rng: RunQuery(rng.choice(rare), sort="costly"),
    }


class World:
    """A filled store with its index."""

    def __init__(self, store: Store, indexer: Indexer, language: Language) -> None:
        self.store = store
        self.indexer = indexer
        self.language = language
        self._some = runs.with_status(store, ["waiting"])[:200]

    def change(self, rng: random.Random) -> None:
        """A person says something in one of the runs."""
        run: Run = rng.choice(self._some)
        said = ("answered", {"note": self.language.text(12)})
        runs.add_events(self.store, run.run_id, [said], runs.last_seq(self.store, run.run_id))

    def search(self, query: RunQuery) -> tuple[float, int]:
        """Milliseconds that a search takes with all that is new, and how much it finds."""
        start = time.perf_counter()
        self.indexer.refresh()
        found = search.find(self.store, self.indexer.index, query)
        return 1000 * (time.perf_counter() - start), found.total


@contextmanager
def world(wanted: int, events: int) -> Iterator[World]:
    """A new one in a folder that goes away."""
    with tempfile.TemporaryDirectory() as made:
        start = time.perf_counter()
        store, language = make(Path(made), wanted, events)
        filled = time.perf_counter()
        with closing(store), closing(Indexer(store, Path(made) / "search.sqlite")) as indexer:
            wait_for(indexer)
            indexed = time.perf_counter()
            sizes = {
                name: (Path(made) / name).stat().st_size >> 20 for name in ("whytree.duckdb", "search.sqlite")
            }
            print(
                f"filled in {filled - start:.0f} s, words taken over in {indexed - filled:.0f} s; MB: {sizes}"
            )
            yield World(store, indexer, language)


def wait_for(indexer: Indexer) -> None:
    """Until the words of every run can be found."""
    by = time.monotonic() + PATIENCE_S
    while indexer.left != 0:
        if time.monotonic() > by:
            raise TimeoutError(f"{indexer.left} runs are still unread after {PATIENCE_S:.0f} s")
        time.sleep(0.1)


def measure(there: World, searches: int, seed: int) -> dict[str, list[tuple[float, int]]]:
    """Milliseconds and hits of each kind of search, the kinds taking turns."""
    rng = random.Random(seed)
    drawn = kinds(there.language)
    taken: dict[str, list[tuple[float, int]]] = {name: [] for name in drawn}
    for n in range(-2, searches):
        for place, (name, draw) in enumerate(drawn.items()):
            if (n * len(drawn) + place) % CHANGED_EVERY == 0:
                there.change(rng)
            one = there.search(replace(draw(rng)))
            if n >= 0:
                taken[name].append(one)
    return taken


def p95(values: list[float]) -> float:
    """The value that 95 of a hundred stay below."""
    return statistics.quantiles(values, n=20)[18]


def main() -> None:
    """Print the table and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=10, help="of each run")
    parser.add_argument("--searches", type=int, default=40, help="of each kind")
    parser.add_argument("--seed", type=int, default=2)
    options = parser.parse_args()
    with world(options.runs, options.events) as there:
        taken = measure(there, options.searches, options.seed)
    print(f"{'ms':28}{'p50':>9}{'p95':>9}{'longest':>9}{'runs found':>13}")
    for name, found in taken.items():
        times = [milliseconds for milliseconds, _ in found]
        hits = statistics.median(total for _, total in found)
        print(f"{name:28}{statistics.median(times):9.1f}{p95(times):9.1f}{max(times):9.1f}{hits:13,.0f}")
    of_kind = {name: round(p95([ms for ms, _ in found]), 1) for name, found in taken.items()}
    slowest = max(of_kind, key=lambda name: of_kind[name])
    worded = [ms for name, found in taken.items() if not name.startswith("no words") for ms, _ in found]
    print("search_ms: full-text search, over all kinds with words; slowest_kind: the highest p95 of any kind")
    print(
        f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; figures need a quiet one"
    )
    figures = {
        "runs": options.runs,
        "events": options.runs * options.events,
        "search_ms_p50": round(statistics.median(worded), 1),
        "search_ms_p95": round(p95(worded), 1),
        "slowest_kind": slowest,
        "slowest_kind_ms_p95": of_kind[slowest],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
