"""Every analysis gives the numbers that pandas gives, on plotly's own tables, in each format."""

from datetime import date
from typing import Any

import pandas as pd
import plotly.data
import pytest

from agents.data.analyses.run import analyse
from agents.data.answer import DataAnswer
from agents.data.request import (
    AnalysisRequest,
    BreakdownRequest,
    CompareRequest,
    Filter,
    How,
    Measure,
    Period,
    ProfileRequest,
    Span,
    TopRequest,
    TotalRequest,
    TrendRequest,
)
from agents.data.sandbox import Sandbox

GAPMINDER: pd.DataFrame = plotly.data.gapminder()
TIPS: pd.DataFrame = plotly.data.tips()
STOCKS: pd.DataFrame = plotly.data.stocks().assign(date=lambda frame: pd.to_datetime(frame["date"]))
HOWS: dict[How, str] = {
    "sum": "sum",
    "mean": "mean",
    "median": "median",
    "min": "min",
    "max": "max",
    "count": "count",
    "distinct": "nunique",
}


def run(sandbox: Sandbox, request: AnalysisRequest) -> DataAnswer:
    return analyse(sandbox, request, "as chosen")


def year(number: int) -> Period:
    return Period(start=date(number, 1, 1), end=date(number + 1, 1, 1), label=str(number))


def series(answer: DataAnswer, keys: list[str], value: str, table: int = 0) -> dict[Any, float]:
    """Values of a result by their keys."""
    frame = answer.tables[table].frame()
    indexed = frame.set_index(keys[0] if len(keys) == 1 else keys)[value]
    return dict(indexed.items())


