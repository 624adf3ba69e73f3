"""Whether being watched slows a run: `python -m benchmarks.watching`.

On a real server a run has a model write 400 words in a stream, one every few milliseconds, from a process of
its own. It is watched by nobody, by one tab and by ten: WebSocket sessions with its page open, which have it
drawn anew as often as a browser does. They live in this process and take their share of the same cores.
Measured is the step in which the text is written, as it stands in the run's own record, and how long a
drawing takes as a tab sees it. The levels take turns, each with a server of its own.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from agents.assistants import admission
from agents.assistants.admission import Asked, Place
from agents.who import Who
from benchmarks.server import Server
from benchmarks.session import Session
from storage import runs, steps
from storage.db import Store

TEXT = "a long tale of the north"
WORDS = 400
LEVELS = (0, 1, 10)
LOOK_S = 0.5
PATIENCE_S = 120.0


def main() -> None:
    """Print the table and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each level; the median counts")
    parser.add_argument("--word-ms", type=float, default=20, help="milliseconds between two words")
    options = parser.parse_args()
    took: dict[int, list[float]] = defaultdict(list)
    drawn: dict[int, list[float]] = defaultdict(list)
    with model(options.word_ms / 1000) as url:
        for _ in range(options.rounds):
            for tabs in LEVELS:
                seconds, drawings = watched_run(url, tabs)
                took[tabs].append(seconds)
                drawn[tabs] += drawings
    print(f"{'tabs':>6}{'answer s':>10}{'slowest':>9}{'drawings':>10}{'p50 ms':>9}{'p95 ms':>9}")
    for tabs in LEVELS:
        print(f"{tabs:>6}{statistics.median(took[tabs]):>10.2f}{max(took[tabs]):>9.2f}", end="")
        p50, p95 = (1000 * at(drawn[tabs], share) for share in (0.5, 0.95))
        print(f"{len(drawn[tabs]):>10}{p50:>9.1f}{p95:>9.1f}" if drawn[tabs] else "")
    print(f"The model alone takes at least {WORDS * options.word_ms / 1000:.2f} s for its words.")
    medians = {tabs: statistics.median(took[tabs]) for tabs in LEVELS}
    figures = {f"answer_s_{tabs}_tabs": round(seconds, 2) for tabs, seconds in medians.items()}
    most = LEVELS[-1]
    slowed = 100 * (medians[most] / medians[0] - 1)
    told = {f"slowed_by_{most}_tabs_percent": round(slowed, 1)}
    print(json.dumps({**figures, **told, "drawing_ms_p95": round(1000 * at(drawn[most], 0.95), 1)}))


@contextmanager
def model(word_s: float) -> Iterator[str]:
    """The model in a process of its own; gives its address."""
    command = [sys.executable, "-m", "tests.servers.ask_model", str(word_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        yield process.stdout.readline().strip()
        process.stdin.close()


def watched_run(url: str, tabs: int) -> tuple[float, list[float]]:
    """Seconds that the answer of a run took with so many tabs on it, and those of each drawing."""
    setting = [{"preset": "vllm", "model": "writer", "base_url": url}]
    environment = {"WHYTREE_ENVIRONMENT": "test", "WHYTREE_MODELS": json.dumps(setting)}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        run_id = admitted(data)  # the server begins it when it starts
        with Server(data, environment=environment) as server:
            drawings = watch(server, run_id, tabs)
        return answer_s(data, run_id), drawings


def admitted(data: Path) -> str:
    """A request that is on record and not begun; its run's id."""
    asked, place = Asked(TEXT, "general"), Place(Who(), None, None)
    run = admission.new_run(asked, place, "test")
    rows = admission.rows(asked, run, place, data / "attachments")
    with closing(Store.open(data / "whytree.duckdb")) as store:
        runs.admit(store, run, [admission.first_event(asked, run)], rows)
    return run.run_id


def watch(server: Server, run_id: str, tabs: int) -> list[float]:
    """Have so many tabs watch a run to its end; seconds of each of their drawings."""
    over = threading.Event()
    with ThreadPoolExecutor(max(tabs, 1)) as pool:
        watchers = [pool.submit(one_tab, server, run_id, over) for _ in range(tabs)]
        try:
            await_end(server, run_id)
        finally:
            over.set()
        return [seconds for watcher in watchers for seconds in watcher.result()]


def one_tab(server: Server, run_id: str, over: threading.Event) -> list[float]:
    """Draw the run's page, and again whenever its time is up, as a browser does."""
    times = []
    with Session(server.port, f"run={run_id}", "runs") as session:
        session.open()
        while session.polls and not over.is_set():
            (fragment_id, interval), *_ = session.polls.items()
            if not over.wait(interval):
                times.append(session.poll(fragment_id))
    if not times:
        raise RuntimeError("the page of the run was not drawn anew: it was not at work")
    return times


def await_end(server: Server, run_id: str) -> None:
    """Look at the run's page now and then until it says that the run has ended; a glance is no tab."""
    start = time.monotonic()
    while time.monotonic() - start < PATIENCE_S:
        time.sleep(LOOK_S * 4)
        with Session(server.port, f"run={run_id}", "runs") as session:
            session.open()
            if "Completed" in (said := session.texts()):
                return
            if "Failed" in said:
                raise RuntimeError(f"the run failed: {said[:500]}")
    raise TimeoutError(f"the run did not end within {PATIENCE_S:.0f} s")


def answer_s(data: Path, run_id: str) -> float:
    """How long the step took in which the text was written."""
    with closing(Store.open(data / "whytree.duckdb")) as store:
        found = [step.duration_s for step in steps.of_run(store, run_id) if step.parent_step_id is None]
    return max(found)


def at(values: list[float], share: float) -> float:
    """The value at this share, from the smallest."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


if __name__ == "__main__":
    main()
