"""The diagnosis card, decided or not, and what can be taken away."""

from collections.abc import Sequence

import streamlit as st

from agents.diagnosis.inquiry import percent
from agents.diagnosis.result import Diagnosis, Statement
from agents.diagnosis.text import workdays
from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE
from agents.workbench import Workbench
from pages.ui import sight
from pages.ui.diagnosis import downloads
from pages.ui.identity import who
from pages.ui.notice import act, act_on, keep_notice
from pages.ui.text import plain

URGENCY_COLORS = {"Low": "gray", "Medium": "blue", "High": "orange", "Critical": "red"}


def draw(bench: Workbench, view: DiagnosisView) -> None:
    """The card, the downloads and what may be done next."""
    found = view.diagnosis
    if found is None:
        st.info(
            "The diagnosis is being written. Reload the page in a moment.", icon=":material/hourglass_top:"
        )
        return
    with sight.place(), st.container(border=True):
        if found.status == "decided":
            _draw_decided(view, found)
        else:
            _draw_open(view, found)
        _draw_shared(view, found)
    _draw_actions(bench, view)
    downloads.draw(bench, view)
    _draw_outcome(bench, view)


def _draw_decided(view: DiagnosisView, found: Diagnosis) -> None:
    assert found.identified_business_problem is not None
    st.badge(f"Decided, {percent(found.confidence)} % of belief", icon=":material/verified:", color="green")
    st.markdown(f"### {plain(found.leading_cause)}")
    _draw_statement(view, "The problem that was found", found.identified_business_problem)


def _draw_open(view: DiagnosisView, found: Diagnosis) -> None:
    st.badge("Not decided", icon=":material/balance:", color="orange")
    missed = view.shortfall
    if missed is None:
        st.markdown(f"### No verdict. {plain(found.reason)}")
    else:
        st.markdown(f"### {plain(missed.heading)}")
        st.markdown(plain(" ".join((*missed.conditions, missed.ended))))
    if found.would_decide:
        st.markdown("**What would decide it**")
        for statement in found.would_decide:
            _draw_point(view, statement)


def _draw_shared(view: DiagnosisView, found: Diagnosis) -> None:
    for sentence in found.warnings:
        st.warning(sentence, icon=":material/warning:")
    st.markdown("**Problem as stated**")
    st.text(found.customer_stated_problem)
    if found.pair is not None:
        _draw_statement(view, "Two causes at once", found.pair)
    _draw_risk(view, found)
    _draw_urgency(view, found)
    _draw_alternatives(view, found)
    _draw_steps(view, found)
    _draw_list(view, "What would change it", found.what_would_change_it)
    _draw_evidence(found)


def _draw_alternatives(view: DiagnosisView, found: Diagnosis) -> None:
    if found.alternatives:
        st.markdown("**Still open**" if found.status == "not_decided" else "**Alternatives**")
    for cause in found.alternatives:
        _draw_point(view, cause)
        st.caption(f"{plain(cause.label)}, {percent(cause.belief)} % of belief.")


def _draw_risk(view: DiagnosisView, found: Diagnosis) -> None:
    if found.hidden_root_risk is not None:
        _draw_statement(view, "Hidden root risk", found.hidden_root_risk)
        return
    st.markdown("**Hidden root risk**")
    st.caption(f"None stands out. {plain(found.hidden_root_risk_note)}")


def _draw_urgency(view: DiagnosisView, found: Diagnosis) -> None:
    urgency = found.urgency_level
    if urgency is None:
        st.markdown("**Urgency**")
        st.caption(f"Not known. {plain(found.urgency_note)}")
        return
    st.markdown("**Urgency**")
    st.badge(urgency.level, color=URGENCY_COLORS[urgency.level])  # type: ignore[arg-type]
    _draw_point(view, urgency)


def _draw_statement(view: DiagnosisView, heading: str, statement: Statement) -> None:
    st.markdown(f"**{heading}**")
    _draw_point(view, statement)


