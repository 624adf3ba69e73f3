"""How long a cancelled run goes on: `python -m benchmarks.cancelling [--cancels 50] [--streams 20]`.

A workbench on files of its own has a model on a real local server answer requests. Some runs stream words
without an end all the while; others are cancelled one after the other, as the Runs page does it: in the
middle of a stream of words, while the model says nothing more, and before it has said anything. Measured is
the time from the call of `cancel` until the run's thread has ended and the server sees its connection closed,
whichever comes last. The server lives in the same process and takes its share of the same cores.
"""

import argparse
import contextlib
import json
import re
import select
import socket
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from agents.llm.providers import Limits, from_preset
from agents.models import roles
from agents.settings import Settings
from agents.workbench import Workbench
from benchmarks.overhead import MANY_PER_MINUTE
from tests.servers.chat_server import ChatServer, Exchange, piece

PATIENCE_S = 30.0
WORD_S = 0.05
SAID_FIRST = 3
"""Words before a run is cancelled or the model falls silent."""
PHASES = {"words": "streams words", "silence": "has fallen silent", "nothing": "has said nothing yet"}
LIMITS = Limits(requests_per_minute=MANY_PER_MINUTE, tokens_per_minute=MANY_PER_MINUTE * 1000)
SESSION = "benchmark"
NAME = re.compile(r"talk-\d+-([a-z]+)")


@dataclass
class Talk:
    """One request, as the server sees it."""

    is_there: threading.Event = field(default_factory=threading.Event)
    """Set when the model is in the phase in which the run is cancelled."""
    is_closed: threading.Event = field(default_factory=threading.Event)
    closed_at: float = 0.0


class Model:
    """Talks to whoever asks until the connection is closed."""

    def __init__(self) -> None:
        self.talks: dict[str, Talk] = {}

    def expect(self, name: str) -> Talk:
        """Be ready for a request that names itself so."""
        self.talks[name] = Talk()
        return self.talks[name]

    def behave(self, exchange: Exchange) -> None:
        """Answer one request until its connection is closed."""
        named = NAME.search(json.dumps(exchange.body["messages"]))
        if named is None:
            raise ValueError("a request came that is not of this benchmark")
        talk = self.talks[named[0]]
        with contextlib.suppress(OSError):  # closed while it was written to
            self._say(exchange, talk, named[1])
        talk.closed_at = time.perf_counter()
        talk.is_closed.set()

    def _say(self, exchange: Exchange, talk: Talk, phase: str) -> None:
        words = 0
        if phase != "nothing":
            exchange.start_stream()
        while not exchange.stopping.is_set():
            if phase == "words" or (phase == "silence" and words < SAID_FIRST):
                exchange.event(piece(f"word{words} "))
            words += 1
            if words > SAID_FIRST:
                talk.is_there.set()
            if is_closed(exchange.connection, WORD_S):
                return


def is_closed(connection: socket.socket, seconds: float) -> bool:
    """Whether the other side closes the connection within this time."""
    readable, _, _ = select.select([connection], [], [], seconds)
    return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""


class World:
    """A workbench with that model connected."""

    def __init__(self, bench: Workbench, model: Model) -> None:
        self.bench = bench
        self._model = model
        self._started = 0

    def talk(self, phase: str) -> tuple[str, Talk]:
        """A run whose model is in this phase; its id."""
        name = f"talk-{self._started}-{phase}"
        self._started += 1
        talk = self._model.expect(name)
        run_id = self.bench.conversations.send(f"Tell me of {name}", agent="general", session=SESSION)
        if not talk.is_there.wait(PATIENCE_S):
            raise TimeoutError(f"the model was not asked within {PATIENCE_S:.0f} s: {self.status(run_id)}")
        return run_id, talk

    def cancel(self, phase: str) -> float:
        """Milliseconds from cancelling such a run until nothing of it goes on."""
        run_id, talk = self.talk(phase)
        run = self.bench.runs.run(run_id)
        start = time.perf_counter()
        self.bench.runs.cancel(run_id)
        self.bench._runner.advance(run).result(PATIENCE_S)  # behind what the run's own thread had to do
        ended_at = time.perf_counter()
        if not talk.is_closed.wait(PATIENCE_S):
            raise TimeoutError(f"the connection of {run_id} is still open after {PATIENCE_S:.0f} s")
        return 1000 * (max(ended_at, talk.closed_at) - start)

    def status(self, run_id: str) -> str:
        """Where a run stands."""
        return self.bench.runs.run(run_id).status


def main() -> None:
    """Print the table and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cancels", type=int, default=50, help="runs to cancel")
    parser.add_argument("--streams", type=int, default=20, help="runs that stream meanwhile")
    options = parser.parse_args()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    model = Model()
    with tempfile.TemporaryDirectory() as folder, ChatServer(model.behave) as server:
        settings = Settings(data=Path(folder), environment="test")
        with Workbench.opened(settings) as bench:
            provider = from_preset("vllm", roles("talker"), base_url=server.url, limits=LIMITS)
            bench.models.connect(SESSION, provider)
            figures = measure(World(bench, model), options.cancels, options.streams)
    print(json.dumps(figures))


def measure(world: World, cancels: int, streams: int) -> dict[str, float]:
    """Cancel so many runs while others stream; the figures, with the table printed."""
    others = [world.talk("words")[0] for _ in range(streams)]
    took: dict[str, list[float]] = {phase: [] for phase in PHASES}
    for number in range(cancels):
        phase = list(PHASES)[number % len(PHASES)]
        took[phase].append(world.cancel(phase))
    lost = sum(world.status(run_id) != "running" for run_id in others)
    for run_id in others:
        world.bench.runs.cancel(run_id)
    print(f"{'the model':<24}{'cancels':>9}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}")
    times = [ms for of_phase in took.values() for ms in of_phase]
    for name, ms in (*((PHASES[phase], ms) for phase, ms in took.items()), ("all together", times)):
        print(f"{name:<24}{len(ms):>9}{at(ms, 0.5):>9.1f}{at(ms, 0.95):>9.1f}{max(ms):>9.1f}")
    return {
        "cancel_p50_ms": round(at(times, 0.5), 1),
        "cancel_p95_ms": round(at(times, 0.95), 1),
        "cancel_max_ms": round(max(times), 1),
        "cancels": len(times),
        "streaming": streams,
        "streams_lost": lost,
    }


def at(values: list[float], share: float) -> float:
    """The value at this share, from the smallest."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


if __name__ == "__main__":
    main()
