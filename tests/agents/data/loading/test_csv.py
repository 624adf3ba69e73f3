"""CSV files as people and programs write them."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.data.attachment import Attachment
from agents.data.loading.headers import column_names
from agents.data.sandbox import Sandbox
from agents.errors import BadInput


def table_of(sandbox: Sandbox, file: str = "") -> tuple[list[str], tuple[tuple[Any, ...], ...]]:
    """Types and rows of a file's table, or of the only one."""
    table = next(table for table in sandbox.tables if table.file == file or not file)
    return [column.type for column in table.columns], sandbox.query(f'select * from "{table.name}"').rows


LAYOUTS = {
    "commas": "a,b\n1,x\n2,y\n",
    "semicolons": "a;b\n1;x\n2;y\n",
    "tabs": "a\tb\n1\tx\n2\ty\n",
    "bars": "a|b\n1|x\n2|y\n",
    "Windows line ends": "a,b\r\n1,x\r\n2,y\r\n",
    "old Macintosh line ends": "a,b\r1,x\r2,y\r",
    "mixed line ends": "a,b\n1,x\r\n2,y\n",
    "no line end at the end": "a,b\n1,x\n2,y",
    "a mark of byte order": "\ufeffa,b\n1,x\n2,y\n",
    "a title above": "Report of May\n\na,b\n1,x\n2,y\n",
    "empty lines between": "a,b\n1,x\n\n2,y\n\n",
    "quotes everywhere": '"a","b"\n"1","x"\n"2","y"\n',
    "an empty last column": "a,b,\n1,x,\n2,y,\n",
    "a running row number in front": ",a,b\n0,1,x\n1,2,y\n",
}


def attached(texts: dict[str, str]) -> Sandbox:
    """A file for each text, named after it, in one sandbox: to start its process costs more than to read."""
    return Sandbox([Attachment(f"{name}.csv", text.encode()) for name, text in texts.items()])


