"""What happened, event by event, and the states it went through."""

import json

import pandas as pd
import streamlit as st

from agents.running.records import HELD, Event
from pages.ui import formats
from pages.ui.runs import happened
from pages.ui.runs.common import state
from pages.ui.runs.watch import Look
from pages.ui.text import plain

LONGEST = 300
"""Characters of an event's data in the list."""


def draw(seen: Look) -> None:
    """The states with how long each lasted, then every event."""
    if not seen.events:
        st.caption("The events of this run are no longer kept.")
        return
    st.markdown("**States**")
    st.table(_states(seen), hide_index=True)
    st.markdown("**Events**")
    zone = formats.viewer_zone()
    st.dataframe(
        pd.DataFrame(
            {
                "Number": [event.seq for event in seen.events],
                "When": [formats.when(event.occurred_at, zone) for event in seen.events],
                "What": [happened.words(event, seen.run.kind) for event in seen.events],
                "State": [_state(event) for event in seen.events],
                "Data": [_short(event) for event in seen.events],
            }
        ),
        hide_index=True,
        key=f"events-{seen.run.run_id}",
        alt=f"The {len(seen.events)} events of this run.",
    )
    _draw_one(seen)


def _draw_one(seen: Look) -> None:
    number = st.number_input(
        "Show event in full", 1, seen.seq, value=None, key=f"event-{seen.run.run_id}", width=220
    )
    if number is not None:
        event = seen.events[int(number) - 1]
        st.caption(
            f"{happened.words(event, seen.run.kind)} ({plain(event.kind)} in the store), "
            f"{formats.when(event.occurred_at)}"
        )
        st.code(json.dumps(event.data, ensure_ascii=False, indent=1), language="json", wrap_lines=True)


def _states(seen: Look) -> pd.DataFrame:
    changes: list[Event] = []
    for event in seen.events:
        if event.status is not None and (not changes or changes[-1].status != event.status):
            changes.append(event)
    ends = [event.occurred_at for event in changes[1:]]
    lasted = [
        formats.seconds((end - event.occurred_at).total_seconds())
        for event, end in zip(changes, ends, strict=False)
    ]
    return pd.DataFrame(
        {
            "State": [_state(event) for event in changes],
            "Since": [formats.when(event.occurred_at) for event in changes],
            "For": [*lasted, "until now"][: len(changes)],
            "By event": [f"{event.seq}, {happened.words(event, seen.run.kind)}" for event in changes],
        }
    ).map(plain)


def _state(event: Event) -> str:
    """The state that an event set; empty where it set none."""
    if event.status is None:
        return ""
    return state("held" if event.status == "waiting" and event.kind == HELD else event.status)


def _short(event: Event) -> str:
    text = json.dumps(event.data, ensure_ascii=False) if event.data else ""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
