"""Filters of usage in a link: its `user` and `project` say whose work it is, filters have other names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from storage.usage.filters import LIVE, URL_NAMES, Filters

RENAMED = {"user": "by_user", "project": "in_project"}
NAMES = ("period", "from", "to", "currency", *(RENAMED.get(name, name) for name in URL_NAMES.values()))
"""Everything that a link says of filters."""


def read(query: Mapping[str, str | Sequence[str]], today: date) -> Filters:
    """Filters of a link; raises BadFilter with a sentence."""
    back = {renamed: name for name, renamed in RENAMED.items()}
    known = {back.get(name, name): value for name, value in query.items() if name in NAMES}
    filters = Filters.from_query(known, today)
    return replace(filters, environments=apart(filters.environments))


def apart(environments: tuple[str, ...], before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Environments that may stand in one sum: live ones alone, or demo and test.

    Of both, what was not shown `before` is meant; with nothing before, demo and test, which are never left
    out of a link by themselves.
    """
    invented = tuple(name for name in environments if name not in LIVE)
    if not invented or len(invented) == len(environments):
        return environments
    return LIVE if before and not set(before) & set(LIVE) else invented


def write(filters: Filters) -> dict[str, list[str]]:
    """What stands in the link; `read` reads it."""
    return {RENAMED.get(name, name): values for name, values in filters.to_query().items()}


def limited(filters: Filters, values: Mapping[str, tuple[str, ...]]) -> Filters:
    """The same, with these fields limited to these values; an empty one lets everything through."""
    fields: dict[str, Any] = dict(values)
    return replace(filters, **fields)
