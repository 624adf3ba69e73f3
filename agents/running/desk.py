"""The list of runs and what can be done from it: find, look into, try again, branch off, tag, take away."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace

import structlog

from agents.diagnosis.text import clean_name
from agents.errors import BadInput, Refused
from agents.runner import Runner
from agents.running.actions import Actions, found
from agents.running.batch import Batch, Prepare, Terms, start_batch
from agents.running.export import Format, export
from agents.running.indexing import Indexer
from agents.running.progress import Progress, progress, remaining_of_tag
from agents.running.tasks import read_tasks
from agents.who import Who
from storage import calls, runs, search, tags, timeline
from storage.calls import Call, CallText
from storage.db import Store
from storage.errors import StoreError
from storage.runs import Event, Run
from storage.search import ORDER, Listed, RunLine, RunPage, RunQuery
from storage.timeline import Bar

BREAK_OFF_S = 1.0
"""Seconds in which a step that is cancelled has ended as a rule; nobody waits longer for it."""
MOST_AT_ONCE = 10_000
"""Runs of one bulk action or export."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Queue:
    """How the background stands."""

    queued: int
    running: int
    fault: str | None
    """Sentence on why nothing starts; None when all is well."""


class RunsDesk:
    """Every run of every kind."""

    def __init__(
        self,
        store: Store,
        runner: Runner,
        indexer: Indexer,
        actions: Mapping[str, Actions],
        prepares: Mapping[str, Prepare],
        delete: Callable[[Sequence[str], Who], None],
    ) -> None:
        self._store = store
        self._runner = runner
        self._indexer = indexer
        self._actions = actions
        self._prepares = prepares
        self._delete = delete

    # Finding

    def find(self, query: RunQuery, page: int = 1, size: int = search.PAGE) -> RunPage:
        """One page of the runs that a query finds; BadInput for an order there is none of."""
        if query.sort not in ORDER:
            raise BadInput(f"Runs are sorted by {', '.join(ORDER)}. Nothing was changed.")
        self._refresh()
        return search.find(self._store, self._indexer.index, query, page, max(1, min(size, 500)))

    def count(self, query: RunQuery) -> int:
        """How many runs a query finds."""
        self._refresh()
        return search.count(self._store, self._indexer.index, query)

    def find_ids(self, query: RunQuery) -> list[str]:
        """Every run that a query finds, for a bulk action."""
        self._refresh()
        return search.all_ids(self._store, self._indexer.index, query)

    @property
    def unread(self) -> int | None:
        """Runs whose words cannot be found yet, after a first start on a full store; None until counted."""
        return self._indexer.left

    def tags(self) -> list[tuple[str, int]]:
        """Every tag with the number of its runs."""
        return tags.listed(self._store)

    @property
    def moves(self) -> int:
        """Grows with everything that the list may show otherwise than before; asking costs no query."""
        return self._store.touched.moves

    # One run

    def run(self, run_id: str) -> Run:
        """The run's row; NotFound when there is none."""
        return found(self._store, run_id)

    def line(self, run_id: str) -> RunLine:
        """The run as the list shows it."""
        return search.lines(self._store, [found(self._store, run_id).run_id])[0]

    def events(self, run_id: str, after: int = 0) -> list[Event]:
        """What happened in a run behind event `after`."""
        return runs.events(self._store, run_id, after)

    def waterfall(self, run_id: str) -> list[Bar]:
        """Steps and attempts with their durations, parents before children."""
        return timeline.of_run(self._store, run_id)

    def calls(self, run_id: str) -> list[Call]:
        """Attempts at models in the order of their start."""
        self._store.flush()
        return calls.of_run(self._store, run_id)

    def call_text(self, call_id: str) -> CallText | None:
        """Prompt and answer of an attempt; None when they are not kept any more."""
        return calls.text_of(self._store, call_id)

    def progress(self, run_id: str) -> Progress:
        """Which steps work, how many are done, how long it may still take."""
        return progress(self._store, found(self._store, run_id), self._runner.at_work(run_id))

    # Acting

    def retry(self, run_id: str, session: str | None = None) -> None:
        """Go on with a run from the step that failed, or that waits for a key or a file."""
        self._action(run_id).retry(run_id, session)

    def cancel(self, run_id: str) -> None:
        """Stop a run for good; what was recorded stays, the step that was broken off among it."""
        self._action(run_id).cancel(run_id)
        with contextlib.suppress(TimeoutError, CancelledError):  # it ends without us too
            self._runner.advance(found(self._store, run_id)).result(BREAK_OFF_S)
        with contextlib.suppress(StoreError):  # what cannot be written yet is told on every page
            self._store.flush()

    def again(self, run_id: str, who: Who, session: str | None = None) -> str:
        """Do the same anew; the new run's id."""
        self._runner.check_open()
        return self._action(run_id).again(run_id, who, session)

    def fork(self, run_id: str, before: int, who: Who, session: str | None = None) -> str:
        """Branch off before an event, to go on otherwise from there; the new run's id."""
        self._runner.check_open()
        return self._action(run_id).fork(run_id, before, who, session)

    def tag(self, run_ids: Sequence[str], tag: str, who: Who) -> None:
        """Put a tag on runs."""
        tag = clean_name(tag, "The tag", tags.LONGEST)
        tags.add(self._store, _some(run_ids), tag, who.user_id)

    def untag(self, run_ids: Sequence[str], tag: str) -> None:
        """Take a tag off runs."""
        tags.remove(self._store, _some(run_ids), tag)

    def delete(self, run_ids: Sequence[str], who: Who) -> None:
        """Take runs and all their texts away for good; what they cost stays in the figures."""
        self._delete(_some(run_ids), who)

    def export(self, run_ids: Sequence[str], form: Format) -> bytes:
        """Runs as a file, in the order given."""
        return export(search.lines(self._store, _some(run_ids)), form)

    # Batches

    def start_batch(self, name: str, content: bytes, terms: Terms) -> Batch:
        """Queue the tasks of a file; each becomes a run with the batch's tag."""
        tag = clean_name(terms.tag, "The batch's tag", tags.LONGEST)
        tasks = read_tasks(name, content)
        return start_batch(self._store, self._runner, self._prepares, tasks, replace(terms, tag=tag))

    def queue(self) -> Queue:
        """How the background stands."""
        sql = """
            select count(*) filter (status = 'queued') as queued,
                   count(*) filter (status = 'running') as running
            from runs where queue is not null and deleted_at is null
        """
        (row,) = self._store.read(sql)
        background = self._runner.background
        return Queue(row["queued"], row["running"], background.fault if background else None)

    def tagged(self, tag: str) -> dict[Listed, int]:
        """How many of the runs with a tag are in which state; states of none are left out."""
        return search.of_tag(self._store, tag)

    def remaining(self, tag: str) -> float | None:
        """Seconds until the runs with a tag have ended, as far as those that have tell; None: unknown."""
        background = self._runner.background
        return None if background is None else remaining_of_tag(self._store, tag, background.at_once)

    def set_concurrency(self, runs_at_once: int) -> None:
        """How many runs of the queue may work at once."""
        if not 1 <= runs_at_once <= 100:
            raise BadInput("Between 1 and 100 runs of the queue can work at once. Nothing was changed.")
        if self._runner.background is not None:
            self._runner.background.set_concurrency(runs_at_once)

    def _action(self, run_id: str) -> Actions:
        run = found(self._store, run_id)
        if run.kind not in self._actions:
            raise Refused(
                f"A run of the kind “{run.kind[:40]}” is a document, not work. Nothing was changed."
            )
        return self._actions[run.kind]

    def _refresh(self) -> None:
        try:
            self._indexer.refresh()
        except StoreError as error:  # the list itself does not need it
            log.error("the latest runs cannot be found by words", reason=str(error))


def _some(run_ids: Sequence[str]) -> list[str]:
    """The runs meant, once each; BadInput for none or too many."""
    wanted = list(dict.fromkeys(run_ids))
    if not wanted:
        raise BadInput("No run is chosen. Nothing was changed.")
    if len(wanted) > MOST_AT_ONCE:
        raise BadInput(
            f"{len(wanted):,} runs are chosen; {MOST_AT_ONCE:,} are the most at once. Nothing was changed."
        )
    return wanted
