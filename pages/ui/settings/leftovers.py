"""Files that no record points to any more, beside their size; they go by hand alone."""

import hashlib
from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from agents.errors import READABLE
from agents.keeping.leftovers import Kind, Leftover
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.identity import who
from pages.ui.notice import keep_notice
from pages.ui.text import plain

KINDS: dict[Kind, str] = {
    "attachment": "Attached files that no turn has",
    "log": "Copies of a log whose end was missing",
}

MOST_DOWNLOADS = 8
"""Files that can be looked into at once."""
FOUND = "leftovers_found"
"""What was there when somebody looked."""


def draw(bench: Workbench, done: str) -> None:
    """What there is, once somebody looks, and its removal; what was removed is told under the name `done`."""
    every: list[Leftover] | None = st.session_state.get(FOUND)
    with st.expander(_label(every), icon=":material/folder_off:", key="leftovers"):
        st.caption(
            "An attached file stays behind when the server ends between keeping it and admitting its turn; a "
            "log is copied when its end was found missing. Nothing removes them by itself, since one may be "
            "all that is left of something. They stand here once they are a day old."
        )
        st.button(
            "Look for them" if every is None else "Look again",
            key="leftovers-look",
            icon=":material/search:",
            on_click=_look,
            args=(bench,),
        )
        if not every:
            return
        kinds = st.multiselect(
            "Which",
            list(KINDS),
            format_func=lambda kind: KINDS[kind],
            key="leftovers-which",
            placeholder="All",
        )
        chosen = _draw_table([left for left in every if not kinds or left.kind in kinds])
        if not chosen:
            return
        _draw_downloads(bench, chosen)
        if loss := bench.keeping.loss:
            _draw_loss(bench, loss, done)
            return
        if bench.fault:
            st.warning(plain(bench.fault), icon=":material/warning:")
        count = len(chosen)
        st.text_input(
            f"Type {count} to remove them for good", key="leftovers-typed", max_chars=20, autocomplete="off"
        )
        st.button(
            f"Remove {formats.counted(count, 'file')} for good",
            key="leftovers-do",
            type="primary",
            icon=":material/delete_forever:",
            on_click=_remove,
            args=(bench, chosen, done),
        )


def _label(every: Sequence[Leftover] | None) -> str:
    if every is None:
        return "Files that nothing points to"
    size = sum(left.size_bytes for left in every)
    return f"{formats.counted(len(every), 'file')} that nothing points to, {formats.size(size)}"


def _look(bench: Workbench) -> None:
    """Look at the files now, not at every drawing: there may be many."""
    try:
        st.session_state[FOUND] = bench.keeping.leftovers()
    except READABLE as error:
        keep_notice(str(error))


def _draw_table(shown: Sequence[Leftover]) -> list[Leftover]:
    """The files; returns those whose rows are ticked, which are none at first."""
    st.caption("Tick those that you want to look into or remove.")
    names = "-".join(left.name for left in shown)
    table = st.dataframe(
        _frame(shown),
        hide_index=True,
        key=f"leftovers-table-{hashlib.sha256(names.encode()).hexdigest()[:16]}",
        on_select="rerun",
        selection_mode="multi-row",
        alt=f"Table of {len(shown)} files that nothing points to.",
    )
    return [shown[row] for row in table.selection.rows if row < len(shown)]


def _draw_downloads(bench: Workbench, chosen: Sequence[Leftover]) -> None:
    with st.container(horizontal=True):
        for left in chosen[:MOST_DOWNLOADS]:
            name = left.name.rsplit("/", 1)[-1]
            st.download_button(
                f"Look into {plain(left.begins or name)}",
                partial(bench.keeping.leftover, left.name),
                file_name=name,
                mime="application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                key=f"leftover-{left.name}",
            )
    if len(chosen) > MOST_DOWNLOADS:
        st.caption(f"The first {MOST_DOWNLOADS} can be looked into; tick fewer for others.")


def _draw_loss(bench: Workbench, loss: str, done: str) -> None:
    """Records were lost: these files are what one looks for them in, so none goes before somebody has."""
    st.warning(plain(loss), icon=":material/warning:")
    st.caption(
        "One of these files may be all that is left of what was lost, so none can be removed yet. Look into "
        "them, or restore a backup. Once you say that what was lost stays lost, they can go."
    )
    st.button(
        "I have looked: it stays lost",
        key="leftovers-accept",
        icon=":material/task_alt:",
        on_click=_accept,
        args=(bench, done),
    )


def _accept(bench: Workbench, done: str) -> None:
    try:
        bench.keeping.accept_loss(who())
    except READABLE as error:
        keep_notice(str(error))
        return
    st.session_state[done] = "Noted: what was lost stays lost, and such files can be removed."


def _frame(every: Sequence[Leftover]) -> pd.DataFrame:
    zone = formats.viewer_zone()
    return pd.DataFrame(
        {
            "What": [KINDS[left.kind] for left in every],
            "Begins with": [left.begins for left in every],
            "Since": [formats.when(left.since, zone) for left in every],
            "Size": [formats.size(left.size_bytes) for left in every],
            "File": [left.name for left in every],
        }
    )


def _remove(bench: Workbench, chosen: Sequence[Leftover], done: str) -> None:
    if st.session_state["leftovers-typed"].strip() != str(len(chosen)):
        keep_notice(f"Nothing was removed: type {len(chosen)}, the number shown, to remove them.")
        return
    st.session_state["leftovers-typed"] = ""
    try:
        gone = bench.keeping.remove_leftovers([left.name for left in chosen], who())
    except READABLE as error:
        keep_notice(str(error))
        return
    finally:
        _look(bench)
    size = formats.size(sum(left.size_bytes for left in gone))
    st.session_state[done] = f"Removed: {formats.counted(len(gone), 'file')}, {size}."
