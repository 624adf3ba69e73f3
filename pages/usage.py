"""What it costs, how fast it is, who used it: for managers, by one bar of filters."""

import streamlit as st

from pages.ui import services
from pages.ui.notice import show_notice
from pages.ui.usage import bar, empty, sections
from pages.ui.usage.reading import read

bench = services.workbench()
show_notice()
st.title("Usage")
filters = bar.draw(bench)
section = sections.choose()
if not section.needs_calls:
    section.draw(bench, filters)
    st.stop()
presence = read(bench.usage.presence, filters)
if presence == "some":
    section.draw(bench, filters)
else:
    empty.draw(bench, filters, presence)
