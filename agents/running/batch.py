"""Many tasks at once: each is admitted as a run of its own, and waits for its turn in the queue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agents.errors import BadInput, WhytreeError
from agents.running.background import PRIORITY, QUEUE
from agents.running.limits import OwnLimits
from agents.running.tasks import Task
from agents.who import Who
from storage import runs, tags
from storage.db import Connection, Row, Store
from storage.runs import NewEvent, Run

if TYPE_CHECKING:
    from agents.runner import Runner


@dataclass(frozen=True)
class Admission:
    """A run about to be admitted, with what is recorded beside it."""

    run: Run
    first: tuple[NewEvent, ...]
    rows: tuple[tuple[str, Row], ...] = ()


Prepare = Callable[[str, str | None, Who], Admission]
"""From a task's text, its agent and whose it is; raises a sentence for a task that cannot be taken."""


@dataclass(frozen=True)
class Refusal:
    """A task that was not taken."""

    line: int
    sentence: str


@dataclass(frozen=True)
class Batch:
    """What became of a file of tasks."""

    tag: str
    """Tag of all its runs."""
    run_ids: tuple[str, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True)
class Terms:
    """What holds for every task of a batch."""

    who: Who
    tag: str
    agent: str = "ask"
    """Takes the tasks that name none: a key of the `Prepare`s, or an agent of the router."""
    priority: int = PRIORITY
    """1 goes first."""
    limits: OwnLimits = field(default_factory=OwnLimits)
    """Of each run."""


def start_batch(
    store: Store, runner: "Runner", prepares: Mapping[str, Prepare], tasks: Sequence[Task], terms: Terms
) -> Batch:
    """Admit the tasks and queue them; those that cannot be taken are named and the others go on.

    All that are taken are on disk when this returns; when it is cut short none of them is.
    """
    runner.check_open()
    admissions: list[Admission] = []
    refused: list[Refusal] = []
    for task in tasks:
        try:
            prepared = _prepared(prepares, task, terms)
            admissions.append(_queued(prepared, task.priority or terms.priority, terms.limits))
        except WhytreeError as error:
            refused.append(Refusal(task.line, str(error)))
    if admissions:
        _admit(store, admissions, terms)
        runner.enqueue([admission.run for admission in admissions])
    return Batch(terms.tag, tuple(admission.run.run_id for admission in admissions), tuple(refused))


def _prepared(prepares: Mapping[str, Prepare], task: Task, terms: Terms) -> Admission:
    name = task.agent or terms.agent
    if name in prepares:
        return prepares[name](task.text, None, terms.who)
    if "ask" not in prepares:
        raise BadInput(f"There is no agent “{name[:40]}”.")
    return prepares["ask"](task.text, name, terms.who)


def _queued(admission: Admission, priority: int, limits: OwnLimits) -> Admission:
    run = replace(admission.run, status="queued", queue=QUEUE, priority=priority, started_at=None)
    return replace(admission, run=limits.on(run))


def _admit(store: Store, admissions: Sequence[Admission], terms: Terms) -> None:
    def work(connection: Connection) -> None:
        runs.admit_all_in(connection, [(each.run, each.first, each.rows) for each in admissions])
        tags.add_in(
            connection, [admission.run.run_id for admission in admissions], terms.tag, terms.who.user_id
        )

    store.transact(work)
    for admission in admissions:
        store.touched.add(admission.run.run_id)
