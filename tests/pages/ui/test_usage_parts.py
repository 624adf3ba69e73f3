"""Parts of the usage page that draw nothing: what a point stands for, floating bars, amounts."""

from datetime import date, datetime
from decimal import Decimal
from html import unescape

import pytest

from agents.usage.desk import Filters, Span
from pages.ui.text import WORD_JOINER
from pages.ui.usage import charts, failures, trail
from pages.ui.usage.amounts import bar, cost, per_unit, signed
from pages.ui.usage.behind import narrowed, point
from pages.ui.usage.spending import saved_together, saved_words
from pages.ui.usage.tables import Column, _cell

RULE = "01a218c6-d557-7062-a8a4-c05d02106a8c"
MARCH = Filters(Span(date(2026, 3, 1), date(2026, 3, 31)), models=("large", "small"))


def test_a_point_narrows_the_filters_to_its_day_and_values() -> None:
    day = datetime(2026, 3, 9)
    inner = narrowed(MARCH, point(model="large", user="a&b=c", first=day, last=day))
    assert inner.span == Span(day.date(), day.date())
    assert (inner.models, inner.users) == (("large",), ("a&b=c",))


def test_a_point_of_a_week_does_not_reach_out_of_the_period() -> None:
    told = point(first=date(2026, 3, 30), last=date(2026, 4, 5))
    assert narrowed(MARCH, told).span == Span(date(2026, 3, 30), date(2026, 3, 31))


def test_a_point_without_a_value_stands_for_rows_that_have_none() -> None:
    assert narrowed(MARCH, point(agent=None)).agents == ("",)


def test_what_no_filter_knows_narrows_nothing() -> None:
    assert narrowed(MARCH, point(price_version="list 2026-07")) == MARCH


def test_each_step_starts_where_the_one_before_ended() -> None:
    figure = charts.steps(["Before", "Calls", "Price", "Now"], [3.0, -1.0], ["", "", "", ""], 10.0)
    (bars,) = figure["data"]
    assert [*zip(reversed(bars["base"]), reversed(bars["x"]), strict=True)] == [
        (0.0, 10.0),
        (10.0, 3.0),
        (13.0, -1.0),
        (0.0, 12.0),
    ]


def test_names_of_people_are_letters_in_a_chart() -> None:
    figure = charts.stacked([charts.Series("<b>x</b>", [1], [2.0])])
    assert figure["data"][0]["name"] == "&lt;b&gt;x&lt;/b&gt;"


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"cost_amount": Decimal(2), "unknown_prices": 3}, "USD 2.00"),
        ({"cost_amount": Decimal(0), "unknown_prices": 3}, "unknown"),
        ({"cost_amount": None, "unconverted": 1}, "unknown"),
        ({"cost_amount": Decimal(0), "unknown_prices": 0}, "USD 0.00"),
    ],
)
def test_nothing_known_is_unknown_and_never_zero(row: dict[str, object], shown: str) -> None:
    assert cost(row, "USD") == shown


def test_small_amounts_keep_the_digits_that_differ() -> None:
    assert per_unit(Decimal("0.08832"), "USD") == "USD 0.0883"
    assert per_unit(Decimal("12.345"), "USD") == "USD 12.34"
    assert signed(Decimal("-0.004"), "USD", is_per_unit=True) == "−USD 0.0040"
    assert signed(None, "USD") == "unknown"


@pytest.mark.parametrize(
    ("row", "length"),
    [
        ({"cost_amount": Decimal(2), "unknown_prices": 3}, 2.0),
        ({"cost_amount": Decimal(0), "unknown_prices": 3}, None),
        ({"cost_amount": None}, None),
        ({"cost_amount": Decimal(0), "unknown_prices": 0}, 0.0),
    ],
)
def test_what_is_unknown_has_no_bar_and_a_true_zero_has_one(
    row: dict[str, object], length: float | None
) -> None:
    assert bar(row) == length


def test_savings_in_words_tell_how_many_are_unknown() -> None:
    known, unknown = (
        {"cost_avoided_amount": amount, "unknown_savings": n} for amount, n in ((Decimal(2), 0), (None, 3))
    )
    assert saved_together([known, unknown]) == (2, 3)
    assert saved_together([unknown]) == (None, 3)
    assert saved_words(Decimal(2), 3, 5, "USD") == (
        "USD 2.00 saved by 5 replies from the cache; of 3 it is unknown"
    )
    assert saved_words(None, 3, 3, "USD") == "What 3 replies from the cache saved is unknown"


def test_a_failure_rate_that_is_unknown_has_no_bar() -> None:
    assert [failures._percent({"failure_rate": rate}) for rate in (None, 0.0, 0.25)] == [None, 0.0, 25.0]


def failed(provider: str, failures: int, attempts: int) -> dict[str, object]:
    rate = failures / attempts
    return {"provider": provider, "failed": failures, "attempts": attempts, "failure_rate": rate}


