"""Sentences, charts and answers: every number leads to its cell, and nothing in them is markup."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import plotly.graph_objects
import pytest

from agents.data.analyses.run import analyse
from agents.data.answer import DataAnswer
from agents.data.attachment import Attachment
from agents.data.request import (
    AnalysisRequest,
    BreakdownRequest,
    CompareRequest,
    Filter,
    Measure,
    Period,
    ProfileRequest,
    Span,
    TopRequest,
    TotalRequest,
    TrendRequest,
)
from agents.data.results import Finding, ResultTable
from agents.data.sandbox import Sandbox
from agents.errors import BadInput

ROWS = [
    ("2023-01-05", "north", "A & <b>x</b>", "10.5", "1"),
    ("2023-02-10", "south", "<img src=x onerror=alert(1)>", "", "2"),
    ("2023-02-11", "", "=1+1", "NaN", "3"),
    ("2024-01-20", "north", "A & <b>x</b>", "30.25", "4"),
    ("2024-02-03", "south", "{x} %{y} $a$", "-5", "5"),
    ("2024-03-04", "east", "“quoted” 2024", "1000000", "6"),
]
TABLE = "day,region,product,value,rows\n" + "\n".join(
    ",".join(f'"{cell}"' if cell else "" for cell in row) for row in ROWS
)
Y2023 = Period(start=date(2023, 1, 1), end=date(2024, 1, 1), label="2023")
Y2024 = Period(start=date(2024, 1, 1), end=date(2025, 1, 1), label="2024")
SUM = Measure(how="sum", column="value")
REQUESTS: dict[str, AnalysisRequest] = {
    "profile": ProfileRequest(table="t"),
    "profile of one column": ProfileRequest(table="t", columns=("value",)),
    "total": TotalRequest(table="t", measure=SUM),
    "mean": TotalRequest(table="t", measure=Measure(how="mean", column="value")),
    "count": TotalRequest(table="t", measure=Measure(how="count")),
    "different values": TotalRequest(table="t", measure=Measure(how="distinct", column="region")),
    "a column called like ours": TotalRequest(table="t", measure=Measure(how="sum", column="rows")),
    "breakdown": BreakdownRequest(table="t", measure=SUM, by=("product",)),
    "breakdown by two": BreakdownRequest(table="t", measure=Measure(how="count"), by=("region", "product")),
    "breakdown by a column called like ours": BreakdownRequest(table="t", measure=SUM, by=("rows",)),
    "top": TopRequest(table="t", measure=SUM, by="region", count=2),
    "top rows": TopRequest(table="t", measure=SUM, by=None, count=3),
    "bottom": TopRequest(table="t", measure=Measure(how="max", column="value"), by="region", lowest=True),
    "trend": TrendRequest(table="t", measure=SUM, time="day"),
    "trend by month": TrendRequest(table="t", measure=Measure(how="count"), time="day", grain="month"),
    "trend by region": TrendRequest(table="t", measure=SUM, time="day", grain="year", by="region"),
    "comparison": CompareRequest(table="t", measure=SUM, time="day", before=Y2023, after=Y2024, by="region"),
    "comparison of means": CompareRequest(
        table="t", measure=Measure(how="mean", column="value"), time="day", before=Y2023, after=Y2024
    ),
    "comparison of counts": CompareRequest(
        table="t", measure=Measure(how="count"), time="day", before=Y2023, after=Y2024, by="product"
    ),
    "nothing left": BreakdownRequest(
        table="t", measure=SUM, by=("region",), filters=(Filter(column="region", values=("nowhere",)),)
    ),
    "a period without rows": TrendRequest(
        table="t",
        measure=SUM,
        time="day",
        span=Span(time="day", period=Period(start=date(1999, 1, 1), end=date(2000, 1, 1), label="1999")),
    ),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox([Attachment("t.csv", TABLE.encode())]) as opened:
        yield opened


@pytest.fixture(scope="module", params=REQUESTS.keys())
def answer(request: pytest.FixtureRequest, sandbox: Sandbox) -> DataAnswer:
    return analyse(sandbox, REQUESTS[request.param], "as chosen")


def said_value(finding: Finding, start: int, end: int) -> float | None:
    """The number a citation shows, a percentage as a share."""
    text = finding.text[start:end].replace(",", "")
    number = re.fullmatch(r"([+-]?[\d.]+(?:e[+-]?\d+)?)( %)?", text)
    if number is None:
        return None
    return float(number[1]) / (100 if number[2] else 1)


def test_every_number_of_a_sentence_is_in_the_cell_it_cites(answer: DataAnswer) -> None:
    tables = {table.id: table for table in answer.tables}
    for finding in answer.findings:
        rest = finding.text
        for cited in reversed(finding.citations):
            value = tables[cited.cell.table].value(cited.cell.row, cited.cell.column)
            said = said_value(finding, cited.start, cited.end)
            if isinstance(value, int | float) and said is not None:
                assert said == pytest.approx(value, rel=1e-3, abs=6e-4)
            else:
                assert str(value) in finding.text or value is None
            rest = rest[: cited.start] + rest[cited.end :]
        assert not re.search(r"\d", re.sub(r"“[^”]*”", "", rest)), finding.text


def test_sentences_are_whole(answer: DataAnswer) -> None:
    for text in [finding.text for finding in answer.findings] + list(answer.limits):
        assert text[0].isupper() or text[0] in "“0123456789(", text
        assert text.endswith(".") and "  " not in text


def test_an_answer_is_the_same_after_a_trip_through_json(answer: DataAnswer) -> None:
    assert DataAnswer.model_validate_json(answer.model_dump_json()) == answer
    json.loads(answer.model_dump_json(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_every_result_is_given_again_by_its_sql(answer: DataAnswer, sandbox: Sandbox) -> None:
    for table in answer.tables:
        assert sandbox.query(table.sql).rows == table.rows


def texts(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [text for value in part.values() for text in texts(value)]
    if isinstance(part, list):
        return [text for value in part for text in texts(value)]
    return [part] if isinstance(part, str) else []


def test_charts_are_ones_plotly_knows_and_hold_no_markup(answer: DataAnswer) -> None:
    for figure in answer.figures:
        plotly.graph_objects.Figure(figure.spec)
        assert not any("<" in text for text in texts(figure.spec))
        assert figure.table in {table.id for table in answer.tables}


def test_a_group_without_a_name_is_called_missing(sandbox: Sandbox) -> None:
    request = BreakdownRequest(table="t", measure=Measure(how="count"), by=("region",))
    answer = analyse(sandbox, request, "as chosen")
    assert None in answer.tables[0].values("region")
    bars: Any = answer.figures[0].spec["data"]
    assert "(missing)" in bars[0]["y"]


def test_results_become_frames(sandbox: Sandbox) -> None:
    table = analyse(sandbox, REQUESTS["breakdown"], "as chosen").tables[0]
    frame = table.frame()
    assert list(frame.columns) == [column.name for column in table.columns]
    assert len(frame) == len(table.rows)


WRONG = {
    "a column that is not there": BreakdownRequest(table="t", measure=SUM, by=("nothing",)),
    "a sum of texts": TotalRequest(table="t", measure=Measure(how="sum", column="region")),
    "a time that is none": TrendRequest(table="t", measure=SUM, time="region"),
    "a filter on a column that is not there": TotalRequest(
        table="t", measure=SUM, filters=(Filter(column="nothing", values=("x",)),)
    ),
}


@pytest.mark.parametrize("request_", WRONG.values(), ids=WRONG.keys())
def test_a_request_is_refused_with_a_sentence_for(sandbox: Sandbox, request_: AnalysisRequest) -> None:
    with pytest.raises(BadInput, match="Nothing was reckoned"):
        analyse(sandbox, request_, "as chosen")


def test_years_as_numbers_are_compared_by_whole_years_only(opened: Any) -> None:
    sandbox = opened({"t.csv": "year,x\n2020,1\n2021,2\n"})
    months = Period(start=date(2020, 1, 1), end=date(2020, 3, 1), label="two months")
    request = CompareRequest(
        table="t", measure=SUM.model_copy(update={"column": "x"}), time="year", before=months, after=Y2023
    )
    with pytest.raises(BadInput, match="is not made of whole ones"):
        analyse(sandbox, request, "as chosen")


def test_values_and_names_that_look_like_sql_stay_values_and_names(opened: Any) -> None:
    evil = "'); drop table t; --"
    sandbox = opened({"t.csv": f'"x"" or 1=1","""; drop table t"\n"{evil}",5\nb,6\n'})
    first, second = (column.name for column in sandbox.tables[0].columns)
    kept = Filter(column=first, values=(evil,))
    request = BreakdownRequest(
        table="t", measure=Measure(how="sum", column=second), by=(first,), filters=(kept,)
    )
    table: ResultTable = analyse(sandbox, request, "as chosen").tables[0]
    assert table.rows[0][:2] == (evil, 5)
