"""Figures of 100,000 calls against the same ones reckoned in pandas from the raw rows alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.make_usage import fill
from storage.db import Store
from storage.usage import latency, reconcile, reliability, runs, spend, tokens, units
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Span

LAST = date(2026, 11, 25)
SPAN = Span(LAST - timedelta(days=24), LAST)
FILTERS = Filters(SPAN, environments=("demo",))
ZERO = Decimal(0)


class Raw:
    """The raw rows of both periods as frames, with money in dollars."""

    def __init__(self, store: Store) -> None:
        self.reader = Reader.of(store)
        rates = store.frame("select valid_from, rate from currency_rates order by valid_from")
        self._since, self._rates = list(rates["valid_from"]), list(rates["rate"])
        self.calls = self._both(self._in_dollars(store.frame("select * from calls")), "started_at")
        self.steps = self._both(self._in_dollars(store.frame("select * from steps")), "started_at")
        self.steps = self.steps[self.steps["is_billed"]]
        self.all_runs = store.frame("select * from runs")
        self.now = self.calls[self.calls["period"] == "current"]

    def _rate(self, currency: Any, at: pd.Timestamp) -> Decimal:
        if currency == "USD":
            return Decimal(1)
        before = [rate for since, rate in zip(self._since, self._rates, strict=True) if since <= at]
        return before[-1]

    def _in_dollars(self, frame: pd.DataFrame) -> pd.DataFrame:
        columns = [c for c in ("cost_amount", "cost_avoided_amount") if c in frame]
        for column in columns:
            rows = zip(frame[column], frame["cost_currency"], frame["started_at"], strict=True)
            money = [None if a is None else a * self._rate(c, at) for a, c, at in rows]
            frame[f"usd_{column}"] = pd.Series(money, dtype=object, index=frame.index)
        return frame

    def _both(self, frame: pd.DataFrame, column: str) -> pd.DataFrame:
        at = frame[column]
        both = frame[(at >= pd.Timestamp(SPAN.previous.start)) & (at < pd.Timestamp(SPAN.end))].copy()
        both["period"] = np.where(both[column] >= pd.Timestamp(SPAN.start), "current", "previous")
        both["day"] = both[column].dt.normalize()
        return both

    def spent(self, by: list[str]) -> dict[Any, Decimal]:
        """Known cost of calls and paid steps by columns that both have."""
        both = pd.concat([self.calls, self.steps], ignore_index=True)
        known = both[both["usd_cost_amount"].notna()]
        return {key: sum(group, ZERO) for key, group in known.groupby(by)["usd_cost_amount"]}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raw]:
    """100,000 calls of fifty days."""
    store = Store.open(tmp_path_factory.mktemp("pandas") / Path("whytree.duckdb"))
    fill(store, 100_000, 50, 7, LAST)
    yield Raw(store)
    store.close()


def nearest_rank(seconds: pd.Series, percent: int) -> float:
    ordered = np.sort(seconds.to_numpy(dtype=float))
    return float(ordered[-(-len(ordered) * percent // 100) - 1])


def test_spend_of_both_periods_is_that_of_the_raw_rows_in_dollars_to_the_last_digit(raw: Raw) -> None:
    assert raw.calls["cost_currency"].nunique() == 2
    frame = spend.totals(raw.reader, FILTERS).frame.set_index("period")
    assert {(period,): frame["cost_amount"][period] for period in frame.index} == raw.spent(["period"])


def test_spend_per_day_user_and_project_is_that_of_the_raw_rows(raw: Raw) -> None:
    for name, column in (("day", "day"), ("user", "user_id"), ("project", "project_id")):
        frame = spend.breakdown(raw.reader, FILTERS, (name,)).frame if name != "day" else None
        frame = spend.over_time(raw.reader, FILTERS, None).frame if frame is None else frame
        ours = {("current", key): cost for key, cost in zip(frame[name], frame["cost_amount"], strict=True)}
        theirs = {key: cost for key, cost in raw.spent(["period", column]).items() if key[0] == "current"}
        assert ours == theirs, name


def test_counts_fallbacks_and_cache_savings_are_those_of_the_raw_rows(raw: Raw) -> None:
    row = spend.sums(raw.reader, FILTERS).frame.iloc[0]
    now, answered = raw.now, raw.now[raw.now["error_type"].isna()]
    cached = now[now["served_from"] == "cache"]
    fallbacks = answered["fallback_from"].notna().sum()
    assert row["attempts"] == len(now)
    assert row["calls"] == (now["attempt_no"] == 1).sum()
    assert row["failed"] == (now["error_type"].notna() & (now["error_type"] != "cancelled")).sum()
    assert row["fallbacks"] == fallbacks > 0
    assert row["fallback_rate"] == pytest.approx(fallbacks / len(answered))
    assert row["cache_hits"] == len(cached) > 0
    assert row["cost_avoided_amount"] == sum(cached["usd_cost_avoided_amount"].dropna(), ZERO)
    assert row["unknown_savings"] == cached["cost_avoided_amount"].isna().sum() > 0


def test_calls_of_unknown_price_are_counted_beside_and_never_as_zero(raw: Raw) -> None:
    figure = spend.breakdown(raw.reader, FILTERS, ("model",))
    rows = figure.frame.set_index("model")
    unknown = raw.now[raw.now["cost_amount"].isna()].groupby("request_model").size()
    assert unknown["quince-14b"] == rows["unknown_prices"]["quince-14b"] > 0
    free = raw.now[(raw.now["request_model"] == "quince-14b") & raw.now["cost_amount"].notna()]
    assert rows["cost_amount"]["quince-14b"] == sum(free["usd_cost_amount"], ZERO)
    assert f"{unknown.sum():,} calls of unknown price are not in it." in figure.notes


def test_money_without_a_rate_is_left_out_and_counted(raw: Raw) -> None:
    row = spend.sums(Reader(raw.reader.store, []), FILTERS).frame.iloc[0]
    dollars = raw.now[raw.now["cost_currency"] == "USD"]["cost_amount"]
    steps = raw.steps[raw.steps["period"] == "current"]["cost_amount"]
    assert row["cost_amount"] == sum(dollars.dropna(), ZERO) + sum(steps, ZERO)
    euros = raw.now[(raw.now["cost_currency"] == "EUR") & raw.now["cost_amount"].notna()]["cost_amount"]
    assert row["unconverted"] == sum(amount != 0 for amount in euros) > 0


@pytest.mark.parametrize(
    ("by", "column"), [("model", "request_model"), ("agent", "agent_name"), ("day", "day")]
)
def test_percentiles_are_within_one_percent_and_exact_below_a_thousand_calls(
    raw: Raw, by: latency.By, column: str
) -> None:
    timed = raw.now[raw.now["error_type"].isna() & (raw.now["served_from"] == "provider")]
    groups = {key: group["duration_s"] for key, group in timed.groupby(column)}
    frame = latency.percentiles(raw.reader, FILTERS, (by,)).frame
    assert set(frame[by]) == set(groups)
    for row in frame.to_dict("records"):
        seconds = groups[row[by]]
        assert row["timed"] == len(seconds)
        for percent in (50, 95, 99):
            exact = nearest_rank(seconds, percent)
            if len(seconds) < latency.EXACT_BELOW:
                assert row[f"p{percent}"] == exact
            assert row[f"p{percent}"] == pytest.approx(exact, rel=0.01)


def test_times_to_the_first_piece_are_over_streamed_replies_alone(raw: Raw) -> None:
    streamed = raw.now[raw.now["time_to_first_chunk_s"].notna() & raw.now["error_type"].isna()]
    frame = latency.percentiles(raw.reader, FILTERS, (), "first_chunk").frame
    exact = nearest_rank(streamed["time_to_first_chunk_s"], 95)
    assert frame["timed"].iloc[0] == len(streamed)
    assert frame["p95"].iloc[0] == pytest.approx(exact, rel=0.01)


def test_errors_and_fallbacks_are_those_of_the_raw_rows(raw: Raw) -> None:
    failed = raw.now[raw.now["error_type"].notna()].groupby(["error_type", "provider_name"]).size().to_dict()
    frame = reliability.errors(raw.reader, FILTERS).frame
    ours = {(r["error_type"], r["provider"]): r["attempts"] for r in frame.to_dict("records")}
    assert ours == failed
    back = raw.now[raw.now["fallback_from"].notna()]
    to = back["provider_name"] + "/" + back["request_model"]
    matrix = back.groupby([back["fallback_from"], to]).size().to_dict()
    frame = reliability.fallbacks(raw.reader, FILTERS).frame
    assert {(r["from_model"], r["to_model"]): r["attempts"] for r in frame.to_dict("records")} == matrix


def test_classes_of_tokens_add_up_to_input_and_output(raw: Raw) -> None:
    frame = tokens.by_class(raw.reader, FILTERS, "provider").frame.set_index("provider")
    for provider, group in raw.now.groupby("provider_name"):
        row = frame.loc[provider]
        assert row["fresh_input"] + row["cache_read"] + row["cache_write"] == group["input_tokens"].sum()
        assert row["reasoning"] + row["visible_output"] == group["output_tokens"].sum()
        assert row["cache_read"] == group["cache_read_input_tokens"].sum()


def test_cost_per_finished_diagnosis_is_all_that_diagnoses_cost_over_those_finished(raw: Raw) -> None:
    kinds = raw.all_runs.set_index("run_id")["kind"]
    both = pd.concat([raw.now, raw.steps[raw.steps["period"] == "current"]], ignore_index=True)
    of_kind = both[both["run_id"].map(kinds) == "diagnosis"]
    ended = raw.all_runs[(raw.all_runs["kind"] == "diagnosis") & (raw.all_runs["status"] == "completed")]
    at = ended["finished_at"]
    finished = int(((at >= pd.Timestamp(SPAN.start)) & (at < pd.Timestamp(SPAN.end))).sum())
    cost = sum(of_kind["usd_cost_amount"].dropna(), ZERO)
    frame = runs.unit_costs(raw.reader, FILTERS).frame
    row = frame[(frame["period"] == "current") & (frame["kind"] == "diagnosis")].iloc[0]
    assert row["finished"] == finished
    assert row["cost_amount"] == cost
    assert row["cost_per_finished"] == pytest.approx(cost / finished, abs=Decimal("1e-8"))


def test_median_and_p95_of_runs_are_over_those_whose_cost_is_wholly_known(raw: Raw) -> None:
    ended = raw.all_runs[(raw.all_runs["kind"] == "tree") & (raw.all_runs["status"] == "completed")]
    at = ended["finished_at"]
    ended = ended[(at >= pd.Timestamp(SPAN.start)) & (at < pd.Timestamp(SPAN.end))]
    used = pd.concat([raw.calls, raw.steps], ignore_index=True)
    used = used[used["run_id"].isin(ended["run_id"])]
    unknown = set(used[used["usd_cost_amount"].isna()]["run_id"])
    costs = {run: sum(group.dropna(), ZERO) for run, group in used.groupby("run_id")["usd_cost_amount"]}
    known = sorted(costs.get(run, ZERO) for run in ended["run_id"] if run not in unknown)
    frame = units.whole_costs(raw.reader, FILTERS).frame.set_index("kind")
    row = frame.loc["tree"]
    assert row["finished"] == len(ended)
    assert row["partly_unknown"] == len(set(ended["run_id"]) & unknown) > 0
    assert row["median_cost"] == known[-(-len(known) * 50 // 100) - 1]
    assert row["p95_cost"] == known[-(-len(known) * 95 // 100) - 1]


def test_the_bill_is_in_its_own_currency_without_replies_from_the_cache(raw: Raw) -> None:
    frame = reconcile.by_day(raw.reader, replace(FILTERS, providers=("cirrus",))).frame
    now = raw.now[raw.now["provider_name"] == "cirrus"]
    assert set(frame["currency"].dropna()) == {"EUR"}
    assert sum(frame["cost_amount"].dropna(), ZERO) == sum(now["cost_amount"].dropna(), ZERO)
    assert frame["attempts"].sum() - frame["cache_hits"].sum() == (now["served_from"] != "cache").sum()
