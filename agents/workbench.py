"""The composition root, and the only face that pages and shells see."""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, wait

from agents import office, router
from agents.assistants.desk import Desk
from agents.assistants.web import WebSearch
from agents.conversations import Conversations
from agents.diagnosis import graph
from agents.diagnosis.admission import NotAComplaint
from agents.diagnosis.advisor import Advisor
from agents.diagnosis.cases import Cases
from agents.diagnosis.demos import Demos
from agents.diagnosis.diagnoses import Diagnoses
from agents.diagnosis.loading import load_library
from agents.keeping.beside import finish_erasure
from agents.models import Models
from agents.office import Office
from agents.runner import Runner
from agents.running.offspring import Offspring
from agents.settings import Settings
from agents.tree.desk import TreeDesk
from agents.usage.desk import UsageDesk
from agents.usage.watcher import Watcher
from agents.who import Who
from storage import gaps, runs
from storage.db import Store
from storage.journal import Journal
from storage.rebuilding import rebuild
from storage.runs import Run
from storage.sessions import DiskConvenience

SETTLE_S = 10.0
"""Seconds a call waits for the tool's own steps; after that the caller polls `view`."""
GLANCE_S = 0.05
"""Seconds between two looks at whether a model is asked."""

__all__ = ["NotAComplaint", "Who", "Workbench"]


class Workbench(Diagnoses):
    """Everything Whytree does, without a page: build one with `Workbench.open`, close it at the end.

    The main job is its own: start, view, answer, conclude, cancel. The rest has a desk of its own.
    """

    def __init__(
        self, settings: Settings, store: Store, convenience: DiskConvenience, journal: Journal
    ) -> None:
        library = load_library(settings.playbooks)
        self.models = Models(store, journal, convenience, settings.models, settings.environment)
        """Which language models are connected."""
        advisor = Advisor(self.models)
        cases = Cases(store, lambda: library)
        super().__init__(cases, settings.environment, self._let_work, advisor, self._until_the_model)
        self.settings = settings
        self._missing = " ".join(filter(None, (store.gap, gaps.sentence(store)))) or None
        self._journal = journal
        self.convenience = convenience
        self.demos = Demos(self)
        """Diagnoses for an audience and for training."""
        self.trees = TreeDesk(store, self, settings.environment)
        """Trees as documents: open, edit, undo, compare."""
        self.usage = UsageDesk(store, settings.environment)
        """What it costs, how fast it is, who used it."""
        desk = Desk(store, self.models, settings.data / "attachments", WebSearch.of(settings))
        self.conversations = Conversations(desk, journal, settings.environment, lambda: self._runner)
        """Any other task, through the router."""
        prepares = office.prepares(self, settings.data, settings.environment)
        offspring = Offspring(store, prepares["diagnosis"], lambda queued: self._runner.enqueue(queued))
        graphs = {"diagnosis": graph.build(cases, advisor), "ask": router.build(desk, offspring)}
        self._runner = Runner(
            store,
            settings.data / "checkpoints.sqlite",
            graphs,
            queue=settings.data / "queue.sqlite",
            folding=("diagnosis",),
        )
        with contextlib.ExitStack() as opened:
            opened.callback(self._runner.close)
            self._office = Office(
                store,
                settings.data,
                journal,
                convenience,
                self._runner,
                office.actions(self, self._runner, self.conversations),
                prepares,
            )
            opened.callback(self._office.close)
            self._watcher = Watcher(store, settings.alert_webhook)
            self._watcher.start()
            opened.pop_all()
        self.runs = self._office.runs
        """Runs of every kind: find, look into, act on, queue."""
        self.keeping = self._office.keeping
        """What is kept, for how long, and how it leaves."""

    @classmethod
    def open(cls, settings: Settings | None = None) -> "Workbench":
        """Open the data folder and go on with what a dead process left; raises a sentence if it cannot."""
        settings = settings or Settings.load()
        missing = finish_erasure(settings.data)
        with contextlib.ExitStack() as opened:
            store = Store.open(settings.data / "whytree.duckdb")
            opened.callback(store.close)
            store.gap = store.gap or missing
            convenience = DiskConvenience(settings.data / "convenience")
            opened.callback(convenience.close)
            journal = Journal.open(settings.data / "journal.sqlite")
            opened.callback(journal.close)
            rebuild(store, journal)
            bench = cls(settings, store, convenience, journal)
            opened.pop_all()
        bench._runner.recover()
        return bench

    @classmethod
    @contextlib.contextmanager
    def opened(cls, settings: Settings | None = None) -> "Iterator[Workbench]":
        """`open` and `close` around a block, for a shell or a script."""
        bench = cls.open(settings)
        try:
            yield bench
        finally:
            bench.close()

    def close(self) -> None:
        """Let steps at work finish, flush, release the files."""
        with contextlib.ExitStack() as last_first:
            last_first.callback(self.convenience.close)
            last_first.callback(self._store.close)
            last_first.callback(self._journal.close)
            last_first.callback(self.models.close)
            last_first.callback(self._runner.close)
            last_first.callback(self._office.close)
            last_first.callback(self._watcher.close)

    def check_open(self) -> None:
        """Raise Refused while the process shuts down."""
        self._runner.check_open()

    def cancel(self, run_id: str) -> None:
        """Stop a run for good, in the middle of a model's answer too; what was recorded stays."""
        super().cancel(run_id)
        self._runner.stop(run_id)

    def open_tree(self, run_id: str, who: Who | None = None) -> str:
        """The tree of a diagnosis as a document to edit: the one opened before, or a new one.

        A new one is titled after the complaint.
        """
        if (known := self.trees.find_for(run_id)) is not None:
            return known
        tree = self.tree(run_id).model_copy(update={"title": self.run(run_id).title})
        return self.trees.add(tree, who or Who(), "From the diagnosis", run_id)

    def recent(self, who: Who, limit: int = 8, kind: str = "diagnosis") -> list[Run]:
        """The person's runs of a kind in the project, the one touched last first; demos are none of them."""
        environment = self.settings.environment
        return runs.recent(self._store, who.user_id, who.project_id, kind, limit, environment)

    def people(self) -> tuple[list[str], list[str]]:
        """Users and projects that have runs."""
        return runs.people(self._store)

    @property
    def fault(self) -> str | None:
        """Sentence on records that are not on disk, or were missing at the start; None when all is well."""
        return self._store.fault or self._missing

    def _until_the_model(self, run: Run) -> None:
        """Wait for the tool's own steps; for a model nobody waits here, since the page says what it is at."""
        future = self._runner.advance(run)
        end = time.monotonic() + SETTLE_S
        glance_s = GLANCE_S
        while time.monotonic() < end and not wait([future], glance_s).done:
            case = self.cases.case(run.run_id)
            if case.model_task is not None:
                return
            glance_s = GLANCE_S if case.with_model else SETTLE_S

    def _let_work(self, run: Run) -> None:
        """Wait for the tool's steps, but not for a slow model: a page that sees `is_working` polls."""
        with contextlib.suppress(TimeoutError, CancelledError):  # cancelled: the next start takes it up
            self._runner.advance(run).result(SETTLE_S)
