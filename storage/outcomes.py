"""What the cause turned out to be; the latest entry of a run counts, earlier ones are kept."""

from dataclasses import asdict, dataclass
from datetime import datetime

from storage.db import Store, insert


@dataclass(frozen=True)
class Outcome:
    """What a person says the cause was in the end."""

    run_id: str
    cause_id: str
    cause_text: str
    note: str
    user_id: str
    recorded_at: datetime


def add(store: Store, outcome: Outcome) -> None:
    """Record an outcome."""
    store.transact(lambda connection: insert(connection, "outcomes", [asdict(outcome)]))
    store.touched.add(outcome.run_id)


def latest(store: Store, run_id: str) -> Outcome | None:
    """The latest outcome of a run, or None."""
    sql = "select * from outcomes where run_id = ? order by recorded_at desc limit 1"
    rows = store.read(sql, [run_id])
    return Outcome(**rows[0]) if rows else None
