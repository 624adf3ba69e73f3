"""Other currencies at rates that hold from a day on."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from storage.db import Store
from storage.usage import audit, spend
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Span
from storage.usage.rates import BadRate, set_rate
from tests.usage_rows import call, record

D = Decimal
WEEK = Span(date(2026, 11, 2), date(2026, 11, 8))


def spent(store: Store, currency: str = "USD") -> tuple[Decimal | None, int]:
    row = spend.sums(Reader.of(store), Filters(WEEK, currency=currency)).frame.iloc[0]
    return row["cost_amount"], int(row["unconverted"])


def euros(store: Store, *days: int) -> None:
    for day in days:
        record(store, call(datetime(2026, 11, day, 12), cost_amount=D(10), cost_currency="EUR"))


def test_each_amount_is_converted_at_the_rate_of_its_day(store: Store) -> None:
    set_rate(store, "EUR", "USD", D("1.1"), date(2026, 11, 4), "ada")
    set_rate(store, "EUR", "USD", D("1.3"), date(2026, 11, 6), "ada")
    euros(store, 4, 5, 6)
    assert spent(store) == (D(11) + D(11) + D(13), 0)


def test_an_amount_before_the_first_rate_is_left_out_and_counted(store: Store) -> None:
    set_rate(store, "EUR", "USD", D("1.1"), date(2026, 11, 4), "ada")
    euros(store, 3, 4)
    assert spent(store) == (D(11), 1)


def test_money_in_a_currency_without_a_rate_is_unknown_and_not_zero(store: Store) -> None:
    euros(store, 4)
    assert spent(store) == (None, 1)
    assert spent(store, "EUR") == (D(10), 0)


def test_a_later_rate_for_the_same_day_takes_the_place_of_the_first_and_both_are_on_record(
    store: Store,
) -> None:
    euros(store, 5)
    set_rate(store, "EUR", "USD", D("1.1"), date(2026, 11, 4), "ada")
    set_rate(store, "EUR", "USD", D("1.2"), date(2026, 11, 4), "bob")
    assert spent(store) == (D(12), 0)
    assert [(event.actor, event.data["rate"]) for event in audit.latest(store)] == [
        ("bob", "1.20000000"),
        ("ada", "1.10000000"),
    ]


@pytest.mark.parametrize(("source", "rate"), [("eur", "1"), ("USD", "1"), ("EUR", "0"), ("EUR", "NaN")])
def test_a_rate_that_cannot_be_is_refused(source: str, rate: str, store: Store) -> None:
    with pytest.raises(BadRate):
        set_rate(store, source, "USD", D(rate), date(2026, 11, 4), "ada")
    assert audit.latest(store) == []
