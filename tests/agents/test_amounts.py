"""Amounts that people write, read so that they can be compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.amounts import amounts, number

WRITTEN = [
    ("1,200", 1200.0),
    ("1.200.000", 1_200_000.0),
    ("0,5", 0.5),
    ("12.75", 12.75),
    ("1,234.5", 1234.5),
    ("1.234,567", 1234.567),
    ("42", 42.0),
]


@pytest.mark.parametrize(("digits", "value"), WRITTEN, ids=[digits for digits, _ in WRITTEN])
def test_groups_of_three_are_thousands_and_other_marks_are_decimal(digits: str, value: float) -> None:
    assert number(digits) == value


@given(st.integers(0, 10**12))
def test_a_whole_number_is_read_alike_with_either_mark_and_with_none(value: int) -> None:
    grouped = f"{value:,}"
    assert number(str(value)) == number(grouped) == number(grouped.replace(",", ".")) == value


COMPARED = [
    ((("900", "k"), ("1.2", "million")), (900e3, 1.2e6)),
    ((("1.2", ""), ("0.9", "million")), (1.2e6, 0.9e6)),
    ((("1.2", "Million"), ("900,000", "")), (1.2e6, 900e3)),
    ((("3", "day"), ("9", "days")), (3.0, 9.0)),
    ((("3", ""), ("9", "days")), (3.0, 9.0)),
    ((("3", "days"), ("2", "weeks")), None),
    ((("5", "k"), ("4", "%")), None),
]


@pytest.mark.parametrize(("told", "values"), COMPARED)
def test_amounts_of_one_kind_are_compared_and_others_are_not(
    told: tuple[tuple[str, str], ...], values: tuple[float, ...] | None
) -> None:
    assert amounts(*told) == values
