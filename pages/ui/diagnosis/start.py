"""The start: one field, four examples, what was worked on last."""

import streamlit as st

from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE
from agents.workbench import NotAComplaint, Workbench
from pages.ui import formats, limits, sight
from pages.ui.ask import history
from pages.ui.diagnosis import model
from pages.ui.diagnosis.common import link_to_all, open_run
from pages.ui.identity import who, whose
from pages.ui.models import is_connected, session_id
from pages.ui.notice import keep_notice
from pages.ui.text import plain
from pages.ui.tree import start as trees

EXAMPLES = (
    "Our sales dropped 20 % this quarter, mostly in the north",
    "Customers cancel more since spring; prices did not change",
    "Profit fell by a third this year while revenue stayed flat",
    "Orders leave the warehouse 5 days late since September",
)
NOT_A_COMPLAINT = "not_a_complaint"
LIMITS = "diagnosis"
"""Begins the names of the fields for this run's limits."""
RESTORED = "restored_draft"
SHOWN = 8
"""Recent sessions in the list; the Runs page has all."""
STATUS = {
    "waiting": ("Waiting for you", "orange"),
    "completed": ("Concluded", "green"),
    "failed": ("Failed", "red"),
    "cancelled": ("Cancelled", "gray"),
    "running": ("Working", "blue"),
    "queued": ("Working", "blue"),
}


def draw(bench: Workbench) -> None:
    """The whole start screen."""
    with sight.place():
        st.title("What went wrong?")
    st.caption(
        "Describe a business problem. You get a few questions, each chosen because it separates rival "
        "causes; you see how every answer moves belief, and end with a diagnosis and its why-tree, or with "
        "what would decide it."
    )
    if "complaint" not in st.session_state:
        st.session_state["complaint"] = st.session_state[RESTORED] = _draft(bench)
    st.text_area(
        "The problem, in your words",
        key="complaint",
        height=120,
        placeholder="Our sales dropped 20 % this quarter, mostly in the north",
        on_change=_keep_draft,
        args=(bench,),
    )
    _draw_restored(bench)
    st.caption(whose())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Start the diagnosis",
            type="primary",
            icon=":material/play_arrow:",
            shortcut="Ctrl+Enter",
            on_click=_start_typed,
            args=(bench,),
        )
        limits.draw(LIMITS)
    model.draw_choice(bench)
    _draw_answer_for_what_it_is(bench)
    st.caption("Or try one of these:")
    with st.container(horizontal=True):
        for number, example in enumerate(EXAMPLES):
            st.button(plain(example), key=f"example-{number}", on_click=_start, args=(bench, example))
    _draw_refused_playbooks(bench)
    _draw_recent(bench)


def heading(view: DiagnosisView) -> None:
    """Title of a session, with the way back."""
    is_next = view.phase == "framing" and view.status not in ("failed", "cancelled")
    with (
        sight.place(is_next),
        st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"),
    ):
        st.subheader(plain(view.title), anchor=False)
        link_to_start()
    if view.environment != "live":
        st.badge(f"{view.environment} run", color="violet")
    if (view.user_id, view.project_id) != (who().user_id, who().project_id):
        st.caption(
            f"The work of **{plain(view.user_id)}** in the project **{plain(view.project_id)}**: what is "
            "done here counts there."
        )


def link_to_start() -> None:
    """A button to the start screen."""
    st.button("New problem", icon=":material/add:", on_click=_to_start)


def _to_start() -> None:
    sight.lead()
    st.query_params.pop("run", None)


def _draft(bench: Workbench) -> str:
    kept = bench.convenience.get(_draft_key())
    return kept if isinstance(kept, str) else ""


def _draft_key() -> str:
    return f"draft:{who().user_id}:{who().project_id}"


def _keep_draft(bench: Workbench) -> None:
    bench.convenience.put(_draft_key(), st.session_state["complaint"])


def _draw_restored(bench: Workbench) -> None:
    """While the field holds what was kept from an earlier visit: say so, and offer an empty one."""
    kept = st.session_state.get(RESTORED)
    if not kept or st.session_state["complaint"] != kept:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Restored from your last visit: this text was typed but not started.", width="content")
        st.button(
            "Clear it", key="clear-draft", icon=":material/ink_eraser:", on_click=_clear_draft, args=(bench,)
        )


