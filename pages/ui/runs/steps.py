"""Steps and attempts of a run in time: a waterfall, and the same as a table."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import streamlit as st

from agents.running.records import Bar
from agents.running.step_names import step_name
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.charts import inked
from pages.ui.runs import figures, replayed
from pages.ui.runs.common import SEEN, show_tab
from pages.ui.runs.watch import Look

MOST = 60
"""Bars that are drawn; the table has all of them."""


def draw(bench: Workbench, seen: Look) -> None:
    """The bars, beside them the table."""
    run_id = seen.run.run_id
    bars = named(seen.run.kind, bench.runs.waterfall(run_id))
    if not bars:
        st.info(
            "Here will be every step and every call of a model with how long it took; none has ended yet."
            if seen.is_at_work
            else "No step of this run is on record.",
            icon=":material/bar_chart:",
        )
        return
    dark = st.context.theme.type == "dark"
    longest = max(bars, key=lambda bar: bar.duration_s)
    left, right = st.columns([6, 5], gap="large")
    with left:
        st.plotly_chart(
            inked(figures.waterfall(bars[:MOST], dark), dark),
            key=f"waterfall-{run_id}-{len(bars)}",
            config={"displayModeBar": False},
            alt=f"Waterfall of {len(bars)} steps and calls; the longest is {longest.name} with "
            f"{formats.seconds(longest.duration_s)}. The table beside it has the same figures.",
        )
        if len(bars) > MOST:
            st.caption(f"The first {MOST} of {formats.count(len(bars))}; the table has all of them.")
    with right:
        st.dataframe(
            _frame(bars),
            hide_index=True,
            key=f"steps-{run_id}-{len(bars)}",
            alt=f"Table of {len(bars)} steps and calls.",
        )
        _draw_to_the_screen(seen, bars)
        st.caption("Blue: steps. Light blue: calls of a model. Green: tools. Red-brown: failed.")


def _draw_to_the_screen(seen: Look, bars: Sequence[Bar]) -> None:
    """From a step to what was on the screen when it began, where one can branch off."""
    steps = [bar for bar in bars if bar.kind == "agent"]
    if not steps or seen.is_at_work or not seen.events:
        return
    key = f"to-step-{seen.run.run_id}"
    st.selectbox(
        "What was seen when a step began, to branch off there",
        range(len(steps)),
        index=None,
        format_func=lambda n: f"{n + 1}. {steps[n].name}, after {formats.seconds(steps[n].offset_s)}",
        key=key,
        placeholder="Choose a step",
        on_change=_show,
        args=(seen, steps, key),
    )


def _show(seen: Look, steps: Sequence[Bar], key: str) -> None:
    if (chosen := st.session_state[key]) is None:
        return
    st.session_state[key] = None  # so that the same step can be chosen again
    step = steps[chosen]
    before = [event.seq for event in seen.events if event.occurred_at <= step.started_at]
    replayed.show_event(seen, max(before, default=1))
    show_tab(seen.run.run_id, SEEN)


def named(kind: str, bars: Sequence[Bar]) -> list[Bar]:
    """The bars with what their steps are called before people."""
    return [replace(bar, name=step_name(kind, bar.name)) if bar.kind == "agent" else bar for bar in bars]


def _frame(bars: Sequence[Bar]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "What": ["\u2003" * bar.depth + bar.name for bar in bars],
            "Kind": [figures.NAMES[bar.kind] for bar in bars],
            "Began after": [formats.seconds(bar.offset_s) for bar in bars],
            "Took": [formats.seconds(bar.duration_s) for bar in bars],
            "Cost": [_cost(bar.kind, bar.cost_amount) for bar in bars],
            "Error": [bar.error_type or "" for bar in bars],
        }
    )


def _cost(kind: str, amount: Decimal | None) -> str:
    if amount is None:
        return formats.UNKNOWN if kind == "attempt" else ""
    return formats.money(amount)
