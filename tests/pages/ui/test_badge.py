"""How sure, and what it cost, in words."""

from decimal import Decimal

import pytest

from pages.ui.ask.badge import cost, sureness


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "over 99 %"),
        (0.987, "99 %"),
        (0.6, "60 %"),
        (0.01, "1 %"),
        (0.004, "under 1 %"),
        (0.0, "under 1 %"),
    ],
)
def test_nothing_is_called_certain_or_impossible(confidence: float, words: str) -> None:
    assert sureness(confidence) == words


def test_a_cost_that_is_unknown_is_called_so_and_is_not_zero() -> None:
    assert cost(None, 2) == "cost unknown"
    assert cost(Decimal(0), 0) == "no cost"
    assert cost(Decimal("0.00042"), 0) == "USD 0.00042"
    assert cost(Decimal("1.5"), 2) == "USD 1.50 and 2 calls of unknown cost"
