"""Figures of usage in the words of files and messages; what is unknown is called so and never zero."""

from datetime import timedelta
from decimal import Decimal

from storage.usage.filters import Filters

UNKNOWN = "unknown"
CENT = Decimal("0.01")


def money(amount: Decimal | None, currency: str) -> str:
    """`USD 1,234.50`; amounts under a cent keep two digits that say something."""
    if amount is None:
        return UNKNOWN
    if amount and abs(amount) < CENT:
        return f"{currency} {amount:.{1 - amount.adjusted()}f}"
    return f"{currency} {amount:,.2f}"


def budgets_count(environment: str) -> str:
    """Whose spend counts: that of the environment in which calls are made and stopped."""
    return f"Budgets count {'real' if environment == 'live' else environment} spend alone"


def share(value: float | None) -> str:
    """A share of one as a percentage: 0.123 is `12.3 %`."""
    return UNKNOWN if value is None else f"{value * 100:.1f} %"


def seconds(value: float | None) -> str:
    """`3.4 s`."""
    return UNKNOWN if value is None else f"{value:.1f} s"


def count(value: int | None) -> str:
    """`12,345`."""
    return UNKNOWN if value is None else f"{value:,}"


def change(value: float | None) -> str:
    """Against the period before: `12.3 % more than before`; empty when there is nothing to compare with."""
    if value is None:
        return ""
    if round(value, 3) == 0:
        return "as before"
    return f"{abs(value) * 100:,.1f} % {'more' if value > 0 else 'less'} than before"


def days(filters: Filters) -> str:
    """The period: `1 to 25 November 2026`."""
    first, last = filters.span.start, filters.span.end - timedelta(microseconds=1)
    if (first.year, first.month) == (last.year, last.month):
        start = "" if first.day == last.day else f"{first.day} to "
        return f"{start}{last.day} {last:%B %Y}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%B}{year} to {last.day} {last:%B %Y}"


def limited_to(filters: Filters) -> str:
    """What the figures are limited to, in one line."""
    fields = ("models", "providers", "agents", "users", "projects", "prompts", "environments")
    chosen = {field: values for field in fields if (values := getattr(filters, field))}
    return "; ".join(f"{field}: {', '.join(v or 'none' for v in values)}" for field, values in chosen.items())
