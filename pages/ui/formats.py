"""Numbers and times as every page writes them; what is unknown is called so and never zero."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

UNKNOWN = "unknown"
DIGITS = 2
"""Of money, and significant ones where an amount is below one cent."""


def money(amount: Decimal | None, currency: str = "USD", digits: int = DIGITS) -> str:
    """`USD 1,234.50`; amounts under a cent keep two digits that say something: `USD 0.00042`."""
    if amount is None:
        return UNKNOWN
    if amount and abs(amount) < Decimal("0.01"):
        return f"{currency} {amount:.{max(digits, DIGITS - 1 - amount.adjusted())}f}"
    return f"{currency} {amount:,.{digits}f}"


def seconds(value: float | None) -> str:
    """`42 ms`, `3.4 s`, `2 min 5 s`, `1 h 20 min`."""
    if value is None:
        return UNKNOWN
    if round(value, 3) < 1:
        return f"{value * 1000:.0f} ms"
    if round(value, 1) < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


def count(value: int | None) -> str:
    """`12,345`; tokens, calls and runs alike."""
    return UNKNOWN if value is None else f"{value:,}"


def counted(value: int, one: str, many: str = "") -> str:
    """`1 call`, `12,345 calls`; the second form where an s is not enough: `1 reply`, `2 replies`."""
    return f"{count(value)} {one if value == 1 else many or f'{one}s'}"


def size(size_bytes: int) -> str:
    """`0.7 MB`, `3.0 kB`, `28 bytes`."""
    if 0 < size_bytes < 100:
        return counted(size_bytes, "byte")
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:.1f} kB"


def share(value: float | None, digits: int = 1) -> str:
    """A share of one as a percentage: 0.123 is `12.3 %`."""
    return UNKNOWN if value is None else f"{value * 100:.{digits}f} %"


def change(value: float | None) -> str:
    """A change as a signed percentage: 0.123 is `+12.3 %`; empty when there is nothing to compare with."""
    return "" if value is None else f"{value * 100:+.1f} %"


def viewer_zone() -> ZoneInfo:
    """The time zone of the browser; UTC where it tells none."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def when(at: datetime | None, zone: ZoneInfo | None = None) -> str:
    """A time of the store (UTC, without zone) in the viewer's zone: `2026-11-26 09:41`."""
    if at is None:
        return UNKNOWN
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return f"{aware.astimezone(zone or viewer_zone()):%Y-%m-%d %H:%M}"
