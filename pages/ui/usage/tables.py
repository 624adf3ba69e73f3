"""Tables of figures: text to the left, numbers to the right, links where there are any."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui.text import plain

Row = Mapping[str, Any]
MOST = 14
"""Rows that a table shows without being asked."""


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    title: str
    cell: Callable[[Row], str]
    """Text as it is shown; it is shown letter for letter."""
    is_text: bool = False
    link: Callable[[Row], str | None] | None = None


def draw(rows: Sequence[Row], columns: Sequence[Column], key: str, total: Row | None = None) -> None:
    """The table; long ones open on request. A total stands last."""
    shown = list(rows)
    if len(shown) > MOST and not st.toggle(f"All {len(shown):,} rows", key=f"all-{key}"):
        shown = shown[:MOST]
    lines = [
        _line([plain(column.title) for column in columns]),
        _line([":---" if column.is_text else "---:" for column in columns]),
        *(_line([_cell(column, row) for column in columns]) for row in shown),
    ]
    if total is not None:
        lines.append(_line([f"**{plain(column.cell(total))}**" for column in columns]))
    with st.container(key=f"table-{key}"):
        st.markdown("\n".join(lines))


def _cell(column: Column, row: Row) -> str:
    text = plain(column.cell(row)) or " "
    address = column.link(row) if column.link else None
    return f"[{text}]({address})" if address else text


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
