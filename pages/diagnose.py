"""The Socratic session: describe, confirm, answer, read the diagnosis; belief and tree beside it."""

import streamlit as st

from agents.errors import READABLE
from pages.ui import services
from pages.ui.diagnosis import rounds, session, start
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
session.draw(bench, view)
if view.is_working:
    rounds.redraw_when_done(bench, view)
