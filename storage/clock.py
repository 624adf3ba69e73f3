"""Time and ids as every table keeps them."""

from datetime import UTC, datetime

from uuid_utils import uuid7


def now() -> datetime:
    """The time in UTC, without a zone, as TIMESTAMP columns hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


def new_id() -> str:
    """A UUIDv7: unique, and ordered by time."""
    return str(uuid7())