def _draw_list(view: DiagnosisView, heading: str, statements: Sequence[Statement]) -> None:
    if statements:
        st.markdown(f"**{heading}**")
    for statement in statements:
        _draw_point(view, statement)


def _draw_point(view: DiagnosisView, statement: Statement) -> None:
    """A sentence that opens to how it came about and to the answers that carry it."""
    _draw_sentence(view, plain(statement.text), statement.how, statement.evidence)


def _draw_sentence(view: DiagnosisView, markdown: str, how: str, evidence: Sequence[str]) -> None:
    sentence, opener = st.columns([4, 1], vertical_alignment="top")
    sentence.markdown(markdown)
    with opener.popover("Why", type="tertiary"):
        st.markdown(plain(how))
        lines = {line.question_id: line for line in (view.ledger.lines if view.ledger else ())}
        carrying = [lines[question_id] for question_id in evidence if question_id in lines]
        for line in carrying:
            st.markdown(f"- {plain(line.question)} **{plain(line.answer)}**")
        if not carrying:
            st.caption("No answer so far speaks for it; it stands on the playbook alone.")


def _draw_steps(view: DiagnosisView, found: Diagnosis) -> None:
    st.markdown("**Next steps**")
    for number, step in enumerate(found.next_steps, start=1):
        how = f"It tests {step.label}. Refuted if: {step.disproof}"
        _draw_sentence(view, f"{number}. {plain(step.do)}", how, step.evidence)
        st.caption(f"{plain(step.owner)}, {workdays(step.effort_days)}, from {plain(step.data_source)}.")


def _draw_evidence(found: Diagnosis) -> None:
    if not found.evidence:
        st.caption(
            "No answer carries this: every question was answered with “don't know”, or none was asked."
        )
        return
    with st.expander(f"Evidence: {len(found.evidence)} answers and their weight", icon=":material/balance:"):
        st.caption(
            "For and against the leading cause. 0.7 makes it about twice as likely against all "
            "others, or half as likely; 2.3 ten times."
        )
        for line in found.evidence:
            side = "for" if line.weight > 0 else "against"
            st.markdown(
                f"- {plain(line.question)} **{plain(line.answer)}** (weight {abs(line.weight):.1f} {side})"
            )
            if line.note:
                st.caption(f"Note: {plain(line.note)}")


def _draw_actions(bench: Workbench, view: DiagnosisView) -> None:
    with st.container(horizontal=True):
        st.button(
            "Go on asking",
            icon=":material/forum:",
            on_click=act_on,
            args=(bench.go_on, view.run_id, view.seq),
            help="Three more questions, to test the verdict or to look for a second cause.",
        )
        if st.button(
            "Edit as a problem tree",
            icon=":material/account_tree:",
            key="to-tree",
            help="Mend it by hand, have it checked, take it into the meeting as slides or a work plan.",
        ):
            _open_tree(bench, view.run_id)


def _open_tree(bench: Workbench, run_id: str) -> None:
    try:
        tree = bench.open_tree(run_id, who())
    except READABLE as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.switch_page("../tree.py", query_params={"tree": tree})  # seen from pages/ui/shell.py


def _draw_outcome(bench: Workbench, view: DiagnosisView) -> None:
    """What it was in the end; kept apart from the diagnosis, and used to measure it."""
    kept = bench.outcome(view.run_id)
    with st.expander("What was it in the end?", icon=":material/fact_check:", expanded=kept is not None):
        if kept is not None:
            st.markdown(f"Recorded: **{plain(kept.cause_text)}**")
            if kept.note:
                st.caption(plain(kept.note))
        labels = {bar.cause_id: bar.label for bar in view.belief}
        with st.form(f"outcome-{view.run_id}", border=False):
            cause = st.selectbox(
                "The real cause", list(labels), index=None, format_func=lambda key: labels[key]
            )
            note = st.text_input("How it was found out", max_chars=2000)
            if st.form_submit_button("Record it"):
                if cause is None:
                    keep_notice("Nothing was recorded: choose the real cause first.")
                else:
                    act(bench.record_outcome, view.run_id, cause, note, who())
                st.rerun()
