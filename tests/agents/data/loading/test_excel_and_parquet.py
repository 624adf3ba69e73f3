"""Excel workbooks and Parquet files: sheets, types, and broken or hostile ones."""

import datetime
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.data.limits import MIB, Limits
from agents.errors import BadInput

ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><worksheet>&c;</worksheet>'
)


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def with_part(content: bytes, part: str, data: bytes) -> bytes:
    """The same archive with one part replaced or added."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, data)
    return sink.getvalue()


PLAIN = workbook({"Sheet": [["a", "b"], [1, "x"], [2, "y"]]})


def test_each_sheet_with_a_table_is_one(opened: Any) -> None:
    rows = [["region", "sales"], ["north", 1.5], ["south", 2]]
    sandbox = opened({"Sales.xlsx": workbook({"2023": rows, "empty": [], "2024": rows})})
    assert [(table.name, table.sheet) for table in sandbox.tables] == [
        ("sales", "2023"),
        ("sales_2024", "2024"),
    ]
    assert sandbox.query("select sum(a.sales) from sales a join sales_2024 b using (region)").rows == (
        (3.5,),
    )


def test_cells_keep_their_values(opened: Any) -> None:
    day, moment = datetime.datetime(2024, 5, 1), datetime.datetime(2024, 5, 1, 10, 30)
    header = ["day", "moment", "whole", "float", "truth", "text", "mixed", "gap"]
    rows = [[day, moment, 1, 1.5, True, "a", 1, None], [day, day, 2, 2.0, False, "b, c", "x", 5]]
    sandbox = opened({"t.xlsx": workbook({"s": [header, *rows]})})
    kinds = [column.type for column in sandbox.tables[0].columns]
    numbers = ["BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR", "VARCHAR", "BIGINT"]
    assert kinds == ["DATE", "TIMESTAMP", *numbers]
    assert sandbox.query("select * from t").rows[1] == (
        *("2024-05-01", "2024-05-01 00:00:00", 2, 2.0),
        *(False, "b, c", "x", 5),
    )


def test_a_title_above_the_table_and_rows_of_any_length_are_no_obstacle(opened: Any) -> None:
    rows = [["Report"], [], ["a", "b", "c"], [1], [2, "x"], [3, "y", 4.5], [None, None, None], [4]]
    sandbox = opened({"t.xlsx": workbook({"s": rows})})
    assert sandbox.query("select sum(a), count(b), count(c) from t").rows == ((10, 2, 1),)
    assert "first 2 lines were left out" in sandbox.tables[0].notes[0]


def test_errors_of_formulas_count_as_missing_and_are_told(opened: Any) -> None:
    rows = [["a", "b"], [1, "#DIV/0!"], [2, 3], [3, 4], [4, 5], [5, 6]]
    sandbox = opened({"t.xlsx": workbook({"s": rows})})
    assert sandbox.query("select sum(b), count(b) from t").rows == ((18, 4),)
    assert sandbox.tables[0].notes == ("1 cells of “b” hold an Excel error and count as missing.",)


HOSTILE = {
    "no zip": (b"PK\x03\x04 but not really", "is damaged"),
    "cut off": (PLAIN[: len(PLAIN) // 2], "is damaged"),
    "a password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "has a password"),
    "CSV inside": (b"a,b\n1,2\n", "its content is not one"),
    "broken XML": (
        with_part(PLAIN, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>"),
        "is damaged",
    ),
    "no table": (workbook({"s": []}), "no sheet with a table"),
    "a bomb": (
        with_part(PLAIN, "xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * (64 * MIB) + b"</worksheet>"),
        "unpacks to far more",
    ),
    "a bomb beside the sheets": (with_part(PLAIN, "xl/media/image1.png", b"\x00" * (450 * MIB)), "unpacks"),
    "entities that multiply": (
        with_part(PLAIN, "xl/worksheets/sheet1.xml", ENTITIES.encode()),
        "damaged|no sheet",
    ),
    "a column twice": (workbook({"s": [["a", "a"], [1, 2]]}), "two columns named “a”"),
    "a column without a name": (workbook({"s": [["a"], [1, 2], [3, 4]]}), "Column 2 .* no name"),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_workbook_is_refused_when_it_has(opened: Any, content: bytes, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        opened({"t.xlsx": content})


def test_files_over_their_limit_are_refused_unread(opened: Any) -> None:
    small = Limits(csv_bytes=10, excel_bytes=10, parquet_bytes=10)
    for name, content in (("t.csv", b"a,b\n1,2\n3,4\n"), ("t.xlsx", PLAIN), ("t.parquet", b"PAR1" * 10)):
        with pytest.raises(BadInput, match=r"MB; a .* file may have"):
            opened({name: content}, small)


def test_other_files_are_refused_by_their_name(opened: Any) -> None:
    for name in ("x.pdf", "x.exe", "x", "x.csv.gz", "x.xls.docx"):
        with pytest.raises(BadInput, match="attach CSV, Parquet or Excel"):
            opened({name: b"a,b\n1,2\n"})


def parquet(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_parquet_keeps_its_types_and_finds_dates_among_texts(opened: Any, tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "t.parquet",
        whole=pa.array([1, None], pa.int16()),
        money=pa.array([Decimal("1.10"), Decimal("2.20")]),
        code=["007", "5"],
        number=["1", "2"],
        day=["2024-01-31", "2024-02-29"],
        zone=pa.array([0, 1], pa.timestamp("us", tz="Europe/Istanbul")),
        nested=[[1, 2], []],
        blob=[b"abc", b""],
    )
    sandbox = opened({"t.parquet": path})
    kinds = {column.name: column.type for column in sandbox.tables[0].columns}
    texts = dict.fromkeys(("code", "number", "nested"), "VARCHAR")
    assert (
        kinds
        == {
            "whole": "SMALLINT",
            "money": "DECIMAL(3,2)",
            "day": "DATE",
            "zone": "TIMESTAMP",
            "blob": "BIGINT",
        }
        | texts
    )
    assert sandbox.query("select sum(money), min(nested), max(blob) from t").rows == ((3.3, "[1,2]", 3),)


def test_broken_parquet_is_refused(opened: Any, tmp_path: Path) -> None:
    whole = parquet(tmp_path / "t.parquet", a=list(range(1000))).read_bytes()
    cut = b"PAR1" + whole[4:200] + whole[-300:]
    for content in (b"PAR1" + b"\x00" * 100, whole[:-10], cut):
        with pytest.raises(BadInput, match="damaged"):
            opened({"t.parquet": content})
