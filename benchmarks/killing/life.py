"""One life of the process that is killed: it takes up what the last one left, and begins new runs."""

import contextlib
import random
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from pydantic import BaseModel

from agents.llm import build
from agents.llm.call import CallContext
from agents.llm.client import LlmClient
from agents.llm.providers import Limits, Provider, Rate
from agents.prompts.prompt import FilledPrompt
from agents.runner import Runner
from agents.running import background, current
from agents.running.batch import Admission, Terms, start_batch
from agents.running.tasks import Task
from agents.who import Who
from benchmarks.killing import client, fuse
from benchmarks.killing.fuse import Fuse
from benchmarks.killing.graphs import Agents
from benchmarks.killing.ledger import Ledger, LedgerWire, tell_what_is_kept
from storage import runs
from storage.clock import new_id, now
from storage.db import Store
from storage.journal import Journal
from storage.runs import AT_WORK, OutOfStep, Run

KINDS = ("chain", "fan", "person", client.KIND)
AT_ONCE = 8
"""Runs that are kept in flight: two of each kind."""
BATCH = ("chain", "fan", "chain", "fan")
"""Agents of the tasks of a batch, which nobody waits for."""
POLL_S = 0.02
"""Seconds between two looks of DBOS into its queue here; Whytree's own are longer than a life."""
LOOK_S = 0.005
LONGEST_CALL_S = 0.012
MANY = 100_000_000
"""A limit that is counted but never reached."""
STORE, JOURNAL, CHECKPOINTS = "whytree.duckdb", "journal.sqlite", "checkpoints.sqlite"
QUEUE = "queue.sqlite"
LEDGER = "ledger.jsonl"


class Said(BaseModel):
    """What the provider answers."""

    number: int


class Forgetful:
    """A cache that keeps nothing, so that only the journal saves a paid call."""

    def get(self, key: str) -> None:
        """Nothing."""

    def put(self, key: str, value: object, seconds: float | None = None) -> None:
        """Keep nothing."""

    def drop(self, key: str) -> None:
        """Forget nothing."""


