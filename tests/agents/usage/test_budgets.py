"""Budgets of calendar months: by month, project, user and agent, in a time zone, with raises and a trace."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agents.errors import BadInput
from agents.usage import budgets
from agents.usage.budgets import Standing
from agents.usage.days import spent, spent_in
from agents.usage.months import month_of
from storage.clock import now
from storage.db import Store, insert
from storage.usage import audit
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Span
from storage.usage.limits import LimitScope
from storage.usage.rates import set_rate
from tests.usage_rows import NOON, admit, call, record, step

D = Decimal


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(tmp_path / "whytree.duckdb")
    yield opened
    opened.close()


def standing(store: Store, at: datetime = NOON) -> Standing:
    (found,) = budgets.standings(Reader.of(store), at)
    return found


SCOPES: list[tuple[LimitScope, str, dict[str, str]]] = [
    ("month", "*", {"environment": "demo"}),
    ("project", "north", {"project_id": "south"}),
    ("user", "ada", {"user_id": "bob"}),
    ("agent", "code", {"agent_name": "tree"}),
]


@pytest.mark.parametrize(("scope", "subject", "other"), SCOPES)
def test_a_budget_counts_what_its_subject_spent_this_month_and_nothing_else(
    scope: LimitScope, subject: str, other: dict[str, str], store: Store
) -> None:
    budgets.set_limit(store, scope, subject, D(10), "ada")
    record(store, call(), call(**other), call(NOON - timedelta(days=25)))
    assert standing(store).spent == 1
    assert standing(store).state == "ok"


def test_people_are_warned_and_stopped_from_the_shares_that_were_set(store: Store) -> None:
    budgets.set_limit(store, "month", "*", D(10), "ada", warn_share=0.5, stop_share=0.9)
    states = []
    for _ in range(10):
        record(store, call())
        states.append(standing(store).state)
    assert states == ["ok"] * 4 + ["warn"] * 4 + ["stop"] * 2


def test_a_budget_for_each_has_a_line_per_subject_but_where_one_has_its_own(store: Store) -> None:
    budgets.set_limit(store, "user", "*", D(5), "ada")
    budgets.set_limit(store, "user", "bob", D(50), "ada")
    record(store, call(), call(user_id="bob"), call(user_id="eve"))
    found = {one.subject: one.allowed for one in budgets.standings(Reader.of(store), NOON)}
    assert found == {"ada": 5, "bob": 50, "eve": 5}


def test_searches_that_somebody_charges_for_count_too(store: Store) -> None:
    budgets.set_limit(store, "project", "north", D(1), "ada")
    run = admit(store)
    store.transact(lambda connection: insert(connection, "steps", [step(run)]))
    assert standing(store).spent == D("0.005")


def test_calls_of_unknown_price_stand_beside_and_other_currencies_are_converted(store: Store) -> None:
    budgets.set_limit(store, "month", "*", D(10), "ada")
    euros = {"cost_amount": D(2), "cost_currency": "EUR"}
    record(store, call(cost_amount=None, cost_currency=None), call(**euros))
    assert (standing(store).spent, standing(store).unknown_prices, standing(store).unconverted) == (0, 1, 1)
    set_rate(store, "EUR", "USD", D("1.25"), NOON.date(), "ada")
    assert (standing(store).spent, standing(store).unconverted) == (D("2.5"), 0)


ZONES = [
    ("UTC", "2026-11-01 00:00", "2026-12-01 00:00"),
    ("Europe/Berlin", "2026-10-31 23:00", "2026-11-30 23:00"),
    ("America/New_York", "2026-11-01 04:00", "2026-12-01 05:00"),
    ("Asia/Kolkata", "2026-10-31 18:30", "2026-11-30 18:30"),
]


@pytest.mark.parametrize(("zone", "start", "end"), ZONES)
def test_a_month_has_the_borders_of_its_time_zone_over_a_change_of_the_clocks(
    zone: str, start: str, end: str
) -> None:
    month = month_of(NOON, zone)
    assert (f"{month.start:%F %R}", f"{month.end:%F %R}", month.label) == (start, end, "2026-11")


def test_months_of_a_zone_follow_each_other_without_gap_over_years_of_clock_changes() -> None:
    for zone in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"):
        at = datetime(2024, 1, 15)
        for _ in range(36):
            month = month_of(at, zone)
            assert month.start <= at < month.end
            assert month_of(month.end - timedelta(microseconds=1), zone) == month
            assert month_of(month.end, zone).start == month.end
            at = month.end + timedelta(days=10)


@pytest.mark.parametrize(("zone", "spent"), [("UTC", 1), ("Europe/Berlin", 2)])
def test_a_budget_starts_anew_at_midnight_of_its_time_zone(zone: str, spent: int, store: Store) -> None:
    budgets.set_limit(store, "month", "*", D(10), "ada", time_zone=zone)
    record(store, call(datetime(2026, 10, 31, 23, 30)), call(datetime(2026, 11, 1, 0, 30)))
    assert standing(store, datetime(2026, 11, 1, 1)).spent == spent
    assert standing(store, datetime(2026, 10, 31, 22, 59)).month.label == "2026-10"


def test_a_zone_with_a_half_hour_counts_from_its_own_midnight(store: Store) -> None:
    budgets.set_limit(store, "month", "*", D(10), "ada", time_zone="Asia/Kolkata")
    record(store, call(datetime(2026, 10, 31, 18, 20)), call(datetime(2026, 10, 31, 18, 40)))
    assert standing(store, datetime(2026, 11, 1)).spent == 1


def test_a_budget_without_thresholds_warns_where_one_of_the_settings_does(store: Store) -> None:
    budgets.set_limit(store, "month", "*", D(10), "ada")
    budgets.set_plain(store, "project", "north", D(10), False, "ada")
    found = budgets.standings(Reader.of(store), NOON)
    assert [(one.limit.warns_at, one.limit.stop_share) for one in found] == [((0.7, 0.9), 1.0)] * 2
    record(store, *(call() for _ in range(9)))
    assert standing_shares(store) == {0.9}
    with pytest.raises(BadInput, match="warning has to come before the stop"):
        budgets.set_limit(store, "month", "*", D(10), "ada", stop_share=0.8)


def standing_shares(store: Store) -> set[float | None]:
    """The last shares at which budgets warned."""
    return {one.warned_at for one in budgets.standings(Reader.of(store), NOON)}


def test_a_raise_holds_for_a_while_and_says_why_and_by_whom(store: Store) -> None:
    limit = budgets.set_limit(store, "project", "north", D(10), "ada", warn_share=0.8)
    until = now() + timedelta(days=2)
    budgets.raise_limit(store, limit, "north", D(5), until, "Audit of the north", "bob")
    record(store, call(now(), cost_amount=D(11)))
    assert (standing(store, now()).allowed, standing(store, now()).state) == (15, "ok")
    raised = standing(store, until + timedelta(seconds=1))
    assert (raised.allowed, raised.raised_by) == (10, 0)
    done = [(event.actor, event.action, event.subject) for event in audit.latest(store)]
    assert done == [("bob", "raise_budget", "project north"), ("ada", "set_budget", "project north")]
    assert audit.latest(store)[0].data["reason"] == "Audit of the north"


def test_a_budget_is_lifted_by_setting_none_and_the_trace_tells(store: Store) -> None:
    budgets.set_limit(store, "month", "*", D(10), "ada")
    budgets.set_limit(store, "month", "*", None, "bob")
    assert budgets.standings(Reader.of(store), NOON) == []
    assert [event.data["amount"] for event in audit.latest(store)] == [None, "10"]


def test_what_cannot_be_is_refused_in_a_sentence(store: Store) -> None:
    with pytest.raises(BadInput, match="no time zone"):
        budgets.set_limit(store, "month", "*", D(1), "ada", time_zone="Mars/Olympus")
    with pytest.raises(BadInput, match="no amount"):
        budgets.set_limit(store, "month", "*", D(-1), "ada")
    with pytest.raises(BadInput, match="before the stop"):
        budgets.set_limit(store, "month", "*", D(1), "ada", warn_share=2.0)
    limit = budgets.set_limit(store, "month", "*", D(1), "ada")
    with pytest.raises(BadInput, match="needs a reason"):
        budgets.raise_limit(store, limit, "*", D(1), now() + timedelta(days=1), "  ", "ada")
    with pytest.raises(BadInput, match="over before it begins"):
        budgets.raise_limit(store, limit, "*", D(1), now() - timedelta(days=1), "Why", "ada")


def test_a_day_is_unknown_when_nothing_that_costs_is_known_of_it(store: Store) -> None:
    unpaid = {"error_type": "rate_limited", "cost_amount": D(0), "cost_source": "not_billed"}
    unknown = {"cost_amount": None, "cost_currency": None}
    days = [NOON - timedelta(days=n) for n in range(3)]
    record(store, call(days[2]), call(days[2], **unknown))
    record(store, call(days[1], **unpaid), call(days[1], **unknown), call(days[0], **unpaid))
    filters = Filters(Span(days[2].date(), days[0].date()))
    found = spent(Reader.of(store), filters)
    assert [found[day.date()] for day in days] == [0, None, 1]


def test_a_budget_of_another_zone_is_forecast_by_the_days_of_that_zone(store: Store) -> None:
    budgets.set_limit(store, "month", "*", D(100), "ada", time_zone="Asia/Tokyo")
    at = datetime(2026, 11, 20, 16)  # it is the 21st in Tokyo
    days = [datetime(2026, 10, 1, 2) + timedelta(days=n) for n in range(50)]
    record(store, *(call(day) for day in days), call(datetime(2026, 10, 31, 15, 30)))
    found = standing(store, at)
    ahead = budgets.outlook(Reader.of(store), found, at)
    assert ahead is not None
    assert f"{ahead.today}" == "2026-11-21"
    assert ahead.spent == found.spent == 20  # 31 October, 15:30 in UTC, is the first of November in Tokyo
    limit = budgets.set_limit(store, "month", "*", D(100), "ada")
    in_utc = budgets.outlook(Reader.of(store), standing(store, at), at)
    assert limit.time_zone == "UTC" and in_utc is not None
    assert (f"{in_utc.today}", in_utc.spent) == ("2026-11-20", 19)


HALVES = [("Asia/Kolkata", (18, 30)), ("Australia/Adelaide", (13, 30)), ("Asia/Kathmandu", (18, 15))]


@pytest.mark.parametrize(("zone", "midnight"), HALVES)
def test_a_budget_of_a_zone_with_a_half_hour_is_forecast_by_days_from_midnight_to_midnight(
    zone: str, midnight: tuple[int, int], store: Store
) -> None:
    budgets.set_limit(store, "month", "*", D(1000), "ada", time_zone=zone)
    starts = [datetime(2026, 10, 10, *midnight) + timedelta(days=n) for n in range(40)]
    a_minute = timedelta(minutes=1)
    dear = {"cost_amount": D(3)}
    record(store, *(call(at) for at in starts), *(call(at - a_minute, **dear) for at in starts[21:]))
    at = datetime(2026, 11, 18, 20)  # it is the 19th there
    found = standing(store, at)
    ahead = budgets.outlook(Reader.of(store), found, at)
    assert ahead is not None
    # each day has a dollar at its first moment, and three in its last minute, which today has not reached
    assert (f"{ahead.today}", ahead.spent) == ("2026-11-19", 18 * 4 + 1)
    assert ahead.spent == found.spent


def test_what_a_zone_with_a_half_hour_spent_per_day_is_what_its_clocks_say_over_a_change_of_them(
    store: Store,
) -> None:
    zone = ZoneInfo("Australia/Adelaide")  # ten and a half hours ahead of UTC from 4 October on
    moments = [datetime(2026, 9, 28) + timedelta(minutes=7 * n, seconds=n) for n in range(2_500)]
    rows = [dict(vars(call(at, cost_amount=D(n)))) for n, at in enumerate(moments)]
    store.transact(lambda connection: insert(connection, "calls", rows))
    own: dict[date, D] = {}
    for n, at in enumerate(moments):
        day = at.replace(tzinfo=UTC).astimezone(zone).date()
        own[day] = own.get(day, D(0)) + n
    span = Span(date(2026, 9, 27), date(2026, 10, 12))
    assert spent_in(zone, Reader.of(store), Filters(span)) == own
