"""Who did what, as people read it: to what, and with which terms."""

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from pages.ui.formats import money, share, when
from pages.ui.usage import rule_words

EVERYBODY = "month *"
NOT_TOLD = ("name", "currency", "filters")
"""What stands in another column, or beside another term."""
BOUNDS = ("warn_at", "alert_at")
NAMED: Mapping[str, Mapping[Any, str]] = {"kind": rule_words.KINDS, "metric": rule_words.METRICS}
SHORT_ID = 8


def to_what(subject: str, data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """A budget's owner, a rule by its name, an alert by the name of its rule; another id by its beginning."""
    if subject == EVERYBODY:
        return "everybody together"
    if subject.endswith(" *"):
        return f"each {subject.removesuffix(' *')}"
    return str(data.get("name") or names.get(subject) or (subject[:SHORT_ID] if _is_id(subject) else subject))


def details(data: Mapping[str, Any]) -> str:
    """The terms, in words; what was not said is left out."""
    known = {**data, "currency": data.get("currency") or _currency(data.get("filters"))}
    terms = [
        f"{_words(name)}: {_shown(name, value, known)}"
        for name, value in data.items()
        if _is_told(name, value)
    ]
    return ", ".join([*terms, *_limited(data.get("filters"))])


def _currency(filters: Any) -> str:
    """In which the bounds of a rule on money stand; told by its filters where it is not the usual one."""
    found = re.search(r'"currency": \["([A-Z]{3})"\]', filters) if isinstance(filters, str) else None
    return found[1] if found else "USD"


def _limited(filters: Any) -> list[str]:
    """To what a rule is limited; filters that an older version wrote in another form stand as they are."""
    if isinstance(filters, str):
        try:
            filters = json.loads(filters)
        except (ValueError, RecursionError):
            return [f"filters: {filters}"]
    if not isinstance(filters, Mapping):
        return [f"filters: {filters}"] if filters else []
    return [
        f"{_words(name)}: {_either(values)}" for name, values in filters.items() if _is_told(name, values)
    ]


def _either(values: Any) -> str:
    return " or ".join(map(str, values)) if isinstance(values, list | tuple) else str(values)


def _is_told(name: str, value: object) -> bool:
    return name not in NOT_TOLD and value is not None and value != ""


def _words(name: str) -> str:
    return name.removesuffix("_h").replace("_", " ").replace("is enabled", "watched")


def _shown(name: str, value: Any, data: Mapping[str, Any]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_share"):
        return _share(value)
    if name.endswith("_h"):
        return f"{value} h"
    if name in BOUNDS and isinstance(value, int | float):
        return rule_words.bound(str(data.get("kind")), str(data.get("metric")), value, data["currency"])
    if name in NAMED and (told := NAMED[name].get(str(value))):
        return told[0].lower() + told[1:] if name == "kind" else told
    if name == "amount":
        return _amount(value, data.get("currency"))
    return _time(value) if isinstance(value, str) else str(value)


def _share(value: Any) -> str:
    try:
        part = float(value)
    except (TypeError, ValueError):
        return str(value)
    return share(part, 0) if math.isfinite(part) else str(value)


def _amount(value: Any, currency: str | None) -> str:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return money(amount, currency or "USD") if amount.is_finite() else str(value)


def _time(text: str) -> str:
    """A time as every page writes it; other words as they are."""
    try:
        return when(datetime.fromisoformat(text)) if "T" in text else text
    except ValueError:
        return text


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
