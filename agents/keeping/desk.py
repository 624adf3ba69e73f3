"""Keeping, while Whytree runs: retention by a schedule and by hand, backup, and deletion everywhere."""

import contextlib
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path

import structlog

from agents.errors import BadInput, Refused
from agents.keeping import beside, leftovers
from agents.keeping.beside import Beside
from agents.keeping.leftovers import BrokeOff, Leftover
from agents.runner import Runner
from agents.who import Who
from storage import backup, deletion, gaps, retention, runs
from storage.backup import Contents
from storage.clock import now
from storage.db import Store, insert
from storage.deletion import Owned
from storage.errors import StoreError
from storage.reach import Subject
from storage.retention import Due, Policy, Removed, What
from storage.usage import audit

EVERY_S = 24 * 3600.0
"""Seconds between two removals by the schedule; the first comes with the start."""
STOP_S = 10.0
"""Seconds a run at work is given to end before it is deleted."""
LONGEST_DAYS = 36_500
BY_ITSELF = "whytree"
"""Who is said to have done what the schedule does."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Place:
    """Where everything lies."""

    store: Store
    data: Path


class Keeping:
    """What is kept, for how long, and how it leaves."""

    def __init__(self, place: Place, runner: Runner, others: Beside) -> None:
        self._store = place.store
        self._data = place.data
        self._runner = runner
        self._others = others
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._by_schedule, name="retention", daemon=True)
        self._thread.start()

    # Retention

    def policies(self) -> dict[What, Policy]:
        """How long each kind is kept; kinds that are not named are kept for ever."""
        return retention.policies(self._store)

    def set_policy(self, what: What, keep_days: int | None, who: Who) -> None:
        """Remove a kind at an age from now on, within a day; None keeps it for ever."""
        if keep_days is not None and not 1 <= keep_days <= LONGEST_DAYS:
            raise BadInput(f"The age is a number of days from 1 to {LONGEST_DAYS:,}. Nothing was changed.")
        retention.set_policy(self._store, what, keep_days, who.user_id)
        self._note(who.user_id, "retention_set", what, {"keep_days": keep_days})

    def preview(self, days: Mapping[What, int]) -> list[Due]:
        """What would be removed now, kind by kind."""
        return retention.preview(self._store, days)

    def retain(self, days: Mapping[What, int], who: Who) -> Removed:
        """Remove what is older than these ages, in every store; figures stay."""
        return self._retain(days, who.user_id)

    # Deletion

    def delete_runs(self, run_ids: Sequence[str], who: Who) -> None:
        """Take runs and all their texts away for good; what they cost and took stays in the figures."""
        if self._store.fault:
            raise Refused(f"Nothing was deleted: {self._store.fault}")
        self._halt(run_ids)
        files = deletion.delete_runs(self._store, run_ids)
        self._others.forget(run_ids, files)
        self._note(who.user_id, "runs_deleted", str(len(run_ids)), {"run_ids": list(run_ids)})

    def owned_by(self, subject: Subject, name: str) -> Owned:
        """What would be deleted with a person or project."""
        return deletion.owned_by(self._store, subject, name)

    def delete_owned(self, subject: Subject, name: str) -> Owned:
        """Delete everything of a person or project, figures included, from every store.

        Nothing shows it any more when this returns; the bytes leave the files at the next start.
        """
        beside.mark_for_erasure(self._data)
        self._halt(deletion.owned_by(self._store, subject, name).run_ids)
        owned = deletion.delete_owned(self._store, subject, name)
        self._others.forget(owned.run_ids, owned.attachment_ids)
        self._others.forget_drafts()
        return owned

    # What nothing points to

    def leftovers(self) -> list[Leftover]:
        """Files that no record points to any more and that are a day old, the oldest first."""
        return leftovers.found(self._store, self._data)

    def leftover(self, name: str) -> bytes:
        """What is in one of them, to look inside before it goes; Refused when it is none any more."""
        return leftovers.content(self._store, self._data, name)

    @property
    def loss(self) -> str | None:
        """Sentence on records that were lost, in this start or an earlier one; None once it is accepted."""
        return self._store.gap or gaps.loss(self._store)

    def accept_loss(self, who: Who) -> None:
        """Say that what was lost stays lost, so that what may be all that is left of it can be removed."""
        gaps.accept_loss(self._store, who.user_id)

    def remove_leftovers(self, names: Sequence[str], who: Who) -> list[Leftover]:
        """Remove these of them for good; Refused while records are missing, or when one is none any more.

        Records that were lost are missing until a backup is restored or somebody has accepted the loss.

        What is to go stands in the audit before the first goes, and what went stands there afterwards, also
        when the removal breaks off (BrokeOff tells what is gone).
        """
        if missing := self.loss or gaps.sentence(self._store):
            raise Refused(f"Nothing was removed, for such a file may be all that is left: {missing}")
        every = leftovers.chosen(self._store, self._data, names)
        self._note_leftovers(who, "leftovers_removal_begun", every)
        try:
            leftovers.remove(self._data, every)
        except BrokeOff as broken:
            self._note_leftovers(who, "leftovers_removed", broken.gone)
            raise
        self._note_leftovers(who, "leftovers_removed", every)
        return every

    def _note_leftovers(self, who: Who, action: str, every: Sequence[Leftover]) -> None:
        told: dict[str, object] = {left.name: left.size_bytes for left in every}
        self._note(who.user_id, action, str(len(every)), told)

    # Backup

    def backup(self, target: Path) -> Contents:
        """Write everything that is kept into one file, while people go on."""
        return backup.write_backup(self._store, self._data, target)

    def close(self) -> None:
        """End the schedule."""
        self._stop.set()
        self._thread.join()

    def _by_schedule(self) -> None:
        while True:
            try:
                self._retain(retention.ages(self._store), BY_ITSELF)
            except StoreError as error:  # the next day tries again, and pages tell a broken store
                log.error("nothing was removed by age", reason=str(error))
            if self._stop.wait(EVERY_S):
                return

    def _retain(self, days: Mapping[What, int], actor: str) -> Removed:
        removed = retention.remove(self._store, days)
        self._others.forget(removed.run_ids, removed.attachment_ids)
        gone: dict[str, object] = {due.what: due.rows for due in removed.due if due.rows}
        if gone:
            self._note(actor, "retention", ", ".join(gone), gone)
        return removed

    def _halt(self, run_ids: Sequence[str]) -> None:
        """Stop what is at work, and wait until it has ended."""
        for run_id in run_ids:
            run = runs.find(self._store, run_id)
            if run is None or run.status not in (*runs.AT_WORK, "waiting"):
                continue
            runs.set_status(self._store, run_id, "cancelled", finished_at=now())
            self._runner.stop(run_id)
            with contextlib.suppress(TimeoutError, CancelledError):
                self._runner.advance(run).result(STOP_S)

    def _note(self, actor: str, action: str, subject: str, data: Mapping[str, object]) -> None:
        row = audit.event(actor, action, subject, dict(data))
        self._store.transact(lambda connection: insert(connection, "audit_events", [row]))
