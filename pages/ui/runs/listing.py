"""The list of runs, page by page, and what can be done with those that were found."""

from typing import get_args

import streamlit as st

from agents.errors import READABLE
from agents.running.records import Environment, RunPage, RunQuery
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.runs import batch, bulk, filters, table
from pages.ui.runs.common import show
from pages.ui.text import plain

LONGEST_PAGE = 9
"""Digits of a page's number in a link; a longer one is none."""


def draw(bench: Workbench) -> None:
    """The whole list."""
    st.title("Runs")
    st.caption(
        "Everything that was done here, kept from its first moment. Work goes on when this page is closed, "
        "and after the server was restarted."
    )
    above = st.container()
    query = filters.draw(bench)
    with above:
        batch.draw(bench, query.tag)
    try:
        found = table.read(bench, query, _page())
    except READABLE as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    _draw_unread(bench, query)
    _draw_left_out(bench, query, found.total)
    if not found.total:
        _draw_nothing(bench, query)
        return
    _draw_found(bench, query, found)


def _page() -> int:
    """The page asked for; before its widget is drawn the first time it stands in the link alone."""
    told = st.session_state.get(filters.PAGE_NUMBER) or st.query_params.get(filters.PAGE_NUMBER, "1")
    digits = str(told)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_PAGE else 1


def _draw_found(bench: Workbench, query: RunQuery, found: RunPage) -> None:
    table.carry_ticks(query, found)
    chosen = table.ticked(found.lines)
    bulk.draw(bench, query, found.total, [line.run_id for line in chosen])
    table.draw(bench, query, found)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(
            f"Runs {table.span(found)} of {formats.count(found.total)}. Click a cell to open its run; tick "
            "rows to act on them.",
            width="content",
        )
        if found.pages > 1:
            st.pagination(
                found.pages, default=1, key=filters.PAGE_NUMBER, bind="query-params", max_visible_pages=5
            )
    titles = {line.run_id: f"{line.title} ({formats.when(line.created_at)})" for line in found.lines}
    st.selectbox(
        "Open a run of this page",
        list(titles),
        index=None,
        format_func=lambda run_id: titles[run_id],
        key="runs_open",
        placeholder="Type a part of its title",
        on_change=lambda: show(st.session_state["runs_open"]),
    )


def _draw_nothing(bench: Workbench, query: RunQuery) -> None:
    if filters.is_narrowed(bench, query):
        st.info("No run fits. Widen the search, or clear it.", icon=":material/search_off:")
        st.button(
            "Clear all filters", icon=":material/filter_alt_off:", key="clear-nothing", on_click=filters.clear
        )
        return
    st.info(
        "Here will be every diagnosis and every request, with what was seen, what it cost and how "
        "long it took.",
        icon=":material/history:",
    )
    if st.button("Start a diagnosis", type="primary", icon=":material/stethoscope:", key="start-first"):
        st.switch_page("../diagnose.py")  # seen from pages/ui/shell.py, which runs every page


def _draw_left_out(bench: Workbench, query: RunQuery, total: int) -> None:
    """Demos and tests do not stand among real runs unless they are asked for; how many there are is said."""
    count = filters.left_out(bench, query, total)
    if count <= 0:
        return
    others = " or ".join(name for name in get_args(Environment) if name != query.environment)
    with st.container(horizontal=True, vertical_alignment="center", key="runs-left-out"):
        fit = "fits too and is" if count == 1 else "fit too and are"
        st.caption(f"{formats.counted(count, f'{others} run')} {fit} left out.", width="content")
        st.button("Show every environment", type="tertiary", key="show-every", on_click=filters.show_all)


def _draw_unread(bench: Workbench, query: RunQuery) -> None:
    if query.text and bench.runs.unread:
        st.caption(
            f"The words of {formats.count(bench.runs.unread)} runs are still being read, so they are not "
            "found yet."
        )
