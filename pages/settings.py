"""Which models are connected, how they are doing, what they may cost, and where everything is kept."""

import streamlit as st

from pages.ui import services
from pages.ui.notice import show_notice
from pages.ui.settings import budgets, connect, health, keeping, stored

bench = services.workbench()
show_notice()
st.title("Settings")
st.caption("The main job works without a model. One adds drafts, wording, summaries and the agents of Ask.")
models, money, kept = st.tabs(["Models", "Budgets", "What is stored"], on_change="rerun", key="settings_tab")
if models.open:
    with models:
        connect.draw(bench)
        health.draw(bench)
if money.open:
    with money:
        budgets.draw(bench)
if kept.open:
    with kept:
        stored.draw(bench)
        keeping.draw(bench)
