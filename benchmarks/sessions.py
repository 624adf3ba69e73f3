"""How many people one server carries: `python -m benchmarks.sessions`.

Each person is a real WebSocket session that speaks the app's protocol: describes a problem, confirms what was
read, answers every question after a pause for thought (exponential, 10 s on average), reads the diagnosis and
begins anew. Measured is the time from an answer to the next question drawn, as that person sees it: the
server's work and its queue. A level is carried when the 95th percentile stays under the limit. Levels double
until one is not carried; then the range between is halved until it is narrow. Each has a server of its own.

The crowd lives in this process and takes its share of the same cores; the table says how much.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.page import COMPLAINTS
from benchmarks.server import Server
from benchmarks.session import Session

NARROW = 0.1
"""The search ends when the range is this share of its lower end."""
JOIN_S = 10.0
"""Everybody has come within this time; only what is answered after it counts."""
POLLS = 100
POLLING_MODEL = '[{"preset": "ollama", "model": "none"}]'
"""Makes the Settings page poll the state of its models; nobody calls it."""
TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Terms:
    """What a level is measured with."""

    think_s: float
    seconds: float
    limit_s: float
    seed: int


@dataclass(frozen=True)
class Level:
    """What so many people saw."""

    people: int
    waits_s: list[float]
    """From an answer to the next question."""
    reruns: int
    """All that the server drew meanwhile: pages opened, problems described and confirmed, answers."""
    server_cpu_s: float
    crowd_cpu_s: float
    seconds: float
    memory_mb: float

    @property
    def p95_s(self) -> float:
        """The wait that one in twenty exceeds."""
        return statistics.quantiles(self.waits_s, n=20)[18]

    @property
    def cpu_ms_per_rerun(self) -> float:
        """Of the server."""
        return 1000 * self.server_cpu_s / self.reruns


def main() -> None:
    """Print the table and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=25, help="people of the first level")
    parser.add_argument("--most", type=int, default=800, help="people of the last level")
    parser.add_argument("--seconds", type=float, default=40, help="measured time of a level")
    parser.add_argument("--think", type=float, default=10, help="mean seconds of thought before an answer")
    parser.add_argument("--limit", type=float, default=1, help="seconds that the 95th percentile may take")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    terms = Terms(options.think, options.seconds, options.limit, options.seed)
    alone_mb, start_s = _alone()
    print(f"{'people':>8}{'answers':>9}{'p50 ms':>9}{'p95 ms':>9}{'server cores':>14}", end="")
    print(f"{'crowd cores':>13}{'cpu ms a rerun':>16}{'MB':>8}")
    levels = {level.people: level for level in _search(options.first, options.most, terms)}
    carried = [level for level in levels.values() if level.p95_s < terms.limit_s]
    if not carried:
        raise SystemExit(f"Not even {options.first} people are carried: try a smaller --first.")
    best = max(carried, key=lambda level: level.people)
    memory = (best.memory_mb - alone_mb) / (best.people - 1)
    poll_ms, poll_cpu_ms = _polls()
    print(f"\nA poll of the Settings page takes {poll_cpu_ms:.1f} ms of CPU and {poll_ms:.1f} ms in all.")
    if best.people == max(levels):
        print("The last level was still carried: the true number is larger.")
    figures = {
        "sessions_at_p95_1s": best.people,
        "p95_s": round(best.p95_s, 3),
        "mb_per_session": round(memory, 2),
        "cold_start_s": round(start_s, 2),
        "cpu_ms_per_rerun": round(best.cpu_ms_per_rerun, 1),
        "cpu_ms_per_poll": round(poll_cpu_ms, 1),
    }
    print(json.dumps(figures))


def _search(first: int, most: int, terms: Terms) -> Iterator[Level]:
    """Levels, each measured once: doubled, then halved between the last carried and the first that is not."""
    carried, missed, people = 0, most + 1, first
    while people < missed and people - carried > NARROW * carried:
        yield (level := _measure(people, terms))
        carried, missed = (people, missed) if level.p95_s < terms.limit_s else (carried, people)
        people = (carried + missed) // 2 if missed <= most else min(2 * people, most)


