"""kill -9 at random moments and around everything that is kept: `python -m benchmarks.durability`.

A process works on eight runs at once (chains of steps, parallel fan-outs, runs that ask a person, and real
diagnoses by the built-in analyst, which have a checkpoint at each pause and end alone), with the real store,
journal, checkpoints, client and runner; a ledger file plays the provider and notes what the world saw. It is
killed at a moment by chance, or before or behind one of the calls that keep something, and started again on
the same files; a fork of this process, which has everything imported, makes that cheap. At the end, or when
it is interrupted, a last process brings every run to its end; store and ledger are then compared, and each
diagnosis with one during which no process ended.

In every other pair of lives what is begun are batches of tasks, which wait in the queue of DBOS: such a
process lives until so much was seen of their runs, and its fuse may also lie where DBOS keeps what it knows.
"""

import argparse
import contextlib
import importlib
import json
import math
import os
import random
import select
import signal
import statistics
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from agents.diagnosis.loading import load_library
from benchmarks.killing.fuse import CALLS, QUEUE_CALLS, SIDES, Fuse
from benchmarks.killing.life import live, live_to_the_end
from benchmarks.killing.verdict import plain, verdict

LATEST_FACT, LATEST_S = 12, 0.03
"""A kill by chance falls up to so many seconds behind one of so many facts that the world saw."""
FUSE_FACTS = 36
"""Facts after which a process is killed whose fuse did not burn."""
STUCK_S = 120.0
PATIENCE_S = 300.0
LOOK_S = 0.002
IMPORTED_LATE = (
    "openai",
    "pyarrow.dataset",
    "langchain_core.tracers.run_collector",
    "anyio.lowlevel",
    "agents.running.workflows",
    "sqlalchemy.dialects.sqlite",
)
"""What a first call imports; here once for all processes."""


def forked(work: Callable[[], None]) -> int:
    """Do work in a process of its own; its id. It ends behind the work, also when that raises."""
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    try:
        work()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - told, and the exit code says it
        traceback.print_exc()
        os._exit(1)


def ended(pid: int, by: float) -> int | None:
    """The exit code of a child, negative for a signal; None when it still runs at this monotonic second."""
    while True:
        there, status = os.waitpid(pid, os.WNOHANG)
        if there:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= by:
            return None
        time.sleep(LOOK_S)


