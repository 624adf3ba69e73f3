"""What stands in the place of figures when there are none: why, and the one thing to do."""

import streamlit as st

from agents.usage.desk import Filters, Presence
from agents.usage.links import limited
from agents.workbench import Workbench
from pages.ui.usage import address

DIAGNOSE = "pages/diagnose.py"


def draw(bench: Workbench, filters: Filters, presence: Presence) -> None:
    """The sentence and its action."""
    with st.container(border=True, key="usage-empty"):
        if presence == "never":
            st.markdown("**No call has been made yet.** Once a model is used, cost and speed stand here.")
            if st.button("Start a diagnosis", icon=":material/stethoscope:", type="primary"):
                st.switch_page(DIAGNOSE)
        elif presence == "elsewhere":
            st.markdown("**Only demo and test figures are here**, and they are left out unless asked for.")
            every = limited(filters, {"environments": ("live", "demo", "test")})
            _offer("Show demo and test figures", ":material/science:", bench, every)
        else:
            st.markdown("**No call in this period and with these filters.**")
            wide = bench.usage.filters({"period": "this_year"})
            every = limited(wide, {"environments": filters.environments})
            _offer("Show the whole year without filters", ":material/filter_alt_off:", bench, every)


def _offer(label: str, icon: str, bench: Workbench, filters: Filters) -> None:
    st.button(label, icon=icon, type="primary", on_click=address.go, args=(bench, filters))