class Life:
    """A runner on the files, and the people who use it."""

    def __init__(self, folder: Path, ledger: Ledger, number: int, burning: Fuse | None = None) -> None:
        self._rng = random.Random(number)
        self._ledger = ledger
        tell_what_is_kept(self._ledger)
        if burning is not None:
            fuse.lay(burning)
        self.store = Store.open(folder / STORE)
        if self.store.gap is not None:
            self._ledger.note("gap", sentence=self.store.gap)
        self._journal = Journal.open(folder / JOURNAL)
        self._client = self._connect()
        background.POLL_S = POLL_S
        self._diagnoses = client.Client(self.store, lambda run: self.runner.advance(run))
        graphs = {**Agents(self.store, self._ask).graphs(), client.KIND: self._diagnoses.graph}
        self.runner = Runner(
            self.store, folder / CHECKPOINTS, graphs, queue=folder / QUEUE, folding=(client.KIND,)
        )
        self._queued = {run.run_id for run in self._open_runs() if run.queue is not None}

    def work(self) -> None:
        """Take up what was left, keep runs in flight, and answer those that wait."""
        self.runner.recover()
        begun = self._rng.randrange(len(KINDS))
        while True:
            for _ in range(AT_ONCE - len(self._look())):
                begun += 1
                self._begin(KINDS[begun % len(KINDS)])
            time.sleep(LOOK_S)

    def work_on_batches(self) -> None:
        """Take up what was left, and keep a batch in the queue; only what its runs do is told."""
        self._ledger.counts = self._queued.__contains__
        self.runner.recover()
        while True:
            if sum(run.queue is not None for run in self._look()) < len(BATCH):
                self._begin_batch()
            time.sleep(LOOK_S)

    def finish(self) -> None:
        """Take up what was left, and return when every run has ended."""
        self.runner.recover()
        while self._look():
            time.sleep(LOOK_S)

    def close(self) -> None:
        """End as a server does that is asked to."""
        self.runner.close()
        self._client.close()
        self._journal.close()
        self.store.close()

    def _open_runs(self) -> list[Run]:
        return runs.with_status(self.store, (*AT_WORK, "waiting"))

    def _look(self) -> list[Run]:
        """Runs that have not ended; those that wait are answered."""
        open_runs = self._open_runs()
        for run in open_runs:
            if run.status == "waiting":
                self._answer(run)
        return open_runs

    def _begin_batch(self) -> None:
        """Queue a file of tasks, as a person does."""
        tasks = [Task(line, kind, kind) for line, kind in enumerate(BATCH, start=1)]
        prepares = dict.fromkeys(BATCH, self._prepare)
        batch = start_batch(self.store, self.runner, prepares, tasks, Terms(Who(), "batch"))
        for run_id in batch.run_ids:
            self._ledger.note("admitted", run=run_id)

    def _prepare(self, kind: str, _: str | None, who: Who) -> Admission:
        run = _new(kind)
        self._queued.add(run.run_id)
        return Admission(run, ())

    def _begin(self, kind: str) -> None:
        if kind == client.KIND:
            self._ledger.note("admitted", run=self._diagnoses.begin())
            return
        run = _new(kind)
        runs.admit(self.store, run)
        self._ledger.note("admitted", run=run.run_id)
        self.runner.advance(run)

    def _answer(self, run: Run) -> None:
        if run.kind == client.KIND:
            if (taken := self._diagnoses.act(run.run_id)) is not None:
                self._ledger.note("answered", run=run.run_id, value=taken)
            return
        value = self._rng.randrange(1_000)
        last = runs.events(self.store, run.run_id)[-1]
        if last.status != "waiting":
            return
        with contextlib.suppress(OutOfStep):
            runs.add_events(self.store, run.run_id, [("answered", {"value": value})], last.seq, "running")
            self._ledger.note("answered", run=run.run_id, value=value)
            self.runner.advance(run)

    def _ask(self, run_id: str, node: str, call: str) -> int:
        prompt = FilledPrompt(
            "kill", "1", ({"role": "user", "content": f'["{run_id}", "{node}", "{call}"]'},)
        )
        context = CallContext(node, call, "me", "default", "test", run_id=run_id, step_id=current.step_id())
        reply = self._client.ask(Said, prompt, "diagnosis", context, current.cancel_event())
        return reply.value.number

    def _connect(self) -> "LlmClient":
        limits = Limits(requests_per_minute=MANY, tokens_per_minute=MANY)
        rates = (Rate(input=Decimal("0.1"), output=Decimal("0.1")),)
        provider = Provider(
            name="ledger",
            base_url="http://127.0.0.1:9/v1",
            models={"diagnosis": "m"},
            limits=limits,
            rates=rates,
        )
        with patch.object(build, "Wire", lambda keys, _: LedgerWire(keys, self._ledger, self._call_seconds)):
            return build.build_client(self.store, self._journal, Forgetful(), [provider])

    def _call_seconds(self) -> float:
        return self._rng.uniform(0, LONGEST_CALL_S)


def _new(kind: str) -> Run:
    at = now()
    return Run(new_id(), kind, kind, "", "queued", "me", "default", "test", at, at)


def live(
    folder: Path, number: int, burning: Fuse | None, has_queue: bool, told: Callable[[], object]
) -> None:
    """Work until killed, by the fuse where there is one; `told` is called behind lines of the ledger.

    With `has_queue` what is begun are batches, and only lines about their runs are told.
    """
    life = Life(folder, Ledger(folder / LEDGER, number, told), number, burning)
    if has_queue:
        life.work_on_batches()
    else:
        life.work()


def live_to_the_end(folder: Path, number: int) -> None:
    """Bring every run to its end, and close."""
    life = Life(folder, Ledger(folder / LEDGER, number), number)
    life.finish()
    life.close()
