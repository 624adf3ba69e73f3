"""Rows of a figure as plain values."""

from typing import Any

import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dictionary per row; what is unknown is None, whole numbers are int, times are datetime."""
    columns = {str(name): _values(frame[name]) for name in frame}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _values(column: "pd.Series[Any]") -> list[Any]:
    if pd.api.types.is_datetime64_any_dtype(column):
        return [None if pd.isna(value) else value.to_pydatetime() for value in column]
    plain = column.astype(object).where(column.notna(), None)
    return [
        int(value) if pd.api.types.is_integer_dtype(column) and value is not None else value
        for value in plain
    ]
