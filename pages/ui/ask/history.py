"""The list of conversations beside the page: new, find, open, name, delete."""

import streamlit as st

from agents.assistants.board import ConversationView
from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.notice import act
from pages.ui.text import plain

PARAMETER = "conversation"
SHOWN = 30


def draw(bench: Workbench, conversation_id: str | None) -> None:
    """The list, in the sidebar."""
    with st.sidebar:
        st.button(
            "New conversation", icon=":material/add_comment:", width="stretch", on_click=show, args=(None,)
        )
        words = st.text_input(
            "Search conversations",
            key="conversation_search",
            placeholder="Search",
            max_chars=200,
            label_visibility="collapsed",
        )
        found = bench.conversations.listed(who(), words, SHOWN)
        if not found:
            st.caption("Nothing found." if words else "Your conversations will be listed here.")
        for line in found:
            st.button(
                plain(line.name),
                key=f"open-{line.conversation_id}",
                type="secondary" if line.conversation_id == conversation_id else "tertiary",
                wrap=False,
                on_click=show,
                args=(line.conversation_id,),
            )


def show(conversation_id: str | None) -> None:
    """Show a conversation, or a new one: its id in the link is all that a reload needs."""
    if conversation_id is None:
        st.query_params.pop(PARAMETER, None)
    else:
        st.query_params[PARAMETER] = conversation_id


def draw_heading(bench: Workbench, view: ConversationView) -> None:
    """Name, with a way to change it, and to delete all of it."""
    key = f"name-{view.conversation_id}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(plain(view.name), anchor=False)
        with st.popover("Conversation", icon=":material/tune:", type="tertiary"):
            st.text_input("Name", view.name, key=key, max_chars=80)
            st.button(
                "Rename", key=f"rename-{view.conversation_id}", on_click=_rename, args=(bench, view, key)
            )
            st.divider()
            sure = st.checkbox("Yes, delete texts and files for good", key=f"sure-{view.conversation_id}")
            st.button(
                "Delete the conversation",
                key=f"delete-{view.conversation_id}",
                icon=":material/delete:",
                disabled=not sure,
                on_click=_delete,
                args=(bench, view.conversation_id),
            )


def _rename(bench: Workbench, view: ConversationView, key: str) -> None:
    act(bench.conversations.rename, view.conversation_id, st.session_state[key])


def _delete(bench: Workbench, conversation_id: str) -> None:
    act(bench.conversations.delete, conversation_id)
    show(None)
