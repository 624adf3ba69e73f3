"""Numbers and times are written alike on every page."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pages.ui import formats


def test_one_of_a_thing_is_no_plural() -> None:
    told = [formats.counted(n, "reply", "replies") for n in (0, 1, 2)]
    assert told == ["0 replies", "1 reply", "2 replies"]
    assert formats.counted(1_200, "call") == "1,200 calls"


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (None, "unknown"),
        (Decimal(0), "USD 0.00"),
        (Decimal("0.00041999"), "USD 0.00042"),
        (Decimal("0.01"), "USD 0.01"),
        (Decimal("-0.004"), "USD -0.0040"),
        (Decimal("1234.5"), "USD 1,234.50"),
    ],
)
def test_money_has_its_currency_and_digits_that_say_something(amount: Decimal | None, written: str) -> None:
    assert formats.money(amount) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "unknown"),
        (0.0004, "0 ms"),
        (0.042, "42 ms"),
        (0.9996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (125, "2 min 5 s"),
        (4_800, "1 h 20 min"),
    ],
)
def test_a_duration_has_the_unit_that_suits_it(value: float | None, written: str) -> None:
    assert formats.seconds(value) == written


def test_counts_shares_and_changes_are_written_or_unknown() -> None:
    assert (formats.count(12_345), formats.count(None)) == ("12,345", "unknown")
    assert (formats.share(0.1234), formats.share(None)) == ("12.3 %", "unknown")
    assert (formats.change(-0.05), formats.change(None)) == ("-5.0 %", "")


def test_what_is_small_has_its_size_in_bytes_and_is_never_shown_as_nothing() -> None:
    assert [formats.size(size) for size in (1, 28, 2_000, 700_000)] == [
        "1 byte",
        "28 bytes",
        "2.0 kB",
        "0.7 MB",
    ]


def test_a_time_of_the_store_is_told_in_the_viewers_zone() -> None:
    stored = datetime(2026, 11, 26, 23, 41)
    assert formats.when(stored, ZoneInfo("Europe/Berlin")) == "2026-11-27 00:41"
    assert formats.when(stored.replace(tzinfo=UTC), ZoneInfo("UTC")) == "2026-11-26 23:41"
    assert formats.when(None) == "unknown"
