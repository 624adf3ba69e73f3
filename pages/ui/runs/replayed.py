"""Exactly what was seen, at the end or after any event, by the drawing code of the live pages."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import streamlit as st

from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE
from agents.replay import Replay
from agents.running.records import Event
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.ask import turns
from pages.ui.diagnosis import session
from pages.ui.present import ending, stage
from pages.ui.runs import branch, happened, watch
from pages.ui.runs.watch import Look
from pages.ui.text import plain
from pages.ui.tree import drawing

T = TypeVar("T")


def draw(bench: Workbench, seen: Look) -> None:
    """Up to which event, and below it what the page showed then."""
    is_bare = seen.run.status == "completed" and not any(event.data for event in seen.events)
    if seen.run.texts_removed_at is not None or not seen.events or is_bare:
        st.caption("There is nothing left to be shown of it.")
        return
    if seen.run.kind == "tree":
        _draw_tree(bench, seen)
        return
    last = seen.seq if seen.is_at_work else _choose(seen)
    so_far = seen.events[:last]
    try:
        _draw_then(bench, seen, so_far)
    except READABLE as error:
        st.warning(plain(str(error)), icon=":material/visibility_off:")


def show_event(seen: Look, seq: int) -> None:
    """Have the replay show what was seen after an event."""
    st.session_state[_moment(seen)] = seq


def _moment(seen: Look) -> str:
    return f"moment-{seen.run.run_id}-{seen.seq}"


def _choose(seen: Look) -> int:
    """The event up to which is shown; the last one at first."""
    if seen.seq < 2:
        return seen.seq
    key = _moment(seen)
    st.session_state.setdefault(key, seen.seq)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = int(st.number_input(f"Replay up to event, of {seen.seq}", 1, seen.seq, width=220, key=key))
        for name, icon, shortcut, to in (
            ("Back", ":material/skip_previous:", "Left", chosen - 1),
            ("Next", ":material/skip_next:", "Right", chosen + 1),
        ):
            st.button(
                name,
                key=f"replay-{name.lower()}",
                icon=icon,
                shortcut=shortcut,
                disabled=not 1 <= to <= seen.seq,
                on_click=_move,
                args=(key, to),
                help="See what was on the screen one event earlier or later.",
            )
    event = seen.events[chosen - 1]
    st.caption(
        f"After event {chosen} of {seen.seq}: {happened.words(event, seen.run.kind)}, "
        f"{formats.when(event.occurred_at)}."
    )
    return chosen


def _move(key: str, to: int) -> None:
    st.session_state[key] = to


def _draw_then(bench: Workbench, seen: Look, so_far: tuple[Event, ...]) -> None:
    then = Replay(bench, so_far)
    run_id = seen.run.run_id
    if not seen.is_at_work:
        branch.draw(bench, then, seen, so_far)
    with st.container(border=True, key="replay"):
        if seen.run.kind == "ask":
            turn = _seen_by_all(bench, seen, so_far, lambda: then.conversations.turn(run_id))
            turns.draw_still(bench if seen.is_at_work else then, turn, newest=False)  # it can be stopped here
        elif seen.run.kind == "diagnosis":
            _draw_diagnosis(then, run_id, _seen_by_all(bench, seen, so_far, lambda: then.view(run_id)))
        else:
            st.caption("This kind of run has no page of its own; its events are beside.")


def _seen_by_all(bench: Workbench, seen: Look, so_far: tuple[Event, ...], make: Callable[[], T]) -> T:
    """The newest state is made once for everybody who watches; an earlier one for whoever asks."""
    return watch.shared(bench, seen, make) if so_far[-1].seq == seen.seq else make()


def _draw_diagnosis(then: Replay, run_id: str, view: DiagnosisView) -> None:
    if view.environment != "demo" or view.phase == "framing":
        session.draw(then, view)
        return
    staged = then.demos.staged(run_id)
    stage.heading(view, staged)
    if view.phase == "concluded":
        ending.draw_reveal(then, view, staged)
    else:
        stage.draw_scene(then, view)


def _draw_tree(bench: Workbench, seen: Look) -> None:
    run_id = seen.run.run_id
    state = bench.trees.state(run_id)
    versions = bench.trees.versions(run_id)
    if len(versions) > 1:
        numbers = [version.number for version in versions]
        number = st.selectbox("Version", numbers, numbers.index(state.version), key=f"version-{run_id}")
        if number != state.version:
            state = replace(state, tree=bench.trees.version(run_id, number), version=number)
        made = next(version for version in versions if version.number == number)
        st.caption(f"{plain(made.note)}, by {plain(made.author)}, {formats.when(made.created_at)}")
    drawing.draw(state)
