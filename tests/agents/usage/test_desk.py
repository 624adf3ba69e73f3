"""The desk of usage: every breakdown adds up to the headline, links carry filters, changes are on record."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from agents.errors import BadInput
from agents.usage.desk import Dimension, Filters, Span, Tile, UsageDesk, records
from agents.usage.links import limited
from agents.usage.month import month_to_date
from agents.who import Who
from benchmarks.make_usage import yesterday
from storage.db import Store
from storage.errors import StoreError
from storage.usage.figure import Reader
from storage.usage.filters import BadFilter
from tests.agents.usage.conftest import Draw
from tests.usage_rows import call, record
from tests.usage_store import odd_call

SEEDS = range(6)
CENT = Decimal("0.01")
DIMENSIONS: tuple[Dimension, ...] = (
    "model",
    "provider",
    "agent",
    "kind",
    "user",
    "project",
    "prompt",
    "price_version",
)
ANN = Who("ann", "north")


def tile(desk: UsageDesk, filters: Filters, key: str) -> Tile:
    return next(tile for tile in desk.tiles(filters) if tile.key == key)


def together(rows: Iterable[dict[str, Any]], name: str) -> Decimal:
    return sum((row[name] or Decimal(0) for row in rows), Decimal(0))


def headline(desk: UsageDesk, filters: Filters) -> Decimal:
    value = tile(desk, filters, "spend").value
    return Decimal(0) if value is None else Decimal(str(value))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sum_of_any_breakdown_is_the_headline_to_the_cent(desk: UsageDesk, draw: Draw, seed: int) -> None:
    filters = draw(seed)
    total = headline(desk, filters).quantize(CENT)
    assert seed or total > 0
    for by in DIMENSIONS:
        rows = records(desk.spend_by(filters, (by,)).frame)
        assert together(rows, "cost_amount").quantize(CENT) == total, by
        over_time = records(desk.spend_over_time(filters, by, "week").frame)
        assert together(over_time, "cost_amount").quantize(CENT) == total, by
        changed = records(desk.changes(filters, by).frame)
        assert together(changed, "cost_amount").quantize(CENT) == total, by


@pytest.mark.parametrize("seed", SEEDS)
def test_users_by_models_and_runs_add_up_to_the_headline_too(desk: UsageDesk, draw: Draw, seed: int) -> None:
    filters = draw(seed)
    total = headline(desk, filters).quantize(CENT)
    assert (
        together(records(desk.spend_by(filters, ("user", "model")).frame), "cost_amount").quantize(CENT)
        == total
    )
    pages = [records(desk.runs(filters, limit=300, offset=offset).frame) for offset in (0, 300, 600)]
    assert len(pages[-1]) < 300
    assert together((row for page in pages for row in page), "cost_amount").quantize(CENT) == total


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_not_in_a_total_is_counted_alike_in_every_breakdown(
    desk: UsageDesk, draw: Draw, seed: int
) -> None:
    filters = draw(seed)
    notes = desk.spend_by(filters, ("model",)).notes
    assert all(desk.spend_by(filters, (by,)).notes == notes for by in DIMENSIONS)
    assert tile(desk, filters, "spend").notes == notes


@pytest.mark.parametrize("seed", SEEDS)
def test_a_key_figure_and_its_explanation_tell_the_same_that_is_not_in_it(
    desk: UsageDesk, draw: Draw, seed: int
) -> None:
    filters = draw(seed)
    shown = tile(desk, filters, "cost_per_diagnosis")
    before = tile(desk, filters.previous, "cost_per_diagnosis")
    assert shown.figure.notes == (*shown.notes, *(f"Before: {note}" for note in before.notes))
    why = desk.explain(filters, "unit")
    assert why is None or why.figure.notes == shown.figure.notes
    every = tile(desk, filters, "spend").figure
    assert every.notes == desk.changes(filters, "user").notes


def test_a_month_stands_beside_as_many_days_of_the_month_before(tmp_path: Any) -> None:
    store = Store.open(tmp_path / "whytree.duckdb")
    today = datetime(2026, 11, 20, 12)
    unknown = {"cost_amount": None, "cost_currency": None}
    yesterday = datetime(2026, 11, 19, 23, 59)
    record(store, call(yesterday), call(yesterday), call(datetime(2026, 10, 19, 9)))
    record(store, call(datetime(2026, 10, 20)), call(today))
    record(store, call(datetime(2026, 10, 2), **unknown), call(datetime(2026, 10, 25), **unknown))
    view = month_to_date(Reader.of(store), Filters(Span(today.date(), today.date())), today)
    assert view.before is not None
    assert (view.spent, view.before.by_now.spent, view.change) == (3, 1, 1.0)
    assert view.compared == "Compared: November 1 to 19 with October 1 to 19, whole days in UTC."
    assert view.before.whole.spent == 2
    assert view.before.by_now.notes == ("Before: 1 call of unknown price is not in it.",)
    assert view.before.whole.notes == ("Before: 2 calls of unknown price are not in it.",)
    store.close()


@pytest.mark.parametrize(
    ("at", "change", "told"),
    [
        (datetime(2026, 12, 1, 0, 30), None, "No day of this month is over, so that none is compared."),
        (datetime(2026, 12, 2, 1), 0.0, "Compared: December 1 with November 1, whole days in UTC."),
        (datetime(2026, 3, 31, 9), 0.0, "Compared: March 1 to 28 with February 1 to 28, whole days in UTC."),
    ],
)
def test_only_days_that_are_over_and_that_both_months_have_are_compared(
    tmp_path: Any, at: datetime, change: float | None, told: str
) -> None:
    store = Store.open(tmp_path / "whytree.duckdb")
    start = (at.replace(day=1) - timedelta(days=1)).replace(day=1, hour=1, minute=0)
    days = (at - start).days + 1
    record(store, *(call(start + timedelta(days=number)) for number in range(days)))
    view = month_to_date(Reader.of(store), Filters(Span(at.date(), at.date())), at)
    assert (view.change, view.compared) == (change, told)
    store.close()


def test_calls_that_no_rate_converts_and_calls_without_a_price_are_told(desk: UsageDesk, draw: Draw) -> None:
    told = " ".join(tile(desk, draw(0), "spend").notes)
    assert "of unknown price are not in it" in told
    assert "no rate converts" in told


@pytest.mark.parametrize("seed", SEEDS)
def test_savings_failures_and_replies_add_up(desk: UsageDesk, draw: Draw, seed: int) -> None:
    filters = draw(seed)
    saved = Decimal(str(tile(desk, filters, "saved_by_cache").value or 0))
    for by in ("agent", "model", "day"):
        rows = records(desk.savings(filters, by).frame)  # type: ignore[arg-type]
        assert together(rows, "cost_avoided_amount").quantize(CENT) == saved.quantize(CENT)
    failed = sum(row["attempts"] for row in records(desk.errors(filters).frame))
    rates = records(desk.failure_rates(filters, ("provider",)).frame)
    assert failed == sum(row["failed"] + row["cancelled"] for row in rates)
    timed = [
        sum(row["timed"] for row in records(desk.percentiles(filters, by).frame))
        for by in (("agent",), ("day",))
    ]
    assert timed[0] == timed[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_tokens_of_all_classes_are_input_and_output(desk: UsageDesk, draw: Draw, seed: int) -> None:
    filters = draw(seed)
    classes = ("fresh_input", "cache_read", "cache_write", "reasoning", "visible_output")
    sums = {
        by: sum(row[name] or 0 for row in records(desk.tokens(filters, by).frame) for name in classes)
        for by in ("day", "model", "agent", "provider")
    }
    whole = sum(
        (row["input_tokens"] or 0) + (row["output_tokens"] or 0)
        for row in records(desk.tokens(filters, "provider").frame)
    )
    assert {*sums.values()} == {whole}


def test_the_bill_of_a_provider_adds_up_to_its_spend(desk: UsageDesk, draw: Draw) -> None:
    filters = limited(draw(0), {"providers": ("borealis",)})
    rows = records(desk.reconcile(filters).frame)
    assert {row["currency"] for row in rows} == {"USD"}
    assert together(rows, "cost_amount").quantize(CENT) == headline(desk, filters).quantize(CENT)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_link_carries_every_filter(desk: UsageDesk, draw: Draw, seed: int) -> None:
    filters = draw(seed)
    assert desk.filters(desk.link(filters)) == filters


def test_the_identity_in_a_link_is_no_filter(desk: UsageDesk) -> None:
    assert desk.filters({"user": "ann", "project": "north"}) == desk.filters({})
    assert desk.filters({"by_user": "ann"}).users == ("ann",)


def test_a_link_that_cannot_be_is_refused_with_a_sentence(desk: UsageDesk) -> None:
    with pytest.raises(BadFilter, match="Turn them around"):
        desk.filters({"from": "2026-05-02", "to": "2026-05-01"})


def test_choices_hold_what_occurs_and_what_is_chosen(desk: UsageDesk, draw: Draw) -> None:
    choices = desk.choices(limited(draw(0), {"models": ("gone-model",)}))
    assert {"gone-model", "aurora-large", "delta-one"} <= {*choices["models"]}
    assert {"odd-0", "user-00"} <= {*choices["users"]}
    assert choices["environments"] == ["demo", "live", "test"]
    assert "" in choices["agents"]


def test_nothing_hidden_and_never_are_told_apart(desk: UsageDesk, empty_desk: UsageDesk, draw: Draw) -> None:
    filters = draw(0)
    assert desk.presence(filters) == "some"
    assert desk.presence(limited(filters, {"users": ("nobody",)})) == "hidden"
    assert desk.presence(limited(filters, {"environments": ("live",)})) == "elsewhere"
    assert empty_desk.presence(filters) == "never"


def test_an_empty_store_has_no_figure_that_is_made_up(empty_desk: UsageDesk) -> None:
    filters = empty_desk.filters({})
    values = {tile.key: tile.value for tile in empty_desk.tiles(filters)}
    assert values["spend"] == values["calls"] == 0
    assert values["fallback_rate"] is values["p95_latency"] is values["cost_per_diagnosis"] is None
    month = empty_desk.month(filters).to_date
    assert month.forecast is month.standing is None
    assert empty_desk.explain(filters, "spend") is None


def test_each_export_is_a_file_of_what_the_filters_show(desk: UsageDesk, draw: Draw) -> None:
    filters = draw(0)
    assert b"aurora-large" in desk.export(filters, "csv")
    assert desk.export(filters, "parquet")[:4] == b"PAR1"


def test_budgets_and_raises_are_on_record_with_who_and_why(empty_desk: UsageDesk) -> None:
    empty_desk.set_limit("user", "bob", Decimal(20), ANN, warn_share=0.5)
    (standing,) = empty_desk.standings()
    assert (standing.subject, standing.allowed, standing.limit.warn_share) == ("bob", 20, 0.5)
    until = empty_desk.today() + timedelta(days=3)
    empty_desk.raise_limit(standing, Decimal(5), until, "The audit needs it", ANN)
    (raised,) = empty_desk.standings()
    assert (raised.allowed, raised.raised_by) == (25, 5)
    first, second = empty_desk.audit()
    assert (first.actor, first.action, first.data["reason"]) == ("ann", "raise_budget", "The audit needs it")
    assert (second.action, second.subject) == ("set_budget", "user bob")
    empty_desk.set_limit("user", "bob", None, ANN)
    assert empty_desk.standings() == []


def test_a_budget_for_an_agent_that_is_none_is_refused(empty_desk: UsageDesk) -> None:
    empty_desk.set_limit("agent", "diagnosis ", Decimal(2), ANN)
    with pytest.raises(BadInput, match="no agent “Diagnosis”"):
        empty_desk.set_limit("agent", "Diagnosis", Decimal(1), ANN)
    assert [limit.subject for limit in empty_desk.limits()] == ["diagnosis"]


def test_a_budget_is_kept_under_a_name_as_runs_have_it_and_a_stranger_is_told(empty_desk: UsageDesk) -> None:
    limit = empty_desk.set_limit("user", " Ada \x00 Byron ", Decimal(1), ANN)
    assert limit.subject == Who.named("Ada \x00 Byron", "default").user_id
    assert "No run of the user “Ada  Byron” is on record yet" in (empty_desk.stranger(limit) or "")
    assert empty_desk.stranger(empty_desk.set_limit("user", "", Decimal(1), ANN)) is None
    with pytest.raises(BadInput, match="80 are the most"):
        empty_desk.set_limit("user", "x" * 200, Decimal(1), ANN)


@pytest.mark.parametrize("currency", ["", "<b>", "$", "eur", "=1A"])
def test_a_budget_in_what_is_no_currency_is_refused(empty_desk: UsageDesk, currency: str) -> None:
    with pytest.raises(StoreError, match="is no currency"):
        empty_desk.set_limit("month", "*", Decimal(1), ANN, currency=currency)
    assert empty_desk.limits() == []


def test_a_raise_without_a_reason_changes_nothing(empty_desk: UsageDesk) -> None:
    empty_desk.set_limit("month", "ignored", Decimal(20), ANN)
    (standing,) = empty_desk.standings()
    assert standing.subject == "*"
    with pytest.raises(BadInput, match="needs a reason"):
        empty_desk.raise_limit(standing, Decimal(5), empty_desk.today(), "  ", ANN)
    assert empty_desk.standings() == [standing]


def test_an_alert_fires_once_and_is_acknowledged_by_name(tmp_path: Any) -> None:
    store = Store.open(tmp_path / "alerts.duckdb")
    desk = UsageDesk(store)
    odd_call(store, 1, desk.today(), environment="live", started_at=_moment(desk))
    store.flush()
    desk.set_rule("Any call", "threshold", "calls", ANN, warn_at=1.0)
    (alert,) = desk.check_rules()
    assert desk.check_rules() == []
    assert "Any call" in alert.sentence
    desk.acknowledge(alert.alert_id, ANN, "Seen")
    (known,) = desk.alerts()
    assert (known.acked_by, known.ack_note) == ("ann", "Seen")
    desk.switch_rule(desk.rules()[0], False, ANN)
    assert not desk.rules()[0].is_enabled
    store.close()


def _moment(desk: UsageDesk) -> Any:
    from storage.clock import now

    return now() - timedelta(minutes=1)


def test_a_rate_converts_what_could_not_be_converted(tmp_path: Any) -> None:
    store = Store.open(tmp_path / "rates.duckdb")
    desk, day = UsageDesk(store), yesterday()
    odd_call(store, 1, day, cost_currency="GBP", cost_amount=Decimal(2))
    store.flush()
    filters = Filters(Span(day, day), environments=("demo",))
    before = tile(desk, filters, "spend")
    assert before.value is None
    assert before.notes == ("1 call is not in it because no rate converts its currency.",)
    desk.set_rate("GBP", "USD", Decimal("1.25"), day, ANN)
    after = tile(desk, filters, "spend")
    assert (after.value, after.notes) == (Decimal("2.5"), ())
    assert [rate.set_by for rate in desk.rates()] == ["ann"]
    store.close()
