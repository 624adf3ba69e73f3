"""Replies that were paid for once and are asked for again, word for word."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from agents.llm.reply import RawReply
from agents.llm.usage import Usage
from storage.sessions import Convenience

AGE_S = 7 * 24 * 3600.0
"""Seconds a reply is kept; how much is kept in all is the folder's own limit."""
PREFIX = "reply:"


@dataclass(frozen=True)
class Cached:
    """A reply, and what it had cost."""

    reply: RawReply
    cost: Decimal | None
    """None when its price was unknown."""
    currency: str | None


class ReplyCache:
    """Looks replies up by the hash of their request."""

    def __init__(self, convenience: Convenience) -> None:
        self._convenience = convenience

    def get(self, fingerprint: str) -> Cached | None:
        """The reply to the same request, or None."""
        found = self._convenience.get(PREFIX + fingerprint)
        return _read(found) if isinstance(found, dict) else None

    def put(self, fingerprint: str, cached: Cached) -> None:
        """Keep a reply that was used."""
        value = {
            "reply": asdict(cached.reply),
            "cost": None if cached.cost is None else str(cached.cost),
            "currency": cached.currency,
        }
        self._convenience.put(PREFIX + fingerprint, value, AGE_S)


def _read(value: Mapping[str, Any]) -> Cached | None:
    """What was kept, or None when another version of the program kept it."""
    try:
        fields = dict(value["reply"])
        fields["usage"] = Usage(**fields["usage"]) if fields["usage"] else None
        cost = value["cost"]
        return Cached(RawReply(**fields), None if cost is None else Decimal(cost), value["currency"])
    except (KeyError, TypeError, ArithmeticError):
        return None
