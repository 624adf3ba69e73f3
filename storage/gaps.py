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
    since = f"after {row[0]:%d %B %Y %H:%M:%S}, its last record, and" if row and row[0] else "ever"
    copied = f" The log as it was found is kept as {cut.kept_as.name}." if cut.kept_as else ""
    told = (
        f"The end of the log of the store {file} is missing ({cut.missing:,} of {cut.of:,} bytes). What was "
        f"recorded {since} until {cut.last_commit:%d %B %Y %H:%M:%S} UTC is lost; everything else is there."
        f"{copied} Look at the runs of that time, or restore a backup."
    )
    insert(
        connection, "audit_events", [audit.event("whytree", "records_lost", file.name, {"sentence": told})]
    )
    return told


def of_runs(store: "Store") -> list[Gap]:
    """Runs whose events have gaps in their numbers; runs without their texts have no events at all."""
    sql = """
        with counted as (
            select runs.run_id, any_value(runs.title) as title, coalesce(max(seq), 0) as last,
                   count(seq) as there
            from runs left join events using (run_id)
            where texts_removed_at is null and deleted_at is null group by runs.run_id
        )
        select run_id, title, last from counted where there <> last or last = 0 order by run_id
    """
    found = store.read(sql)
    return [Gap(row["run_id"], row["title"], _missing(store, row["run_id"], row["last"])) for row in found]


def _missing(store: "Store", run_id: str, last: int) -> tuple[int, ...]:
    there = {row["seq"] for row in store.read("select seq from events where run_id = ?", [run_id])}
    return tuple(n for n in range(1, max(last, 1) + 1) if n not in there)


def told(gaps: Sequence[Gap]) -> list[str]:
    """Each gap as a sentence."""
    return [
        f"Of the run “{gap.title[:60]}” ({gap.run_id}) {len(gap.missing)} of its events are missing: "
        f"{', '.join(map(str, gap.missing[:10]))}{' ...' if len(gap.missing) > 10 else ''}."
        for gap in gaps
    ]
