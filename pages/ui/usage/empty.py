"""What stands in the place of figures when there are none: why, and the one thing to do."""

import streamlit as st

from agents.usage.desk import Filters, Presence
from agents.usage.links import limited
from agents.workbench import Workbench
from pages.ui.usage import address


def draw(bench: Workbench, filters: Filters, presence: Presence) -> None:
    """The sentence and its action."""
    with st.container(border=True, key="usage-empty"):
        if presence == "never":
            st.markdown(
                "**No call has been made yet.** No model was used, so nothing was spent; what the built-in "
                "analyst did stands under Runs. Once a model is used, cost and speed stand here."
            )
            if st.button("Connect a model", icon=":material/settings:", type="primary"):
                st.switch_page("../settings.py")  # seen from pages/ui/shell.py, which runs every page
        elif presence == "elsewhere":
            st.markdown("**Only demo and test figures are here**, and they are left out unless asked for.")
            _offer_invented(bench, filters)
        elif presence == "uncalled":
            st.markdown(
                "**No real call has been made yet**, so nothing was spent; what the built-in analyst did "
                "stands under Runs. Demo and test figures are here too; they are left out unless asked for."
            )
            _offer_invented(bench, filters)
        else:
            st.markdown("**No call in this period and with these filters.**")
            wide = bench.usage.filters({"period": "this_year"})
            every = limited(wide, {"environments": filters.environments})
            _offer("Show the whole year without filters", ":material/filter_alt_off:", bench, every)


def _offer_invented(bench: Workbench, filters: Filters) -> None:
    invented = limited(filters, {"environments": ("demo", "test")})
    _offer("Show demo and test figures", ":material/science:", bench, invented)


def _offer(label: str, icon: str, bench: Workbench, filters: Filters) -> None:
    st.button(label, icon=icon, type="primary", on_click=address.go, args=(bench, filters))
