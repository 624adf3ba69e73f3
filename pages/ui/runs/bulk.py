"""Many runs at once: tagged, taken away as a file, deleted. What is meant is said on every button."""

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from agents.running.desk import MOST_AT_ONCE
from agents.running.export import Format
from agents.running.records import LONGEST, RunQuery
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.identity import who
from pages.ui.notice import act, keep_notice

FORMATS: dict[Format, tuple[str, str]] = {
    "csv": ("CSV", "text/csv"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
    "json": ("JSON", "application/json"),
}
Ids = Callable[[], Sequence[str]]
"""The runs meant, looked up when they are needed."""


def draw(bench: Workbench, query: RunQuery, total: int, chosen: Sequence[str]) -> None:
    """The actions, for the rows that are ticked, or else for every run that was found."""
    count = len(chosen) or total
    ids: Ids = (lambda: chosen) if chosen else (lambda: bench.runs.find_ids(query))
    meant = f"{formats.count(count)} {'ticked' if chosen else 'found'}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"With the {meant}:", width="content")
        if count > MOST_AT_ONCE:
            st.caption(f"{formats.count(MOST_AT_ONCE)} are the most at once; narrow the search.")
            return
        _draw_tag(bench, ids, count)
        _draw_export(bench, ids, count)
        draw_delete(bench, ids, count, "bulk")


def runs_of(count: int) -> str:
    """`1 run`, `12 runs`."""
    return "1 run" if count == 1 else f"{formats.count(count)} runs"


def draw_delete(bench: Workbench, ids: Ids, count: int, key: str) -> None:
    """Deleting, once the number of runs has been typed."""
    with st.popover("Delete", icon=":material/delete:", key=f"delete-{key}"):
        st.markdown(
            f"**{runs_of(count)}** will be deleted for good: what was asked, answered and concluded, "
            "prompts, answers of models, trees and attached files. Runs at work are stopped first. Cost and "
            "time stay in the figures."
        )
        typed = f"delete-typed-{key}-{count}"
        st.text_input(f"Type {count} to delete {runs_of(count)}", key=typed, max_chars=10, autocomplete="off")
        st.button(
            f"Delete {runs_of(count)}",
            key=f"delete-now-{key}",
            type="primary",
            icon=":material/delete_forever:",
            on_click=_delete,
            args=(bench, ids, count, typed),
        )


def _delete(bench: Workbench, ids: Ids, count: int, typed: str) -> None:
    if st.session_state[typed].strip() != str(count):
        keep_notice(f"Nothing was deleted: type {count}, the number of runs, to delete them.")
        return
    found = list(ids())
    if len(found) != count:
        keep_notice(
            f"Nothing was deleted: the search finds {runs_of(len(found))} now, not {count}. Look again, then "
            "delete."
        )
        return
    st.session_state[typed] = ""
    act(bench.runs.delete, found, who())


def _draw_tag(bench: Workbench, ids: Ids, count: int) -> None:
    known = [name for name, _ in bench.runs.tags()]
    with st.popover("Tag", icon=":material/sell:", key="tag-runs"):
        st.selectbox(
            "Tag",
            known,
            index=None,
            key="tag-name",
            accept_new_options=True,
            placeholder="Choose one, or type a new one",
            help=f"At most {LONGEST} characters.",
        )
        with st.container(horizontal=True):
            for label, verb, icon in (
                (f"Put on {runs_of(count)}", "on", ":material/new_label:"),
                (f"Take off {runs_of(count)}", "off", ":material/label_off:"),
            ):
                st.button(label, key=f"tag-{verb}", icon=icon, on_click=_tag, args=(bench, ids, verb))


def _tag(bench: Workbench, ids: Ids, verb: Literal["on", "off"]) -> None:
    name = st.session_state["tag-name"]
    if not name:
        keep_notice("Nothing was changed: choose a tag first, or type a new one.")
    elif verb == "on":
        act(bench.runs.tag, ids(), name, who())
    else:
        act(bench.runs.untag, ids(), name)


def _draw_export(bench: Workbench, ids: Ids, count: int) -> None:
    with st.popover("Export", icon=":material/download:", key="export-runs"):
        st.caption(f"The list of {runs_of(count)} with status, people, times, cost and tags, without texts.")
        draw_downloads(bench, ids, "runs")


def draw_downloads(bench: Workbench, ids: Ids, name: str) -> None:
    """A button for each kind of file; the file is made when it is asked for."""
    with st.container(horizontal=True):
        for form, (label, mime) in FORMATS.items():
            st.download_button(
                label,
                _maker(bench, ids, form),
                f"{name}.{form}",
                mime,
                key=f"export-{name}-{form}",
                icon=":material/download:",
                on_click="ignore",
            )


def _maker(bench: Workbench, ids: Ids, form: Format) -> Callable[[], bytes]:
    return lambda: bench.runs.export(ids(), form)
