"""Sums and histograms kept beside calls and steps, always equal to what the raw rows say.

The transaction that writes calls or steps adds their facts to a short tail. From time to time the tail is
merged: one row per key and period, in every span. Whatever is read adds up the rows of the spans that cover
a period and the tail, so it is right at any moment. All of it can be thrown away and made again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from storage.usage.measures import (
    COUNTS,
    DIMENSIONS,
    HOURS_BEFORE_EPOCH,
    LABELS,
    MEASURES,
    MONEY,
    Tables,
    facts,
)

Connection = duckdb.DuckDBPyConnection

VERSION = 1
"""Of these definitions; a store with another one makes its rollups again when it is opened."""
TAIL = "usage_tail"
TAIL_ROWS = 20_000
"""Rows after which the tail is merged."""
COUNTED = ("calls", "steps")
"""Tables whose rows are counted."""
HOUR, DAY, WEEK, FOUR_WEEKS = 1, 24, 168, 672
"""Spans in hours; each is a multiple of the one before."""
PERIOD_START = f"make_timestamp((period_no * span_hours - {HOURS_BEFORE_EPOCH}) * 3600000000)"
HOUR_START = f"make_timestamp((hour_no - {HOURS_BEFORE_EPOCH}) * 3600000000)"
FACTS = (
    "hour_no",
    *LABELS,
    "fallback_from",
    "error_type",
    "http_status",
    "duration_bucket",
    "first_chunk_bucket",
    *MEASURES,
)
"""Columns of the tail."""


@dataclass(frozen=True)
class Rollup:
    """One table of sums."""

    table: str
    spans: tuple[int, ...]
    """In hours, the finest first."""
    labels: Mapping[str, str]
    """Columns that are kept apart beside the period, each as SQL over a fact."""
    values: Mapping[str, str]
    """Columns that are added up, each as SQL over a fact."""
    only: str = "true"
    """Which facts count."""

    @property
    def columns(self) -> str:
        """All of them."""
        return ", ".join(("span_hours", "period_no", *self.labels, *self.values))

    def summed(self, relation: str) -> str:
        """SQL with one row per key of a relation with this table's columns."""
        keys = ", ".join(("span_hours", "period_no", *self.labels))
        added = ", ".join(f"sum({name})::{_type(name)} as {name}" for name in self.values)
        return f"select {keys}, {added} from ({relation}) group by all"

    def of_facts(self, relation: str, spans: Sequence[int]) -> str:
        """SQL of facts as rows of these spans, not added up yet."""
        wide = ", ".join(f"({span}::bigint)" for span in spans)
        columns = ", ".join(f"{sql} as {name}" for name, sql in {**self.labels, **self.values}.items())
        return (
            f"select span as span_hours, hour_no // span as period_no, {columns} "
            f"from ({relation}) cross join (values {wide}) as wide (span) where {self.only}"
        )


def _histogram(table: str, bucket: str) -> Rollup:
    labels = {**{name: name for name in DIMENSIONS}, "bucket": bucket}
    return Rollup(table, (DAY, WEEK, FOUR_WEEKS), labels, {"timed": "1"}, f"{bucket} is not null")


SUMS = Rollup("usage_sums", (HOUR, DAY), {n: n for n in LABELS}, {n: n for n in MEASURES})
DURATIONS = _histogram("usage_durations", "duration_bucket")
FIRST_CHUNKS = _histogram("usage_first_chunks", "first_chunk_bucket")
FAULTS = Rollup(
    table="usage_faults",
    spans=(DAY,),
    labels={name: name for name in (*DIMENSIONS, "fallback_from", "error_type", "http_status")},
    values={"attempts": "attempts"},
    only="error_type is not null or fallback_from is not null",
)
ALL = (SUMS, DURATIONS, FIRST_CHUNKS, FAULTS)


