"""Labels that people put on runs."""

from collections.abc import Sequence

from storage.clock import now
from storage.db import Connection, Store, insert

LONGEST = 60
"""Characters of a tag."""


def add(store: Store, run_ids: Sequence[str], tag: str, user_id: str) -> None:
    """Put a tag on runs; where it stands already, nothing changes."""
    store.transact(lambda connection: add_in(connection, run_ids, tag, user_id))
    store.touched.moved()


def add_in(connection: Connection, run_ids: Sequence[str], tag: str, user_id: str) -> None:
    """`add` inside a transaction of the caller."""
    _remove(connection, run_ids, tag)
    at = now()
    rows = [{"run_id": run_id, "tag": tag, "tagged_by": user_id, "tagged_at": at} for run_id in run_ids]
    insert(connection, "run_tags", rows)


def remove(store: Store, run_ids: Sequence[str], tag: str) -> None:
    """Take a tag off runs."""
    store.transact(lambda connection: _remove(connection, run_ids, tag))
    store.touched.moved()


def listed(store: Store) -> list[tuple[str, int]]:
    """Every tag with the number of its runs, in alphabetical order."""
    sql = "select tag, count(*) as n from run_tags group by tag order by lower(tag), tag"
    return [(row["tag"], row["n"]) for row in store.read(sql)]


def _remove(connection: Connection, run_ids: Sequence[str], tag: str) -> None:
    sql = "delete from run_tags where tag = ? and run_id in (select unnest(?::varchar[]))"
    connection.execute(sql, [tag, list(run_ids)])
