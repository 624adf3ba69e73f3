"""Parquet files as tables in DuckDB; their types are kept where analyses know them."""

from pathlib import Path

import duckdb

from agents.data import sql
from agents.data.loading.csv_file import Loaded, check_width
from agents.data.loading.headers import column_names
from agents.data.loading.typing_columns import Texts, typed_columns, with_present
from agents.errors import BadInput

PLAIN = {"BOOLEAN", "DATE", "TIMESTAMP", "FLOAT", "DOUBLE", "HUGEINT", "VARCHAR"}
WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}


def load_parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, table: str, most_columns: int
) -> Loaded:
    """Read a Parquet file into `table`; BadInput when it is damaged or names its columns badly."""
    relation = f"read_parquet({sql.text(str(path))})"
    try:
        described = connection.execute(f"describe select * from {relation}").fetchall()
        check_width(len(described), name, most_columns)
        names = column_names([row[0] for row in described], [True] * len(described), name)
        columns = [(row[0], title or row[0], row[1]) for row, title in zip(described, names, strict=True)]
        selection = _selection(connection, relation, columns)
        connection.execute(f"create table {sql.name(table)} as {selection}")
    except (duckdb.InvalidInputException, duckdb.IOException, duckdb.SerializationException) as error:
        raise BadInput(f"“{name}” is damaged. Nothing was read: write it again and attach that.") from error
    notes = [f"“{title}” holds bytes; only how many is kept." for _, title, kind in columns if kind == "BLOB"]
    return Loaded(table, None, tuple(notes))


def _selection(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: list[tuple[str, str, str]]
) -> str:
    """The SELECT with every column under its title, in a type the analyses know.

    Texts that are all dates become dates; texts that are all numbers stay the texts they are declared to be.
    """
    declared = [(raw, title) for raw, title, kind in columns if kind == "VARCHAR"]
    values = {raw: _value(raw, kind) for raw, _, kind in columns}
    source = relation
    if declared:
        raw_names, titles = zip(*declared, strict=True)
        texts = Texts(relation, raw_names, titles, ",")
        typed = zip(texts.columns, typed_columns(connection, texts), strict=True)
        values |= {raw: found.sql for raw, found in typed if found.type in ("DATE", "TIMESTAMP")}
        source = with_present(texts, texts.columns)
    parts = [f"{values[raw]} as {sql.name(title)}" for raw, title, _ in columns]
    return f"select {', '.join(parts)} from {source}"


def _value(raw: str, kind: str) -> str:
    """A column in a type the analyses know."""
    column = sql.name(raw)
    if kind in PLAIN or kind in WHOLE or kind.startswith("DECIMAL"):
        return column
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {column})"
    if kind.startswith("TIMESTAMP"):
        return f"{column}::timestamp"
    if kind == "BLOB":
        return f"octet_length({column})"
    nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION"))
    return f"to_json({column})::varchar" if nested else f"{column}::varchar"
