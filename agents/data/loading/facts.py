"""Facts on each column of a table that stands in DuckDB."""

import duckdb

from agents.data import sql
from agents.data.tables import Column, Family

WHOLE = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
}
FLOATING = {"FLOAT", "DOUBLE"}
EXACT_ROWS = 200_000
"""Up to this many rows different values are counted one by one, above that to within some per cent."""
ASKED = 5
"""Facts asked of each column."""
BATCH = 10
"""Columns asked about in one query."""


def family_of(kind: str) -> Family:
    """What can be done with a column of this DuckDB type."""
    if kind in WHOLE or kind in FLOATING or kind.startswith("DECIMAL"):
        return "number"
    if kind in ("DATE", "TIMESTAMP"):
        return "date"
    return {"VARCHAR": "text", "BOOLEAN": "truth"}.get(kind, "other")  # type: ignore[return-value]


def describe(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[int, tuple[Column, ...]]:
    """The number of rows, and the columns with their facts."""
    rows = int(str(_one(connection, f"select count(*) from {sql.name(table)}")[0]))
    kinds = [(row[0], row[1]) for row in connection.execute(f"describe {sql.name(table)}").fetchall()]
    columns: list[Column] = []
    for start in range(0, len(kinds), BATCH):
        batch = kinds[start : start + BATCH]
        asked = ", ".join(_asked(name, kind, rows) for name, kind in batch)
        found = _one(connection, f"select {asked} from {sql.name(table)}")
        columns += [
            _column(name, kind, rows, found[place * ASKED : (place + 1) * ASKED])
            for place, (name, kind) in enumerate(batch)
        ]
    return rows, tuple(columns)


def _asked(name: str, kind: str, rows: int) -> str:
    column = sql.name(name)
    distinct = f"count(distinct {column})" if rows <= EXACT_ROWS else f"approx_count_distinct({column})"
    unending = f"count(*) filter (not isfinite({column}))" if kind in FLOATING else "0"
    finite = f"filter (isfinite({column}))" if kind in FLOATING else ""
    edges = f"min({column}) {finite}, max({column}) {finite}" if _has_edges(kind) else "null, null"
    return f"count({column}), {unending}, {distinct}, {edges}"


def _has_edges(kind: str) -> bool:
    return family_of(kind) in ("number", "date")


def _column(name: str, kind: str, rows: int, found: tuple[object, ...]) -> Column:
    values, unending, distinct, lowest, highest = found
    return Column(
        name=name,
        type=kind,
        family=family_of(kind),
        values=int(str(values)),
        missing=rows - int(str(values)),
        not_a_number=int(str(unending)),
        distinct=int(str(distinct)),
        lowest=_edge(lowest, kind),
        highest=_edge(highest, kind),
        whole=kind in WHOLE,
    )


def _edge(value: object, kind: str) -> str | float | int | None:
    if value is None:
        return None
    if family_of(kind) == "date":
        return str(value)
    return int(str(value)) if kind in WHOLE else float(str(value))


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = connection.execute(query).fetchone()
    if row is None:
        raise ValueError("An aggregate gave no row.")
    return tuple(row)
