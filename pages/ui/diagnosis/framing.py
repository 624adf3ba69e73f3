"""What the text was taken for: kind of problem, facts, suspicion; confirmed or changed."""

from collections.abc import Sequence

import streamlit as st

from agents.diagnosis.case import Mode
from agents.diagnosis.facts import NAMED
from agents.diagnosis.framing import Framing, answers_in_facts
from agents.diagnosis.view import DiagnosisView
from agents.workbench import Workbench
from pages.ui.diagnosis import model
from pages.ui.notice import act
from pages.ui.text import percent, plain

LABELS = {
    "metric": "Which figure",
    "direction": "Which way",
    "size": "By how much",
    "period": "Since or over when",
    "scope": "Where",
}
ROUTED = 3
"""Kinds offered by the routing question."""
NONE_OF_THESE = "none-of-these"


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
    model.draw_notes(view)
    model.draw_draft(view)
    playbook_id = view.draft.playbook_id if view.draft else _draw_kind(bench, found, view.playbook_id)
    with st.container(border=True):
        st.markdown(
            "**What the text says.** Correct what is wrong, fill in what you know; a field may stay empty."
        )
        _draw_facts(found)
        if playbook_id is not None and view.draft is None:
            _draw_answered(bench, found, playbook_id)
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
        shortcut="Ctrl+Enter",
        disabled=playbook_id is None,
        on_click=_confirm,
        args=(bench, view),
    )
    if playbook_id is None:
        st.caption("Choose the kind of problem first.")


def _confirm(bench: Workbench, view: DiagnosisView) -> None:
    state = st.session_state
    facts = {name: state[f"fact-{name}"] for name in NAMED}
    mode: Mode = "form" if state["fixed_form"] else "adaptive"
    act(bench.confirm, view.run_id, view.seq, _chosen_kind(view), facts, state["stated"], mode)


def _chosen_kind(view: DiagnosisView) -> str:
    if view.draft is not None:
        return view.draft.playbook_id
    closer = st.session_state.get("closer", NONE_OF_THESE)
    return str(st.session_state["kind"] if closer == NONE_OF_THESE else closer)


def _draw_kind(bench: Workbench, found: Framing, by_hand: str | None) -> str | None:
    """Which playbook: chosen by hand or by its terms and open to change, or asked when that is not sure."""
    if by_hand is None and found.margin is not None and (found.is_close or found.is_thin):
        return _ask_kind(bench, found, found.margin)
    fitting = _ids(found) if by_hand is None else [by_hand, *_ids(found)]
    known = [key for key in fitting if key in bench.playbooks]
    chosen = _choose_kind(bench, list(dict.fromkeys([*known, *bench.playbooks])), known[:1])
    if chosen is not None and chosen == by_hand:
        st.caption("Chosen by you. Change it if it does not fit.")
    elif found.margin is not None and chosen == found.suggested:
        terms = ", ".join(f"“{plain(term)}”" for term in found.ranking[0].terms[:4])
        st.caption(f"Chosen for {terms}, {_standing(found, found.margin)}. Change it if it does not fit.")
    return chosen


def _standing(found: Framing, margin: float) -> str:
    if len(found.ranking) == 1:
        return f"the only kind that fits (margin {_lead(margin)})"
    return f"{_lead(margin)} ahead of the next kind"


def _choose_kind(bench: Workbench, order: list[str], suggested: Sequence[str] = ()) -> str | None:
    return st.selectbox(
        "Kind of problem",
        order,
        index=order.index(suggested[0]) if suggested else None,
        format_func=lambda key: bench.playbooks[key].title,
        key="kind",
        placeholder="Choose one",
    )


def _ask_kind(bench: Workbench, found: Framing, margin: float) -> str | None:
    """The routing question; every other kind is on offer when none of the close ones fits."""
    routed = ROUTED if found.is_close else 1
    close = [bench.playbooks[key] for key in _ids(found)[:routed] if key in bench.playbooks]
    sentences = {playbook.id: plain(playbook.recognise.sounds_like) for playbook in close}
    sentences[NONE_OF_THESE] = "None of these"
    st.markdown(_routing_question(found, margin))
    closer = st.radio(
        "Which is closer to what you see?",
        list(sentences),
        index=None,
        format_func=lambda key: sentences[key],
        captions=[*(plain(playbook.title) for playbook in close), ""],
        label_visibility="collapsed",
        key="closer",
    )
    if closer != NONE_OF_THESE:
        return closer
    chosen = _choose_kind(bench, [key for key in bench.playbooks if key not in sentences])
    if chosen is None:
        st.caption(
            "When none of them fits, no playbook covers this problem: a model, connected in Settings, can "
            "draft one. A kind that does not fit gives a diagnosis that does not fit."
        )
    return chosen


def _routing_question(found: Framing, margin: float) -> str:
    if found.is_close:
        return f"**Two kinds of problem fit almost alike** (margin {_lead(margin)}). Which is closer?"
    (term,) = found.ranking[0].terms
    return f"**Only “{plain(term)}” points to a kind of problem**, which is a thin sign. Is it this?"


def _lead(margin: float) -> str:
    return percent(round(100 * margin))


def _ids(found: Framing) -> list[str]:
    return [score.playbook_id for score in found.ranking]


def _draw_answered(bench: Workbench, found: Framing, playbook_id: str) -> None:
    """Questions that the facts answer: the person is not asked, and has to know it."""
    playbook = bench.playbooks[playbook_id]
    for question_id, answer_id in answers_in_facts(playbook, found.facts).items():
        question = playbook.ask(question_id)
        answer = next(answer.text for answer in question.answers if answer.id == answer_id)
        st.caption(
            f"Counts as an answer: “{plain(question.text)}” {plain(answer)}. "
            "Empty the field to be asked instead."
        )


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