def ensure(connection: Connection) -> None:
    """Have the tables of this version: those of another one are made again from the raw rows."""
    connection.execute("create table if not exists usage_rollups (version bigint not null)")
    if connection.execute("select version from usage_rollups").fetchall() == [(VERSION,)]:
        return
    connection.execute("begin")
    try:
        _create(connection, TAIL, FACTS)
        for rollup in ALL:
            _create(connection, rollup.table, ("span_hours", "period_no", *rollup.labels, *rollup.values))
        rebuild(connection)
        connection.execute("delete from usage_rollups")
        connection.execute("insert into usage_rollups values (?)", [VERSION])
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def add(connection: Connection, table: str, batch: str) -> None:
    """Count new rows of a table; `batch` is a relation with its columns."""
    runs = f"(select run_id, kind from runs where run_id in (select run_id from {batch}))"
    source = Tables(batch, None, runs) if table == "calls" else Tables(None, batch, runs)
    connection.execute(f"insert into {TAIL} {facts(FACTS, source)}")


def merge(connection: Connection, longest_tail: int = 0) -> None:
    """Turn a tail that is longer than this into one row per key and period, in every span."""
    row = connection.execute(f"select count(*) from {TAIL}").fetchone()
    if not row or row[0] <= longest_tail:
        return
    for rollup in ALL:
        tail = rollup.of_facts(f"select * from {TAIL}", rollup.spans)
        touched = f"(span_hours, period_no) in (select span_hours, period_no from ({tail}))"
        before = f"select {rollup.columns} from {rollup.table} where {touched}"
        connection.register(
            "merged", connection.execute(rollup.summed(f"{before} union all {tail}")).to_arrow_table()
        )
        connection.execute(f"delete from {rollup.table} where {touched}")
        connection.execute(f"insert into {rollup.table} select {rollup.columns} from merged")
        connection.unregister("merged")
    connection.execute(f"delete from {TAIL}")


def rebuild(connection: Connection) -> None:
    """Make every rollup again from the raw rows."""
    connection.execute(f"delete from {TAIL}")
    for rollup in ALL:
        connection.execute(f"delete from {rollup.table}")
        finest = rollup.summed(rollup.of_facts(facts(FACTS), rollup.spans[:1]))
        connection.execute(f"insert into {rollup.table} {finest} order by period_no")
        if rollup.spans[1:]:
            wide = f"{rollup.summed(_widened(rollup))} order by span_hours, period_no"
            connection.execute(f"insert into {rollup.table} {wide}")


def differences(connection: Connection) -> dict[str, int]:
    """How many rows of each rollup are not what the raw rows say; all zero when they are equal."""
    return {
        rollup.table: _unlike_facts(connection, rollup) + _unlike_spans(connection, rollup) for rollup in ALL
    }


def _unlike_facts(connection: Connection, rollup: Rollup) -> int:
    finest = rollup.spans[:1]
    kept = f"select {rollup.columns} from {rollup.table} where span_hours = {finest[0]}"
    tail = rollup.of_facts(f"select * from {TAIL}", finest)
    right = rollup.summed(rollup.of_facts(facts(FACTS), finest))
    return _unlike(connection, rollup.summed(f"{kept} union all {tail}"), right)


def _unlike_spans(connection: Connection, rollup: Rollup) -> int:
    if not rollup.spans[1:]:
        return 0
    kept = f"select {rollup.columns} from {rollup.table} where span_hours > {rollup.spans[0]}"
    return _unlike(connection, kept, rollup.summed(_widened(rollup)))


def _unlike(connection: Connection, one: str, other: str) -> int:
    both = f"(({one}) except all ({other})) union all (({other}) except all ({one}))"
    row = connection.execute(f"select count(*) from ({both})").fetchone()
    return int(row[0]) if row else 0


def _widened(rollup: Rollup) -> str:
    """SQL of the rows of the finest span as rows of all others, not added up yet."""
    finest = rollup.spans[0]
    wide = ", ".join(f"({span}::bigint)" for span in rollup.spans[1:])
    rest = ", ".join((*rollup.labels, *rollup.values))
    return (
        f"select span as span_hours, period_no * {finest} // span as period_no, {rest} "
        f"from {rollup.table} cross join (values {wide}) as wide (span) where span_hours = {finest}"
    )


def _create(connection: Connection, table: str, columns: Sequence[str]) -> None:
    connection.execute(f"drop table if exists {table}")
    named = ", ".join(f"{name} {_type(name)}" for name in columns)
    connection.execute(f"create table {table} ({named})")


def _type(column: str) -> str:
    if column in MONEY:
        return "decimal(38, 8)"
    whole = ("span_hours", "period_no", "hour_no", "http_status", "timed")
    return "bigint" if column in COUNTS or column in whole or column.endswith("bucket") else "varchar"
