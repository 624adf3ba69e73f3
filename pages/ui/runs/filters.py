"""What the list shows: words, filters and order, all of them in the link."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

import streamlit as st

from agents.assistants.registry import AGENTS
from agents.running.records import LISTED, Environment, RunQuery, Sort
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.runs import live
from pages.ui.runs.common import KINDS, agent, kind, state

SORTS: dict[Sort, str] = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "touched": "Last changed first",
    "title": "By title",
    "costly": "Costliest first",
    "longest": "Longest work first",
}
WORDS, TAG, PAGE_NUMBER = "runs_text", "runs_tag", "runs_page"
ENVIRONMENT, ALL = "runs_environment", "all"
"""A field, and what is chosen in it to see real runs, demos and tests in one list."""
KEYS = (
    WORDS,
    "runs_status",
    "runs_agent",
    "runs_kind",
    "runs_user",
    "runs_project",
    TAG,
    ENVIRONMENT,
    "runs_since",
    "runs_until",
)
"""Keys of the fields, which are their names in the link too."""
LISTS = ("runs_status", "runs_agent", "runs_kind")
"""Those in which several can be chosen."""


def draw(bench: Workbench) -> RunQuery:
    """The fields; returns what they ask for."""
    words, order = st.columns([5, 2], vertical_alignment="bottom")
    text = words.text_input(
        "Search titles, inputs, answers and notes",
        key=WORDS,
        max_chars=200,
        icon=":material/search:",
        placeholder="Words that all occur",
        bind="query-params",
        on_change=first_page,
    )
    sort = order.selectbox(
        "Order", list(SORTS), format_func=lambda name: SORTS[name], key="runs_sort", bind="query-params"
    )
    chosen = sum(_is_set(key) for key in KEYS if key != WORDS)
    label = f"Filters: {chosen} set" if chosen else "Filters"
    with st.expander(label, icon=":material/filter_alt:", key="runs_filters"):
        query = _draw_fields(bench, text or "", sort)
        if chosen or text:
            st.button("Clear all", icon=":material/filter_alt_off:", key="clear-filters", on_click=clear)
    return query


def _is_set(key: str) -> bool:
    """Whether a field narrows the list; before it is drawn the first time that stands in the link alone."""
    return bool(st.session_state[key] if key in st.session_state else st.query_params.get(key))


def clear() -> None:
    """Ask for everything again."""
    for key in KEYS:
        st.session_state[key] = [] if key in LISTS else "" if key == WORDS else None
    first_page()


def first_page() -> None:
    """Show the first page: what is asked for has changed."""
    st.session_state[PAGE_NUMBER] = 1


def is_narrowed(bench: Workbench, query: RunQuery) -> bool:
    """True when the query leaves runs out that a person may look for."""
    return query != RunQuery(sort=query.sort, environment=bench.settings.environment)


def left_out(bench: Workbench, query: RunQuery, total: int) -> int:
    """How many runs fit too and are left out because nobody chose an environment."""
    if st.session_state[ENVIRONMENT] is not None:
        return 0
    every = replace(query, environment=None)
    return live.shared(bench, ("how many", every), lambda: bench.runs.count(every)) - total


def show_all() -> None:
    """Show the runs of every environment, as a callback."""
    st.session_state[ENVIRONMENT] = ALL
    first_page()


def _draw_fields(bench: Workbench, text: str, sort: Sort) -> RunQuery:
    users, projects = bench.people()
    first, second, third = st.columns(3), st.columns(3), st.columns(3)
    statuses = first[0].multiselect(
        "Status",
        LISTED,
        format_func=state,
        key="runs_status",
        bind="query-params",
        on_change=first_page,
    )
    agents = first[1].multiselect(
        "Agent",
        ["diagnosis", *AGENTS],
        format_func=agent,
        key="runs_agent",
        bind="query-params",
        on_change=first_page,
    )
    kinds = first[2].multiselect(
        "Kind", list(KINDS), format_func=kind, key="runs_kind", bind="query-params", on_change=first_page
    )
    user = _pick(second[0], "Run of user", users, "runs_user")
    project = _pick(second[1], "Run in project", projects, "runs_project")
    tag = _pick(second[2], "Tag", [name for name, _ in bench.runs.tags()], TAG)
    usual = bench.settings.environment
    environment = _pick(
        third[0], "Environment", [*get_args(Environment), ALL], ENVIRONMENT, f"{usual}, as usual"
    )
    since = third[1].date_input(
        "Begun on or after",
        None,
        key="runs_since",
        bind="query-params",
        format="YYYY-MM-DD",
        on_change=first_page,
    )
    until = third[2].date_input(
        "Begun on or before",
        None,
        key="runs_until",
        bind="query-params",
        format="YYYY-MM-DD",
        on_change=first_page,
    )
    return RunQuery(
        text=text,
        statuses=tuple(statuses),
        agents=tuple(agents),
        kinds=tuple(kinds),
        user_id=user,
        project_id=project,
        tag=tag,
        environment=None if environment == ALL else environment or usual,  # type: ignore[arg-type]
        since=_midnight(since),
        until=_midnight(until, 1),
        sort=sort,
    )


def _pick(
    place: "st.delta_generator.DeltaGenerator", label: str, names: list[str], key: str, empty: str = "Any"
) -> str | None:
    return place.selectbox(
        label, names, index=None, placeholder=empty, key=key, bind="query-params", on_change=first_page
    )


def _midnight(day: date | None, later: int = 0) -> datetime | None:
    """Begin of a day in the viewer's zone, as the store keeps times."""
    if not isinstance(day, date):
        return None
    at = datetime.combine(day + timedelta(days=later), time(), formats.viewer_zone())
    return at.astimezone(UTC).replace(tzinfo=None)