def _clear_draft(bench: Workbench) -> None:
    st.session_state["complaint"] = st.session_state[RESTORED] = ""
    bench.convenience.drop(_draft_key())


def _start_typed(bench: Workbench) -> None:
    """A callback's arguments are as old as the last drawing; what was typed since is in the state."""
    _start(bench, st.session_state["complaint"])


def _start(bench: Workbench, text: str, playbook_id: str | None = None, draft: bool = False) -> None:
    st.session_state.pop(NOT_A_COMPLAINT, None)
    try:
        with_model, own = model.is_wanted(bench), limits.chosen(LIMITS)
        run_id = bench.start(text, who(), playbook_id, with_model, draft, session_id(), own)
    except NotAComplaint as answer:
        st.session_state[NOT_A_COMPLAINT] = (text, str(answer), answer.framing.kind)
    except READABLE as error:
        keep_notice(str(error))
    else:
        bench.convenience.drop(_draft_key())
        open_run(run_id)


def _draw_answer_for_what_it_is(bench: Workbench) -> None:
    """After a greeting, a decision or an unknown text: the answer, and the way on."""
    text, sentence, kind = st.session_state.get(NOT_A_COMPLAINT, (None, None, None))
    if text is None:
        return
    with st.container(border=True):
        st.text(str(sentence))
        if kind == "greeting":
            return
        if kind == "decision":
            _draw_content_agent(bench, text)
        titles = {playbook.id: playbook.title for playbook in bench.playbooks.values()}
        chosen = st.selectbox(
            "Diagnose it as", list(titles), format_func=lambda key: titles[key], index=None, key="diagnose_as"
        )
        if chosen is not None:
            st.caption(
                f"It is about this: “{plain(bench.playbooks[chosen].recognise.sounds_like)}” "
                "A kind that does not fit gives a diagnosis that does not fit."
            )
        st.button(
            "Diagnose it all the same",
            disabled=chosen is None,
            on_click=lambda: _start(bench, text, st.session_state["diagnose_as"]),
        )
        if kind == "unknown" and st.button("Put its causes into a tree", icon=":material/account_tree:"):
            st.session_state[trees.OUTLINED] = " ".join(text.split())[: trees.LONGEST_QUESTION]
            st.switch_page("../tree.py")  # seen from pages/ui/shell.py, which runs every page
        if is_connected(bench):
            st.button(
                "Let the model draft causes and questions",
                icon=":material/smart_toy:",
                on_click=lambda: _start(bench, text, draft=True),
            )
        else:
            st.caption("With a model connected in Settings, causes and questions can be drafted for it.")


def _draw_content_agent(bench: Workbench, text: str) -> None:
    """A decision is written about, not diagnosed: in a conversation of its own."""
    if st.button("Hand it to the content agent", icon=":material/forum:"):
        try:
            own, session = limits.chosen(LIMITS), session_id()
            run_id = bench.conversations.send(text, who(), agent="content", session=session, limits=own)
        except READABLE as error:
            keep_notice(str(error))
            st.rerun()
        conversation_id = bench.conversations.of_run(run_id)
        st.switch_page("../ask.py", query_params={history.PARAMETER: conversation_id})  # seen from shell.py


def _draw_refused_playbooks(bench: Workbench) -> None:
    if bench.refused_playbooks:
        with st.expander(f"Faults in playbook files: {len(bench.refused_playbooks)}", icon=":material/rule:"):
            st.caption("These files were not loaded; the others were.")
            for refusal in bench.refused_playbooks:
                st.text(str(refusal))


def _draw_recent(bench: Workbench) -> None:
    st.subheader("Recent sessions", anchor=False)
    recent = bench.recent(who(), SHOWN + 1)
    if not recent:
        st.caption("Your diagnoses will be listed here. Start with one of the examples above.")
    for run in recent[:SHOWN]:
        label, color = STATUS[run.status]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(label, color=color)  # type: ignore[arg-type]
            st.button(
                plain(run.title),
                key=f"recent-{run.run_id}",
                type="tertiary",
                on_click=open_run,
                args=(run.run_id,),
            )
            st.caption(formats.when(run.updated_at))
    if len(recent) > SHOWN:
        link_to_all("diagnosis")
