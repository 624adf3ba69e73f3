"""What the model did in a diagnosis, apart from what the engine did; and what it is asked for."""

import streamlit as st

from agents.diagnosis.advisor import ModelSaid
from agents.diagnosis.cards import QuestionCard
from agents.diagnosis.view import DiagnosisView, DraftHead
from agents.errors import READABLE
from agents.workbench import Workbench
from pages.ui.formats import count
from pages.ui.models import is_connected, session_id
from pages.ui.notice import act_on, keep_notice, was_admitted
from pages.ui.text import plain

USE = "use_model"
TASKS = {"draft": "Draft", "word": "Wording", "read": "Reading", "summary": "Summary"}
AT_WORK = {
    "draft": "The model is drafting causes, questions and levels, twice over, which takes a minute or two; "
    "the engine checks them. The problem is stored.",
    "word": "The model is wording the questions for this problem; the engine chooses among them. What was "
    "confirmed is stored.",
}


OWN_WORK = {
    "framing": "The problem is stored and is being read: its kind, the facts, what is suspected.",
    "asking": "Belief is counted anew; the next question is chosen, or the diagnosis written.",
    "concluded": "The diagnosis stands; its tree is being drawn.",
}
"""What the engine is at, by phase."""


def draw_choice(bench: Workbench) -> None:
    """Whether the connected model takes part; nothing to choose without one."""
    if is_connected(bench):
        st.toggle(
            "Let the model word the questions and write the summary",
            value=True,
            key=USE,
            help="Numbers and belief stay the engine's either way.",
        )


def is_wanted(bench: Workbench) -> bool:
    """True when a model is connected and its help was not switched off."""
    return is_connected(bench) and bool(st.session_state.get(USE, True))


def draw_notes(view: DiagnosisView) -> None:
    """Who did what so far."""
    if not (view.with_model or view.model_notes):
        return
    failed = [note for note in view.model_notes if note.model is None]
    for note in failed:
        st.warning(
            f"{TASKS[note.task]}: {plain(note.text)} The built-in analyst goes on.",
            icon=":material/cloud_off:",
        )
    with st.expander("What the model did and what the engine did", icon=":material/smart_toy:"):
        for note in view.model_notes:
            if note.model is not None:
                st.markdown(f"- **{plain(note.model)}** {plain(note.text)}.")
        st.markdown("- **The engine** chose every question, counted all belief and decided.")


def draw_working(view: DiagnosisView) -> None:
    """Who is at work, and that what this session sent is safe; whoever's act may have begun the work."""
    ours = "Working on it; your answer is stored." if was_admitted(view.run_id) else "Working on it."
    told = AT_WORK.get(view.model_task or "", f"{ours} {OWN_WORK[view.phase]}")
    st.info(told, icon=":material/hourglass_top:")


def draw_draft(view: DiagnosisView) -> None:
    """The playbook that the model drafted, before it is confirmed."""
    draft = view.draft
    if draft is None:
        return
    with st.container(border=True):
        st.markdown(f"**Drafted by the model: {plain(draft.title)}**")
        st.caption(
            f"{len(draft.causes)} causes and {draft.questions} questions, checked like our own playbooks. "
            f"The levels were asked for twice: {_changed(draft)}"
        )
        for label, claim in draft.causes:
            st.markdown(f"- **{plain(label)}**: {plain(claim)}")


def _changed(draft: DraftHead) -> str:
    if not draft.widened:
        return f"none of {count(draft.cells)} changed."
    say = "says" if draft.widened == 1 else "say"
    return f"{count(draft.widened)} of {count(draft.cells)} changed and {say} nothing now."


def draw_reading(bench: Workbench, view: DiagnosisView, card: QuestionCard) -> None:
    """An answer in the client's own words, read as one of the options and confirmed."""
    if not (view.with_model and is_connected(bench)):
        return
    key = f"said-{view.run_id}-{view.seq}-{card.question_id}"
    read_key = f"read-{key}"
    with st.expander("Answer in your own words", icon=":material/edit_note:"):
        st.text_input("Your answer", key=key, max_chars=2000)
        st.button("Read it", key=f"do-{key}", on_click=_read, args=(bench, view, card, key, read_key))
        if read_key in st.session_state:
            _draw_read(bench, view, card, st.session_state[read_key], st.session_state.get(key, ""))


def draw_summary(view: DiagnosisView) -> None:
    """The model's summary; every sentence opens to the answers it rests on."""
    if view.is_working:
        st.info(
            "The model is writing the summary; the diagnosis below stands.", icon=":material/hourglass_top:"
        )
        return
    if view.summary is None or not view.summary.sentences:
        return
    lines = {line.question_id: line for line in (view.ledger.lines if view.ledger else ())}
    with st.container(border=True):
        st.markdown("**Summary, written by the model from the record**")
        for sentence in view.summary.sentences:
            text, opener = st.columns([4, 1], vertical_alignment="top")
            text.markdown(plain(sentence.text))
            with opener.popover("Why", type="tertiary"):
                for question_id in sentence.evidence:
                    line = lines[question_id]
                    st.markdown(f"- {plain(line.question)} **{plain(line.answer)}**")
        if view.summary.dropped:
            st.caption(
                f"Sentences left out, since no answer carries them or a figure in them is their own: "
                f"{view.summary.dropped}."
            )


def _read(bench: Workbench, view: DiagnosisView, card: QuestionCard, key: str, read_key: str) -> None:
    try:
        found = bench.reading(view.run_id, card.question_id, st.session_state[key], session_id())
    except READABLE as error:
        keep_notice(str(error))
        return
    st.session_state[read_key] = found


def _draw_read(
    bench: Workbench, view: DiagnosisView, card: QuestionCard, read: "ModelSaid[str | None]", said: str
) -> None:
    texts = {answer.answer_id: answer.text for answer in card.answers}
    if (answer_id := read.value) is None:
        st.caption("The model reads none of the answers in it. Choose one above, or say it differently.")
        return
    st.markdown(f"{plain(read.model)} reads it as: **{plain(texts[answer_id])}**")
    st.button(
        "That is what I mean",
        icon=":material/check:",
        key=f"use-{view.seq}-{card.question_id}",
        on_click=act_on,
        args=(bench.answer, view.run_id, card.question_id, answer_id, view.seq, said, read.model),
    )
