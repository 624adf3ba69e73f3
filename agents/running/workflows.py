"""The one workflow that DBOS keeps: go on with a run. Its argument is the run's id, never a text or a key."""

import contextlib
from collections.abc import Callable
from concurrent.futures import CancelledError

from dbos import DBOS

_work: Callable[[str], None] | None = None


def serve(work: Callable[[str], None] | None) -> None:
    """Set who does the work in this process; None: nobody, a workflow then ends without having begun."""
    global _work
    _work = work


@DBOS.workflow(name="advance_run")
def advance_run(run_id: str) -> None:
    """Go on with a run until it waits or ends; what became of it stands on the run."""
    if _work is not None:
        with contextlib.suppress(CancelledError):  # the process shuts down: the next start queues it again
            _work(run_id)
