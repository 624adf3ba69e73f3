"""Runs as a table to take away: CSV, Parquet or JSON."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet

from agents.data.exporting import harmless
from storage.search import RunLine

Format = Literal["csv", "parquet", "json"]


def export(lines: Sequence[RunLine], form: Format) -> bytes:
    """The lines as a file; every cell of text is data, also to a spreadsheet."""
    rows = [{**vars(line), "tags": ", ".join(line.tags)} for line in lines]
    return {"csv": _csv, "parquet": _parquet, "json": _json}[form](rows)


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([[_cell(row[name]) for name in COLUMNS] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else harmless(value)


def _parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pa.Table.from_pylist(list(rows), SCHEMA), file)
    return file.getvalue()


def _json(rows: Sequence[dict[str, Any]]) -> bytes:
    return json.dumps(list(rows), ensure_ascii=False, indent=1, default=str).encode()


SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("kind", pa.string()),
        ("title", pa.string()),
        ("status", pa.string()),
        ("agent_name", pa.string()),
        ("user_id", pa.string()),
        ("project_id", pa.string()),
        ("environment", pa.string()),
        ("created_at", pa.timestamp("us")),
        ("updated_at", pa.timestamp("us")),
        ("finished_at", pa.timestamp("us")),
        ("parent_run_id", pa.string()),
        ("error_text", pa.string()),
        ("cost_amount", pa.decimal128(38, 8)),
        ("has_unknown_cost", pa.bool_()),
        ("work_s", pa.float64()),
        ("tags", pa.string()),
    ]
)
COLUMNS = SCHEMA.names
