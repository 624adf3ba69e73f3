"""The least that a figure could cost from raw rows: a bare scan of the columns that it needs."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pandas as pd
import pyarrow as pa

from storage.db import Row, Store

RAW = ("calls", "steps", "runs", "call_texts")


@dataclass
class Watched:
    """A store that keeps what it is asked."""

    store: Store
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def frame(self, sql: str, parameters: Any = ()) -> pd.DataFrame:
        """As the store's."""
        self.asked.append((sql, parameters))
        return self.store.frame(sql, parameters)

    def read(self, sql: str, parameters: Any = (), tables: Mapping[str, pa.Table] | None = None) -> list[Row]:
        """As the store's."""
        self.asked.append((sql, parameters))
        return self.store.read(sql, parameters, tables)

    @property
    def as_store(self) -> Store:
        """For whoever wants a store."""
        return cast(Store, self)


def scans(store: Store, asked: Sequence[tuple[str, Any]]) -> list[str]:
    """SQL of the bare scans under some queries: each raw table they read, once per query."""
    found = []
    for sql, parameters in asked:
        (plan,) = store.read(f"explain (format json) {sql}", parameters)
        by_table: dict[str, dict[str, Any]] = {}
        _collect(json.loads(plan["explain_value"]), by_table)
        found += [_scan(store, table, told) for table, told in sorted(by_table.items())]
    return found


def _collect(nodes: list[dict[str, Any]], found: dict[str, dict[str, Any]]) -> None:
    """Columns and limits of every scan in a plan; several scans of a table count once, over all they read."""
    for node in nodes:
        told = node.get("extra_info", {})
        table = str(told.get("Table", "")).rpartition(".")[2]
        if table in RAW:
            one = found.setdefault(table, {"columns": {}, "filters": []})
            limits = _texts(told.get("Filters"))
            named = [name for text in limits for name in re.findall(r"[a-z_]+", text)]
            one["columns"].update(dict.fromkeys([*_texts(told.get("Projections")), *named]))
            one["filters"].append(frozenset(text for text in limits if text.startswith("started_at")))
        _collect(node.get("children", []), found)


def _scan(store: Store, table: str, told: Mapping[str, Any]) -> str:
    sql = "select column_name as name from duckdb_columns() where table_name = ?"
    of_table = {row["name"] for row in store.read(sql, [table])}
    columns = [name for name in told["columns"] if name in of_table] or ["run_id"]
    limits = " and ".join(sorted(frozenset.intersection(*told["filters"]))) or "true"
    return f"select {', '.join(f'last({name})' for name in columns)} from {table} where {limits}"


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
