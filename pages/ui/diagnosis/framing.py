"""What the text was taken for: kind of problem, facts, suspicion; confirmed or changed."""

import streamlit as st

from agents.diagnosis.case import Mode
from agents.diagnosis.facts import NAMED
from agents.diagnosis.framing import Framing
from agents.diagnosis.view import DiagnosisView
from agents.workbench import Workbench
from pages.ui.notice import act
from pages.ui.text import plain

LABELS = {
    "metric": "Which figure",
    "direction": "Which way",
    "size": "By how much",
    "period": "Since or over when",
    "scope": "Where",
}
ROUTED = 3
"""Kinds offered by the routing question."""


def draw(bench: Workbench, view: DiagnosisView) -> None:
    """The form that confirms the framing."""
    found = view.framing
    if found is None:
        st.info(
            "This problem has not been read yet. Reload the page in a moment.",
            icon=":material/hourglass_top:",
        )
        return
    if view.text != view.title:
        st.text(view.text)
    playbook_id = _draw_kind(bench, found)
    with st.container(border=True):
        st.markdown(
            "**What the text says.** Correct what is wrong, fill in what you know; a field may stay empty."
        )
        _draw_facts(found)
        st.text_input(
            "What do you suspect yourself?",
            value=found.blames or "",
            max_chars=300,
            key="stated",
            help="It joins the list without any lift: suspecting a cause does not make it likelier.",
        )
    st.toggle(
        "Fixed questionnaire",
        key="fixed_form",
        help="Ask the best fixed list in its order, instead of the best next question each time.",
    )
    st.button(
        "Confirm and ask the first question",
        type="primary",
        icon=":material/check:",
        disabled=playbook_id is None,
        on_click=_confirm,
        args=(bench, view),
    )
    if playbook_id is None:
        st.caption("Choose first which of the descriptions above is closer to what you see.")


def _confirm(bench: Workbench, view: DiagnosisView) -> None:
    state = st.session_state
    facts = {name: state[f"fact-{name}"] for name in NAMED}
    mode: Mode = "form" if state["fixed_form"] else "adaptive"
    act(bench.confirm, view.run_id, view.seq, state["kind"], facts, state["stated"], mode)


def _draw_kind(bench: Workbench, found: Framing) -> str | None:
    """Which playbook: chosen by its terms and open to change, or asked when two score alike."""
    if found.is_close:
        return _ask_kind(bench, found)
    titles = {playbook.id: playbook.title for playbook in bench.playbooks.values()}
    order = [score.playbook_id for score in found.ranking] + [key for key in titles if key not in _ids(found)]
    index = 0 if found.suggested in titles else None
    chosen = st.selectbox(
        "Kind of problem",
        order,
        index=index,
        format_func=lambda key: titles[key],
        key="kind",
        placeholder="Choose one",
    )
    if found.margin is not None and chosen == found.suggested:
        terms = ", ".join(f"“{plain(term)}”" for term in found.ranking[0].terms[:4])
        st.caption(
            f"Chosen for {terms}, {found.margin:.0%} ahead of the next kind. Change it if it does not fit."
        )
    return chosen


def _ask_kind(bench: Workbench, found: Framing) -> str | None:
    close = [bench.playbooks[key] for key in _ids(found)[:ROUTED] if key in bench.playbooks]
    rest = [playbook for playbook in bench.playbooks.values() if playbook not in close]
    sentences = {playbook.id: plain(playbook.recognise.sounds_like) for playbook in (*close, *rest)}
    st.markdown(f"**Two kinds of problem fit almost alike** (margin {found.margin:.0%}). Which is closer?")
    return st.radio(
        "Which is closer to what you see?",
        [playbook.id for playbook in close],
        index=None,
        format_func=lambda key: sentences[key],
        captions=[plain(playbook.title) for playbook in close],
        label_visibility="collapsed",
        key="kind",
    )


def _ids(found: Framing) -> list[str]:
    return [score.playbook_id for score in found.ranking]


def _draw_facts(found: Framing) -> None:
    known = {fact.kind: fact.text for fact in found.facts}
    for column, name in zip(st.columns(len(NAMED)), NAMED, strict=True):
        value = known.get(name, "")
        column.text_input(
            LABELS[name], value=value, placeholder="Not stated", max_chars=200, key=f"fact-{name}"
        )
    missing = [LABELS[name].lower() for name in found.missing]
    if missing:
        st.caption(f"Not found in the text: {', '.join(missing)}.")
