"""A file of tasks, started at once and worked on one behind the other; how far it is."""

import streamlit as st

from agents.assistants.registry import AGENTS
from agents.data.attachment import shown_name
from agents.errors import READABLE
from agents.running.batch import Batch, Terms
from agents.running.records import LONGEST, Listed
from agents.running.tasks import LARGEST_MB
from agents.workbench import Workbench
from pages.ui import formats, limits
from pages.ui.identity import who
from pages.ui.notice import act, draw_anew, keep_notice
from pages.ui.runs import filters, live
from pages.ui.runs.bulk import runs_of
from pages.ui.runs.common import HANDED_OVER, agent
from pages.ui.text import plain

ROUTED = "ask"
"""Takes the tasks that name no agent: the router decides."""
REFUSED = "batch_refused"
STOPPED: dict[Listed, str] = {
    "completed": "completed",
    "waiting": "waiting for a person",
    "held": "waiting for a model, key or file",
    "failed": "failed",
    "cancelled": "cancelled",
}
"""States in which a run of a batch takes no turn of the queue any more, in words."""
SHOWN = 20


def draw(bench: Workbench, tag: str | None) -> None:
    """The form, what of the last file was not taken, and how far the queue and the runs with a tag are."""
    with st.expander(
        "Start a batch from a file of tasks",
        icon=":material/playlist_add:",
        key="batch-form",
        on_change="rerun",
    ):
        _draw_form(bench)
    _draw_refused()
    queue = live.shared(bench, "queue", bench.runs.queue, fresh=True)
    if queue.fault:
        st.error(plain(queue.fault), icon=":material/error:")
    if queue.queued or queue.running:
        _draw_live(bench, tag)
    elif tag is not None:
        draw_tagged(bench, tag)


def _draw_form(bench: Workbench) -> None:
    st.caption(
        "One task per line; or CSV with a column task, and agent and priority if you like; or JSON lines "
        "with the same names. Every task becomes a run of its own; they go on when this page is closed."
    )
    uploaded = st.file_uploader(
        "File of tasks", ["txt", "csv", "jsonl", "ndjson"], key="batch_file", max_upload_size=LARGEST_MB
    )
    first, second, third = st.columns(3)
    first.text_input(
        "Tag of the batch", key="batch_tag", max_chars=LONGEST, placeholder="November complaints"
    )
    second.selectbox(
        "For tasks that name no agent",
        [ROUTED, "diagnosis", *(name for name in AGENTS if name != HANDED_OVER)],
        format_func=lambda name: "The router decides" if name == ROUTED else agent(name),
        key="batch_agent",
    )
    third.number_input("Priority; 1 goes first", 1, 1000, 10, key="batch_priority")
    fourth, fifth, sixth = st.columns(3)
    limits.draw_fields("batch", (fourth, fifth, sixth))
    st.button(
        "Start the batch",
        key="start-batch",
        type="primary",
        icon=":material/playlist_play:",
        disabled=uploaded is None,
        on_click=_start,
        args=(bench,),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input("Runs of the queue at once", 1, 100, 4, key="batch_at_once", width=220)
        st.button(
            "Set",
            key="set-concurrency",
            help="Holds until the server is started again.",
            on_click=lambda: act(bench.runs.set_concurrency, int(st.session_state["batch_at_once"])),
        )


def _start(bench: Workbench) -> None:
    state = st.session_state
    uploaded = state["batch_file"]
    if uploaded is None:
        keep_notice("Nothing was started: choose a file first.")
        return
    tag = state["batch_tag"].strip() or shown_name(uploaded.name)[:LONGEST]
    terms = Terms(who(), tag, state["batch_agent"], int(state["batch_priority"]), limits.chosen("batch"))
    try:
        started = bench.runs.start_batch(uploaded.name, uploaded.getvalue(), terms)
    except READABLE as error:
        keep_notice(str(error))
        return
    state[REFUSED] = started
    if started.run_ids:
        filters.clear()
        state[filters.TAG] = started.tag


def _draw_refused() -> None:
    """What became of the file that was sent last, once."""
    started: Batch | None = st.session_state.pop(REFUSED, None)
    if started is None:
        return
    taken = f"{runs_of(len(started.run_ids))} queued with the tag “{plain(started.tag)}”."
    if not started.refused:
        st.success(taken, icon=":material/check_circle:")
        return
    number = len(started.refused)
    these = "1 task was" if number == 1 else f"{formats.count(number)} tasks were"
    st.warning(
        f"{taken} {these} not taken; the others go on.",
        icon=":material/warning:",
    )
    for refusal in started.refused[:SHOWN]:
        st.text(f"Line {refusal.line}: {refusal.sentence}")
    if len(started.refused) > SHOWN:
        st.caption(f"And {formats.count(len(started.refused) - SHOWN)} more.")


def _draw_live(bench: Workbench, tag: str | None) -> None:
    """While the queue works; draws the page anew once it is empty."""

    @st.fragment(run_every=live.POLL_S)
    def poll() -> None:
        queue = live.shared(bench, "queue", bench.runs.queue)
        if not queue.queued and not queue.running:
            draw_anew()
        st.caption(
            f"In the background: {formats.count(queue.running)} running, "
            f"{formats.count(queue.queued)} queued."
        )
        if tag is not None:
            draw_tagged(bench, tag)

    poll()


def draw_tagged(bench: Workbench, tag: str) -> None:
    """How many of the runs with a tag have ended, and how."""
    states, left = live.shared(bench, ("tag", tag), lambda: _far(bench, tag))
    total, done = sum(states.values()), sum(states.get(state, 0) for state in STOPPED)
    if not total:
        return
    shown = {state: states.get(state, 0) for state in STOPPED if state in states or state == "completed"}
    parts = ", ".join(f"{formats.count(number)} {STOPPED[state]}" for state, number in shown.items())
    still = "" if left is None or done == total else f"; about {formats.seconds(left)} to go"
    st.progress(
        done / total,
        text=f"{plain(tag)}: {formats.count(done)} of {formats.count(total)} done, {parts}{still}",
    )


def _far(bench: Workbench, tag: str) -> tuple[dict[Listed, int], float | None]:
    """How many of a tag's runs are in which state, and the seconds until all have ended, if known."""
    return bench.runs.tagged(tag), bench.runs.remaining(tag)
