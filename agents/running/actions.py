"""What can be done with a run whose events say everything: try again, stop, begin anew, branch off."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from agents.errors import NotFound, Refused, Stale
from agents.who import Who
from storage import copies, runs
from storage.clock import new_id, now
from storage.db import Store
from storage.events import HELD
from storage.runs import NewEvent, OutOfStep, Run

NO_ERROR = dict.fromkeys(("error_type", "error_text", "error_step", "error_trace", "finished_at"))
"""Columns that are empty while a run goes on."""
ONLY_FAILED = "Only a failed run can be tried again. Nothing was changed."

Remember = Callable[[str, str | None], Sequence[NewEvent]]
"""Lets a run use the models of a browser session; returns what to record with the run."""


class Actions(Protocol):
    """What the list of runs may do with the runs of a kind.

    `session` is the browser session whose models may be used.
    """

    def retry(self, run_id: str, session: str | None = None) -> None:
        """Go on with a run from the step that failed, or that waits for a key or a file."""

    def cancel(self, run_id: str) -> None:
        """Stop a run for good."""

    def again(self, run_id: str, who: Who, session: str | None = None) -> str:
        """Do the same anew; the new run's id."""

    def fork(self, run_id: str, before: int, who: Who, session: str | None = None) -> str:
        """Branch off before an event; the new run's id."""


class EventActions:
    """Actions on runs whose graph reads their events and adds what is missing."""

    def __init__(
        self,
        store: Store,
        advance: Callable[[Run], object],
        stop: Callable[[str], None],
        remember: Remember = lambda run_id, session: (),
    ) -> None:
        self._store = store
        self._advance = advance
        self._stop = stop
        self._remember = remember

    def retry(self, run_id: str, session: str | None = None) -> None:
        """Go on with a run from the step that failed, or that waits for a key or a file."""
        run, last = found_with_last(self._store, run_id)
        if run.status != "failed" and not is_held(self._store, run):
            raise Refused(ONLY_FAILED)
        take_up(self._store, run_id, last, (*self._remember(run_id, session), ("retried", {})))
        self._advance(run)

    def cancel(self, run_id: str) -> None:
        """Stop a run for good, in the middle of a model's answer too; what was recorded stays."""
        while (run := found(self._store, run_id)).status not in ("completed", "cancelled"):
            with contextlib.suppress(OutOfStep):  # the tool was faster: look again
                last = runs.last_seq(self._store, run_id)
                runs.add_events(self._store, run_id, [], last, "cancelled", finished_at=now())
                self._stop(run_id)
                return
        raise Refused(f"This run is already {run.status}. Nothing was changed.")

    def again(self, run_id: str, who: Who, session: str | None = None) -> str:
        """Begin a new run with what this one was admitted with."""
        return self._copy(run_id, copies.admission_end(self._store, run_id) + 1, who, "repeated", session)

    def fork(self, run_id: str, before: int, who: Who, session: str | None = None) -> str:
        """Begin a new run with this one's record before event `before`, and go on from there.

        Where that event was a person's, such as an answer, the new run waits for another one.
        """
        last = runs.last_seq(self._store, run_id)
        if not copies.admission_end(self._store, run_id) < before <= last + 1:
            raise Refused(f"A run with {last} events cannot be branched off before event {before}.")
        return self._copy(run_id, before, who, "forked", session)

    def _copy(self, run_id: str, before: int, who: Who, kind: str, session: str | None) -> str:
        source, at = readable(self._store, run_id), now()
        copy = replace(
            source,
            **NO_ERROR,  # type: ignore[arg-type]
            run_id=new_id(),
            status="running",
            user_id=who.user_id,
            project_id=who.project_id,
            parent_run_id=run_id,
            queue=None,
            created_at=at,
            started_at=at,
            updated_at=at,
        )
        then = [*self._remember(copy.run_id, session), (kind, {"from": run_id, "before": before})]
        copies.admit_copy(self._store, copy, run_id, before, then)
        self._advance(copy)
        return copy.run_id


def take_up(store: Store, run_id: str, last: int, events: Sequence[NewEvent]) -> None:
    """Set a run to work behind its event `last`; Stale when anything was done with it since."""
    changes: dict[str, Any] = dict(NO_ERROR)
    try:
        runs.add_events(store, run_id, events, last, "running", **changes)
    except OutOfStep as error:
        raise Stale(
            "Something else was done with this run in the meantime, in another tab or by someone else. "
            "Nothing was changed by this page: look at what it shows now, then go on."
        ) from error


def is_held(store: Store, run: Run) -> bool:
    """Whether a run waits, in the middle of a step, for something that a person has to give."""
    return run.status == "waiting" and runs.last_kind(store, run.run_id) == HELD


def found(store: Store, run_id: str) -> Run:
    """The run's row; NotFound when there is none, or none any more."""
    run = runs.find(store, run_id) if run_id.isascii() else None
    if run is None:
        raise _missing(store, run_id)
    return run


def found_with_last(store: Store, run_id: str) -> tuple[Run, int]:
    """The run's row and the number of its last event, of one moment; NotFound as in `found`."""
    known = runs.find_with_last(store, run_id) if run_id.isascii() else None
    if known is None:
        raise _missing(store, run_id)
    return known


def _missing(store: Store, run_id: str) -> NotFound:
    if run_id.isascii() and (at := runs.deleted_at(store, run_id)) is not None:
        return NotFound(
            f"This run was deleted on {at:%d %B %Y}, with everything that was written in it. What it "
            f"cost and took stays in the figures."
        )
    name = run_id[:60].encode("ascii", "replace").decode()
    return NotFound(f"There is no run “{name}” in this store. Check the link.")


def readable(store: Store, run_id: str) -> Run:
    """The run's row; Refused when its texts were removed, so that nothing can be begun from it."""
    run = found(store, run_id)
    if run.texts_removed_at is not None:
        raise Refused(
            f"The texts of this run were removed on {run.texts_removed_at:%d %B %Y}, so there is nothing "
            f"left to go on from. Its figures are kept."
        )
    return run
