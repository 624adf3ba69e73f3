"""Filters of usage in a link: its `user` and `project` say whose work it is, filters have other names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from storage.usage.filters import URL_NAMES, Filters

RENAMED = {"user": "by_user", "project": "in_project"}
NAMES = ("period", "from", "to", "currency", *(RENAMED.get(name, name) for name in URL_NAMES.values()))
"""Everything that a link says of filters."""


def read(query: Mapping[str, str | Sequence[str]], today: date) -> Filters:
    """Filters of a link; raises BadFilter with a sentence."""
    back = {renamed: name for name, renamed in RENAMED.items()}
    known = {back.get(name, name): value for name, value in query.items() if name in NAMES}
    return Filters.from_query(known, today)


def write(filters: Filters) -> dict[str, list[str]]:
    """What stands in the link; `read` reads it."""
    return {RENAMED.get(name, name): values for name, values in filters.to_query().items()}


def limited(filters: Filters, values: Mapping[str, tuple[str, ...]]) -> Filters:
    """The same, with these fields limited to these values; an empty one lets everything through."""
    fields: dict[str, Any] = dict(values)
    return replace(filters, **fields)
