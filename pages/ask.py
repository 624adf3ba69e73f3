"""Any other task: one field, a router, and the agents behind it."""

import streamlit as st

from agents.errors import READABLE
from pages.ui import services
from pages.ui.ask import composer, history, turns
from pages.ui.notice import show_notice
from pages.ui.text import plain

bench = services.workbench()
conversation_id = st.query_params.get(history.PARAMETER)
history.draw(bench, conversation_id)
show_notice()

if conversation_id is None:
    composer.draw_start(bench)
    composer.draw(bench, None, is_working=False)
    st.stop()

try:
    view = bench.conversations.view(conversation_id)
except READABLE as error:
    st.error(plain(str(error)), icon=":material/link_off:")
    st.stop()

history.draw_heading(bench, view)
for turn in view.turns:
    turns.draw(bench, turn, newest=turn is view.turns[-1])
composer.draw(bench, conversation_id, view.is_working)
