"""Answers drawn as what they are: code, tables, citations, e-mails, figures."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from agents.assistants import answers
from agents.assistants.answers import Answer
from agents.data.answer import Offer
from agents.documents.citations import Source
from agents.workbench import Workbench
from pages.ui.ask import prose, results
from pages.ui.charts import inked
from pages.ui.formats import count
from pages.ui.identity import who
from pages.ui.models import session_id
from pages.ui.notice import act
from pages.ui.text import plain

HIGHLIGHTED = {"c++": "cpp", "c#": "csharp", "shell": "bash", "js": "javascript", "ts": "typescript"}
ENDINGS = {"python": "py", "sql": "sql", "javascript": "js", "typescript": "ts", "bash": "sh", "json": "json"}


def draw(bench: Workbench, run_id: str, answer: Answer) -> None:
    """Any answer."""
    DRAWN[answer.kind](bench, run_id, answer)


def _text(_: Workbench, __: str, answer: answers.TextAnswer) -> None:
    prose.draw(answer.text)


def _persona(_: Workbench, __: str, answer: answers.PersonaAnswer) -> None:
    prose.draw(answer.text)
    draw_calls(answer.calls)


def draw_calls(calls: tuple[answers.ToolCall, ...]) -> None:
    """Tools that were really called, and those asked for that do not exist."""
    for call in calls:
        tool = plain(call.tool)
        head = f"Called {tool}" if call.exists else f"Asked for {tool}, which does not exist"
        with st.expander(head, icon=":material/build:", type="compact"):
            st.text(call.result)


def _code(bench: Workbench, run_id: str, answer: answers.CodeAnswer) -> None:
    language = answer.language.casefold()
    st.caption(plain(answer.language))
    st.code(answer.code, language=HIGHLIGHTED.get(language, language), wrap_lines=True)
    if "sql" in language and bench.conversations.has_tables(run_id):
        results.draw_run(bench, run_id, answer.code, f"{run_id}-code")
    for check in answer.checks:
        icon = ":material/check_circle:" if check.passed else ":material/error:"
        (st.success if check.passed else st.warning)(f"{plain(check.what)}: {plain(check.detail)}", icon=icon)
    prose.draw(answer.explanation)
    st.markdown("**How to run it**")
    prose.draw(answer.how_to_run)
    st.download_button(
        "Download",
        answer.code,
        f"answer.{ENDINGS.get(language, 'txt')}",
        key=f"code-{run_id}",
        icon=":material/download:",
        on_click="ignore",
    )


def _sql_offers(bench: Workbench, run_id: str, answer: answers.SqlOffers) -> None:
    st.info(plain(answer.needs), icon=":material/info:")
    for number, offer in enumerate(answer.offers):
        st.markdown(plain(offer.title))
        st.code(offer.sql, language="sql", wrap_lines=True)
        results.draw_run(bench, run_id, offer.sql, f"{run_id}-{number}")


def _content(_: Workbench, __: str, answer: answers.ContentAnswer) -> None:
    prose.draw(answer.text)
    _draw_unsupported(answer.unsupported)
    _draw_removed(answer.removed)
    _draw_notes(answer.notes)
    _draw_sources(answer.sources)


def _passages(_: Workbench, __: str, answer: answers.PassagesAnswer) -> None:
    _draw_notes(answer.notes)
    for source in answer.sources:
        with st.container(border=True):
            st.text(source.text)
            st.caption(_name(source))
            _draw_address(source)


def _summary(_: Workbench, __: str, answer: answers.SummaryAnswer) -> None:
    st.markdown(f"**{plain(answer.headline)}**")
    lines = [f"- {plain(p.text)}{f' [{p.source}]' if p.source is not None else ''}" for p in answer.points]
    st.markdown("\n".join(lines))
    _draw_removed(answer.removed)
    _draw_notes(answer.notes)
    _draw_sources(answer.sources)


def _translation(_: Workbench, __: str, answer: answers.TranslationAnswer) -> None:
    st.caption(f"{plain(answer.from_language)} to {plain(answer.to_language)}")
    st.code(answer.translation, language=None, wrap_lines=True)
    for remark in answer.remarks:
        st.caption(plain(remark))
    _draw_notes(answer.notes)


def _email(_: Workbench, run_id: str, answer: answers.EmailAnswer) -> None:
    with st.container(border=True):
        st.text(f"Subject: {answer.subject}")
        st.code(answer.body, language=None, wrap_lines=True)
    if answer.missing:
        st.warning(f"Still to fill in: {plain(', '.join(answer.missing))}.", icon=":material/edit_note:")
    _draw_notes(answer.notes)
    text = f"Subject: {answer.subject}\n\n{answer.body}\n"
    st.download_button(
        "Download", text, "email.txt", key=f"mail-{run_id}", icon=":material/download:", on_click="ignore"
    )


def _comparison(_: Workbench, __: str, answer: answers.ComparisonAnswer) -> None:
    columns = {
        plain(option): [_cell(criterion.cells[place]) for criterion in answer.criteria]
        for place, option in enumerate(answer.options)
    }
    st.table(pd.DataFrame(columns, index=[plain(criterion.name) for criterion in answer.criteria]))
    prose.draw(answer.conclusion)
    if any(cell.source is None and cell.text for row in answer.criteria for cell in row.cells):
        st.caption("Cells without a number come from the model's own knowledge; nobody looked them up.")
    _draw_removed(answer.removed)
    _draw_notes(answer.notes)
    _draw_sources(answer.sources)


def _cell(cell: answers.Cell) -> str:
    return (
        plain(cell.text) + (f" [{cell.source}]" if cell.source is not None else "")
        if cell.text
        else "not said"
    )


def _data(bench: Workbench, run_id: str, answer: answers.TableAnswer) -> None:
    found = answer.answer
    st.caption(plain(found.understood))
    for finding in found.findings:
        st.markdown(plain(finding.text))
    for number, figure in enumerate(found.figures):
        _draw_figure(figure.spec, f"figure-{run_id}-{number}", found.understood)
    for table in found.tables:
        results.draw_table(table, f"{run_id}-{table.id}", opened=not found.findings)
    for limit in found.limits:
        st.caption(plain(limit))
    _draw_offers(bench, run_id, found.offers)
    if answer.by_model:
        st.caption("The SQL was written by the model, checked, and run here; the numbers are its results.")


def _draw_offers(bench: Workbench, run_id: str, offers: tuple[Offer, ...]) -> None:
    """What else can be reckoned, one click each."""
    with st.container(horizontal=True):
        for number, offer in enumerate(offers):
            st.button(
                plain(offer.label),
                key=f"offer-{run_id}-{number}",
                icon=":material/query_stats:",
                on_click=_analyse,
                args=(bench, run_id, offer),
            )


def _analyse(bench: Workbench, run_id: str, offer: Offer) -> None:
    conversations = bench.conversations
    conversation_id = conversations.of_run(run_id)
    act(
        conversations.send,
        offer.label,
        who(),
        conversation_id,
        agent="data",
        session=session_id(),
        analysis=offer.request,
    )


def _draw_figure(spec: Mapping[str, Any], key: str, name: str) -> None:
    import plotly.graph_objects as go

    drawn = inked(dict(spec), st.context.theme.type == "dark")
    st.plotly_chart(go.Figure(drawn), key=key, alt=plain(name))


def _hand_over(bench: Workbench, run_id: str, answer: answers.HandOver) -> None:
    if answer.run_id is not None:
        st.markdown("This is a problem to diagnose. A diagnosis of its own was begun with it.")
        if st.button("Open the diagnosis", key=f"open-{run_id}", icon=":material/stethoscope:"):
            st.switch_page("../diagnose.py", query_params={"run": answer.run_id})  # seen from the shell
        return
    st.markdown(
        "This is a problem to diagnose. The Diagnose page takes it from here, with your text filled in."
    )
    if answer.why_not:
        st.caption(f"No diagnosis was begun with it: {plain(answer.why_not)}")
    if st.button("Open in Diagnose", key=f"open-{run_id}", type="primary", icon=":material/stethoscope:"):
        st.session_state["complaint"] = answer.text
        st.switch_page("../diagnose.py")  # seen from pages/ui/shell.py, which runs every page


def _draw_sources(sources: tuple[Source, ...]) -> None:
    if not sources:
        return
    with st.expander(f"Sources: {len(sources)}", icon=":material/library_books:"):
        for source in sources:
            st.markdown(f"**{source.number}** {_name(source)}")
            _draw_address(source)
            st.text(source.text)


def _name(source: Source) -> str:
    place = "" if _is_address(source) else source.place
    return plain(", ".join(part for part in (source.title, place) if part))


def _draw_address(source: Source) -> None:
    """Where a page of the web stands, as text that can be copied as it is."""
    if _is_address(source):
        st.text(source.place)


def _is_address(source: Source) -> bool:
    return source.place.startswith(("http://", "https://"))


def _draw_unsupported(sentences: tuple[str, ...]) -> None:
    """Sentences that nobody can check."""
    if not sentences:
        return
    label = f"Sentences that cite no source: {count(len(sentences))}"
    with st.expander(label, icon=":material/warning:", type="compact"):
        for sentence in sentences:
            st.markdown(f"- {plain(sentence)}")


def _draw_removed(removed: int) -> None:
    if removed:
        st.caption(f"Citations removed because no source has their number: {removed}.")


def _draw_notes(notes: tuple[str, ...]) -> None:
    for note in notes:
        st.info(plain(note), icon=":material/info:")


DRAWN: Mapping[str, Callable[[Workbench, str, Any], None]] = {
    "text": _text,
    "persona": _persona,
    "code": _code,
    "sql_offers": _sql_offers,
    "content": _content,
    "passages": _passages,
    "summary": _summary,
    "translation": _translation,
    "email": _email,
    "comparison": _comparison,
    "data": _data,
    "hand_over": _hand_over,
}
"""How each kind of answer is drawn."""
