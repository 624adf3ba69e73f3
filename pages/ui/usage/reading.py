"""Figures of the usage desk, kept for a short while per store, question and filters."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import streamlit as st

from agents.usage.desk import UsageDesk

TTL_S = 20
"""Seconds for which a figure is shown again without asking the store; for as long again it is shown while the
store is asked behind it."""
MOST = 400

P = ParamSpec("P")
T = TypeVar("T")


def read(method: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What a method of the desk returns; the same answer to everybody who asks the same for some seconds."""
    desk = cast("UsageDesk", getattr(method, "__self__", None))
    name = cast("str", getattr(method, "__name__", ""))
    return cast("T", _read(desk.key, name, arguments, tuple(sorted(named.items())), desk))


def forget() -> None:
    """Ask the store again from now on: somebody changed what figures depend on."""
    _read.clear()


@st.cache_data(ttl=TTL_S, max_entries=MOST, show_spinner=False, refresh_mode="background")
def _read(
    key: str, name: str, arguments: tuple[Any, ...], named: tuple[tuple[str, Any], ...], _desk: UsageDesk
) -> Any:
    return getattr(_desk, name)(*arguments, **dict(named))
