"""The engine before an audience, and as a training ground: a simulated client with a hidden cause answers."""

import streamlit as st

from agents.errors import READABLE
from pages.ui import services
from pages.ui.diagnosis import rounds
from pages.ui.notice import show_notice
from pages.ui.present import ending, playing, stage, start, training
from pages.ui.text import plain

bench = services.workbench()
run_id = st.query_params.get("run")
show_notice()

if run_id is None:
    start.follow_link(bench)
    start.draw(bench)
    st.stop()

st.set_page_config(initial_sidebar_state="collapsed")
try:
    staged = bench.demos.staged(run_id)
    view = bench.view(run_id)
except READABLE as error:
    st.error(plain(str(error)), icon=":material/link_off:")
    start.link_to_start()
    st.stop()

stage.heading(view, staged)
if view.is_working:
    rounds.wait_for(bench, view)
elif view.status in ("failed", "cancelled"):
    rounds.draw_stopped(bench, view)
    start.link_to_start()
elif view.phase == "concluded":
    ending.draw(bench, view, staged)
elif staged.casting.training:
    training.draw(bench, view, staged)
else:
    stage.draw(bench, view, staged)
    playing.play(bench, view)
