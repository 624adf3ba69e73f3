"""How a figure is computed: what is counted, from how many rows, by which query, and what is not in it."""

from collections.abc import Sequence
from inspect import cleandoc

import streamlit as st

from agents.usage.desk import Figure
from pages.ui.formats import count
from pages.ui.text import plain


def notes(sentences: Sequence[str]) -> None:
    """What is not in a figure, beside it."""
    if sentences:
        st.caption(f":material/info: {plain(' '.join(sentences))}")


def how(*figures: Figure, more: str = "") -> None:
    """The way to the definition, the query and the row count of one or several figures."""
    with st.popover("How is this computed", icon=":material/function:", type="tertiary", width="content"):
        for figure in figures:
            st.markdown(plain(figure.definition))
            if more:
                st.markdown(plain(more))
            st.caption(f"From {count(figure.rows)} calls, steps or runs, read from {figure.source}.")
            notes(figure.notes)
            st.code(cleandoc(figure.sql), language="sql", wrap_lines=True)
            if figure.parameters:
                told = [f"${name} = {value}" for name, value in figure.parameters.items()]
                st.code("\n".join(told), language=None, wrap_lines=True)
