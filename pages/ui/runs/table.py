"""The table of a page of runs: it keeps up with them while they work, and with what is ticked in it."""

import hashlib
import itertools
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from agents.errors import READABLE
from agents.running.records import AT_WORK, PAGE, RunLine, RunPage, RunQuery
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.notice import draw_anew
from pages.ui.runs import live
from pages.ui.runs.common import RUN, agent, show, state

TABLE = "runs_table"
SHOWN = "runs_shown"
"""What this session has seen last: which query and page, and the runs in their order."""
LIVE = "runs_live"
"""Whether one of them was at work; then the list is read once more, for what is written behind the end."""


def read(bench: Workbench, query: RunQuery, page: int, fresh: bool = True) -> RunPage:
    """A page of the list; unless `fresh`, what was read last when nothing has moved since."""
    return live.shared(bench, (query, page), lambda: bench.runs.find(query, page), fresh)


def draw(bench: Workbench, query: RunQuery, found: RunPage) -> None:
    """The table; while a run in it is at work it alone is drawn anew, and the page when other runs fit."""
    was_live, is_live = st.session_state.get(LIVE), _works(found.lines)
    st.session_state[LIVE] = is_live
    ticks, looks = _rows(found.lines), itertools.count()

    @st.fragment(run_every=live.POLL_S if is_live or was_live else None)
    def poll() -> None:
        is_later = bool(next(looks))
        if is_later and (RUN in st.query_params or _rows(found.lines) != ticks):
            st.rerun()  # a person clicked: the page around the table follows
        now = _still(bench, query, found) if is_live else found
        if now is None or (is_later and was_live and not is_live):
            draw_anew()
        _draw_lines(now)

    poll()


def _still(bench: Workbench, query: RunQuery, found: RunPage) -> RunPage | None:
    """The same runs as they are now; None where others fit, none works any more, or they cannot be read."""
    try:
        now = read(bench, query, found.page, fresh=False)
    except READABLE:
        return None  # the page tells why
    is_same = _ids(now.lines) == _ids(found.lines) and now.total == found.total
    return now if is_same and _works(now.lines) else None


def ticked(lines: Sequence[RunLine]) -> list[RunLine]:
    """The runs whose rows are ticked."""
    return [lines[row] for row in _rows(lines) if row < len(lines)]


def carry_ticks(query: RunQuery, found: RunPage) -> None:
    """Where the same page of the same search has other runs now, those ticked before stay ticked."""
    asked, ids = (query, found.page), _ids(found.lines)
    before, shown = st.session_state.get(SHOWN, (None, ()))
    st.session_state[SHOWN] = (asked, ids)
    if before != asked or shown == ids:
        return
    chosen = {shown[row] for row in _rows_of(_key(shown)) if row < len(shown)}
    rows = [row for row, run_id in enumerate(ids) if run_id in chosen]
    if rows:
        st.session_state[_key(ids)] = {"selection": {"rows": rows, "columns": [], "cells": []}}


def span(found: RunPage) -> str:
    """`51 to 100`: which runs of all these are."""
    first = (found.page - 1) * PAGE + 1
    return f"{formats.count(first)} to {formats.count(first + len(found.lines) - 1)}"


def cost(line: RunLine) -> str:
    """What a run has cost: known, at least, unknown, or nothing."""
    if line.cost_amount is None:
        return formats.UNKNOWN if line.has_unknown_cost else "none"
    known = formats.money(line.cost_amount)
    return f"at least {known}" if line.has_unknown_cost else known


def _draw_lines(found: RunPage) -> None:
    lines = found.lines
    st.dataframe(
        _frame(lines),
        hide_index=True,
        key=_key(_ids(lines)),
        on_select=lambda: _open_clicked(lines),
        selection_mode=["multi-row", "single-cell"],
        column_config=_columns(),
        alt=f"Runs {span(found)} of {found.total}, with status, agent, title, user, cost, work and start.",
    )


def _works(lines: Sequence[RunLine]) -> bool:
    return any(line.status in AT_WORK for line in lines)


def _ids(lines: Sequence[RunLine]) -> tuple[str, ...]:
    return tuple(line.run_id for line in lines)


def _key(run_ids: Sequence[str]) -> str:
    """Other runs, or the same in another order, are another table: what is ticked counts rows."""
    return f"{TABLE}-{hashlib.sha256(' '.join(run_ids).encode()).hexdigest()[:16]}"


def _rows(lines: Sequence[RunLine]) -> list[int]:
    return _rows_of(_key(_ids(lines)))


def _rows_of(key: str) -> list[int]:
    """Rows that are ticked in a table; one that is still to be drawn has what is put there for it."""
    kept = st.session_state.get(key)
    return list(kept["selection"]["rows"]) if kept is not None else []


def _open_clicked(lines: Sequence[RunLine]) -> None:
    cells = st.session_state[_key(_ids(lines))].selection.cells
    if cells and cells[0][0] < len(lines):
        show(lines[cells[0][0]].run_id)


def _frame(lines: Sequence[RunLine]) -> pd.DataFrame:
    zone = formats.viewer_zone()
    is_mixed = len({line.environment for line in lines}) > 1
    columns = {
        "Status": [state(line.listed) for line in lines],
        "Title": [line.title for line in lines],
        **({"Environment": [line.environment for line in lines]} if is_mixed else {}),
        "Agent": [agent(line.agent_name) for line in lines],
        "User": [line.user_id for line in lines],
        "Cost": [cost(line) for line in lines],
        "Work": ["none yet" if line.work_s is None else formats.seconds(line.work_s) for line in lines],
        "Started": [formats.when(line.created_at, zone) for line in lines],
        "Project": [line.project_id for line in lines],
        "Tags": [list(line.tags) for line in lines],
    }
    if any(line.waits_for for line in lines):
        columns["What it waits for"] = [line.waits_for or "" for line in lines]
    return pd.DataFrame(columns)


def _columns() -> dict[str, Any]:
    return {
        "Title": st.column_config.TextColumn(width="large"),
        "Cost": st.column_config.TextColumn(help="US dollars, as far as prices are known."),
        "Work": st.column_config.TextColumn(help="Time its steps took, without waiting for people."),
        "Started": st.column_config.TextColumn(help="In the time zone of this browser."),
        "Tags": st.column_config.ListColumn(),
    }