@dataclass(frozen=True)
class Fate:
    """What a process does, and when it ends."""

    has_queue: bool
    """Whether it begins batches, and only what their runs do counts as a fact."""
    burning: Fuse | None
    facts: int
    """Facts behind which it is killed unless the fuse was faster, and so many seconds more."""
    seconds: float

    @classmethod
    def drawn(cls, number: int, rng: random.Random) -> "Fate":
        """That of the process of this number: by fuse or by chance, without or with batches, in turn."""
        has_queue = number // 2 % 2 == 1
        burning = Fuse.drawn(number // 4, rng, has_queue) if number % 2 else None
        facts = FUSE_FACTS if burning else rng.randint(0, LATEST_FACT)
        return cls(has_queue, burning, facts, rng.uniform(0, LATEST_S))


def one_kill(folder: Path, number: int, fate: Fate) -> str:
    """Let a process live for so many facts and seconds, and kill it; what killed it.

    Raises RuntimeError when it ended by itself, or does nothing any more.
    """
    told_r, told_w = os.pipe()

    def work() -> None:
        os.close(told_r)
        live(folder, number, fate.burning, fate.has_queue, lambda: os.write(told_w, b"."))

    pid = forked(work)
    os.close(told_w)
    try:
        await_facts(told_r, fate.facts)
        code, name = ended(pid, time.monotonic() + fate.seconds), by_chance(fate.has_queue)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        ended(pid, time.monotonic() + STUCK_S)
        raise
    if code is None:
        os.kill(pid, signal.SIGKILL)
        code = ended(pid, time.monotonic() + STUCK_S)
    elif fate.burning:
        name = f"{fate.burning.side} {fate.burning.call}"
    os.close(told_r)
    if code != -signal.SIGKILL:
        raise RuntimeError(f"process {number} ended by itself with {code}: see above")
    return name


def by_chance(has_queue: bool) -> str:
    """Name of a kill by no fuse."""
    return "by chance, batches" if has_queue else "by chance"


def await_facts(pipe: int, wanted: int) -> None:
    """Return when so many facts were told, or when nobody is there to tell any."""
    while wanted > 0:
        if not select.select([pipe], [], [], STUCK_S)[0]:
            raise RuntimeError(f"nothing has happened for {STUCK_S:.0f} s")
        told = len(os.read(pipe, wanted))
        wanted = wanted - told if told else 0


def kill_many(folder: Path, kills: int, rng: random.Random) -> Counter[str]:
    """Kill so many times, by chance and by fuse in turn, or until interrupted; how often by what."""
    by: Counter[str] = Counter()
    with contextlib.suppress(KeyboardInterrupt):
        for number in range(1, kills + 1):
            by[one_kill(folder, number, Fate.drawn(number, rng))] += 1
    return by


def judge(folder: Path) -> None:
    """Write the verdict down for the process that forked this one."""
    (folder / "verdict.json").write_text(json.dumps(plain(verdict(folder))))


def finish(folder: Path, kills: int) -> dict[str, Any]:
    """Bring everything to its end, and judge; each in a process of its own."""
    for work in (
        lambda: live_to_the_end(folder, kills + 1),
        lambda: judge(folder),
    ):
        pid = forked(work)
        code = ended(pid, time.monotonic() + PATIENCE_S)
        if code != 0:
            if code is None:
                os.kill(pid, signal.SIGKILL)
            raise RuntimeError(f"the last process ended with {code}: a run does not come to its end")
    found: dict[str, Any] = json.loads((folder / "verdict.json").read_text())
    return found


def main() -> int:
    """Print the table and the line of figures; 1 unless all that must be zero is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder to work in, which stays")
    options = parser.parse_args()
    for name in IMPORTED_LATE:
        importlib.import_module(name)
    load_library(None)
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        folder.mkdir(exist_ok=True)
        start = time.perf_counter()
        by = kill_many(folder, options.kills, random.Random(options.seed))
        seconds = time.perf_counter() - start
        found = finish(folder, options.kills)
    kills = by.total()
    report(by, kills, seconds, found)
    zeros = ("runs_lost", "wrong_results", "journaled_calls_repeated", "duplicate_calls", "answers_lost")
    mean, most = repeated_per_kill(found["flights"])
    line = {"kills": kills, **{name: found[name] for name in zeros}}
    figures = {"inflight_repeated_per_kill": round(mean, 3), "inflight_repeated_at_most": round(most, 3)}
    print(json.dumps({**line, **figures}))
    return int(any(found[name] for name in zeros) or most > 1)


def repeated_per_kill(flights: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Calls made again for each parallel branch in flight at a kill: the mean of all kills, and the most."""
    shares = [again / branches if branches else math.inf for branches, again in flights]
    return (statistics.mean(shares), max(shares)) if shares else (0.0, 0.0)


def report(by: "Counter[str]", kills: int, seconds: float, found: dict[str, Any]) -> None:
    """What killed how often, and what was in flight."""
    print(f"{'killed':24}{SIDES[0]:>9}{SIDES[1]:>9}")
    for _, call in (*CALLS, *QUEUE_CALLS):
        print(f"{call:24}{by[f'{SIDES[0]} {call}']:>9}{by[f'{SIDES[1]} {call}']:>9}")
    for has_queue in (False, True):
        print(f"{by_chance(has_queue):24}{by[by_chance(has_queue)]:>9}")
    print(
        f"{kills / seconds:.1f} kills a second, {found['runs']} runs, {found['queued']} of them in batches, "
        f"{found['diagnoses']} diagnoses"
    )
    branches, again = (sum(flight[place] for flight in found["flights"]) for place in (0, 1))
    print(
        f"at a kill {branches / kills:.2f} calls were in flight, each in a branch of its own; "
        f"{again / kills:.2f} were made again"
    )
    print(
        "inflight_repeated_per_kill: calls made again because of a kill, for each parallel branch in flight "
        "at it,\nas the mean of the kills with any in flight; inflight_repeated_at_most: the highest of one "
        "kill (goal: 1)"
    )
    for fault in found["faults"]:
        print(fault)


if __name__ == "__main__":
    sys.exit(main())
