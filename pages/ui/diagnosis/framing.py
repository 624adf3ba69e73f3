"""What the text was taken for: kind of problem, facts, suspicion; confirmed or changed."""

from collections.abc import Sequence

import streamlit as st

from agents.diagnosis.case import Mode
from agents.diagnosis.facts import NAMED
from agents.diagnosis.framing import Framing, answers_in_facts, kept_facts
from agents.diagnosis.playbook import CLIENT_STATED, OTHER_LABEL, SOMETHING_ELSE, Playbook
from agents.diagnosis.stated import labelled, recognised_by, stated_cause
from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.diagnosis import model
from pages.ui.notice import act_on
from pages.ui.text import percent, plain

LABELS = {
    "metric": "Which figure",
    "direction": "Which way",
    "size": "By how much",
    "period": "Since or over when",
    "scope": "Where",
}
ROUTED = 3
"""Kinds offered by the routing question when none fits clearly."""
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
NONE_OF_THESE = "none-of-these"
NO_KIND = (
    "When none of them fits, no playbook covers this problem: a model, connected in Settings, can "
    "draft one. A kind that does not fit gives a diagnosis that does not fit."
)


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
            _draw_answered(bench.offered(view.run_id, playbook_id), found)
        st.text_input(
            "What do you suspect yourself?",
            value=found.blames or "",
            max_chars=300,
            key="stated",
            help="It joins the list without any lift: suspecting a cause does not make it likelier.",
        )
        if playbook_id is not None and state("stated"):
            _draw_meant(bench.offered(view.run_id, playbook_id), state("stated"))
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
    facts = {name: state(f"fact-{name}") for name in NAMED}
    mode: Mode = "form" if st.session_state["fixed_form"] else "adaptive"
    kind, stated = _chosen_kind(view), state("stated")
    meant = st.session_state.get(_meant_key(kind, stated)) if stated else None
    act_on(bench.confirm, view.run_id, view.seq, kind, facts, stated, mode, meant)


def state(key: str) -> str:
    """What a field holds now."""
    return str(st.session_state[key])


def _meant_key(playbook_id: str, stated: str) -> str:
    """Of its own for each suspicion and kind of problem, so that a new one is matched anew."""
    return f"meant-{playbook_id}-{stated}"


def _draw_meant(playbook: Playbook, stated: str) -> None:
    """Which cause of the list the suspicion is, so that none stands there twice."""
    labels = {CLIENT_STATED: "A cause of its own", **{c.id: plain(c.label) for c in playbook.causes}}
    labels[SOMETHING_ELSE] = OTHER_LABEL
    found = labelled(playbook, stated) or stated_cause(playbook, stated) or CLIENT_STATED
    chosen = st.selectbox(
        "This is",
        list(labels),
        index=list(labels).index(found),
        format_func=lambda key: labels[key],
        key=_meant_key(playbook.id, stated),
        help="Choose the cause of the list that your suspicion means, if it is one of them in other words.",
    )
    if chosen == found and found not in (CLIENT_STATED, SOMETHING_ELSE):
        words = ", ".join(f"“{plain(said)}”" for said in recognised_by(playbook, found, stated))
        st.caption(f"Taken for it by {words}. Choose another if you mean something else.")
    if found == CLIENT_STATED:
        st.caption("No cause of the list was recognised in it. If one of them means the same, choose it.")


def _chosen_kind(view: DiagnosisView) -> str:
    if view.draft is not None:
        return view.draft.playbook_id
    closer = st.session_state.get("closer", NONE_OF_THESE)
    return str(st.session_state["kind"] if closer == NONE_OF_THESE else closer)


def _draw_kind(bench: Workbench, found: Framing, by_hand: str | None) -> str | None:
    """Which playbook: chosen by hand or by its terms and open to change, or asked when that is not sure."""
    if by_hand is None and found.margin is not None and found.rivals and (found.is_close or found.is_thin):
        return _ask_kind(bench, found, found.margin)
    fitting = found.rivals if by_hand is None else (by_hand, *found.rivals)
    known = [key for key in fitting if key in bench.playbooks]
    chosen = _choose_kind(bench, list(dict.fromkeys([*known, *bench.playbooks])), known[:1])
    if chosen is not None and chosen == by_hand:
        st.caption("Chosen by you. Change it if it does not fit.")
    elif found.margin is not None and chosen == found.suggested:
        terms = ", ".join(f"“{plain(term)}”" for term in found.ranking[0].terms[:4])
        st.caption(f"Chosen for {terms}, {_standing(found, found.margin)}. Change it if it does not fit.")
    elif chosen is None:
        st.caption(
            "No kind of problem was recognised in this text: too few of the words that tell one are in it. "
            "Choose the one that is closest to what you see. " + NO_KIND
        )
    return chosen


def _standing(found: Framing, margin: float) -> str:
    if len(found.ranking) == 1:
        return f"the only kind that fits (margin {_lead(margin)})"
    return f"{formats.counted(round(100 * margin), 'percentage point')} ahead of the next kind"


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
    offered = found.alike if found.is_close else found.rivals[:ROUTED]
    close = [bench.playbooks[key] for key in offered if key in bench.playbooks]
    sentences = {playbook.id: plain(playbook.recognise.sounds_like) for playbook in close}
    sentences[NONE_OF_THESE] = "None of these"
    st.markdown(_routing_question(found, margin, len(close)))
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
        st.caption(NO_KIND)
    return chosen


def _routing_question(found: Framing, margin: float, offered: int) -> str:
    if found.is_close and offered > 1:
        number = NUMBERS[offered] if offered < len(NUMBERS) else str(offered)
        return f"**{number} kinds of problem fit almost alike** (margin {_lead(margin)}). Which is closer?"
    if "direction" in found.left_open:
        said = next(fact.text for fact in found.facts if fact.kind == "direction")
        return f"**“{plain(said)}” leaves open what went wrong.** Which is closer?"
    term = found.ranking[0].terms[0]
    if offered > 1:
        return (
            f"**No kind of problem fits clearly**: only “{plain(term)}” points to the first. Which is closer?"
        )
    return f"**Only “{plain(term)}” points to a kind of problem**, which is a thin sign. Is it this?"


def _lead(margin: float) -> str:
    return percent(round(100 * margin))


def _draw_answered(playbook: Playbook, found: Framing) -> None:
    """Questions that the facts in the fields answer: the person is not asked, and has to know it."""
    try:
        facts = kept_facts(found, {name: state(f"fact-{name}") for name in NAMED})
    except READABLE as error:
        st.caption(plain(str(error)))
        return
    for question_id, answer_id in answers_in_facts(playbook, facts).items():
        question = playbook.ask(question_id)
        answer = next(answer for answer in question.answers if answer.id == answer_id)
        said = next(fact for fact in facts if fact.tag in answer.facts)
        instead = (
            f"Empty “{LABELS[said.kind]}” to be asked" if said.kind in LABELS else "It can be changed later"
        )
        st.caption(
            f"Counts as an answer: “{plain(question.text)}” {plain(answer.text)}, "
            f"for “{plain(said.text)}”. {instead}."
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
    if said := [f"“{plain(known[kind])}”" for kind in found.left_open if kind in known]:
        st.caption(
            f"Denied, supposed or asked in the text, so that nothing follows from it: {', '.join(said)}. "
            "Write what is so, if you know it."
        )