def test_who_failed_most_by_count_and_by_rate_are_both_named_where_they_differ() -> None:
    many, often = failed("borealis", 25, 1_000), failed("house", 3, 80)
    days = [{"provider": "borealis", "day": date(2026, 3, 9), "failed": 7}]
    assert failures._verdict([many, often], days) == (
        "borealis failed most often: 25 of 1,000 attempts (2.5 %), 7 of them on 2026-03-09. "
        "The highest rate is that of house: 3 of 80 attempts (3.8 %)."
    )
    assert "highest rate" not in failures._verdict([many], days)


def test_errors_that_are_no_failures_are_told_where_the_sums_differ() -> None:
    assert failures._sum_of_errors({"timeout": 321, "cancelled": 8}) == (
        "329 attempts ended in an error: 321 failed, 8 were cancelled, which is no failure."
    )
    assert failures._sum_of_errors({"timeout": 321}) == ""


def test_names_of_models_stay_on_one_line_and_sentences_do_not() -> None:
    column = Column("Model", lambda row: row["model"], is_text=True)
    assert _cell(column, {"model": "house/quince-14b"}).count(WORD_JOINER) == 2
    assert WORD_JOINER not in _cell(column, {"model": "tools and follow-up searches"})
    assert WORD_JOINER not in _cell(column, {"model": "a-b" * 30})


def test_a_long_name_beside_a_bar_is_written_in_lines_and_whole() -> None:
    name = "borealis/borealis-pro to aurora/aurora-small <b>"
    told = charts.in_lines(name)
    lines = told.split("<br>")
    assert all(len(unescape(line).strip()) <= charts.LINE_CHARS for line in lines)
    assert len(lines) > 1
    assert "".join(lines) == name.replace("<", "&lt;").replace(">", "&gt;")
    assert charts.in_lines("x" * 60) == "x" * 60


def test_a_legend_of_several_names_leaves_the_axis_of_a_phone_its_two_lines() -> None:
    """Six names, one below the other, pushed the year under the legend."""
    series = [charts.Series(str(n), ["2026-03-01"], [1.0]) for n in range(6)]
    few, six = (charts.stacked(series[:names])["layout"]["height"] for names in (4, 6))
    assert six - few == 2 * charts.NAME_PX


def test_more_series_than_colors_are_told_apart_by_patterns() -> None:
    figure = charts.stacked([charts.Series(str(n), ["2026-03-01"], [1.0]) for n in range(9)])
    marks = {(bar["marker"]["color"], bar["marker"]["pattern"]["shape"]) for bar in figure["data"]}
    assert len(marks) == 9


@pytest.mark.parametrize(
    ("subject", "data", "told"),
    [
        ("month *", {"amount": "5.0", "currency": "EUR", "warn_share": 0.8}, "EUR 5.00, warn share: 80 %"),
        ("agent *", {"amount": None, "note": ""}, ""),
        ("project odd", {"allow_unknown_price": False}, "allow unknown price: no"),
        (
            RULE,
            {"name": "Day", "filters": '{"environment": ["demo"]}', "window_h": 24},
            "24 h, environment: demo",
        ),
        (
            RULE,
            {"name": "Day", "kind": "threshold", "metric": "spend", "warn_at": 0.5, "filters": "{}"},
            "kind: it reaches a bound, metric: Spend, warn at: USD 0.50",
        ),
        (
            RULE,
            {"kind": "threshold", "metric": "spend", "alert_at": 1.0, "filters": '{"currency": ["EUR"]}'},
            "alert at: EUR 1.00",
        ),
        (RULE, {"note": "done: 5 T", "at": "2026-03-01T10:00:00"}, "note: done: 5 T, at: 2026-03-01 10:00"),
    ],
)
def test_what_was_done_is_told_in_words(subject: str, data: dict[str, object], told: str) -> None:
    assert trail.details(data).endswith(told)
    found = trail.to_what(subject, data, {})
    expected = {"month *": "everybody together", "agent *": "each agent", RULE: data.get("name", RULE[:8])}
    assert found == expected.get(subject, subject)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"filters": '{"projects": ["a", "b"], "since": null}'}, "projects: a or b"),
        ({"filters": "not json"}, "filters: not json"),
        ({"filters": '["a"]'}, "filters: ['a']"),
        ({"filters": {"project": "abc"}}, "project: abc"),
        ({"filters": "null"}, ""),
        ({"warn_share": "most"}, "warn share: most"),
        ({"warn_share": "NaN"}, "warn share: NaN"),
        ({"amount": "Infinity", "currency": "USD"}, "amount: Infinity"),
    ],
)
def test_what_an_older_version_noted_otherwise_is_told_as_it_stands(
    data: dict[str, object], told: str
) -> None:
    assert trail.details(data) == told
