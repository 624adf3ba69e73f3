"""What can be done with one run: go on, again, stop, take away, share, delete."""

from urllib.parse import urlsplit

import streamlit as st

from agents.errors import READABLE
from agents.running import dossier
from agents.running.records import Run, RunLine
from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.models import session_id
from pages.ui.notice import act, keep_notice
from pages.ui.runs import bulk
from pages.ui.runs.common import RUN, show_made
from pages.ui.runs.watch import Look, look

ALIVE = ("queued", "running", "waiting")
WORK = ("diagnosis", "ask")
"""Kinds of runs that are work, not documents."""


def draw(bench: Workbench, seen: Look, line: RunLine) -> None:
    """One row of buttons."""
    run = seen.run
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.status == "failed":
            st.button(
                "Try the failed step again",
                key="retry",
                type="primary",
                icon=":material/refresh:",
                on_click=_retry,
                args=(bench, run),
            )
        elif seen.held is not None:
            st.button(
                "Go on",
                key="retry",
                type="primary",
                icon=":material/play_arrow:",
                help="With the model that is connected in this browser session.",
                on_click=_retry,
                args=(bench, run),
            )
        _draw_open(run)
        if run.kind in WORK and run.texts_removed_at is None and not seen.is_at_work:
            st.button(
                "Run again",
                key="again",
                icon=":material/replay:",
                help="The same anew, as a run of its own.",
                on_click=_again,
                args=(bench, run),
            )
        if run.status in ALIVE and run.kind in WORK:
            _draw_cancel(bench, run)
        _draw_share(run)
        _draw_export(bench, run)
        bulk.draw_delete(bench, lambda: [run.run_id], 1, "one")


def _draw_open(run: Run) -> None:
    """To the page on which the run can be worked on."""
    places = {
        "diagnosis": ("Open in Diagnose", ":material/stethoscope:", "../diagnose.py", {RUN: run.run_id}),
        "ask": ("Open in Ask", ":material/forum:", "../ask.py", {"conversation": run.conversation_id or ""}),
        "tree": ("Open the tree", ":material/account_tree:", "../tree.py", {"tree": run.run_id}),
    }
    if run.kind not in places or run.texts_removed_at is not None:
        return
    label, icon, page, query = places[run.kind]
    if run.environment == "demo" and run.kind == "diagnosis":
        label, icon, page = "Open in Present", ":material/co_present:", "../present.py"
    if st.button(label, key="open-own-page", icon=icon):
        st.switch_page(page, query_params=query)  # seen from pages/ui/shell.py, which runs every page


def _draw_cancel(bench: Workbench, run: Run) -> None:
    with st.popover("Cancel", icon=":material/stop_circle:", key="cancel-run"):
        st.caption("It stops for good, within a second. What was recorded stays readable.")
        st.button(
            "Yes, stop this run",
            key="cancel-now",
            type="primary",
            icon=":material/stop_circle:",
            on_click=_cancel,
            args=(bench, run),
        )


def _draw_share(run: Run) -> None:
    with st.popover("Share", icon=":material/link:", key="share-run"):
        st.caption("Whoever opens this at this server sees the run, and can watch it while it is at work.")
        st.code(link(run.run_id), language=None)


def link(run_id: str) -> str:
    """The address of a run."""
    here = urlsplit(st.context.url or "")
    origin = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    return f"{origin}/runs?{RUN}={run_id}"


def _draw_export(bench: Workbench, run: Run) -> None:
    with st.popover("Export", icon=":material/download:", key="export-run"):
        name = f"run-{run.run_id[-8:]}"
        st.caption("Everything that is kept of it: events, steps, calls with prompts and answers.")
        st.download_button(
            "Whole record as JSON",
            lambda: dossier.as_json(bench.runs, run.run_id),
            f"{name}-record.json",
            "application/json",
            key="export-whole",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption("Its line of the list:")
        bulk.draw_downloads(bench, lambda: [run.run_id], name)


def _retry(bench: Workbench, run: Run) -> None:
    act(bench.runs.retry, run.run_id, session_id())
    _look_again(bench, run.run_id)


def _cancel(bench: Workbench, run: Run) -> None:
    act(bench.runs.cancel, run.run_id)
    _look_again(bench, run.run_id)


def _again(bench: Workbench, run: Run) -> None:
    """A request goes on with the models of this browser session."""
    try:
        if run.kind == "ask":
            new = bench.conversations.regenerate(run.run_id, session_id())
        else:
            new = bench.runs.again(run.run_id, who(), session_id())
    except READABLE as error:
        keep_notice(str(error))
    else:
        show_made(new, "This is a new run: the same anew. The other one stays as it is.")


def _look_again(bench: Workbench, run_id: str) -> None:
    """What is shown next is what holds now, not what was read a moment ago."""
    try:
        look(bench, run_id, fresh=True)
    except READABLE as error:
        keep_notice(str(error))
