"""Where a tree comes from: a diagnosis, a description, an outline or a file; and the heading of one."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from agents.errors import READABLE
from agents.tree.desk import TreeState
from agents.workbench import Who, Workbench
from pages.ui import sight
from pages.ui.diagnosis.common import link_to_all
from pages.ui.identity import who
from pages.ui.notice import act, keep_notice
from pages.ui.text import plain

OUTLINE = """Why did sales fall?
  Fewer orders
    Fewer enquiries
    Fewer enquiries became orders
  Less money per order"""
OUTLINED = "tree_outlined"
"""Holds a problem that no playbook covers, until the outline begins with it."""
LONGEST_QUESTION = 400
"""Characters of a node's text."""
TO_FILL = """{}
  One possible cause
  Another possible cause"""
LARGEST_FILE_MB = 8
SHOWN = 8
LOOKED_AT = 200
"""Diagnoses among which the finished ones are looked for, the one touched last first."""
FINISHED = ":material/check_circle:"
Given = TypeVar("Given", str, bytes)


def draw(bench: Workbench) -> None:
    """The start of the tree workbench."""
    with sight.place():
        st.title("Problem trees")
    st.caption(
        "A why-tree splits a question until every cause can be tested. Edit it by hand; a checker says "
        "where parts overlap or one is missing (MECE), and what it cannot prove; export it into the meeting."
    )
    _draw_diagnoses(bench)
    problem = st.session_state.get(OUTLINED)
    tabs = ["From a description", "From an outline", "From a file"]
    text, outline, file = st.tabs(tabs, default=tabs[1] if problem else None)
    with text, st.form("from_text", border=False):
        said = st.text_area("The problem", key="tree_text", placeholder="Our sales dropped 20 % this quarter")
        if st.form_submit_button("Draw its tree", icon=":material/account_tree:"):
            _open(lambda text, by: bench.trees.add(bench.tree_of_text(text), by, "From a description"), said)
    with outline, st.form("from_outline", border=False):
        pasted = st.text_area(
            "Indented lines or a Markdown list, the question first",
            value=TO_FILL.format(problem) if problem else OUTLINE,
            height=180,
        )
        if st.form_submit_button("Make the tree", icon=":material/account_tree:"):
            _open(bench.trees.from_outline, pasted)
    with file, st.form("from_file", border=False):
        uploaded = st.file_uploader("A tree as JSON", type="json", max_upload_size=LARGEST_FILE_MB)
        if st.form_submit_button("Open it", icon=":material/upload:") and uploaded is not None:
            _open(bench.trees.from_json, uploaded.getvalue())


def heading(bench: Workbench, state: TreeState) -> None:
    """Title, undo and redo, and the way back."""
    with (
        sight.place(),
        st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"),
    ):
        st.subheader(plain(state.tree.title), anchor=False)
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            st.caption(f"Version {state.version}")
            st.button(
                "Undo",
                icon=":material/undo:",
                shortcut="Ctrl+Z",
                disabled=not state.can_undo,
                on_click=act,
                args=(bench.trees.undo, state.run.run_id, state.seq),
            )
            st.button(
                "Redo",
                icon=":material/redo:",
                shortcut="Ctrl+Y",
                disabled=not state.can_redo,
                on_click=act,
                args=(bench.trees.redo, state.run.run_id, state.seq),
            )
            link_to_start()


def link_to_start() -> None:
    """A button to the start of the tree workbench."""
    st.button("Another tree", icon=":material/add:", on_click=_to_start)


def show_tree(run_id: str) -> None:
    """Show a tree: its id in the link is all that a reload needs."""
    sight.lead()
    st.session_state.pop(OUTLINED, None)
    st.query_params["tree"] = run_id


def _to_start() -> None:
    sight.lead()
    st.query_params.pop("tree", None)


def _open(make: Callable[[Given, Who], str], given: Given) -> None:
    try:
        run_id = make(given, who())
    except READABLE as error:
        keep_notice(str(error))
        st.rerun()
    show_tree(run_id)
    st.rerun()


def _draw_diagnoses(bench: Workbench) -> None:
    confirmed = [run for run in bench.recent(who(), LOOKED_AT) if run.playbook_hash]
    recent = sorted(confirmed, key=lambda run: run.status != "completed")  # finished first, else as they came
    kept = bench.recent(who(), SHOWN + 1, kind="tree")
    if not recent and not kept:
        st.caption("Trees of your diagnoses will be offered here.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**From a diagnosis**")
        if not recent:
            st.caption("The trees of your diagnoses will be offered here.")
        for run in recent[:SHOWN]:
            is_finished = run.status == "completed"
            st.button(
                plain(run.title) + ("" if is_finished else " (not finished)"),
                key=f"diagnosis-{run.run_id}",
                type="tertiary",
                icon=FINISHED if is_finished else ":material/stethoscope:",
                wrap=True,
                on_click=_open_diagnosis,
                args=(bench, run.run_id),
            )
        if len(recent) > SHOWN:
            link_to_all("diagnosis")
    with right:
        st.markdown("**Trees you worked on**")
        if not kept:
            st.caption("A tree that you make or change will be offered here.")
        for run in kept[:SHOWN]:
            st.button(
                plain(run.title),
                key=f"tree-{run.run_id}",
                type="tertiary",
                icon=":material/account_tree:",
                wrap=True,
                on_click=show_tree,
                args=(run.run_id,),
            )
        if len(kept) > SHOWN:
            link_to_all("tree")


def _open_diagnosis(bench: Workbench, run_id: str) -> None:
    try:
        show_tree(bench.open_tree(run_id, who()))
    except READABLE as error:
        keep_notice(str(error))
