"""The problem-tree workbench: edit by hand, checked by program, taken into the meeting."""

import streamlit as st

from agents.errors import READABLE
from pages.ui import services
from pages.ui.notice import show_notice
from pages.ui.text import plain
from pages.ui.tree import drawing, editing, exports, findings, plan, start, versions
from pages.ui.tree.common import TAB, TABS

bench = services.workbench()
run_id = st.query_params.get("tree")
show_notice()

if run_id is None:
    start.draw(bench)
    st.stop()

try:
    state = bench.trees.state(run_id)
except READABLE as error:
    st.error(plain(str(error)), icon=":material/link_off:")
    start.link_to_start()
    st.stop()

start.heading(bench, state)
report = bench.trees.check(state.tree, state.run)
draw_tab, plan_tab, history_tab, export_tab = st.tabs(TABS, on_change="rerun", key=TAB)
if draw_tab.open:
    with draw_tab:
        drawing.draw(state)
        left, right = st.columns([5, 6], gap="large")
        with left:
            editing.draw(bench, state)
        with right:
            findings.draw(bench, state, report)
if plan_tab.open:
    with plan_tab:
        plan.draw(bench, state)
if history_tab.open:
    with history_tab:
        versions.draw(bench, state)
if export_tab.open:
    with export_tab:
        exports.draw(bench, state)
