"""Files to take away hold the values, and no formula."""

import csv
import io
from typing import Any

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from agents.data.exporting import FORMULA_STARTS, as_csv, as_excel
from agents.data.results import ResultColumn, ResultTable

EVIL = [
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    " =cmd|'/c calc'!A0",
    "＝1+1",
    '=HYPERLINK("http://x")',
]


def result(cells: list[Any], name: str = "x", title: str = "Result") -> ResultTable:
    column = ResultColumn(name=name, type="VARCHAR", family="text")
    rows = tuple((cell,) for cell in cells)
    return ResultTable(columns=(column,), rows=rows, complete=True, id="r1", title=title, sql="=1+1")


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_formulas_in_csv_stand_behind_an_apostrophe() -> None:
    rows = read_csv(as_csv(result(EVIL, name="=evil")))
    assert rows == [["'=evil"], *([f"'{text}"] for text in EVIL)]


def test_numbers_in_csv_stay_numbers() -> None:
    assert read_csv(as_csv(result([-5, 1.5, None, True, "İzmir"]))) == [
        ["x"],
        ["-5"],
        ["1.5"],
        [""],
        ["True"],
        ["İzmir"],
    ]


def test_formulas_in_excel_are_texts() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_excel([result(EVIL, name="=evil", title="a/b [1] ' x")])))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n") and cell.hyperlink is None
    assert book.worksheets[0]["A1"].value == "=evil"
    assert book.worksheets[-1]["B2"].value == "=1+1"


def test_excel_keeps_numbers_truths_gaps_and_long_texts() -> None:
    cells = [1, 2.5, True, None, "x" * 40_000, 2**60]
    sheet = openpyxl.load_workbook(io.BytesIO(as_excel([result(cells)]))).worksheets[0]
    values = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert values == [1, 2.5, True, None, "x" * 32_767, str(2**60)]


def test_tables_of_the_same_title_are_different_sheets() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_excel([result([1]), result([2])])))
    assert book.sheetnames == ["1 Result", "2 Result", "SQL"]


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=10), max_size=10))
def test_no_text_of_a_csv_begins_like_a_formula(texts: list[str]) -> None:
    for row in read_csv(as_csv(result(texts)))[1:]:
        assert all(not cell.lstrip(" ").startswith(FORMULA_STARTS) for cell in row)
