"""The frame around every page: navigation, whose work it is, and what is wrong with the store."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # Streamlit puts this script's folder on the path, not the project's
    sys.path.insert(0, str(ROOT))

import streamlit as st

from agents.errors import READABLE
from pages.ui import help as keys
from pages.ui import services, sight
from pages.ui.identity import choose_identity
from pages.ui.text import plain

st.set_page_config(page_title="Whytree", page_icon=str(ROOT / "pages/ui/icon.png"), layout="wide")
st.logo(str(ROOT / "pages/ui/pictures/logo.svg"), size="large", icon_image=str(ROOT / "pages/ui/icon.png"))

PAGES = ROOT / "pages"
# One list: Streamlit puts the headers of sections into it as what no list may hold for a screen reader.
page = st.navigation(
    [
        st.Page(
            PAGES / "diagnose.py",
            title="Diagnose",
            icon=":material/stethoscope:",
            default=True,
            help="Describe a problem, answer a few questions, see which cause the answers point to.",
        ),
        st.Page(
            PAGES / "tree.py",
            title="Problem tree",
            icon=":material/account_tree:",
            help="Edit a why-tree by hand, have it checked, take it into the meeting.",
        ),
        st.Page(
            PAGES / "ask.py",
            title="Ask",
            icon=":material/forum:",
            help="Any other task: a router gives it to the agent for it.",
        ),
        st.Page(
            PAGES / "present.py",
            title="Present",
            icon=":material/co_present:",
            help="The engine against a simulated client with a hidden cause: to show, and to train.",
        ),
        st.Page(
            PAGES / "runs.py",
            title="Runs",
            icon=":material/history:",
            help="Everything that was done: find it, watch it, replay it, take it away.",
        ),
        st.Page(
            PAGES / "usage.py",
            title="Usage",
            icon=":material/monitoring:",
            help="What it costs, how fast it is, who used it, and whether the month stays in budget.",
        ),
        st.Page(
            PAGES / "settings.py",
            title="Settings",
            icon=":material/settings:",
            help="Connect a model, set limits on money, see what is stored.",
        ),
    ]
)

try:
    bench = services.workbench()
except READABLE as error:
    st.title("Whytree cannot open its data")
    st.error(plain(str(error)), icon=":material/database_off:")
    st.button("Try again", icon=":material/refresh:")
    st.stop()

choose_identity(bench)
keys.draw_button()
with st.sidebar:  # the same place on every page, so that they move nothing and run once
    keys.listen()
    sight.follow(page.url_path)
if bench.fault:
    st.warning(plain(bench.fault), icon=":material/warning:")
page.run()
