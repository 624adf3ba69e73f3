"""A figure on the page: its title, a chart to click, the table beside it, and how it is computed."""

from collections.abc import Callable, Sequence

import streamlit as st

from agents.usage.desk import Figure, Filters
from agents.workbench import Workbench
from pages.ui.charts import Figure as Chart
from pages.ui.charts import inked
from pages.ui.usage import behind
from pages.ui.usage.how import how, notes
from pages.ui.usage.tables import Column, Row, draw

CONFIG = {"displayModeBar": False, "responsive": True}
WIDE = 5
"""More columns than that stand under the chart."""
CACHE = "from the cache"
"""In notes on savings, which stand beside savings alone."""
EMPTY = "Nothing in this period and with these filters."


def card(
    bench: Workbench,
    filters: Filters,
    key: str,
    title: str,
    figures: Sequence[Figure],
    chart: Callable[[], Chart],
    alt: str,
    rows: Sequence[Row],
    columns: Sequence[Column],
    total: Row | None = None,
    sentence: str = "",
    more: str = "",
    of_cache: bool = False,
) -> None:
    """Chart and table side by side; below each other where it is narrow or there are many columns."""
    with st.container(border=True, key=f"card-{key}"):
        st.subheader(title, anchor=False)
        if sentence:
            st.markdown(sentence)
        if not rows:
            st.caption(EMPTY)
            return
        is_wide = len(columns) > WIDE
        left, right = (st.container(), st.container()) if is_wide else st.columns(2, gap="medium")
        with left:
            told = clickable(key, chart(), alt)
        with right:
            draw(rows, columns, key, total)
        every = dict.fromkeys(note for figure in figures for note in figure.notes)
        notes([note for note in every if of_cache or CACHE not in note])
        if told:
            behind.panel(bench, filters, told, key)
        how(*figures, more=more)


def clickable(key: str, chart: Chart, alt: str) -> str | None:
    """The chart; what the point that was clicked stands for."""
    event = st.plotly_chart(
        inked(chart, st.context.theme.type == "dark"),
        key=f"chart-{key}",
        on_select="rerun",
        selection_mode="points",
        config=CONFIG,
        alt=alt,
    )
    points = event["selection"]["points"]
    told = points[0].get("customdata") if points else None
    if isinstance(told, list):
        told = told[0] if told else None
    return str(told) if told not in (None, "") else None
