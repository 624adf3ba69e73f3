"""One bar of filters for every section; the link holds what is chosen, the fields only show it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import streamlit as st

from agents.errors import READABLE
from agents.usage.desk import NONE, PRESETS, Filters, Hours, Span
from agents.usage.exports import FORMS, file_name
from agents.usage.links import apart, limited
from agents.workbench import Workbench
from pages.ui.notice import keep_notice
from pages.ui.text import plain
from pages.ui.usage import address
from pages.ui.usage.reading import read

FIELDS: Mapping[str, str] = {
    "models": "Model",
    "providers": "Provider",
    "agents": "Agent",
    "users": "User",
    "projects": "Project",
    "prompts": "Prompt version",
    "environments": "Environment",
}
CUSTOM = "custom"
LIVE = ("live",)
KEY = "usage-{}"
APART = "Demo and test are out unless they are chosen, and then live is out: they never stand in one sum."


def draw(bench: Workbench) -> Filters:
    """The bar; a link that cannot be read is told, and the page ends there."""
    try:
        filters = bench.usage.filters(address.query())
    except READABLE as error:
        st.error(plain(str(error)), icon=":material/link_off:")
        st.button("Show the last 30 days", icon=":material/restart_alt:", on_click=_clear, args=(bench,))
        st.stop()
    with st.container(horizontal=True, vertical_alignment="bottom", key="usage-bar"):
        _draw_period(bench, filters)
        _draw_rest(bench, filters)
        _draw_exports(bench, filters)
    _draw_chosen(bench, filters)
    return filters


def words(name: str) -> str:
    """A value of a filter as people read it."""
    return name if name != NONE else "none"


def days(span: Span | Hours) -> str:
    """`2026-10-01 to 2026-10-31`."""
    first, last = bounds(span)
    return f"{first} to {last}" if first != last else f"{first}"


def bounds(span: Span | Hours) -> tuple[date, date]:
    """First and last day."""
    return span.start.date(), (span.end - timedelta(microseconds=1)).date()


def _draw_period(bench: Workbench, filters: Filters) -> None:
    first, last = bounds(filters.span)
    _seed("period", filters.preset or CUSTOM)
    _seed("first", first)
    _seed("last", last)
    st.selectbox(
        "Period",
        [*PRESETS, CUSTOM],
        format_func=lambda name: name.replace("_", " ").capitalize() if name != CUSTOM else "Chosen days",
        key=KEY.format("period"),
        on_change=_choose_period,
        args=(bench, filters),
        width=170,
    )
    for name, label in (("first", "From"), ("last", "To")):
        st.date_input(
            label,
            key=KEY.format(name),
            on_change=_choose_days,
            args=(bench, filters, name),
            format="YYYY-MM-DD",
            width=140,
        )


def _draw_rest(bench: Workbench, filters: Filters) -> None:
    choices = read(bench.usage.choices, filters)
    chosen = sum(1 for field in FIELDS if getattr(filters, field) and not _is_default(filters, field))
    label = f"Filters ({chosen})" if chosen else "Filters"
    with st.popover(label, icon=":material/filter_alt:", key="usage-filters"):
        for field, title in FIELDS.items():
            values = getattr(filters, field)
            st.multiselect(
                title,
                choices[field],
                list(values),
                format_func=words,
                key=(key := _key_at(field, values)),
                on_change=_choose,
                args=(bench, filters, field, key),
                placeholder="All",
                help=APART if field == "environments" else None,
            )
        currencies = sorted({"USD", filters.currency, *(rate.to_currency for rate in bench.usage.rates())})
        st.selectbox(
            "Currency",
            currencies,
            currencies.index(filters.currency),
            key=(key := _key_at("currency", (filters.currency,))),
            on_change=_choose_currency,
            args=(bench, filters, key),
            help="Other currencies are converted at the rates set under Alerts and budgets.",
        )


def _draw_exports(bench: Workbench, filters: Filters) -> None:
    """Files of what the filters show, made when they are asked for."""
    with st.popover("Export", icon=":material/download:", key="usage-exports"):
        for form, kind in FORMS.items():
            st.download_button(
                kind.label,
                partial(bench.usage.export, filters, form),
                file_name=file_name(filters, form),
                mime=kind.media_type,
                icon=":material/download:",
                on_click="ignore",
                key=f"usage-export-{form}",
                width="stretch",
            )


def _draw_chosen(bench: Workbench, filters: Filters) -> None:
    compared = f"{days(filters.span)}, compared with {days(filters.previous.span)}"
    st.caption(plain(f"{compared}. Days are in UTC, money in {filters.currency}."))
    in_use = [field for field in FIELDS if getattr(filters, field) and not _is_default(filters, field)]
    if not in_use:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="usage-chosen"):
        for field in in_use:
            values = ", ".join(words(value) for value in getattr(filters, field)[:3])
            more = len(getattr(filters, field)) - 3
            st.button(
                f"{FIELDS[field]}: {plain(values)}{f' and {more} more' if more > 0 else ''}",
                icon=":material/close:",
                key=f"usage-drop-{field}",
                help="Take this filter out.",
                on_click=address.go,
                args=(bench, _without(filters, field)),
            )
        if len(in_use) > 1:
            st.button(
                "Take all out",
                type="tertiary",
                key="usage-drop-all",
                on_click=_clear_values,
                args=(bench, filters),
            )


def _without(filters: Filters, field: str) -> Filters:
    return limited(filters, {field: _default(field)})


def _default(field: str) -> tuple[str, ...]:
    return LIVE if field == "environments" else ()


def _is_default(filters: Filters, field: str) -> bool:
    return bool(getattr(filters, field) == _default(field))


def _key_at(name: str, values: tuple[str, ...]) -> str:
    """A key of its own for each state: a browser sends what a field in a closed popover showed before."""
    return f"{KEY.format(name)}-{':'.join(values)}"


def _seed(name: str, value: object) -> None:
    """The link is the truth: the field shows what it says."""
    st.session_state[KEY.format(name)] = value


def _chosen(name: str) -> object:
    return st.session_state[KEY.format(name)]


def _choose_period(bench: Workbench, filters: Filters) -> None:
    preset = str(_chosen("period"))
    if preset == CUSTOM:
        address.go(bench, replace(filters, preset=None))
        return
    chosen = bench.usage.filters({"period": preset})
    address.go(bench, replace(filters, span=chosen.span, preset=preset))


def _choose_days(bench: Workbench, filters: Filters, moved: str) -> None:
    """The day that was not moved follows when they would cross."""
    first, last = _chosen("first"), _chosen("last")
    if not isinstance(first, date) or not isinstance(last, date):
        return
    if first > last:
        first, last = (first, first) if moved == "first" else (last, last)
    try:
        chosen = bench.usage.filters({"from": first.isoformat(), "to": last.isoformat()})
    except READABLE as error:
        keep_notice(str(error))
        return
    address.go(bench, replace(filters, span=chosen.span, preset=None))


def _choose(bench: Workbench, filters: Filters, field: str, key: str) -> None:
    values = st.session_state[key]
    chosen = tuple(str(value) for value in values) if isinstance(values, list) else ()
    if field == "environments":
        chosen = apart(chosen, filters.environments)
    address.go(bench, limited(filters, {field: chosen or _default(field)}))


def _choose_currency(bench: Workbench, filters: Filters, key: str) -> None:
    address.go(bench, replace(filters, currency=str(st.session_state[key])))


def _clear_values(bench: Workbench, filters: Filters) -> None:
    address.go(bench, limited(filters, {field: _default(field) for field in FIELDS}))


def _clear(bench: Workbench) -> None:
    address.go(bench, bench.usage.filters({}))
