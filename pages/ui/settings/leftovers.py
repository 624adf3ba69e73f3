"""Files that no record points to any more, beside their size; they go by hand alone."""

from collections.abc import Sequence

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
        chosen = [left for left in every if not kinds or left.kind in kinds]
        st.dataframe(
            _frame(chosen), hide_index=True, alt=f"Table of {len(chosen)} files that nothing points to."
        )
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
            disabled=not count,
            on_click=_remove,
            args=(bench, chosen, done),
        )


def _label(every: Sequence[Leftover] | None) -> str:
    if every is None:
        return "Files that nothing points to"
    size = sum(left.size_bytes for left in every)
    return f"{formats.counted(len(every), 'file')} that nothing points to, {_size(size)}"


def _look(bench: Workbench) -> None:
    """Look at the files now, not at every drawing: there may be many."""
    try:
        st.session_state[FOUND] = bench.keeping.leftovers()
    except READABLE as error:
        keep_notice(str(error))


def _frame(every: Sequence[Leftover]) -> pd.DataFrame:
    zone = formats.viewer_zone()
    return pd.DataFrame(
        {
            "What": [KINDS[left.kind] for left in every],
            "Since": [formats.when(left.since, zone) for left in every],
            "Size": [_size(left.size_bytes) for left in every],
            "File": [left.name for left in every],
        }
    )


def _size(size_bytes: int) -> str:
    """`0.7 MB`, `3.0 kB`."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:.1f} kB"


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
    size = _size(sum(left.size_bytes for left in gone))
    st.session_state[done] = f"Removed: {formats.counted(len(gone), 'file')}, {size}."
