"""A diagnosis that a request of a batch turns out to be, where only a model could tell.

What the words tell is a diagnosis from its admission on (`office.prepares`). Whom the model sends to
Diagnose nobody is there to hand over to that page, so the request ends in a diagnosis of its own, in the same
queue, with the same tags and limits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agents.errors import WhytreeError
from agents.running.batch import Admission, Prepare
from agents.running.limits import OwnLimits
from agents.who import Who
from storage import copies, runs
from storage.db import Row, Store
from storage.runs import Run


@dataclass(frozen=True)
class Born:
    """What a request ends in."""

    admission: Admission | None
    """The run; None where there can be none."""
    why_not: str = ""
    """A whole sentence, where there can be none."""

    @property
    def run_id(self) -> str | None:
        """The run's id."""
        return None if self.admission is None else self.admission.run.run_id


@dataclass(frozen=True)
class Offspring:
    """Makes such runs; give `rows` to the transaction that ends the request, then call `start`."""

    store: Store
    prepare: Prepare
    """Of a diagnosis."""
    enqueue: Callable[[Sequence[Run]], None]

    def of(self, request: Run) -> Born:
        """The diagnosis of a request; without one the person begins it, with a playbook of their choice."""
        try:
            prepared = self.prepare(request.input, None, Who(request.user_id, request.project_id))
        except WhytreeError as error:
            return Born(None, str(error))
        run = replace(
            prepared.run,
            status="queued",
            queue=request.queue,
            priority=request.priority,
            parent_run_id=request.run_id,
            started_at=None,
        )
        return Born(replace(prepared, run=OwnLimits.of(request).on(run)))

    def rows(self, born: Born) -> list[tuple[str, Row]]:
        """All that is recorded of it, with the tags of its request."""
        if born.admission is None:
            return []
        return copies.born(self.store, born.admission.run, born.admission.first)

    def start(self, born: Born) -> None:
        """Let it wait for its turn, unless the request was cancelled before it could end in it."""
        if born.admission is not None and runs.find(self.store, born.admission.run.run_id) is not None:
            self.store.touched.add(born.admission.run.run_id)
            self.enqueue([born.admission.run])
