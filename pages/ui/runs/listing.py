"""The list of runs, page by page, and what can be done with those that were found."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from agents.errors import READABLE
from agents.running.records import PAGE, RunLine, RunPage, RunQuery
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.runs import batch, bulk, filters
from pages.ui.runs.common import agent, show, state
from pages.ui.text import plain

TABLE = "runs_table"
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
        found = bench.runs.find(query, _page())
    except READABLE as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    _draw_unread(bench, query)
    if not found.total:
        _draw_nothing(query)
        return
    _draw_found(bench, query, found)


def _page() -> int:
    """The page asked for; before its widget is drawn the first time it stands in the link alone."""
    told = st.session_state.get(filters.PAGE_NUMBER) or st.query_params.get(filters.PAGE_NUMBER, "1")
    digits = str(told)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_PAGE else 1


def _draw_found(bench: Workbench, query: RunQuery, found: RunPage) -> None:
    chosen = _chosen(found.lines)
    bulk.draw(bench, query, found.total, [line.run_id for line in chosen])
    st.dataframe(
        _frame(found.lines),
        hide_index=True,
        key=_table_key(found.lines),
        on_select=lambda: _open_clicked(found.lines),
        selection_mode=["multi-row", "single-cell"],
        column_config=_columns(),
        alt=f"Runs {_range(found)} of {found.total}, with status, agent, title, user, cost, work and start.",
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(
            f"Runs {_range(found)} of {formats.count(found.total)}. Click a cell to open its run; tick rows "
            "to act on them.",
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


def _draw_nothing(query: RunQuery) -> None:
    if filters.is_narrowed(query):
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


def _draw_unread(bench: Workbench, query: RunQuery) -> None:
    if query.text and bench.runs.unread:
        st.caption(
            f"The words of {formats.count(bench.runs.unread)} runs are still being read, so they are not "
            "found yet."
        )


def _table_key(lines: Sequence[RunLine]) -> str:
    """Another page of the list is another table: rows that were ticked before are not ticked in it."""
    return f"{TABLE}-{lines[0].run_id}-{lines[-1].run_id}-{len(lines)}"


def _chosen(lines: Sequence[RunLine]) -> list[RunLine]:
    kept = st.session_state.get(_table_key(lines))
    rows = kept.selection.rows if kept is not None else []
    return [lines[row] for row in rows if row < len(lines)]


def _open_clicked(lines: Sequence[RunLine]) -> None:
    cells = st.session_state[_table_key(lines)].selection.cells
    if cells and cells[0][0] < len(lines):
        show(lines[cells[0][0]].run_id)


def _frame(lines: Sequence[RunLine]) -> pd.DataFrame:
    zone = formats.viewer_zone()
    return pd.DataFrame(
        {
            "Status": [state(line.status) for line in lines],
            "Title": [line.title for line in lines],
            "Agent": [agent(line.agent_name) for line in lines],
            "User": [line.user_id for line in lines],
            "Cost": [cost(line) for line in lines],
            "Work": ["none yet" if line.work_s is None else formats.seconds(line.work_s) for line in lines],
            "Started": [formats.when(line.created_at, zone) for line in lines],
            "Project": [line.project_id for line in lines],
            "Tags": [list(line.tags) for line in lines],
        }
    )


def _columns() -> dict[str, Any]:
    return {
        "Title": st.column_config.TextColumn(width="large"),
        "Cost": st.column_config.TextColumn(help="US dollars, as far as prices are known."),
        "Work": st.column_config.TextColumn(help="Time its steps took, without waiting for people."),
        "Started": st.column_config.TextColumn(help="In the time zone of this browser."),
        "Tags": st.column_config.ListColumn(),
    }


def cost(line: RunLine) -> str:
    """What a run has cost: known, at least, unknown, or nothing."""
    if line.cost_amount is None:
        return formats.UNKNOWN if line.has_unknown_cost else "none"
    known = formats.money(line.cost_amount)
    return f"at least {known}" if line.has_unknown_cost else known


def _range(found: RunPage) -> str:
    first = (found.page - 1) * PAGE + 1
    return f"{formats.count(first)} to {formats.count(first + len(found.lines) - 1)}"
