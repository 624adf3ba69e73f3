"""From a figure to the runs in it, from a run to its calls; every level has a link."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from agents.usage.desk import NONE, Filters, Order, Span, records
from agents.usage.links import limited
from agents.workbench import Workbench
from pages.ui.formats import UNKNOWN, count, money, seconds, when
from pages.ui.text import plain
from pages.ui.usage import address
from pages.ui.usage.amounts import cost, missing
from pages.ui.usage.bar import bounds, days, words
from pages.ui.usage.how import how, notes
from pages.ui.usage.reading import read
from pages.ui.usage.tables import Column, Row, draw

FIELD_OF: Mapping[str, str] = {
    "model": "models",
    "provider": "providers",
    "agent": "agents",
    "user": "users",
    "project": "projects",
    "prompt": "prompts",
}
"""Dimension of a figure -> the filter that narrows to one value of it."""
DAYS = FIRST, LAST = "first", "last"
IN_PANEL = 8
PAGE = 50
LAST_PAGE = 100_000
OF_RUN, WHAT, ORDER = "of_run", "what", "order"
IN_LINK = (OF_RUN, WHAT, ORDER, address.PAGE_NO)
"""What the link says of this section alone."""
WHATS = {"runs": "Runs", "calls": "Calls"}
ORDERS: Mapping[Order, str] = {
    "cost": "Dearest first",
    "newest": "Newest first",
    "duration": "Longest at models first",
    "attempts": "Most attempts first",
    "failed": "Most failures first",
}


def point(**values: Any) -> str:
    """What a point of a chart stands for: a day, and values of dimensions; `narrowed` reads it."""
    known = {name: value for name, value in values.items() if name in DAYS or name in FIELD_OF}
    told = {name: f"{value:%Y-%m-%d}" if name in DAYS else value for name, value in known.items()}
    return urlencode({name: NONE if value is None else value for name, value in told.items()})


def narrowed(filters: Filters, told: str) -> Filters:
    """The filters, limited to what a point stands for."""
    values = dict(parse_qsl(told, keep_blank_values=True))
    if FIRST in values:
        first, last = (date.fromisoformat(values[name]) for name in DAYS)
        start, end = bounds(filters.span)
        filters = filters.within(Span(max(first, start), min(last, end)))
    return limited(filters, {FIELD_OF[name]: (values[name],) for name in FIELD_OF if name in values})


def panel(bench: Workbench, filters: Filters, told: str, key: str) -> None:
    """Runs behind a point that was clicked."""
    inner = narrowed(filters, told)
    with st.container(border=True, key=f"behind-{key}"):
        st.markdown(f"**Behind it: {plain(_named(inner, told))}**")
        figure = read(bench.usage.runs, inner, "cost", IN_PANEL)
        draw(records(figure.frame), run_columns(bench, inner), f"panel-{key}")
        notes(figure.notes)
        st.markdown(
            f"[All runs behind it]({address.href(bench, inner, 'runs')}) · "
            f"[Only this in every section]({address.href(bench, inner, 'overview')})"
        )
        how(figure)


def _named(filters: Filters, told: str) -> str:
    values = parse_qsl(told, keep_blank_values=True)
    parts = [words(value) for name, value in values if name not in DAYS]
    return ", ".join([*parts, days(filters.span)])


def run_columns(bench: Workbench, filters: Filters) -> list[Column]:
    """Columns of a table of runs."""
    return [
        Column("Run", _title, is_text=True, link=_run_link),
        Column("Cost", lambda row: _run_cost(row, filters.currency)),
        Column("Calls", lambda row: count(row["calls"]), link=lambda row: _calls_link(bench, filters, row)),
        Column("Kind", lambda row: row["kind"] or "", is_text=True),
        Column("User", lambda row: row["user"] or "", is_text=True),
        Column("Status", lambda row: row["status"] or "", is_text=True),
        Column("At models", lambda row: seconds(row["model_s"])),
        Column("Last call", lambda row: when(row["last_at"])),
    ]


def _run_cost(row: Row, currency: str) -> str:
    more = f" + {count(missing(row))} unknown" if missing(row) else ""
    shown = cost(row, currency)
    return shown if shown == UNKNOWN else f"{shown}{more}"


def _title(row: Row) -> str:
    return (row["title"] or "a run that was deleted") if row["run"] else "calls outside of any run"


def _run_link(row: Row) -> str | None:
    return address.run_href(row["run"]) if row["run"] else None


def _calls_link(bench: Workbench, filters: Filters, row: Row) -> str | None:
    if not row["run"]:
        return None
    return address.href(bench, filters, "runs", **{OF_RUN: row["run"]})


def draw_section(bench: Workbench, filters: Filters) -> None:
    """Runs that the filters let through, or the calls of one of them; the link says which, and which page."""
    run_id = st.query_params.get(OF_RUN)
    if run_id:
        _draw_calls(bench, filters, run_id)
        return
    _seed("behind-what", WHAT, WHATS)
    shown = st.segmented_control(
        "What",
        list(WHATS),
        format_func=lambda name: WHATS[name],
        required=True,
        key="behind-what",
        on_change=_choose,
        args=("behind-what", WHAT, WHATS),
        label_visibility="collapsed",
    )
    if shown == "calls":
        _draw_calls(bench, filters, None)
    else:
        _draw_runs(bench, filters)


def _draw_runs(bench: Workbench, filters: Filters) -> None:
    _seed("behind-order", ORDER, ORDERS)
    order = st.selectbox(
        "Order",
        list(ORDERS),
        format_func=lambda name: ORDERS[name],
        key="behind-order",
        on_change=_choose,
        args=("behind-order", ORDER, ORDERS),
        width=240,
    )
    page = _page()
    figure = read(bench.usage.runs, filters, order, PAGE, page * PAGE)
    rows = records(figure.frame)
    if not rows:
        st.info(f"No run stands on page {page + 1}.", icon=":material/search_off:")
    draw(rows, run_columns(bench, filters), "runs")
    notes(figure.notes)
    _draw_pager(page, len(rows))
    how(figure)


def _draw_calls(bench: Workbench, filters: Filters, run_id: str | None) -> None:
    if run_id:
        st.markdown(f"**Calls of one run** · [Open the run]({address.run_href(run_id)})")
        st.button("All runs", icon=":material/arrow_back:", on_click=_leave_run)
    page = _page()
    figure = read(bench.usage.calls, filters, run_id, PAGE, page * PAGE)
    rows = records(figure.frame)
    if not rows:
        where = f" on page {page + 1}" if page else ""
        st.info(f"No call in this period and with these filters{where}.", icon=":material/search_off:")
    draw(rows, _call_columns(), "calls")
    _draw_pager(page, len(rows))
    how(figure)


def _call_columns() -> list[Column]:
    return [
        Column("Call", lambda row: when(row["started_at"]), is_text=True, link=_call_link),
        Column("Agent", lambda row: row["agent_name"] or "", is_text=True),
        Column("Model", lambda row: f"{row['provider_name']}/{row['request_model']}", is_text=True),
        Column("Attempt", lambda row: count(row["attempt_no"])),
        Column("Ended", _ending, is_text=True),
        Column("Took", lambda row: seconds(row["duration_s"])),
        Column("Tokens", lambda row: _tokens(row)),
        Column("Cost", lambda row: money(row["cost_amount"], row["cost_currency"] or "USD")),
        Column("Price list", lambda row: row["price_version"] or "", is_text=True),
    ]


def _call_link(row: Row) -> str | None:
    return address.call_href(row["run_id"], row["call_id"]) if row["run_id"] else None


def _ending(row: Row) -> str:
    if row["error_type"]:
        return str(row["error_type"]).replace("_", " ")
    return "from the cache" if row["served_from"] == "cache" else "answered"


def _tokens(row: Row) -> str:
    told = f"{count(row['input_tokens'])} + {count(row['output_tokens'])}"
    return f"{told} (estimated)" if row["usage_source"] == "estimated" else told


def _seed(key: str, name: str, choices: Mapping[Any, str]) -> None:
    """The link is the truth: the field shows what it says, and the first choice otherwise."""
    wanted = st.query_params.get(name, "")
    st.session_state[key] = wanted if wanted in choices else next(iter(choices))


def _choose(key: str, name: str, choices: Mapping[Any, str]) -> None:
    """Put a choice into the link, which does not name the first one; it starts with the first page."""
    st.query_params.pop(address.PAGE_NO, None)
    chosen = st.session_state[key]
    if chosen == next(iter(choices)):
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = chosen


def _page() -> int:
    """Which page the link asks for, counted from 0; the first one where it says none that can be."""
    wanted = st.query_params.get(address.PAGE_NO, "")
    return min(int(wanted), LAST_PAGE) - 1 if wanted.isascii() and wanted.isdigit() and int(wanted) else 0


def _draw_pager(page: int, rows: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if page:
            st.button("Back", icon=":material/chevron_left:", on_click=_turn, args=(page - 1,))
        if page or rows == PAGE:
            st.caption(f"Page {page + 1}", width="content")
        if rows == PAGE:
            st.button("Further", icon=":material/chevron_right:", on_click=_turn, args=(page + 1,))


def _turn(page: int) -> None:
    if page:
        st.query_params[address.PAGE_NO] = str(page + 1)
    else:
        st.query_params.pop(address.PAGE_NO, None)


def _leave_run() -> None:
    for name in (OF_RUN, address.PAGE_NO):
        st.query_params.pop(name, None)
