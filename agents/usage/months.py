"""Calendar months in a time zone: what budgets start anew with."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agents.errors import BadInput


@dataclass(frozen=True)
class Month:
    """A calendar month in a time zone; both ends in UTC."""

    label: str
    """`2026-11`."""
    start: datetime
    end: datetime
    """The first moment after it."""


def month_of(at: datetime, time_zone: str) -> Month:
    """The calendar month of a moment (UTC) as people in a time zone have it."""
    zone = zone_of(time_zone)
    local = at.replace(tzinfo=UTC).astimezone(zone)
    first = datetime(local.year, local.month, 1, tzinfo=zone)
    after = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Month(f"{local:%Y-%m}", _in_utc(first), _in_utc(after))


def end_of_day(day: date, time_zone: str) -> datetime:
    """The first moment (UTC) after a day as people in a time zone have it."""
    return _in_utc(datetime.combine(day + timedelta(days=1), time(), zone_of(time_zone)))


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name; raises BadInput for one that is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            f"“{name[:60]}” is no time zone. Write it as Europe/Berlin or UTC. Nothing was changed."
        ) from error


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