def _measure(people: int, terms: Terms) -> Level:
    """A level on a server of its own, printed as a line of the table."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        crowd = Crowd(server, people, terms)
        level = crowd.measured()
    print(
        f"{level.people:>8}{len(level.waits_s):>9}{1000 * statistics.median(level.waits_s):>9.0f}"
        f"{1000 * level.p95_s:>9.0f}{level.server_cpu_s / level.seconds:>14.2f}"
        f"{level.crowd_cpu_s / level.seconds:>13.2f}{level.cpu_ms_per_rerun:>16.1f}{level.memory_mb:>8.0f}",
        flush=True,
    )
    return level


class Crowd:
    """People at one server, each on a thread."""

    def __init__(self, server: Server, people: int, terms: Terms) -> None:
        self._server = server
        self._people = people
        self._terms = terms
        self._counts = threading.Event()
        self._over = threading.Event()
        self._waits_s: list[float] = []
        self._reruns_s: list[float] = []

    def measured(self) -> Level:
        """Let everybody come, measure for a while, send them home; raises what went wrong for anyone."""
        with ThreadPoolExecutor(self._people) as threads:
            lives = [threads.submit(self._live, number) for number in range(self._people)]
            try:
                self._over.wait(JOIN_S + self._terms.think_s)
                self._counts.set()
                cpu, own, start = cpu_s(self._server.pid), time.process_time(), time.perf_counter()
                self._over.wait(self._terms.seconds)
                level = Level(
                    self._people,
                    list(self._waits_s),
                    len(self._reruns_s),
                    cpu_s(self._server.pid) - cpu,
                    time.process_time() - own,
                    time.perf_counter() - start,
                    memory_mb(self._server.pid),
                )
            finally:
                self._over.set()
            for life in lives:
                life.result()
        return level

    def _live(self, number: int) -> None:
        dice = random.Random(f"{self._terms.seed}-{number}")
        self._over.wait(dice.uniform(0, JOIN_S))
        while not self._over.is_set():
            with Session(self._server.port) as session:
                self._note(session.open())
                session.type("complaint", COMPLAINTS[number % len(COMPLAINTS)])
                self._note(session.click("Start the diagnosis"))
                self._note(session.click("Confirm and ask the first question"))
                while (answers := session.buttons("answer-")) and not self._pause(dice):
                    self._note(session.click_key(dice.choice(answers)), self._waits_s)
                self._pause(dice)

    def _note(self, seconds: float, *also: list[float]) -> None:
        if self._counts.is_set() and not self._over.is_set():
            for kept in (self._reruns_s, *also):
                kept.append(seconds)

    def _pause(self, dice: random.Random) -> bool:
        """Think; True when it is time to go home."""
        return self._over.wait(dice.expovariate(1 / self._terms.think_s))


def _alone() -> tuple[float, float]:
    """Megabytes of a server with one person in it, and seconds from its start to that person's first page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder)) as server,
        Session(server.port) as session,
    ):
        session.open()
        start_s = server.seconds_since_start()
        session.type("complaint", COMPLAINTS[0])
        session.click("Start the diagnosis")
        session.click("Confirm and ask the first question")
        return memory_mb(server.pid), start_s


def _polls() -> tuple[float, float]:
    """Milliseconds of a poll, and of the server's CPU in it."""
    environment = {"WHYTREE_MODELS": POLLING_MODEL}
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder), environment=environment) as server,
        Session(server.port, page="settings") as session,
    ):
        session.open()
        (fragment_id,) = session.polls
        session.poll(fragment_id)
        cpu = cpu_s(server.pid)
        waits_s = [session.poll(fragment_id) for _ in range(POLLS)]
        return 1000 * statistics.median(waits_s), 1000 * (cpu_s(server.pid) - cpu) / POLLS


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used, as Linux tells them."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_S


def memory_mb(pid: int) -> float:
    """Memory that a process holds now."""
    (line,) = [row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
