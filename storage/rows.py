"""Rows into tables: once each by key, and counted in the rollups within the same transaction."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from storage.usage import keeping, run_days

Connection = duckdb.DuckDBPyConnection
Row = dict[str, Any]

KEYS: Mapping[str, tuple[str, ...]] = {
    "alert_acks": ("alert_id",),
    "alert_deliveries": ("delivery_id",),
    "alerts": ("alert_id",),
    "audit_events": ("event_id",),
    "budget_events": ("event_id",),
    "budget_raises": ("raise_id",),
    "budgets": ("budget_id",),
    "call_texts": ("call_id",),
    "calls": ("idempotency_key",),
    "currency_rates": ("rate_id",),
    "events": ("run_id", "seq"),
    "playbooks": ("playbook_hash",),
    "provider_events": ("event_id",),
    "steps": ("step_id",),
    "trees": ("run_id", "version"),
}
"""Key by which a row is inserted if absent; a table that is not named takes every row."""
NEAR = 10_000
"""Up to so many stored rows in the range of new keys it is faster to look through them here."""
FEW = 20
"""Up to so many rows it is faster to name each value in the statement."""

DIGITS = Decimal("0.00000001")
"""Of amounts of money."""

_types: dict[str, dict[str, pa.DataType]] = {}
"""Types of the tables' columns, to build batches fast; a wrong one costs a cast, never a value."""


def insert(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows of equal columns; those whose key is already there, or repeated, are dropped."""
    key = KEYS.get(table, ())
    if key:
        rows = _once_each(rows, key)
    if not rows:
        return
    names = tuple(rows[0])
    if not names or any(tuple(row) != names and row.keys() != rows[0].keys() for row in rows):
        raise ValueError("rows of one insert need columns, and equal ones")
    if len(rows) > FEW:
        _insert_many(connection, table, rows, key)
    elif table in keeping.COUNTED:
        _insert_few_counted(connection, table, rows, *key)
    else:
        _insert_few(connection, table, rows, key)
    if table == "runs":
        run_days.changed(connection, [row.get("updated_at") for row in rows])


def _once_each(rows: Sequence[Row], key: Sequence[str]) -> Sequence[Row]:
    """The rows without those that repeat a key: the first of each stays."""
    one, *more = key
    keys = [tuple(row[column] for column in key) for row in rows] if more else [row[one] for row in rows]
    if len(set(keys)) == len(rows):
        return rows
    first = dict(zip(reversed(keys), reversed(rows), strict=True))
    return list(first.values())[::-1]


def bound(value: object) -> object:
    """A value as DuckDB takes it for a parameter: it drops a positive exponent, so that `1E+3` would be 1."""
    if isinstance(value, Decimal) and value.is_finite() and int(value.as_tuple().exponent) > 0:
        return Decimal(int(value))
    return value


def kept(value: Any) -> Any:
    """A value as a query gives it back: an amount of money with all the digits of its column."""
    return value.quantize(DIGITS, ROUND_HALF_UP) if isinstance(value, Decimal) else value


def _insert_few(connection: Connection, table: str, rows: Sequence[Row], key: Sequence[str]) -> None:
    columns = list(rows[0])
    names = ", ".join(columns)
    one = f"({', '.join('?' for _ in columns)})"
    sql = f"values {', '.join(one for _ in rows)}"
    if key:
        known = f"select 1 from {table} as old where {_same(key, 'new')}"
        sql = f"select * from ({sql}) as new ({names}) where not exists ({known})"
    sql = f"insert into {table} ({names}) {sql}"
    connection.execute(sql, [bound(row[column]) for row in rows for column in columns])


def _insert_few_counted(connection: Connection, table: str, rows: Sequence[Row], key: str) -> None:
    keys = [row[key] for row in rows]
    those = f"from {table} where {key} between $1 and $2 and {key} in (select unnest($3))"
    there = {known for (known,) in connection.execute(f"select {key} {those}", _span(keys)).fetchall()}
    new = [row for row in rows if row[key] not in there]
    if new:
        _insert_few(connection, table, new, ())
        keeping.add(connection, table, f"(select * {those})", _span([row[key] for row in new]))


def _span(keys: Sequence[str]) -> list[object]:
    """The range of these keys, which rules out nearly all that is stored, and the keys."""
    return [min(keys), max(keys), list(keys)]


def _insert_many(connection: Connection, table: str, rows: Sequence[Row], key: Sequence[str]) -> None:
    batch = _without_known(connection, table, _batch(connection, table, rows), key)
    if not batch.num_rows:
        return
    names = ", ".join(batch.column_names)
    is_counted = table in keeping.COUNTED
    known = _with_kinds(connection, batch) if is_counted else batch
    with _registered(connection, "new_rows", known):
        connection.execute(f"insert into {table} ({names}) select {names} from new_rows")
        if is_counted:
            keeping.add(connection, table, _typed(table, batch), knows_kind=True)


def _with_kinds(connection: Connection, batch: pa.Table) -> pa.Table:
    """The rows with the kind of each one's run, which is looked for once per run."""
    if "run_id" not in batch.column_names:
        return batch
    run_ids = batch.column("run_id").cast(pa.string()).to_pylist()
    kinds = keeping.kinds(connection, set(run_ids) - {None})
    return batch.append_column("run_kind", pa.array(map(kinds.get, run_ids), pa.string()))


def _typed(table: str, batch: pa.Table) -> str:
    """The registered rows with all columns of the table, in its types."""
    if dict(zip(batch.schema.names, batch.schema.types, strict=True)) == _types[table]:
        return "new_rows"
    columns = f"select *, null::varchar as run_kind from {table} limit 0"
    return f"(select * from ({columns}) union all by name select * from new_rows)"


def _without_known(connection: Connection, table: str, batch: pa.Table, key: Sequence[str]) -> pa.Table:
    """The rows whose key is not in the table.

    Keys start with the time, so that the range of the new ones rules out nearly all that is stored.
    """
    if not key:
        return batch
    keys = batch.select(list(key))
    names, span = ", ".join(key), pc.min_max(keys.column(0)).as_py().values()
    near = f"from {table} as old where old.{key[0]} between ? and ?"
    there = set(connection.execute(f"select {names} {near} limit {NEAR + 1}", [*span]).fetchall())
    if len(there) > NEAR:  # many rows for Python to look through: the database does
        with _registered(connection, "new_keys", keys):
            sql = (
                f"select {names} from new_keys as new where exists (select 1 {near} and {_same(key, 'new')})"
            )
            there = set(connection.execute(sql, [*span]).fetchall())
    if not there:
        return batch
    new = zip(*(column.to_pylist() for column in keys.columns), strict=True)
    return batch.filter(pa.array([one not in there for one in new]))


@contextlib.contextmanager
def _registered(connection: Connection, name: str, table: pa.Table) -> Iterator[None]:
    connection.register(name, table)
    try:
        yield
    finally:
        connection.unregister(name)


def _batch(connection: Connection, table: str, rows: Sequence[Row]) -> pa.Table:
    types = _types.get(table) or _types.setdefault(table, _types_of(connection, table))
    return pa.table({name: _column([row[name] for row in rows], types.get(name)) for name in rows[0]})


def _types_of(connection: Connection, table: str) -> dict[str, pa.DataType]:
    schema = connection.execute(f"select * from {table} limit 0").to_arrow_table().schema
    return dict(zip(schema.names, schema.types, strict=True))


def _column(values: list[Any], kind: pa.DataType | None) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array(values)  # the database casts it, or says why it cannot


def _same(key: Sequence[str], new: str) -> str:
    return " and ".join(f"old.{column} = {new}.{column}" for column in key)
