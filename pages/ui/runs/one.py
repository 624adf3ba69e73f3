"""One run: how it stands, what was seen, its steps, calls and events, and what can be done with it."""

import streamlit as st

from agents.errors import READABLE
from agents.running.progress import Progress
from agents.running.records import Run, RunLine
from agents.running.step_names import step_name, step_names, within
from agents.workbench import Workbench
from pages.ui import formats, limits
from pages.ui.notice import draw_anew
from pages.ui.runs import acting, calls, replayed, routing, steps, story, table, watch
from pages.ui.runs.common import CALL, SEEN, agent, badge, kind, link_to_list, made, show, tab_key, title
from pages.ui.runs.watch import Look
from pages.ui.text import plain

POLL_S = 0.5
WAITING_POLL_S = 3.0
TABS = (SEEN, "Steps", "Calls", "Events")


def draw(bench: Workbench, run: Run) -> None:
    """The page; while the run is alive it draws itself anew as far as needed."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(title(run.title), anchor=False)
        link_to_list()
    if told := made(run.run_id):
        st.success(told, icon=":material/call_split:")
    seen = watch.look(bench, run.run_id, fresh=True)
    if seen.is_at_work:
        _draw_live(bench, run.run_id)
        return
    _draw_state(bench, seen)
    if run.status == "waiting":
        _draw_anew_when_changed(bench, seen)


def _draw_live(bench: Workbench, run_id: str) -> None:
    """While it is worked on: everything anew every half second, without the page around it."""

    @st.fragment(run_every=POLL_S)
    def poll() -> None:
        seen = watch.look(bench, run_id)
        if not seen.is_at_work:
            draw_anew()
        _draw_state(bench, seen)

    poll()


def _draw_anew_when_changed(bench: Workbench, seen: Look) -> None:
    """While it waits for a person, who may act in another browser."""

    @st.fragment(run_every=WAITING_POLL_S)
    def poll() -> None:
        if watch.look(bench, seen.run.run_id).seq != seen.seq:
            draw_anew()

    poll()


def _draw_state(bench: Workbench, seen: Look) -> None:
    run = seen.run
    try:
        line = bench.runs.line(run.run_id)
    except READABLE as error:  # deleted in another tab just now
        st.error(plain(str(error)), icon=":material/link_off:")
        return
    _draw_head(line, run)
    if seen.is_at_work:
        _draw_progress(run.kind, seen.progress)
    _draw_failure(seen)
    if seen.held is not None:
        st.warning(plain(seen.held), icon=":material/key_off:")
    if run.texts_removed_at is not None:
        st.info(
            f"What was written in this run was removed on {formats.when(run.texts_removed_at)} for its age, "
            "as Settings say. Its figures are kept.",
            icon=":material/auto_delete:",
        )
    acting.draw(bench, seen, line)
    _draw_tabs(bench, seen)


def _draw_head(line: RunLine, run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        badge(line.listed)
        st.badge(kind(run.kind), color="gray")
        if run.environment != "live":
            st.badge(f"{run.environment} run", color="violet")
        for tag in line.tags:
            st.badge(plain(tag), icon=":material/sell:", color="gray")
    facts = {
        "Agent": agent(run.agent_name),
        "User": run.user_id,
        "Project": run.project_id,
        "Started": formats.when(run.created_at),
    }
    if run.kind != "tree":
        if run.status != "running":  # the progress below counts the step at work too
            facts["Work"] = "none yet" if line.work_s is None else formats.seconds(line.work_s)
        facts["Cost"] = table.cost(line)
    if own := limits.of_run(run):
        facts["Limits of its own"] = own
    if run.finished_at is not None:
        facts["Ended"] = formats.when(run.finished_at)
    st.markdown(", ".join(f"{name}: **{plain(value)}**" for name, value in facts.items()))
    if run.parent_run_id is not None:
        st.button(
            "Came from another run",
            key="to-parent",
            icon=":material/call_split:",
            type="tertiary",
            on_click=show,
            args=(run.parent_run_id,),
        )


def _draw_progress(run_kind: str, told: Progress) -> None:
    """Which step, how far, how long still."""
    if told.status == "queued":
        st.info(
            "It waits in the queue and starts by itself; this page need not stay open.",
            icon=":material/hourglass_empty:",
        )
        return
    names = ", ".join(within(step_name(run_kind, name)) for name in told.step_names) or "between two steps"
    left = "" if told.remaining_s is None else f", about {formats.seconds(told.remaining_s)} to go as a rule"
    done = "1 step done" if told.steps_done == 1 else f"{formats.count(told.steps_done)} steps done"
    text = f"At work: **{plain(names)}**, {done}, {formats.seconds(told.elapsed_s)} so far{left}"
    st.progress(_share(told), text=text)


def _share(told: Progress) -> float:
    """How full the bar is: as the agent says, else by the usual time, else empty."""
    if told.part is not None and told.part[1]:
        return min(1.0, told.part[0] / told.part[1])
    if told.remaining_s is None:
        return 0.0
    return told.elapsed_s / (told.elapsed_s + told.remaining_s)


def _draw_failure(seen: Look) -> None:
    run = seen.run
    if run.status != "failed":
        return
    st.error(plain(run.error_text or "A step failed; why is no longer kept."), icon=":material/error:")
    if not run.error_trace:
        return
    step = f" in the step “{plain(step_names(run.kind, run.error_step))}”" if run.error_step else ""
    with st.expander(f"For whoever mends it: {plain(run.error_type or 'error')}{step}"):
        st.code(run.error_trace, language=None, wrap_lines=True)


def _draw_tabs(bench: Workbench, seen: Look) -> None:
    run_id = seen.run.run_id
    opened = TABS[2] if CALL in st.query_params else TABS[0]
    tabs = st.tabs(TABS, default=opened, on_change="rerun", key=tab_key(run_id))
    if tabs[0].open:
        with tabs[0]:
            routing.draw(seen.run)
            replayed.draw(bench, seen)
    if tabs[1].open:
        with tabs[1]:
            steps.draw(bench, seen)
    if tabs[2].open:
        with tabs[2]:
            calls.draw(bench, seen)
    if tabs[3].open:
        with tabs[3]:
            story.draw(seen)
