"""Money per day, in UTC or as people in another time zone have their days."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from agents.usage.rows import records
from storage.usage import spend
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Hours

A_DAY = timedelta(days=1)
LAST_QUARTER = timedelta(minutes=45)
SUMS = ("cost_amount", "unknown_prices", "unconverted")


def spent(reader: Reader, filters: Filters) -> dict[date, Decimal | None]:
    """Known cost per day in UTC; None for days with calls of which nothing that costs is known."""
    return {
        row["day"].date(): known_cost(row) for row in records(spend.over_time(reader, filters, None).frame)
    }


def spent_in(zone: ZoneInfo, reader: Reader, filters: Filters) -> dict[date, Decimal | None]:
    """The same per day of a time zone, for days of it that the filters name.

    It adds up hours of UTC; one that midnight parts is added up by its quarters.
    """
    first, last = filters.span.start.date(), (filters.span.end - A_DAY).date()
    days: dict[date, dict[str, Any]] = {}
    for at, row in _pieces(zone, reader, filters):
        day = day_in(zone, at)
        if first <= day <= last:
            sums = days.setdefault(day, dict.fromkeys(SUMS, 0))
            for name in sums:
                sums[name] += row[name] or 0
    return {
        day: known_cost({**sums, "cost_amount": Decimal(sums["cost_amount"])}) for day, sums in days.items()
    }


def day_in(zone: ZoneInfo, at: datetime) -> date:
    """The day of a moment (UTC) as people in a time zone have it."""
    return at.replace(tzinfo=UTC).astimezone(zone).date()


def known_cost(row: Mapping[str, Any]) -> Decimal | None:
    """Money of a row of sums; None when nothing that costs is known of it."""
    amount: Decimal | None = row["cost_amount"]
    return None if not amount and row["unknown_prices"] + row["unconverted"] else amount


def _pieces(zone: ZoneInfo, reader: Reader, filters: Filters) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
    """Sums of hours, and of the quarters of each hour that midnight parts, by when they start."""
    wide = filters.within(Hours(filters.span.start - A_DAY, filters.span.end + A_DAY))
    hours = {row["hour"]: row for row in records(spend.over_time(reader, wide, None, "hour").frame)}
    parted = {at for at in hours if day_in(zone, at) != day_in(zone, at + LAST_QUARTER)}
    yield from ((at, row) for at, row in hours.items() if at not in parted)
    if parted:
        of_day = sorted({at.hour for at in parted})
        quarters = records(spend.by_quarter(reader, wide, of_day).frame)
        yield from ((at, row) for row in quarters if (at := row["quarter"]).replace(minute=0) in parted)
