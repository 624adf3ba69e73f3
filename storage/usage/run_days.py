"""How many runs of each kind ended how, per day: kept for all days that no run changed since.

Runs are the one table that is updated. A day on which a run was admitted that has changed after the last
count is read from the runs themselves, so that figures are right at any moment.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import duckdb

if TYPE_CHECKING:
    from storage.db import Store

Connection = duckdb.DuckDBPyConnection

TABLE = "usage_runs"
STATE = "usage_runs_state"
MARGIN = timedelta(minutes=10)
"""A change is on disk within this time after its stamp; what is younger is counted again."""
LABELS = ("environment", "kind", "agent_name", "status")
DAYS = "date_trunc('day', created_at) as created_day, date_trunc('day', finished_at) as finished_day"
COUNT = f"select {DAYS}, {', '.join(LABELS)}, count(*) as runs from runs"
CHANGED = f"""
    select distinct date_trunc('day', created_at) as created_day from runs
    where updated_at > (select max(counted_until) from {STATE})
"""
RUNS = f"""
    select created_day, finished_day, {", ".join(LABELS)}, runs from {TABLE}
    where created_day not in (select created_day from changed)
    union all
    {COUNT} where created_at >= (select coalesce(min(created_day), timestamp '9999-12-31') from changed)
                  and date_trunc('day', created_at) in (select created_day from changed) group by all
"""
"""SQL of all runs, counted, in one query; put `WITH_CHANGED` before it."""
WITH_CHANGED = f"with changed as materialized ({CHANGED})"
KEPT = f"""
    {WITH_CHANGED} select created_day, finished_day, {", ".join(LABELS)}, sum(runs)::bigint as runs
    from ({RUNS}) group by all
"""
UNLIKE = f"""
    select count(*) as n from (
        (({KEPT}) except all ({COUNT} group by all)) union all (({COUNT} group by all) except all ({KEPT}))
    )
"""
"""SQL that counts the rows that are not what the runs say."""

_newest: "WeakKeyDictionary[Connection, datetime]" = WeakKeyDictionary()
"""No count by a connection is newer than this, so that a change with a later stamp needs no look."""


def counted(store: "Store") -> str:
    """SQL of all runs, counted, as of now; days are named in it, so that no other run is looked at."""
    (state,) = store.read(f"select max(counted_until) as until from {STATE}")
    sql = "select distinct date_trunc('day', created_at) as day from runs where updated_at > ?"
    days = sorted(row["day"] for row in store.read(sql, [state["until"]]))
    kept = f"select created_day, finished_day, {', '.join(LABELS)}, runs from {TABLE}"
    if not days:
        return kept
    named = ", ".join(f"timestamp '{day:%Y-%m-%d}'" for day in days)
    return f"""
        {kept} where created_day not in ({named})
        union all
        {COUNT} where created_at >= timestamp '{days[0]:%Y-%m-%d}'
                  and created_at < timestamp '{days[-1] + timedelta(days=1):%Y-%m-%d}'
                  and date_trunc('day', created_at) in ({named}) group by all
    """


def create(connection: Connection) -> None:
    """Make the tables anew."""
    connection.execute(f"drop table if exists {TABLE}")
    connection.execute(f"drop table if exists {STATE}")
    connection.execute(f"create table {TABLE} as {COUNT} where false group by all")
    connection.execute(f"create table {STATE} (counted_until timestamp not null)")
    connection.execute(f"insert into {STATE} values (timestamp '1900-01-01')")


def count(connection: Connection, now: datetime) -> None:
    """Count the days again on which runs have changed."""
    if not connection.execute(f"{CHANGED} limit 1").fetchall():
        return
    connection.execute(f"delete from {TABLE} where created_day in ({CHANGED})")
    changed = f"where date_trunc('day', created_at) in ({CHANGED})"
    connection.execute(f"insert into {TABLE} {COUNT} {changed} group by all")
    _count_until(connection, now - MARGIN)
    _newest[connection] = max(_newest_count(connection), now - MARGIN)


def changed(connection: Connection, stamps: Iterable[object]) -> None:
    """See to it that runs with these stamps are counted again.

    A stamp may be older than the last count: the run was imported, or the clock was set back.
    """
    known = [stamp for stamp in stamps if isinstance(stamp, datetime)]
    if not known or min(known) > _newest_count(connection):
        return
    sql = f"select 1 from {STATE} where counted_until >= ? limit 1"
    if connection.execute(sql, [min(known)]).fetchall():
        _newest[connection] = datetime.max  # looked up from now on: this transaction may be taken back
        _count_until(connection, min(known) - timedelta(microseconds=1))


def _newest_count(connection: Connection) -> datetime:
    if connection not in _newest:
        row = connection.execute(f"select max(counted_until) from {STATE}").fetchone()
        _newest[connection] = row[0] if row and row[0] else datetime.max
    return _newest[connection]


def _count_until(connection: Connection, until: datetime) -> None:
    connection.execute(f"delete from {STATE}")
    connection.execute(f"insert into {STATE} values (?)", [until])
