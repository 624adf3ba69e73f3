"""Tables of figures: text to the left, numbers to the right, links where there are any."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui.text import WORD_JOINER, plain

Row = Mapping[str, Any]
NO_BREAK = "\u00a0"
LONGEST_NAME = 40
"""Characters of a name that is kept on one line; a backslash before a sign is one too."""
MOST = 10
"""Rows that a table shows without being asked."""


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    title: str
    cell: Callable[[Row], str]
    """Text as it is shown; it is shown letter for letter."""
    is_text: bool = False
    link: Callable[[Row], str | None] | None = None


def draw(
    rows: Sequence[Row], columns: Sequence[Column], key: str, total: Row | None = None, *below: Row
) -> None:
    """The table; long ones open on request. A total stands last, or before what is said of it."""
    shown = list(rows)
    if len(shown) > MOST and not st.toggle(f"All {len(shown):,} rows", key=f"all-{key}"):
        shown = shown[:MOST]
    lines = [[_cell(column, row) for column in columns] for row in shown]
    for last in (total, *below):
        if last is not None:
            lines.append([_bold(plain(column.cell(last))) for column in columns])
    with st.container(key=f"table-{key}"):
        st.table(_styled(lines, columns), border="horizontal", hide_index=True)


def _styled(lines: Sequence[Sequence[str]], columns: Sequence[Column]) -> Any:
    """Cells as they are written; a column of numbers holds their places, so that it stands to the right."""
    titles = _apart([plain(column.title) for column in columns])
    texts = {title: [line[n] for line in lines] for n, title in enumerate(titles)}
    numbers = [title for title, column in zip(titles, columns, strict=True) if not column.is_text]
    frame = pd.DataFrame({t: range(len(lines)) if t in numbers else texts[t] for t in titles})
    written: dict[Any, Any] = {title: texts[title].__getitem__ for title in numbers}
    return frame.style.format(written)


def _apart(titles: Sequence[str]) -> list[str]:
    """Titles of which no two are alike: an invisible sign sets the later one apart."""
    found: list[str] = []
    for title in titles:
        while title in found:
            title += "\u200b"
        found.append(title)
    return found


def _cell(column: Column, row: Row) -> str:
    text = plain(column.cell(row))
    if not column.is_text or text[:1].isdigit():
        text = text.replace(" ", NO_BREAK).replace("-", f"-{WORD_JOINER}")
    elif " " not in text and len(text) <= LONGEST_NAME:  # names of models stay on one line
        text = re.sub(r"([-/])", rf"\1{WORD_JOINER}", text)
    address = column.link(row) if column.link and text else None
    return f"[{text}]({address})" if address else text


def _bold(text: str) -> str:
    return f"**{text.replace(' ', NO_BREAK)}**" if text else ""
