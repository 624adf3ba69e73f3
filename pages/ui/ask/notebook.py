"""What a persona keeps for the person: goals and notes, each can be taken away; no model is needed."""

import streamlit as st

from agents.workbench import Workbench
from pages.ui.formats import count, when
from pages.ui.identity import who
from pages.ui.notice import act
from pages.ui.text import plain

KINDS = {"goal": "Goals", "note": "Notes"}


def draw(bench: Workbench, agent_id: str, run_id: str) -> None:
    """A fold with all that is kept."""
    kept = bench.conversations.notes(agent_id, who())
    with st.popover(f"Notes and goals: {count(len(kept))}", icon=":material/bookmark:", type="tertiary"):
        if not kept:
            st.caption("Nothing is kept yet. Name a goal, or say what should be remembered of you.")
        for kind, title in KINDS.items():
            of_kind = [note for note in kept if note.kind == kind]
            if of_kind:
                st.markdown(f"**{title}**")
            for note in of_kind:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(plain(note.text), width="stretch")
                    st.caption(when(note.created_at), width="content")
                    st.button(
                        "Forget",
                        key=f"forget-{run_id}-{note.note_id}",
                        type="tertiary",
                        icon=":material/delete:",
                        help="Take it away for good.",
                        on_click=act,
                        args=(bench.conversations.delete_note, note.note_id, who()),
                    )
