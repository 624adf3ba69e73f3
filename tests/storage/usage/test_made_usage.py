"""The invented usage is plausible, marked as a demo, and the same for the same seed."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from benchmarks.make_usage import fill
from benchmarks.usage_day import INCIDENT_HOURS, INCIDENT_PROVIDER
from benchmarks.usage_world import Calendar
from storage import gaps
from storage.db import Store
from storage.usage import checking

DAYS, LAST = 60, date(2026, 11, 25)
Ask = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """12,000 calls of sixty days."""
    store = Store.open(tmp_path_factory.mktemp("made") / "whytree.duckdb")
    fill(store, 12_000, DAYS, 3, LAST)
    yield store
    store.close()


@pytest.fixture(scope="module")
def ask(made: Store) -> Ask:
    """Asks the store."""
    return made.read


def by(ask: Ask, key: str, table: str = "calls", where: str = "true") -> dict[Any, int]:
    rows = ask(f"select {key} as key, count(*) as n from {table} where {where} group by 1")
    return {row["key"]: row["n"] for row in rows}


def test_there_are_exactly_so_many_calls_all_of_them_demo_and_their_sums_are_right(made: Store) -> None:
    assert by(made.read, "environment") == {"demo": 12_000}
    assert set(by(made.read, "environment", "runs")) == set(by(made.read, "environment", "steps")) == {"demo"}
    assert checking.check(made).is_equal


def test_no_run_is_told_as_one_that_has_lost_events(made: Store) -> None:
    assert gaps.sentence(made) is None


def test_people_work_on_weekdays_and_by_day(ask: Ask) -> None:
    days, hours = by(ask, "isodow(started_at)"), by(ask, "hour(started_at)")
    assert min(days[n] for n in range(1, 6)) > 2 * max(days[6], days[7])
    assert hours[10] > 10 * hours.get(3, 0)


def test_many_models_agents_users_and_projects_are_at_work_unequally(ask: Ask) -> None:
    assert len(by(ask, "request_model")) == 6
    assert len(by(ask, "agent_name")) == 8
    users = by(ask, "user_id")
    assert len(users) == 50
    assert max(users.values()) > 5 * min(users.values())
    assert len(by(ask, "project_id")) == 20


def test_calls_fail_are_tried_again_fall_back_and_come_from_the_cache(ask: Ask) -> None:
    assert {"rate_limited", "timeout", "server_error", "bad_json"} <= set(by(ask, "error_type"))
    assert set(by(ask, "attempt_no")) == {1, 2, 3}
    assert sum(by(ask, "fallback_from", where="fallback_from is not null").values()) > 20
    assert by(ask, "served_from")["cache"] > 500
    retries = ask(
        """
        select count(*) as n from calls as retry where attempt_no > 1 and not exists (
            select 1 from calls as first
            where first.run_id = retry.run_id and first.error_type is not null
                  and first.started_at <= retry.started_at
        )
        """
    )
    assert retries[0]["n"] == 0


def test_a_price_changes_one_model_bills_in_euros_and_one_has_no_known_price(ask: Ask) -> None:
    assert len(by(ask, "price_version", where="price_version is not null")) == 2
    assert set(by(ask, "cost_currency", where="provider_name = 'cirrus' and cost_amount > 0")) == {"EUR"}
    unknown = by(ask, "request_model", where="cost_amount is null")
    assert set(unknown) == {"quince-14b"}
    per_token = ask(
        """
        select price_version as edition, sum(cost_output) / sum(output_tokens) as price from calls
        where request_model = 'borealis-pro' and cost_amount > 0 group by 1 order by 1
        """
    )
    assert per_token[1]["price"] < per_token[0]["price"] * 0.85


def test_one_provider_fails_for_hours_on_one_day_and_its_breaker_opens(ask: Ask) -> None:
    day = date.fromordinal(Calendar.ending(LAST, DAYS).incident + date(1970, 1, 1).toordinal())
    first, after = INCIDENT_HOURS
    there = f"provider_name = '{INCIDENT_PROVIDER}' and error_type is not null"
    times = f"started_at::date = '{day}' and hour(started_at) between {first} and {after - 1}"
    failed = sum(by(ask, "1", where=f"{there} and {times}").values())
    asked = sum(by(ask, "1", where=f"provider_name = '{INCIDENT_PROVIDER}' and {times}").values())
    assert failed > 0.25 * asked > 5
    assert sum(by(ask, "1", "provider_events").values()) > 0


def test_the_same_seed_makes_the_same_usage_and_another_one_other_usage(tmp_path: Path) -> None:
    sums = []
    for n, seed in enumerate((5, 5, 6)):
        store = Store.open(tmp_path / f"{n}.duckdb")
        fill(store, 300, 10, seed, LAST)
        sums.append(store.read("select sum(cost_amount) as cost, max(started_at) as last from calls"))
        store.close()
    assert sums[0] == sums[1] != sums[2]
