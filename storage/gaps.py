"""Records that are missing: told by the log's mark, and by numbers that are left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from storage.highwater import Cut
from storage.rows import Connection, insert
from storage.usage import audit

if TYPE_CHECKING:
    from storage.db import Store

LOST, ACCEPTED = "records_lost", "records_loss_accepted"
"""What the audit calls a loss, and that somebody has said that it stays one."""
MOST_TOLD = 3
"""Runs with gaps that are told one by one."""


@dataclass(frozen=True)
class Gap:
    """What is missing of a run."""

    run_id: str
    title: str
    missing: tuple[int, ...]
    """Numbers of its events that are not there."""


def note_cut(connection: Connection, file: Path, cut: Cut) -> str:
    """Keep for good that the end of the log was lost; returns the sentence that a person is told."""
    row = connection.execute("select max(updated_at) from runs").fetchone()
    last = row[0] if row else None
    since = "" if last is None else f"after {last:%d %B %Y %H:%M:%S}, its last record, and "
    left = " No run is left." if last is None else ""
    copied = f" The log as it was found is kept as {cut.kept_as.name}." if cut.kept_as else ""
    told = (
        f"The end of the log of the store {file} is missing ({cut.missing:,} of {cut.of:,} bytes). What was "
        f"recorded {since}until {cut.last_commit:%d %B %Y %H:%M:%S} UTC is lost; everything else is there."
        f"{left}{copied} Look at the runs of that time, or restore a backup."
    )
    insert(connection, "audit_events", [audit.event("whytree", LOST, file.name, {"sentence": told})])
    return told


def loss(store: "Store") -> str | None:
    """What was told when the log's end was last found missing; None once somebody has accepted that.

    Runs that were lost whole leave no gap in any numbers, so that this alone tells of them later.
    """
    last: audit.AuditEvent | None = audit.last(store, (LOST, ACCEPTED))
    return None if last is None or last.action == ACCEPTED else str(last.data["sentence"])


def accept_loss(store: "Store", user_id: str) -> None:
    """Note that what was lost stays lost: nothing is kept for its sake any more."""
    row = audit.event(user_id, ACCEPTED, store.file.name, {})
    store.transact(lambda connection: insert(connection, "audit_events", [row]))
    store.gap = None


def of_runs(store: "Store") -> list[Gap]:
    """Runs whose events have gaps in their numbers; runs without their texts have no events at all."""
    sql = """
        with counted as (select run_id, max(seq) as last, count(*) as there from events group by run_id)
        select run_id, title, coalesce(last, 1) as last from runs left join counted using (run_id)
        where texts_removed_at is null and deleted_at is null and (there is null or there <> last)
        order by run_id
    """
    found = store.read(sql)
    there = _numbers(store, [row["run_id"] for row in found])
    return [
        Gap(
            row["run_id"],
            row["title"],
            tuple(n for n in range(1, row["last"] + 1) if n not in there.get(row["run_id"], ())),
        )
        for row in found
    ]


def _numbers(store: "Store", run_ids: Sequence[str]) -> dict[str, set[int]]:
    """Numbers of the events that are there."""
    if not run_ids:
        return {}
    sql = """
        select run_id, list(seq) as there from events
        where run_id in (select unnest($ids::varchar[])) group by run_id
    """
    return {row["run_id"]: set(row["there"]) for row in store.read(sql, {"ids": list(run_ids)})}


def sentence(store: "Store") -> str | None:
    """All that is missing, for a person; None when nothing is."""
    found = of_runs(store)
    if not found:
        return None
    more = f" {len(found) - MOST_TOLD:,} more runs have gaps." if len(found) > MOST_TOLD else ""
    return (
        f"{' '.join(told(found[:MOST_TOLD]))}{more} Everything else is there: restore a backup to get them "
        f"back, or delete the run."
    )


def told(gaps: Sequence[Gap]) -> list[str]:
    """Each gap as a sentence."""
    return [
        f"Of the run “{gap.title[:60]}” ({gap.run_id}) {len(gap.missing)} of its events are missing: "
        f"{', '.join(map(str, gap.missing[:10]))}{' ...' if len(gap.missing) > 10 else ''}."
        for gap in gaps
    ]
