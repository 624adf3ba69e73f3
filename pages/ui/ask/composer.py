"""The field: what to ask, who should take it, and files to go with it."""

import streamlit as st

from agents.assistants.registry import AGENTS
from agents.data.attachment import Attachment
from agents.errors import READABLE
from agents.workbench import Workbench
from pages.ui import limits
from pages.ui.ask import badge, history
from pages.ui.identity import who
from pages.ui.models import is_connected, session_id
from pages.ui.notice import keep_notice
from pages.ui.text import plain

FIELD = "ask_field"
AGENT = "ask_agent"
LIMITS = "ask"
"""Begins the names of the fields for a request's limits."""
DRY_RUN = "ask_dry_run"
TYPES = ["csv", "tsv", "parquet", "xlsx", "pdf", "docx", "txt", "md"]
STARTERS = ("diagnose", "email", "code", "compare", "translate", "helios")
STARTERS_ALONE = ("diagnose",)
"""Those that work as they stand, with no model and nothing attached."""
ROUTER = "router"
"""Choice in place of an agent: the router decides."""


def draw(bench: Workbench, conversation_id: str | None, is_working: bool) -> None:
    """The field at the foot of the page."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Who takes it",
            [ROUTER, *AGENTS],
            format_func=lambda label: "The router decides" if label == ROUTER else badge.label_of(label),
            key=AGENT,
            width=260,
        )
        st.toggle("Only show who would take it", key=DRY_RUN, help="A dry run: nothing is done.")
        limits.draw(LIMITS)
    st.chat_input(
        "Ask anything; attach tables or documents",
        key=FIELD,
        max_chars=20_000,
        accept_file="multiple",
        file_type=TYPES,
        disabled=is_working,
        on_submit=_send_typed,
        args=(bench, conversation_id),
    )


def draw_start(bench: Workbench) -> None:
    """What one can ask, before anything was."""
    st.title("Ask anything else")
    st.caption(
        "The router gives your request to the agent for it, says how sure it is and why, and asks you when "
        "it is not. Attach tables to have them analysed, documents to have answers with citations."
    )
    if not is_connected(bench):
        st.info(
            "No model is connected. Diagnosis, table analysis, quoting documents and SQL work without one; "
            "the other agents say what they need. Connect a model in Settings.",
            icon=":material/power_off:",
        )
    with st.container(horizontal=True):
        labels = STARTERS if is_connected(bench) else STARTERS_ALONE
        for example in (AGENTS[label].examples[0] for label in labels):
            st.button(plain(example), key=f"starter-{example}", on_click=send, args=(bench, example, None))
    st.caption(
        "With a table attached, ask for example: “total revenue by region” or “top 3 products by units”. "
        "With a document attached, ask what it says, and the passages are quoted."
    )
    with st.expander("What each agent does, and what works without a model", icon=":material/smart_toy:"):
        for agent in AGENTS.values():
            st.markdown(f"**{plain(agent.label)}** {plain(agent.does)}")
            st.caption(f"Without a model: {plain(agent.without_model)}")


def send(
    bench: Workbench, text: str, conversation_id: str | None, files: tuple[Attachment, ...] = ()
) -> None:
    """Ask, and show the conversation; a refusal is kept as a sentence for the next drawing."""
    conversations = bench.conversations
    chosen = st.session_state.get(AGENT, ROUTER)
    try:
        run_id = conversations.send(
            text,
            who(),
            conversation_id,
            None if chosen == ROUTER else chosen,
            files,
            session_id(),
            bool(st.session_state.get(DRY_RUN)),
            limits=limits.chosen(LIMITS),
        )
    except READABLE as error:
        keep_notice(str(error))
    else:
        st.session_state[AGENT] = ROUTER
        history.show(conversations.of_run(run_id))


def _send_typed(bench: Workbench, conversation_id: str | None) -> None:
    """A callback's arguments are as old as the last drawing; what was typed is in the state."""
    typed = st.session_state[FIELD]
    files = tuple(Attachment(file.name, file.getvalue()) for file in typed.files)
    send(bench, typed.text, conversation_id, files)
