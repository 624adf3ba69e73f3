"""Money: nothing goes out that might pass a limit, and nobody is told a made-up figure."""

import random
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agents.errors import BadInput
from agents.llm.budget import Budgets, Payer
from agents.llm.errors import BudgetExceeded
from agents.llm.prices import UNKNOWN, Cost
from agents.usage import budgets as managers
from storage import budgets as rows
from storage import calls, deletion
from storage.clock import new_id, now
from storage.db import Store
from storage.usage import audit
from storage.usage.figure import Reader
from storage.usage.rates import set_rate

NOVEMBER = datetime(2026, 11, 21, 12)
ME = Payer("me", "default", "live", "run-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "whytree.duckdb")
    yield opened
    opened.close()


def usd(amount: str | Decimal) -> Cost:
    return Cost(Decimal(amount), Decimal(amount), Decimal(0), "USD", "rate_card")


def at(moment: datetime, store: Store) -> Budgets:
    return Budgets(store, lambda: moment)


def spend(budgets: Budgets, payer: Payer, amount: str) -> None:
    budgets.reserve(payer, usd(amount)).settle(usd(amount))


def paid_call(store: Store, amount: str, when: datetime, run_id: str = "run-1") -> None:
    call_id = new_id()
    call = calls.Call(
        call_id, 1, call_id, "alpha", "m", when, 1.0, "me", "default", "live", run_id,
        agent_name="diagnosis", cost_amount=Decimal(amount), cost_currency="USD",
    )  # fmt: skip
    calls.record(store, call, calls.CallText(call_id, run_id, "[]", None, when))


def kinds(store: Store) -> list[str]:
    store.flush()
    return [event.kind for event in reversed(rows.events(store))]


def test_64_threads_never_pass_a_limit(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    limit = Decimal(20)
    budgets.set("month", "*", limit, False, "me")
    spent: list[Decimal] = []
    refused: list[int] = []

    def work(number: int) -> None:
        chance = random.Random(number)
        for _ in range(157):
            estimate = Decimal(chance.randint(1, 100)) / 1000
            real = estimate * chance.randint(0, 100) / 100
            try:
                with budgets.reserve(Payer(f"user-{number}", "p", "live"), usd(estimate)) as reservation:
                    reservation.settle(usd(real))
                    spent.append(real)
            except BudgetExceeded:
                refused.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(spent) + len(refused) == 64 * 157 > 10_000
    assert limit - Decimal("0.1") <= sum(spent) <= limit
    (standing,) = budgets.standings(Payer("user-1", "p", "live"))
    assert (standing.spent, standing.set_aside) == (sum(spent), 0)


def test_calls_under_way_count_with_their_upper_estimate(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("run", "*", Decimal(1), False, "me")
    first = budgets.reserve(ME, usd("0.8"))
    with pytest.raises(BudgetExceeded, match=r"0\.8000 are set aside"):
        budgets.reserve(ME, usd("0.3"))
    first.settle(usd("0.1"))
    budgets.reserve(ME, usd("0.3"))


def test_a_call_that_fails_gives_its_estimate_back(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("run", "*", Decimal(1), False, "me")
    with pytest.raises(OSError, match="gone"), budgets.reserve(ME, usd("0.9")):
        raise OSError("gone")
    budgets.reserve(ME, usd("0.9"))


def test_a_limit_may_be_used_up_exactly(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("user", "me", Decimal(1), False, "me")
    spend(budgets, ME, "1")
    with pytest.raises(BudgetExceeded):
        budgets.reserve(ME, usd("0.00000001"))
    budgets.reserve(ME, usd("0"))


def test_warnings_come_at_70_and_90_percent_and_once(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("project", "default", Decimal(1), False, "me")
    for _ in range(19):
        spend(budgets, ME, "0.05")
    assert kinds(store) == ["warned_70", "warned_90"]
    for _ in range(3):
        with pytest.raises(BudgetExceeded):
            budgets.reserve(ME, usd("0.1"))
    assert kinds(store) == ["warned_70", "warned_90", "stopped"]
    assert rows.events(store)[0].spent_amount == Decimal("0.95")


def test_a_run_has_its_own_limit(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("run", "*", Decimal(1), False, "me")
    spend(budgets, ME, "1")
    spend(budgets, Payer("me", "default", "live", "run-2"), "1")
    with pytest.raises(BudgetExceeded, match="this run would be passed"):
        budgets.reserve(ME, usd("0.1"))


def test_a_named_limit_goes_before_the_one_for_everybody(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("user", "*", Decimal(1), False, "me")
    budgets.set("user", "you", Decimal(5), False, "me")
    spend(budgets, Payer("you", "default", "live"), "4")
    with pytest.raises(BudgetExceeded):
        budgets.reserve(ME, usd("4"))


def test_demo_money_is_counted_apart(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("month", "*", Decimal(1), False, "me")
    spend(budgets, Payer("me", "default", "demo"), "1")
    spend(budgets, ME, "1")


def test_an_unknown_price_is_refused_unless_the_limit_allows_it(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("user", "me", Decimal(1), False, "me")
    with pytest.raises(BudgetExceeded, match="price of the model is unknown"):
        budgets.reserve(ME, UNKNOWN)
    budgets.set("user", "me", Decimal(1), True, "me")
    budgets.reserve(ME, UNKNOWN)


def test_without_a_limit_any_price_may_pass(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    assert budgets.standings(ME) == []
    budgets.reserve(ME, UNKNOWN)


def test_another_currency_counts_as_an_unknown_price(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("user", "me", Decimal(1), False, "me")
    with pytest.raises(BudgetExceeded, match="unknown"):
        budgets.reserve(ME, Cost(Decimal("0.1"), None, None, "EUR"))


def test_after_a_restart_what_was_spent_is_read_from_the_calls(store: Store) -> None:
    paid_call(store, "0.6", NOVEMBER)
    paid_call(store, "0.3", NOVEMBER, "run-2")
    store.flush()
    budgets = at(NOVEMBER, store)
    budgets.set("month", "*", Decimal(1), False, "me")
    budgets.set("run", "*", Decimal("0.7"), False, "me")
    with pytest.raises(BudgetExceeded, match="this run"):
        budgets.reserve(ME, usd("0.2"))
    with pytest.raises(BudgetExceeded, match="everybody this month"):
        budgets.reserve(Payer("me", "default", "live", "run-2"), usd("0.2"))


def test_a_new_month_starts_with_nothing_spent(store: Store) -> None:
    paid_call(store, "1", datetime(2026, 10, 31, 23, 59))
    store.flush()
    moment = [datetime(2026, 11, 1)]
    budgets = Budgets(store, lambda: moment[0])
    budgets.set("user", "me", Decimal(1), False, "me")
    spend(budgets, ME, "1")
    moment[0] = datetime(2026, 12, 1)
    spend(budgets, ME, "1")


def test_a_lifted_limit_lets_calls_pass_again(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("user", "me", Decimal(0), False, "me")
    with pytest.raises(BudgetExceeded):
        budgets.reserve(ME, usd("0.1"))
    budgets.set("user", "me", None, False, "me")
    budgets.reserve(ME, usd("0.1"))


def test_a_limit_that_a_manager_sets_holds_at_once_for_an_agent_too(store: Store) -> None:
    paid_call(store, "0.5", NOVEMBER)
    budgets = at(NOVEMBER, store)
    coder = Payer("me", "default", "live", "run-9", "code")
    budgets.reserve(coder, usd("2")).settle(usd("0"))
    managers.set_limit(store, "month", "*", Decimal(1), "ann")
    with pytest.raises(BudgetExceeded, match="everybody this month"):
        budgets.reserve(coder, usd("0.6"))
    managers.set_limit(store, "month", "*", None, "ann")
    managers.set_limit(store, "agent", "code", Decimal(1), "ann")
    spend(budgets, coder, "1")
    with pytest.raises(BudgetExceeded, match="this agent this month"):
        budgets.reserve(coder, usd("0.1"))
    budgets.reserve(Payer("me", "default", "live", "run-9", "tree"), usd("5"))


def test_calls_are_warned_of_and_stopped_at_the_shares_that_were_set(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    managers.set_limit(store, "user", "me", Decimal(10), "ann", warn_share=0.3, stop_share=0.5)
    spend(budgets, ME, "3")
    assert kinds(store) == ["warned"]
    spend(budgets, ME, "2")
    with pytest.raises(BudgetExceeded, match=r"stops at 5\.00"):
        budgets.reserve(ME, usd("0.1"))
    assert kinds(store) == ["warned", "stopped"]


def test_a_raise_lets_calls_pass_until_it_is_over(store: Store) -> None:
    moment = [now()]
    budgets = Budgets(store, lambda: moment[0])
    limit = managers.set_limit(store, "project", "*", Decimal(1), "ann")
    spend(budgets, ME, "1")
    with pytest.raises(BudgetExceeded):
        budgets.reserve(ME, usd("0.5"))
    until = now() + timedelta(minutes=5)
    managers.raise_limit(store, limit, "default", Decimal(1), until, "Audit", "ann")
    moment[0] = now()
    spend(budgets, ME, "0.5")
    moment[0] = until
    with pytest.raises(BudgetExceeded):
        budgets.reserve(ME, usd("0.1"))


def test_a_budget_starts_anew_at_midnight_of_its_own_time_zone(store: Store) -> None:
    moment = [datetime(2026, 11, 30, 22, 59)]
    budgets = Budgets(store, lambda: moment[0])
    managers.set_limit(store, "month", "*", Decimal(1), "ann", time_zone="Europe/Berlin")
    spend(budgets, ME, "1")
    with pytest.raises(BudgetExceeded):
        budgets.reserve(ME, usd("0.1"))
    moment[0] = datetime(2026, 11, 30, 23)
    spend(budgets, ME, "1")


def test_money_in_another_currency_counts_at_the_rate_that_was_set(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    managers.set_limit(store, "month", "*", Decimal(1), "ann")
    set_rate(store, "EUR", "USD", Decimal("1.25"), NOVEMBER.date(), "ann")
    euros = Cost(Decimal("0.6"), None, None, "EUR")
    budgets.reserve(ME, euros).settle(euros)
    assert budgets.standings(ME)[0].spent == Decimal("0.75")
    with pytest.raises(BudgetExceeded, match="would be passed"):
        budgets.reserve(ME, euros)


@pytest.mark.parametrize("scope", ["month", "user", "project", "agent"])
def test_what_stops_calls_is_what_the_usage_page_shows(scope: str, store: Store) -> None:
    paid_call(store, "0.4", NOVEMBER)
    paid_call(store, "0.3", NOVEMBER, "run-2")
    managers.set_limit(store, scope, "*", Decimal(1), "ann")  # type: ignore[arg-type]
    store.flush()
    payer = Payer("me", "default", "live", "run-1", "diagnosis")
    found = at(NOVEMBER, store).standings(payer)
    shown = managers.standings(Reader.of(store), NOVEMBER)
    assert [(one.account.subject, one.spent, one.allowed) for one in found] == [
        (one.subject, one.spent, one.allowed) for one in shown
    ]


def test_a_rate_that_is_set_later_counts_what_was_spent_before(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    managers.set_limit(store, "month", "*", Decimal(10), "ann", currency="EUR", allow_unknown_price=True)
    for _ in range(2):
        budgets.reserve(ME, usd("8")).settle(usd("8"))
        paid_call(store, "8", NOVEMBER)
    assert budgets.standings(ME)[0].spent == 0
    for rate, spent in (("1", 16), ("0.5", 8)):
        set_rate(store, "USD", "EUR", Decimal(rate), NOVEMBER.replace(day=1).date(), "ann")
        assert budgets.standings(ME)[0].spent == spent
        (shown,) = managers.standings(Reader.of(store), NOVEMBER)
        assert shown.spent == spent
    with pytest.raises(BudgetExceeded, match=r"8\.0000 are spent"):
        budgets.reserve(ME, usd("5"))


def test_a_rate_for_another_currency_leaves_the_sums_as_they_are(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    managers.set_limit(store, "month", "*", Decimal(10), "ann")
    spend(budgets, ME, "1")
    set_rate(store, "USD", "EUR", Decimal(1), NOVEMBER.date(), "ann")
    assert budgets.standings(ME)[0].spent == 1


def test_calls_under_way_count_under_a_limit_that_is_set_meanwhile(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    first, second = (budgets.reserve(ME, usd("5")) for _ in range(2))
    managers.set_limit(store, "month", "*", Decimal(12), "ann")
    assert budgets.standings(ME)[0].set_aside == 10
    with pytest.raises(BudgetExceeded, match=r"10\.0000 are set aside"):
        budgets.reserve(ME, usd("5"))
    first.settle(usd("4"))
    managers.set_limit(store, "user", "me", Decimal(9), "ann")
    (mine, every) = budgets.standings(ME)
    assert (mine.set_aside, every.set_aside, every.spent) == (5, 5, 4)
    second.settle(usd("5"))
    assert [(one.spent, one.set_aside) for one in budgets.standings(ME)] == [(5, 0), (9, 0)]


def test_what_is_set_aside_follows_a_rate_that_is_set_meanwhile(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    managers.set_limit(store, "month", "*", Decimal(10), "ann", currency="EUR", allow_unknown_price=True)
    under_way = budgets.reserve(ME, usd("8"))
    for rate, aside in (("1", 8), ("0.5", 4)):
        set_rate(store, "USD", "EUR", Decimal(rate), NOVEMBER.date(), "ann")
        assert budgets.standings(ME)[0].set_aside == aside
    under_way.settle(usd("8"))
    assert (budgets.standings(ME)[0].spent, budgets.standings(ME)[0].set_aside) == (4, 0)


def test_64_threads_never_pass_a_limit_that_is_set_while_they_work(store: Store) -> None:
    budgets, start = at(NOVEMBER, store), threading.Barrier(65)
    spent: list[Decimal] = []

    def work(number: int) -> None:
        payer, cost = Payer(f"user-{number}", "p", "live", f"run-{number}"), usd("0.5")
        under_way = budgets.reserve(payer, cost)
        start.wait()
        try:
            for _ in range(20):
                paid_call(store, "0.5", NOVEMBER, f"run-{number}")
                under_way.settle(cost)
                spent.append(Decimal("0.5"))
                under_way = budgets.reserve(payer, cost)
        except BudgetExceeded:
            return

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    start.wait()
    managers.set_limit(store, "month", "*", Decimal(100), "ann")
    for thread in threads:
        thread.join()
    store.flush()
    (shown,) = managers.standings(Reader.of(store), NOVEMBER)
    (counted,) = budgets.standings(ME)
    assert sum(spent) == shown.spent <= counted.spent


def test_a_limit_goes_with_the_person_it_was_for_and_nothing_names_them_again(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    managers.set_limit(store, "user", "me", Decimal(1), "ann")
    managers.set_limit(store, "user", "*", Decimal(2), "ann")
    spend(budgets, ME, "0.6")
    paid_call(store, "0.6", NOVEMBER)
    deletion.delete_owned(store, "user_id", "me")
    assert [(limit.scope, limit.subject) for limit in budgets.limits()] == [("user", "*")]
    assert budgets.standings(ME)[0].spent == 0
    budgets.reserve(ME, usd("1")).settle(usd("1"))
    assert kinds(store) == []


def test_a_missing_rate_is_named_as_the_cause_and_not_the_price(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    managers.set_limit(store, "month", "*", Decimal(10), "ann", currency="EUR")
    with pytest.raises(BudgetExceeded, match="no rate from USD to EUR is set") as refused:
        budgets.reserve(ME, usd("1"))
    assert "price of the model" not in str(refused.value)


def test_a_raise_for_each_raises_the_limit_of_everyone(store: Store) -> None:
    moment = [now()]
    budgets = Budgets(store, lambda: moment[0])
    limit = managers.set_limit(store, "user", "*", Decimal(1), "ann")
    managers.raise_limit(store, limit, "*", Decimal(1), now() + timedelta(minutes=5), "Audit", "ann")
    moment[0] = now()
    spend(budgets, ME, "2")
    with pytest.raises(BudgetExceeded):
        budgets.reserve(ME, usd("0.1"))


def test_a_limit_with_a_positive_exponent_is_kept_whole_and_its_setting_is_on_record(store: Store) -> None:
    budgets = at(NOVEMBER, store)
    budgets.set("run", "*", Decimal("1E+3"), False, "ann")
    assert [limit.amount for limit in budgets.limits()] == [1000]
    (event,) = audit.latest(store)
    assert (event.actor, event.action, event.subject) == ("ann", "set_budget", "run *")
    assert event.data["amount"] == "1000"
    with pytest.raises(BadInput, match="no amount for a budget"):
        budgets.set("run", "*", Decimal("1E+12"), False, "ann")
