"""Runs that nobody waits for, one behind the other: DBOS queues them, and queues them again after a crash.

DBOS keeps run ids and priorities in a file of its own (or in Postgres, by its address alone); what a run is
and how it stands is in our store. So the file can be lost: the next start queues what is still to be done.
DBOS is started with the first run it is given, since importing it takes a second.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import structlog

from agents.errors import READABLE
from storage.runs import Run
from storage.sqlite import open_checked

QUEUE = "background"
PRIORITY = 10
"""Of a run that names none; 1 goes first."""
CONCURRENCY = 4
"""Runs of the queue that work at once."""
POLL_S = 0.5
"""Seconds between two looks into the queue."""
VERSION = "1"
"""Fixed, so that a new release goes on with what the one before has queued."""
DONE = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
"""DBOS's states of a workflow that it will not touch again."""

log = structlog.get_logger()


class Background:
    """The queue; only one can be open in a process, since DBOS is one per process."""

    def __init__(
        self, place: Path | str, work: Callable[[str], None], concurrency: int = CONCURRENCY
    ) -> None:
        """`place` is a file, or the address of a Postgres database; `work` goes on with a run."""
        self._place = place
        self._work = work
        self._concurrency = concurrency
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="queue")
        self._dbos: Any = None
        self.fault: str | None = None
        """Sentence on why queued runs do not start; None when all is well."""

    @property
    def at_once(self) -> int:
        """Runs of the queue that may work at once."""
        return self._concurrency

    def put(self, queued: Sequence[Run]) -> "Future[None]":
        """Queue runs that are admitted; one that is queued already stays where it is. Returns at once."""
        return self._later(lambda: self._put(queued), needed=bool(queued))

    def drop(self, run_ids: Sequence[str]) -> "Future[None]":
        """Take runs out of the queue."""
        return self._later(lambda: self._forget(run_ids), needed=self._dbos is not None)

    def set_concurrency(self, runs: int) -> "Future[None]":
        """How many runs may work at once from now on."""
        self._concurrency = runs
        return self._later(self._register, needed=self._dbos is not None)

    def close(self) -> None:
        """Start nothing more, and leave the queue to the next start."""
        self._hand.shutdown(wait=True, cancel_futures=True)
        if self._dbos is not None:
            from agents.running import workflows

            workflows.serve(None)
            self._dbos.destroy()
            self._dbos = None

    def _later(self, task: Callable[[], None], needed: bool) -> "Future[None]":
        if needed:
            return self._hand.submit(self._with_dbos, task)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def _with_dbos(self, task: Callable[[], None]) -> None:
        try:
            if self._dbos is None:
                self._dbos = self._launch()
            task()
            self.fault = None
        except Exception as error:  # noqa: BLE001 - DBOS's errors are many; the runs stay queued in the store
            told = str(error) if isinstance(error, READABLE) else f"DBOS says: {error}"
            self.fault = f"Runs in the queue do not start; all of them are kept. {told}"
            log.error("the queue cannot be used", reason=str(error))

    def _launch(self) -> Any:
        from dbos import DBOS

        from agents.running import unpickled, workflows

        unpickled.refuse()
        workflows.serve(self._work)
        dbos = DBOS(
            config={
                "name": "whytree",
                "system_database_url": self._address(),
                "application_version": VERSION,
                "executor_id": "local",
                "serializer": unpickled.JSON,
                "log_level": "ERROR",
            }
        )
        try:
            DBOS.launch()
            self._dbos = dbos
            self._register()
        except BaseException:
            self._dbos = None
            DBOS.destroy()
            raise
        return dbos

    def _address(self) -> str:
        if isinstance(self._place, str):
            return self._place
        open_checked(self._place, "the queue", "queued runs are queued again").close()
        self._place.chmod(0o600)
        return f"sqlite:///{self._place.absolute()}"

    def _register(self) -> None:
        self._dbos.register_queue(
            QUEUE,
            worker_concurrency=self._concurrency,
            polling_interval_sec=POLL_S,
            on_conflict="always_update",
        )

    def _put(self, queued: Sequence[Run]) -> None:
        from dbos import SetEnqueueOptions, SetWorkflowID

        from agents.running.workflows import advance_run

        self._sweep()
        known = {found.workflow_id for found in self._find(workflow_ids=[run.run_id for run in queued])}
        for run in queued:
            if run.run_id not in known:
                options = SetEnqueueOptions(priority=run.priority or PRIORITY)
                with SetWorkflowID(run.run_id), options:
                    self._dbos.enqueue_workflow(QUEUE, advance_run, run.run_id)

    def _sweep(self) -> None:
        """Forget what is done, so that a run can be queued again under its id."""
        while done := [found.workflow_id for found in self._find(status=DONE, limit=500)]:
            self._forget(done)

    def _forget(self, run_ids: Sequence[str]) -> None:
        self._dbos.cancel_workflows(list(run_ids))
        self._dbos.delete_workflows(list(run_ids))

    def _find(self, **which: Any) -> list[Any]:
        return list(self._dbos.list_workflows(**which, load_input=False, load_output=False))
