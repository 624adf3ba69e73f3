"""The link of the usage page: filters and section, written and read in one place."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from agents.usage.desk import Filters
from agents.usage.links import NAMES
from agents.workbench import Workbench

SECTION = "section"
IDENTITY = ("user", "project")
PAGE = "/usage"
RUNS = "/runs"
PAGE_NO = "page"
"""Which page of a list is shown; it ends where the filters change."""

Query = Mapping[str, Sequence[str]]


def query() -> dict[str, list[str]]:
    """What the link says."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def go(bench: Workbench, filters: Filters, section: str | None = None) -> None:
    """Show these filters, as a callback; the link says so."""
    link = bench.usage.link(filters)
    for name in NAMES:
        if name in link:
            st.query_params[name] = link[name]
        else:
            st.query_params.pop(name, None)
    st.query_params.pop(PAGE_NO, None)
    if section is not None:
        st.query_params[SECTION] = section


def href(bench: Workbench, filters: Filters, section: str, **more: str) -> str:
    """A link to a section with these filters, for whoever is here."""
    identity = {name: st.query_params.get_all(name) for name in IDENTITY if name in st.query_params}
    told = {SECTION: [section], **bench.usage.link(filters), **{key: [value] for key, value in more.items()}}
    return f"{PAGE}?{urlencode({**told, **identity}, doseq=True)}"


def run_href(run_id: str) -> str:
    """A link to a run."""
    return f"{RUNS}?{urlencode({'run': run_id})}"


def call_href(run_id: str, call_id: str) -> str:
    """A link to a call in its run."""
    return f"{RUNS}?{urlencode({'run': run_id, 'call': call_id})}"
