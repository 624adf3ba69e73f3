"""Keeps the rollups equal to the raw rows: in the transaction that writes them, and merged from time to time.

All of it can be thrown away and made again from the raw rows.
"""

from collections.abc import Collection, Sequence

import duckdb
import pyarrow as pa

from storage.clock import now
from storage.usage import run_days
from storage.usage.measures import Tables, column_type, facts
from storage.usage.rollups import ALL, FACTS, TAIL, Rollup

Connection = duckdb.DuckDBPyConnection

VERSION = 3
"""Of what is kept; a store with another one makes its rollups again when it is opened."""
TAIL_ROWS = 50_000
"""Rows after which the tail is merged."""
COUNTED = ("calls", "steps")
"""Tables whose rows are counted."""


def ensure(connection: Connection) -> None:
    """Have the tables of this version: those of another one are made again from the raw rows."""
    connection.execute("create table if not exists usage_rollups (version bigint not null)")
    kept = connection.execute("select version from usage_rollups").fetchall() == [(VERSION,)]
    connection.execute("begin")
    try:
        if kept:
            run_days.count(connection, now())
        else:
            _make(connection)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _make(connection: Connection) -> None:
    _create(connection, TAIL, FACTS)
    for rollup in ALL:
        _create(connection, rollup.table, ("span_hours", "period_no", *rollup.labels, *rollup.values))
    rebuild(connection)
    connection.execute("delete from usage_rollups")
    connection.execute("insert into usage_rollups values (?)", [VERSION])


def add(
    connection: Connection,
    table: str,
    batch: str,
    parameters: Sequence[object] = (),
    *,
    knows_kind: bool = False,
) -> None:
    """Count new rows of a table; `batch` is a relation with its columns, and may have parameters.

    It may also know each row's `run_kind`, which is looked for otherwise.
    """
    found = f"(select run_id, kind from runs where run_id in (select run_id from {batch}))"
    runs = None if knows_kind else found
    source = Tables(batch, None, runs) if table == "calls" else Tables(None, batch, runs)
    connection.execute(f"insert into {TAIL} {facts(FACTS, source)}", parameters)


def kinds(connection: Connection, run_ids: Collection[str]) -> dict[str, str]:
    """The kinds of those runs that there are."""
    if not run_ids:
        return {}
    near = "run_id between ? and ? and run_id in (select unnest(?))"
    sql = f"select run_id, kind from runs where {near}"
    return dict(connection.execute(sql, [min(run_ids), max(run_ids), list(run_ids)]).fetchall())


def merge(connection: Connection, longest_tail: int = 0) -> int:
    """Turn a tail that is longer than this into one row per key and period, in every span.

    Returns how long the tail is then.
    """
    (rows,) = connection.execute(f"select count(*) from {TAIL}").fetchone() or (0,)
    if rows <= longest_tail:
        return int(rows)
    for rollup in ALL:
        _merge(connection, rollup)
    connection.execute(f"delete from {TAIL}")
    run_days.count(connection, now())
    return 0


def _merge(connection: Connection, rollup: Rollup) -> None:
    fresh = connection.execute(rollup.of_tail()).to_arrow_table()
    if not fresh.num_rows:
        return
    touched = _touched(fresh)
    parts = [f"select {rollup.columns} from {rollup.table} where {which}" for which in touched]
    both = " union all ".join((f"select {rollup.columns} from fresh", *parts))
    connection.register("fresh", fresh)
    connection.register("merged", connection.execute(rollup.summed(both)).to_arrow_table())
    for which in touched:
        connection.execute(f"delete from {rollup.table} where {which}")
    connection.execute(f"insert into {rollup.table} select {rollup.columns} from merged")
    connection.unregister("fresh")
    connection.unregister("merged")


def _touched(fresh: pa.Table) -> list[str]:
    """For each span, SQL of the rows of the same periods: named, so that no others are looked at."""
    periods: dict[int, set[int]] = {}
    for span, period in zip(*(fresh.column(n).to_pylist() for n in ("span_hours", "period_no")), strict=True):
        periods.setdefault(span, set()).add(period)
    return [
        f"span_hours = {span} and period_no in ({', '.join(map(str, sorted(found)))})"
        for span, found in periods.items()
    ]


def rebuild(connection: Connection) -> None:
    """Make every rollup again from the raw rows."""
    connection.execute(f"delete from {TAIL}")
    for rollup in ALL:
        connection.execute(f"delete from {rollup.table}")
    if _has_rows(connection):
        _count(connection)
    run_days.create(connection)
    run_days.count(connection, now())


def _has_rows(connection: Connection) -> bool:
    """Whether there is anything to count: a new store is opened twice as fast for not asking in detail."""
    there = " or ".join(f"exists(from {table})" for table in COUNTED)
    return connection.execute(f"select {there}").fetchall() == [(True,)]


def _count(connection: Connection) -> None:
    for rollup in ALL:
        finest = rollup.summed(rollup.of_facts(facts(FACTS), rollup.spans[:1]))
        connection.execute(f"insert into {rollup.table} {finest} order by period_no")
        if rollup.spans[1:]:
            wide = f"{rollup.summed(rollup.widened())} order by span_hours, period_no"
            connection.execute(f"insert into {rollup.table} {wide}")


def comparisons() -> dict[str, tuple[str, ...]]:
    """For each rollup, SQL that counts the rows that are not what the raw rows say.

    Each is right on its own, so that people may go on writing between them.
    """
    found = {rollup.table: (_unlike_facts(rollup), *_unlike_spans(rollup)) for rollup in ALL}
    return {**found, run_days.TABLE: (run_days.UNLIKE,)}


def differences(connection: Connection) -> dict[str, int]:
    """How many rows of each rollup are not what the raw rows say; all zero when they are equal."""
    return {
        table: sum(int(count) for sql in queries for (count,) in connection.execute(sql).fetchall())
        for table, queries in comparisons().items()
    }


def _unlike_facts(rollup: Rollup) -> str:
    finest = rollup.spans[:1]
    kept = f"select {rollup.columns} from {rollup.table} where span_hours = {finest[0]}"
    tail = rollup.of_facts(f"select * from {TAIL}", finest)
    right = rollup.summed(rollup.of_facts(facts(FACTS), finest))
    return _unlike(rollup.summed(f"{kept} union all {tail}"), right)


def _unlike_spans(rollup: Rollup) -> tuple[str, ...]:
    if not rollup.spans[1:]:
        return ()
    kept = f"select {rollup.columns} from {rollup.table} where span_hours > {rollup.spans[0]}"
    return (_unlike(kept, rollup.summed(rollup.widened())),)


def _unlike(one: str, other: str) -> str:
    both = f"(({one}) except all ({other})) union all (({other}) except all ({one}))"
    return f"select count(*) as n from ({both})"


def _create(connection: Connection, table: str, columns: Sequence[str]) -> None:
    connection.execute(f"drop table if exists {table}")
    named = ", ".join(f"{name} {column_type(name)}" for name in columns)
    connection.execute(f"create table {table} ({named})")
