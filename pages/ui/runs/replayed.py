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
from pages.ui.runs import branch, watch
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
    happened = seen.events[:last]
    try:
        _draw_then(bench, seen, happened)
    except READABLE as error:
        st.warning(plain(str(error)), icon=":material/visibility_off:")


def _choose(seen: Look) -> int:
    """The event up to which is shown; the last one at first."""
    if seen.seq < 2:
        return seen.seq
    chosen = st.number_input(
        f"Replay up to event, of {seen.seq}",
        1,
        seen.seq,
        seen.seq,
        width=260,
        key=f"moment-{seen.run.run_id}-{seen.seq}",
        help="Step through it with the arrow keys to see what was on the screen after each event.",
    )
    event = seen.events[chosen - 1]
    st.caption(
        f"After event {chosen} of {seen.seq}: {plain(words(event))}, {formats.when(event.occurred_at)}."
    )
    return int(chosen)


def words(event: Event) -> str:
    """What happened, in words."""
    return event.kind.replace("_", " ")


def _draw_then(bench: Workbench, seen: Look, happened: tuple[Event, ...]) -> None:
    then = Replay(bench, happened)
    run_id = seen.run.run_id
    if not seen.is_at_work:
        branch.draw(bench, then, seen, happened[-1].seq)
    with st.container(border=True, key="replay"):
        if seen.run.kind == "ask":
            turn = _seen_by_all(bench, seen, happened, lambda: then.conversations.turn(run_id))
            turns.draw_still(bench if seen.is_at_work else then, turn, newest=False)  # it can be stopped here
        elif seen.run.kind == "diagnosis":
            _draw_diagnosis(then, run_id, _seen_by_all(bench, seen, happened, lambda: then.view(run_id)))
        else:
            st.caption("This kind of run has no page of its own; its events are beside.")


def _seen_by_all(bench: Workbench, seen: Look, happened: tuple[Event, ...], make: Callable[[], T]) -> T:
    """The newest state is made once for everybody who watches; an earlier one for whoever asks."""
    return watch.shared(bench, seen, make) if happened[-1].seq == seen.seq else make()


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
