"""Runs leave as CSV, Parquet and JSON, each opened by a real reader; no cell is a formula."""

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.data.exporting import FORMULA_STARTS
from agents.running.export import COLUMNS, export
from storage.search import RunLine

AT = datetime(2026, 3, 1, 12, 30)


def a_line(**changes: Any) -> RunLine:
    plain: dict[str, Any] = dict.fromkeys(COLUMNS)
    plain |= {
        "run_id": "r1",
        "kind": "diagnosis",
        "title": "Late buses",
        "status": "completed",
        "user_id": "me",
        "project_id": "default",
        "environment": "live",
        "created_at": AT,
        "updated_at": AT,
        "cost_amount": Decimal("0.12345678"),
        "has_unknown_cost": False,
        "work_s": 1.5,
        "tags": ("board", "keep"),
    }
    return RunLine(**{**plain, **changes})


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_every_form_holds_the_same_rows() -> None:
    lines = [a_line(), a_line(run_id="r2", title="Zweite, „Zeile“\nneu", cost_amount=None)]
    (first, second) = read_csv(export(lines, "csv"))
    assert (first["title"], first["cost_amount"], first["tags"]) == (
        "Late buses",
        "0.12345678",
        "board, keep",
    )
    assert (second["title"], second["cost_amount"]) == ("Zweite, „Zeile“\nneu", "")
    table = pyarrow.parquet.read_table(io.BytesIO(export(lines, "parquet"))).to_pylist()
    assert (table[0]["cost_amount"], table[0]["created_at"]) == (Decimal("0.12345678"), AT)
    assert table[1]["cost_amount"] is None
    loaded = json.loads(export(lines, "json"))
    assert (loaded[0]["cost_amount"], loaded[1]["title"]) == ("0.12345678", "Zweite, „Zeile“\nneu")


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_no_runs_make_a_file_with_nothing_but_its_columns(form: Any) -> None:
    content = export([], form)
    assert content
    if form == "csv":
        assert content.decode("utf-8-sig").strip().split(",") == COLUMNS


@given(st.text())
def test_no_text_is_a_formula_to_a_spreadsheet(title: str) -> None:
    cells = next(
        csv.reader(io.StringIO(export([a_line(title=title)], "csv").decode("utf-8-sig"), newline=""))
    )
    assert not any(cell.lstrip(" ").startswith(FORMULA_STARTS) for cell in cells)


@pytest.mark.parametrize(
    "title",
    [
        "=1+1",
        "+1",
        "-1",
        "@sum(a1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠a",
        '  =cmd|" /C calc"!A0',
    ],
)
def test_what_looks_like_a_formula_is_text_to_a_real_reader(title: str) -> None:
    (row,) = read_csv(export([a_line(title=title)], "csv"))
    assert row["title"] == f"'{title}"
    book = openpyxl.Workbook()
    cell = book.active.cell(1, 1, row["title"])  # type: ignore[union-attr]
    assert cell.data_type == "s"