@pytest.fixture(scope="module")
def layouts() -> Iterator[Sandbox]:
    with attached(LAYOUTS) as sandbox:
        yield sandbox


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_usual_layout_gives_the_same_table(layouts: Sandbox, name: str) -> None:
    assert table_of(layouts, f"{name}.csv") == (["BIGINT", "VARCHAR"], ((1, "x"), (2, "y")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1254"])
def test_every_usual_encoding_gives_the_same_table(opened: Any, encoding: str) -> None:
    text = "şehir,nüfus\nİzmir,5\nŞırnak,7\nMuğla,9\nÇankırı ile Ağrı arası,3\n"
    sandbox = opened({"t.csv": text.encode(encoding)})
    assert [column.name for column in sandbox.tables[0].columns] == ["şehir", "nüfus"]
    assert sandbox.query('select "nüfus" from t where "şehir" = \'Muğla\'').rows == ((9,),)


NUMBERS = {
    "whole": (["1", "-2", "+3"], "BIGINT", [1, -2, 3]),
    "with points": (["1.5", "2", ".5"], "DOUBLE", [1.5, 2.0, 0.5]),
    "with exponents": (["1e3", "2.5E-1"], "DOUBLE", [1000.0, 0.25]),
    "with commas for decimals": (["1,5", "2,25"], "DOUBLE", [1.5, 2.25]),
    "grouped by commas": (["1,234.5", "12,345,678", "1"], "DOUBLE", [1234.5, 12345678.0, 1.0]),
    "grouped by points": (["1.234,5", "12.345.678", "1"], "DOUBLE", [1234.5, 12345678.0, 1.0]),
    "grouped by spaces": (["1 234,5", "12 345"], "DOUBLE", [1234.5, 12345.0]),
    "money": (["€ 1.50", "€ 2"], "DOUBLE", [1.5, 2.0]),
    "money behind": (["1,50 TL", "2,00 TL"], "DOUBLE", [1.5, 2.0]),
    "per cent": (["12.5%", "3%"], "DOUBLE", [12.5, 3.0]),
    "with gaps": (["1", "n/a", "-", "", "3"], "BIGINT", [1, None, None, None, 3]),
    "with NaN": (["1", "NaN", "", "inf"], "DOUBLE", [1.0, "NaN", None, "Infinity"]),
    "codes with leading zeros": (["007", "010"], "VARCHAR", ["007", "010"]),
    "too long to be exact": (["12345678901234567890", "1"], "VARCHAR", ["12345678901234567890", "1"]),
    "with words among them": (["1", "2", "about 3"], "VARCHAR", ["1", "2", "about 3"]),
    "badly grouped": (["1,23,4", "5"], "VARCHAR", ["1,23,4", "5"]),
    "in two currencies": (["€ 1", "$ 2"], "VARCHAR", ["€ 1", "$ 2"]),
}


@pytest.fixture(scope="module")
def numbers() -> Iterator[Sandbox]:
    files = {n: "key;v\n" + "".join(f"k;{text}\n" for text in texts) for n, (texts, *_) in NUMBERS.items()}
    with attached(files) as sandbox:
        yield sandbox


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_read_when_they_are(numbers: Sandbox, name: str) -> None:
    _, kind, values = NUMBERS[name]
    kinds, rows = table_of(numbers, f"{name}.csv")
    assert kinds[1] == kind
    assert [row[1] for row in rows] == values


DATES = {
    "ISO days": (["2024-02-29", "2023-12-01"], "DATE", ["2024-02-29", "2023-12-01"]),
    "days and times": (["2024-02-29 10:30:00", "2024-03-01"], "TIMESTAMP", ["2024-02-29 10:30:00"]),
    "times with an offset": (["2024-02-29T10:30:00+03:00"], "TIMESTAMP", ["2024-02-29 10:30:00"]),
    "days with points": (["29.02.2024", "1.3.2024"], "DATE", ["2024-02-29", "2024-03-01"]),
    "day first": (["29/02/2024", "01/03/2024"], "DATE", ["2024-02-29", "2024-03-01"]),
    "month first": (["02/29/2024", "03/01/2024"], "DATE", ["2024-02-29", "2024-03-01"]),
    "words": (["29 Feb 2024", "1 March 2024"], "DATE", ["2024-02-29", "2024-03-01"]),
    "several forms at once": (
        ["2024-02-29", "01.03.2024", "Mar 2, 2024"],
        "DATE",
        ["2024-02-29", "2024-03-01"],
    ),
    "months": (["2024-02", "2024-03"], "DATE", ["2024-02-01", "2024-03-01"]),
    "quarters": (["2024Q1", "Q2 2024"], "DATE", ["2024-01-01", "2024-04-01"]),
    "twelve-hour clock": (["02/29/2024 3:05 PM"], "TIMESTAMP", ["2024-02-29 15:05:00"]),
    "impossible days": (["2024-02-30", "2024-03-01"], "VARCHAR", ["2024-02-30", "2024-03-01"]),
    "versions": (["1.2.10", "1.2.11"], "VARCHAR", ["1.2.10", "1.2.11"]),
}


@pytest.fixture(scope="module")
def dates() -> Iterator[Sandbox]:
    files = {n: "key,when\n" + "".join(f'k,"{t}"\n' for t in texts) for n, (texts, *_) in DATES.items()}
    with attached(files) as sandbox:
        yield sandbox


@pytest.mark.parametrize("name", DATES)
def test_dates_are_read_when_they_are(dates: Sandbox, name: str) -> None:
    _, kind, values = DATES[name]
    kinds, rows = table_of(dates, f"{name}.csv")
    assert kinds[1] == kind
    assert [row[1] for row in rows][: len(values)] == values


def test_what_the_values_alone_do_not_tell_is_said(opened: Any) -> None:
    notes = opened({"t.csv": "d,x\n01/02/2024,1\n03/04/2024,2\n"}).tables[0].notes
    assert notes == ("“d” is read as day/month/year; its values fit the other order as well.",)
    notes = opened({"t.csv": "k;x\na;1,234\nb;5,678\n"}).tables[0].notes
    assert notes == ("“x” is read with a decimal comma; the other one would fit as well.",)
    notes = opened({"t.csv": "k,x\na,1\nb,2\nc,3\nd,4\ne,about 5\n"}).tables[0].notes
    assert notes == ("“x” is read as text: 1 of its values are no numbers, such as “about 5”.",)


def test_a_late_row_decides_as_much_as_an_early_one(opened: Any) -> None:
    rows = "1,01/02/2024,5\n" * 6_000
    kinds, found = table_of(opened({"t.csv": f"x,d,y\n{rows}2.5,02/28/2024,word\n"}))
    assert kinds == ["DOUBLE", "DATE", "VARCHAR"]
    assert found[0] == (1.0, "2024-01-02", "5")


BROKEN = {
    "nothing in it": ("", "is empty"),
    "only spaces": ("  \n \n", "is empty"),
    "a header alone": ("a,b\n", "no rows"),
    "no header": ("1,2\n3,4\n", "does not name its columns"),
    "a column twice": ("a,b,A\n1,2,3\n", "two columns named “a”"),
    "a column without a name": ("a,,b\n1,2,3\n4,9,6\n", "Column 2 of “t.csv” has values but no name"),
    "a row too long": ("a,b\n1,2\n3,4,5\n6,7\n", "Line 3 of “t.csv” has 3 cells where the header has 2"),
    "a row too short": ("a,b,c\n1,2,3\n3,4\n6,7,8\n", "Line 3 of “t.csv” has 2 cells"),
    "an open quote": ('a,b\n"x,1\n2,3\n4,5\n', "a quote that is not closed"),
    "a web page": ("<!doctype html><html><body>x</body></html>", "is a web page"),
    "too many columns": (
        ",".join(f"c{n}" for n in range(1_001)) + "\n" + "1," * 1_000 + "1\n",
        "1,001 columns",
    ),
}


@pytest.mark.parametrize(("text", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_file_is_refused_with_its_reason_when_it_has(opened: Any, text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as error:
        opened({"t.csv": text})
    assert str(error.value).endswith(".")


def test_bytes_that_are_no_text_are_refused(opened: Any) -> None:
    with pytest.raises(BadInput, match="not"):
        opened({"t.csv": bytes(range(256)) * 50})


def test_three_hundred_columns_are_read(opened: Any) -> None:
    header = ",".join(f"column {n}" for n in range(300))
    sandbox = opened(
        {"wide.csv": f"{header}\n" + "\n".join(",".join(["1.5"] * 300) for _ in range(50)) + "\n"}
    )
    assert len(sandbox.tables[0].columns) == 300
    assert sandbox.query('select sum("column 299") from wide').rows == ((75.0,),)


def test_headers_of_any_script_stay_what_they_are(opened: Any) -> None:
    names = [
        "المدينة",
        "\u200fשם",
        "价格 (¥)",
        'a "quoted" name',
        "x; drop table t",
        "line\nbreak",
        "😀",
        "'; --",
    ]
    sandbox = opened({"t.csv": as_csv([names, [str(n) for n in range(len(names))]])})
    shown = [column.name for column in sandbox.tables[0].columns]
    assert shown == ["المدينة", "שם", *names[2:5], "line break", *names[6:]]
    assert sandbox.query("select * from t").rows == (tuple(range(len(names))),)


TEXTS = st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=2), min_size=1, max_size=8)


@settings(max_examples=6)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_texts_come_back_as_they_were(files: list[list[list[str]]]) -> None:
    written = {f"t{number}": marked(rows) for number, rows in enumerate(files)}
    with attached({n: as_csv([["first", "second"], *rows]) for n, rows in written.items()}) as sandbox:
        for name, rows in written.items():
            assert [list(row) for row in sandbox.query(f"select * from {name}").rows] == rows


def marked(rows: list[list[str]]) -> list[list[str]]:
    """Cells that a line of UTF-8 can hold, and that are texts beyond doubt."""
    clean = [["".join(c for c in cell if c not in "\x00\r\n") for cell in row] for row in rows]
    return [[f"x{cell.encode('utf-8', 'ignore').decode()}x" for cell in row] for row in clean]


def as_csv(rows: list[list[str]]) -> str:
    sink = io.StringIO()
    csv.writer(sink).writerows(rows)
    return sink.getvalue()


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=6))
def test_names_that_pass_are_different_and_can_be_shown(header: list[str]) -> None:
    try:
        names = column_names(header, [True] * len(header), "t.csv")
    except BadInput:
        return
    shown = [name for name in names if name is not None]
    assert len({name.lower() for name in shown}) == len(shown) == len(header)
    assert all(name == name.strip() and "\n" not in name for name in shown)
