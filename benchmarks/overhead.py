"""What the client adds to a call: `python -m benchmarks.overhead [--calls 400]`.

Against a server without latency in a process of its own, calls through the bare SDK and through the client
take turns, so that both meet the same machine. The client's call does everything it does for a person: key,
cache miss, budget, breaker, limiter, row, journal. Then eight calls of 300 ms go out together.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openai import OpenAI
from pydantic import BaseModel

from agents.llm import prices
from agents.llm.build import build_client
from agents.llm.call import CallContext
from agents.llm.capability import Capability
from agents.llm.client import LlmClient
from agents.llm.providers import PRESETS, Limits, Provider, Rate
from agents.llm.request import Request, schema_of
from agents.llm.usage import Usage
from agents.prompts.prompt import FilledPrompt
from benchmarks.model_session import session_figures
from storage.clock import now
from storage.db import Store
from storage.journal import Journal
from storage.sessions import DiskConvenience

WARM_UP = 40
MANY_PER_MINUTE = 10_000_000
"""A limit that is counted but never reached."""
LATE_S = 0.3
PARALLEL = 8
WORKERS = 16
PROMPT_CHARACTERS = 3_000
OUTPUT_TOKENS = 2000
FRESH = Capability("max_tokens")

Figures = dict[str, float]


class Causes(BaseModel):
    """What the calls ask for."""

    causes: list[str]
    confidence: float


@dataclass(frozen=True)
class Timing:
    """Seconds per call, sorted."""

    own: list[float]
    sdk: list[float]

    def added_ms(self, share: float) -> float:
        """What the client adds at this share of the calls."""
        return (_at(self.own, share) - _at(self.sdk, share)) * 1000


@contextmanager
def serving(seconds: float = 0.0) -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    command = [sys.executable, "-m", "tests.servers.chat_server", str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        yield process.stdout.readline().strip()
        process.stdin.close()


@contextmanager
def client_for(url: str, limits: Limits) -> Iterator[LlmClient]:
    """A client on a store, a journal and a cache of its own, under a budget it never reaches."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = Store.open(folder / "whytree.duckdb")
        stack.callback(store.close)
        yield stack.enter_context(client_on(store, folder, url, limits))


@contextmanager
def client_on(store: Store, folder: Path, url: str, limits: Limits) -> Iterator[LlmClient]:
    """A client on a store that is open, its journal and cache in a folder, under a budget as above."""
    price = Decimal("0.1")
    provider = Provider(
        name="bench",
        base_url=url,
        models={"diagnosis": "gpt-4.1"},
        limits=limits,
        rates=(Rate(input=price, output=price),),
    )
    with ExitStack() as stack:
        journal = Journal.open(folder / "journal.sqlite")
        stack.callback(journal.close)
        cache = DiskConvenience(folder / "replies")
        stack.callback(cache.close)
        client = build_client(store, journal, cache, [provider])
        stack.callback(client.close)
        client.budgets.set("month", "*", Decimal(1_000_000), False, "bench")
        yield client


def prompt(number: object) -> FilledPrompt:
    """A prompt that no cache has seen."""
    text = f"{number} {'Sales fell by 20 % in May. ' * (PROMPT_CHARACTERS // 27)}"
    messages = ({"role": "system", "content": "Name the causes."}, {"role": "user", "content": text})
    return FilledPrompt("bench", "1", messages)


def own_call(client: LlmClient, number: int) -> None:
    """One call through the client."""
    context = CallContext("draft", f"call-{number}", "me", "default", "test", run_id="bench")
    client.ask(Causes, prompt(number), "diagnosis", context, threading.Event())


def sdk_call(sdk: OpenAI, number: int) -> None:
    """The same call through the bare SDK, with the result read by the same type."""
    body: Any = Request(prompt(number).messages, 0.0, OUTPUT_TOKENS, schema_of(Causes)).body("gpt-4.1", FRESH)
    reply = sdk.chat.completions.create(**body)
    Causes.model_validate_json(reply.choices[0].message.content or "")


def per_call(url: str, calls: int) -> Timing:
    """Calls through both, taking turns."""
    limits = Limits(requests_per_minute=MANY_PER_MINUTE, tokens_per_minute=MANY_PER_MINUTE * 1000)
    own: list[float] = []
    sdk_seconds: list[float] = []
    with client_for(url, limits) as client, OpenAI(api_key="none", base_url=url, max_retries=0) as sdk:
        for number in range(calls + WARM_UP):
            first = _timed(lambda n=number: own_call(client, n))  # type: ignore[misc]
            second = _timed(lambda n=number: sdk_call(sdk, n))  # type: ignore[misc]
            if number >= WARM_UP:
                own.append(first)
                sdk_seconds.append(second)
    return Timing(sorted(own), sorted(sdk_seconds))


def parallel(url: str) -> float:
    """Seconds that eight calls of 300 ms take together."""
    with client_for(url, Limits()) as client, ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda number: own_call(client, number), range(PARALLEL)))
        return _timed(
            lambda: list(pool.map(lambda number: own_call(client, PARALLEL + number), range(PARALLEL)))
        )


def list_price_ms(lookups: int = 200) -> float:
    """Milliseconds to price a call by the public list, which the local server's calls do not need."""
    known = Provider(name="list", base_url=PRESETS["openai"].base_url, models={})
    usage, at = Usage(1000, 100, 200), now()
    prices.cost(known, "gpt-4.1", usage, at)
    taken = sorted(_timed(lambda: prices.cost(known, "gpt-4.1", usage, at)) for _ in range(lookups))
    return _at(taken, 0.5) * 1000


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _at(values: list[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)]


def call_figures(calls: int) -> Figures:
    """What a call costs, as a table and as figures."""
    with serving() as url:
        timing = per_call(url, calls)
    list_price = list_price_ms()
    print(f"{'ms per call':24}{'client':>9}{'bare SDK':>10}{'added':>8}")
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
        own, bare = _at(timing.own, share) * 1000, _at(timing.sdk, share) * 1000
        print(f"{name:24}{own:9.3f}{bare:10.3f}{own - bare:8.3f}")
    print(f"{'price by the public list':24}{list_price:9.3f}  (once a call, twice under a budget)")
    return {
        "own_ms_per_call_p50": round(timing.added_ms(0.5), 3),
        "client_ms_per_call_p50": round(_at(timing.own, 0.5) * 1000, 3),
        "sdk_ms_per_call_p50": round(_at(timing.sdk, 0.5) * 1000, 3),
        "list_price_ms": round(list_price, 3),
    }


def parallel_figures() -> Figures:
    """What calls side by side take."""
    with serving(LATE_S) as url:
        together = parallel(url)
    print(f"{PARALLEL} calls of {LATE_S * 1000:.0f} ms together: {together:.3f} s")
    return {"parallel8_s": round(together, 3)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400, help="calls through each")
    arguments = parser.parse_args()
    figures = {**session_figures(), **call_figures(arguments.calls), **parallel_figures()}
    load = os.getloadavg()[0]
    print(f"load of the machine: {load:.1f} on {os.cpu_count()} cores; figures hold on a quiet one")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
