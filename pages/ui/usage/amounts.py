"""Money in tables of usage: what is unknown beside what is known, small amounts with digits that differ."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from pages.ui.formats import UNKNOWN, count, money
from pages.ui.usage.tables import Column, Row

UNIT_DIGITS = 4
"""Of amounts below one, where a piece of work costs cents."""


def cost(row: Row, currency: str, name: str = "cost_amount") -> str:
    """Money of a row; unknown when nothing of it is known."""
    amount = row[name]
    return UNKNOWN if not amount and missing(row) else money(amount, currency)


def bar(row: Row, name: str = "cost_amount") -> float | None:
    """How long a bar of money is; None, which draws no bar, when nothing of it is known."""
    amount = row[name]
    return None if amount is None or (not amount and missing(row)) else float(amount)


def missing(row: Row) -> int:
    """Calls whose money is not in a row."""
    return int(row.get("unknown_prices") or 0) + int(row.get("unconverted") or 0)


def cost_column(currency: str, title: str = "Cost", name: str = "cost_amount") -> Column:
    """Money of each row."""
    return Column(title, lambda row: cost(row, currency, name))


def missing_columns(
    rows: Sequence[Row], title: str = "Unknown price", of: Callable[[Row], Row] = lambda row: row
) -> list[Column]:
    """How many calls of unknown price each row does not hold; no column when there are none."""
    if not any(missing(row) for row in rows):
        return []
    return [Column(title, lambda row: count(missing(of(row))) if missing(of(row)) else "–")]


def all_missing(rows: Sequence[Row]) -> int:
    """The same for all rows together."""
    return sum(missing(row) for row in rows)


def per_unit(amount: Decimal | None, currency: str) -> str:
    """What one piece of work costs."""
    small = amount is not None and abs(amount) < 1
    return money(amount, currency, UNIT_DIGITS) if small and amount else money(amount, currency)


def signed(amount: Decimal | None, currency: str, is_per_unit: bool = False) -> str:
    """A change of money with its sign."""
    if amount is None:
        return UNKNOWN
    text = per_unit(abs(amount), currency) if is_per_unit else money(abs(amount), currency)
    return f"{'+' if amount > 0 else '−' if amount < 0 else ''}{text}"
