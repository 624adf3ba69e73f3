"""Everything that was done here: find a run, watch it, replay it, go on with it, take it away."""

import streamlit as st

from agents.errors import READABLE
from pages.ui import services
from pages.ui.notice import show_notice
from pages.ui.runs import listing, one
from pages.ui.runs.common import RUN, link_to_list
from pages.ui.text import plain

bench = services.workbench()
run_id = st.query_params.get(RUN)
show_notice()

if run_id is None:
    listing.draw(bench)
    st.stop()

try:
    run = bench.runs.run(run_id)
except READABLE as error:
    st.error(plain(str(error)), icon=":material/link_off:")
    link_to_list()
    st.stop()

one.draw(bench, run)
