"""Results of SQL: rows with their SQL and their files, and a button that runs SQL on the attached tables."""

import streamlit as st

from agents.data.answer import DataAnswer
from agents.data.exporting import as_csv, as_excel
from agents.data.results import ResultTable
from agents.errors import READABLE
from agents.workbench import Workbench
from pages.ui.text import plain


def draw_run(bench: Workbench, run_id: str, sql: str, key: str) -> None:
    """A button that runs the SQL, and what it gave in this browser session."""
    ran = f"ran-{key}"
    if st.button(
        "Run", key=f"run-{key}", icon=":material/play_arrow:", help="Runs it on the attached tables."
    ):
        with st.spinner("Running it on the attached tables"):
            st.session_state[ran] = _outcome(bench, run_id, sql)
    outcome = st.session_state.get(ran)
    if isinstance(outcome, str):
        st.error(plain(outcome), icon=":material/error:")
    elif outcome is not None:
        _draw(outcome, ran)


def draw_table(table: ResultTable, key: str, opened: bool) -> None:
    """A result: its rows, its SQL, its files."""
    with st.expander(plain(table.title), icon=":material/table:", expanded=opened):
        st.dataframe(table.frame(), hide_index=True, alt=plain(table.title))
        st.code(table.sql, language="sql", wrap_lines=True)
        with st.container(horizontal=True):
            st.download_button(
                "Download as CSV",
                lambda: as_csv(table),
                "result.csv",
                key=f"csv-{key}",
                icon=":material/download:",
                on_click="ignore",
            )
            st.download_button(
                "Download as Excel",
                lambda: as_excel([table]),
                "result.xlsx",
                key=f"excel-{key}",
                icon=":material/download:",
                on_click="ignore",
            )


def _outcome(bench: Workbench, run_id: str, sql: str) -> DataAnswer | str:
    """The result, or a sentence that says why there is none."""
    try:
        return bench.conversations.run_sql(run_id, sql)
    except READABLE as error:
        return str(error)


def _draw(answer: DataAnswer, key: str) -> None:
    for table in answer.tables:
        draw_table(table, f"{key}-{table.id}", opened=True)
    for limit in answer.limits:
        st.caption(plain(limit))
