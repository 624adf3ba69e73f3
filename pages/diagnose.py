"""The Socratic session: describe, confirm, answer, read the diagnosis; belief and tree beside it."""

import streamlit as st

from agents.errors import READABLE
from pages.ui import services
from pages.ui.diagnosis import framing, model, result, rounds, side, start
from pages.ui.notice import show_notice
from pages.ui.text import plain

bench = services.workbench()
run_id = st.query_params.get("run")
show_notice()

if run_id is None:
    start.draw(bench)
    st.stop()

try:
    view = bench.view(run_id)
except READABLE as error:
    st.error(plain(str(error)), icon=":material/link_off:")
    start.link_to_start()
    st.stop()

start.heading(view)
if view.is_working and view.phase != "concluded":
    rounds.wait_for(bench, view)
elif view.status in ("failed", "cancelled"):
    rounds.draw_stopped(bench, view)
elif view.phase == "framing":
    framing.draw(bench, view)
else:
    left, right = st.columns([6, 5], gap="large")
    with left:
        model.draw_notes(view)
        if view.phase == "asking":
            rounds.draw(bench, view)
        else:
            model.draw_summary(view)
            result.draw(bench, view)
        side.draw_answers(bench, view)
    with right:
        side.draw_belief(view)
        side.draw_tree(bench, view)
        side.draw_ledger(view)
    if view.is_working:
        rounds.redraw_when_done(bench, view)