def approx(expected: Any) -> Any:
    return pytest.approx(expected, rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("how", HOWS)
def test_totals(real: Sandbox, how: How) -> None:
    request = TotalRequest(table="gapminder", measure=Measure(how=how, column="gdpPercap"))
    value = run(real, request).tables[0].rows[0][0]
    assert value == approx(GAPMINDER["gdpPercap"].agg(HOWS[how]))


@pytest.mark.parametrize("how", HOWS)
def test_breakdowns_by_one_column(real: Sandbox, how: How) -> None:
    request = BreakdownRequest(table="tips", measure=Measure(how=how, column="total_bill"), by=("day",))
    answer = run(real, request)
    value = answer.tables[0].columns[1].name
    expected = TIPS.groupby("day")["total_bill"].agg(HOWS[how])
    assert series(answer, ["day"], value) == approx(expected.to_dict())


def test_breakdowns_by_two_columns(real: Sandbox) -> None:
    request = BreakdownRequest(table="tips", measure=Measure(how="mean", column="tip"), by=("day", "sex"))
    expected = TIPS.groupby(["day", "sex"])["tip"].mean()
    assert series(run(real, request), ["day", "sex"], "mean of tip") == approx(expected.to_dict())


def test_shares_of_a_breakdown(real: Sandbox) -> None:
    span = Span(time="year", period=year(2007))
    measure = Measure(how="sum", column="pop")
    request = BreakdownRequest(table="gapminder", measure=measure, by=("continent",), span=span)
    totals = GAPMINDER[GAPMINDER.year == 2007].groupby("continent")["pop"].sum()
    assert series(run(real, request), ["continent"], "share") == approx((totals / totals.sum()).to_dict())


def test_counts_of_rows_under_filters(real: Sandbox) -> None:
    kept = Filter(column="day", values=("Sun", "Sat"))
    request = BreakdownRequest(table="tips", measure=Measure(how="count"), by=("time",), filters=(kept,))
    expected = TIPS[TIPS.day.isin(["Sun", "Sat"])].groupby("time").size()
    assert series(run(real, request), ["time"], "rows") == expected.to_dict()


@pytest.mark.parametrize("lowest", [False, True])
def test_top_groups_in_order(real: Sandbox, lowest: bool) -> None:
    measure = Measure(how="mean", column="lifeExp")
    request = TopRequest(table="gapminder", measure=measure, by="country", count=7, lowest=lowest)
    means = GAPMINDER.groupby("country")["lifeExp"].mean()
    expected = means.nsmallest(7) if lowest else means.nlargest(7)
    frame = run(real, request).tables[0].frame()
    assert list(frame["country"]) == list(expected.index)
    assert list(frame["mean of lifeExp"]) == approx(list(expected))


def test_top_rows_in_order(real: Sandbox) -> None:
    request = TopRequest(table="tips", measure=Measure(how="max", column="total_bill"), by=None, count=5)
    frame = run(real, request).tables[0].frame()
    expected = TIPS.nlargest(5, "total_bill")
    assert list(frame["total_bill"]) == list(expected["total_bill"])
    assert list(frame["day"]) == list(expected["day"])


@pytest.mark.parametrize(
    ("grain", "rule"), [("month", "MS"), ("quarter", "QS"), ("year", "YS"), ("week", "W-MON")]
)
@pytest.mark.parametrize("how", ["mean", "sum", "max"])
def test_trends_over_dates(real: Sandbox, grain: Any, rule: str, how: How) -> None:
    measure = Measure(how=how, column="GOOG")
    request = TrendRequest(table="stocks", measure=measure, time="date", grain=grain)
    if rule == "W-MON":
        grouper = pd.Grouper(key="date", freq=rule, closed="left", label="left")
    else:
        grouper = pd.Grouper(key="date", freq=rule)
    expected = STOCKS.groupby(grouper)["GOOG"].agg(how)
    frame = run(real, request).tables[0].frame()
    assert list(frame[f"{how} of GOOG"]) == approx(list(expected))
    assert list(frame["change"])[1:] == approx(list(expected.diff())[1:])
    assert list(frame["relative change"])[1:] == approx(list(expected.pct_change())[1:])


def test_trends_over_years_for_each_group(real: Sandbox) -> None:
    measure = Measure(how="sum", column="pop")
    request = TrendRequest(table="gapminder", measure=measure, time="year", by="continent")
    expected = GAPMINDER.groupby(["year", "continent"])["pop"].sum()
    assert series(run(real, request), ["year", "continent"], "sum of pop") == expected.to_dict()


def test_the_grain_is_chosen_for_a_readable_chart(real: Sandbox) -> None:
    measure = Measure(how="mean", column="AAPL")
    answer = run(real, TrendRequest(table="stocks", measure=measure, time="date"))
    assert answer.tables[0].columns[0].name == "month"
    weeks = STOCKS[STOCKS.date < "2018-07-01"]
    span = Span(time="date", period=Period(start=date(2018, 1, 1), end=date(2018, 7, 1), label="first half"))
    answer = run(real, TrendRequest(table="stocks", measure=measure, time="date", span=span))
    assert answer.tables[0].columns[0].name == "week"
    assert list(answer.tables[0].frame()["mean of AAPL"]) == approx(list(weeks["AAPL"]))


def compared(sandbox: Sandbox, how: How, column: str | None, by: str | None = "continent") -> DataAnswer:
    measure = Measure(how=how, column=column)
    request = CompareRequest(
        table="gapminder", measure=measure, time="year", before=year(1997), after=year(2007), by=by
    )
    return run(sandbox, request)


@pytest.mark.parametrize(("how", "column"), [("sum", "pop"), ("sum", "gdpPercap"), ("count", None)])
def test_comparisons_of_sums_add_up_exactly(real: Sandbox, how: How, column: str | None) -> None:
    answer = compared(real, how, column)
    whole, parts = answer.tables[0], answer.tables[1].frame()
    kept = GAPMINDER.assign(rows=1)[GAPMINDER.year.isin([1997, 2007])]
    pivot = kept.pivot_table(index="continent", columns="year", values=column or "rows", aggfunc="sum")
    change = (pivot[2007] - pivot[1997]).to_dict()
    assert series(answer, ["continent"], "contribution", table=1) == approx(change)
    assert whole.value(0, "change") == approx(sum(change.values()))
    assert round(sum(parts["contribution"]), 6) == round(float(str(whole.value(0, "change"))), 6)


def test_comparisons_of_means_add_up_to_the_change_of_the_mean(real: Sandbox) -> None:
    answer = compared(real, "mean", "lifeExp")
    kept = GAPMINDER[GAPMINDER.year.isin([1997, 2007])]
    means = kept.groupby("year")["lifeExp"].mean()
    whole, parts = answer.tables[0], answer.tables[1].frame()
    assert whole.value(0, "change") == approx(means[2007] - means[1997])
    assert parts["contribution"].sum() == approx(means[2007] - means[1997])
    own, weight = parts["from its own change"], parts["from its weight"]
    assert list(own + weight) == approx(list(parts["contribution"]))


def test_comparisons_of_medians_have_no_contributions(real: Sandbox) -> None:
    answer = compared(real, "median", "gdpPercap")
    pivot = GAPMINDER.pivot_table(index="continent", columns="year", values="gdpPercap", aggfunc="median")
    assert series(answer, ["continent"], "change", table=1) == approx((pivot[2007] - pivot[1997]).to_dict())
    assert "contribution" not in answer.tables[1].frame()
    assert any("do not add up" in limit for limit in answer.limits)


def test_without_named_segments_the_most_telling_column_is_taken(real: Sandbox) -> None:
    answer = compared(real, "sum", "pop", by=None)
    assert answer.tables[1].columns[0].name == "continent"
    assert any("“continent” tells most" in limit for limit in answer.limits)


def test_profiles(real: Sandbox) -> None:
    answer = run(real, ProfileRequest(table="tips"))
    columns, numbers, usual, spread = (table.frame() for table in answer.tables)
    assert dict(zip(columns["column"], columns["different values"], strict=True)) == TIPS.nunique().to_dict()
    assert list(columns["missing"]) == [0] * 7
    described = TIPS.describe()
    named = {"lowest": "min", "first quarter": "25%", "median": "50%", "mean": "mean", "third quarter": "75%"}
    named |= {"highest": "max", "standard deviation": "std"}
    for ours, theirs in named.items():
        assert dict(zip(numbers["column"], numbers[ours], strict=True)) == approx(
            described.loc[theirs].to_dict()
        )
    for column in ("sex", "smoker", "day", "time"):
        ours = usual[usual["column"] == column]
        counts = TIPS[column].value_counts()
        assert dict(zip(ours["value"], ours["rows"], strict=True)) == counts.to_dict()
    assert spread["rows"].sum() == len(TIPS)
    assert spread["to"].iloc[-1] == approx(TIPS["total_bill"].max())
