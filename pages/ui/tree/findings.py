"""What the checker says, beside the tree: one entry per rule, leading to its nodes, mended at a click."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from agents.errors import READABLE
from agents.tree.desk import TreeState
from agents.tree.mece import criterion
from agents.tree.mece.report import Finding, Report, RuleResult
from agents.tree.model import find
from agents.workbench import Workbench
from pages.ui.formats import counted
from pages.ui.identity import who
from pages.ui.models import session_id
from pages.ui.notice import act, keep_notice
from pages.ui.text import plain
from pages.ui.tree.common import choose, chosen, edit, open_tab
from pages.ui.tree.editing import edits_of

LOOK = {
    "error": ("Error", "red", ":material/error:"),
    "warning": ("Warning", "orange", ":material/warning:"),
    "hint": ("Hint", "blue", ":material/lightbulb:"),
}
IN_THE_PLAN = {
    "F2": "Fill in the frame",
    "F3": "Fill in the frame",
    "L1": "Open the work plan",
    "L2": "Open the work plan",
    "L3": "Open the work plan",
    "L4": "Open the work plan",
    "M7": "Open the work plan",
    "P2": "Open the work plan",
}
"""Rules that are mended on the tab of the work plan, and how the way there is called."""
EDITS = {
    **dict.fromkeys(("S6", "S10", "C5", "C6", "M4", "M8"), "Kind of split"),
    **dict.fromkeys(("L5", "P4", "P5"), "Status"),
    **dict.fromkeys(("C3", "C8"), "Add below"),
    "S2": "Add below",
    "S3": "Group children",
    "S4": "Split",
    "C4": "Amount",
}
"""The edit that mends a rule's findings; renaming for all others."""


def draw(bench: Workbench, state: TreeState, report: Report) -> None:
    """Counts, filter, findings by rule, and what cannot be proven."""
    counts, states = report.counts(), report.states()
    st.markdown(
        "**Check**",
        help="Each rule holds, is violated, or cannot be proven by a program. A leaf is an end of the tree: "
        "a box with nothing below it.",
    )
    st.caption(
        f"Of the rules that apply, {states['holds']} hold, {states['violated']} do not, and "
        f"{states['not_provable']} cannot be proven."
    )
    to_fill = sum(finding.rule in IN_THE_PLAN for finding in report.findings)
    if state.version == 1 and to_fill:
        st.caption(
            f"This tree was just made. What is still to be filled in of its frame and work plan makes "
            f"{to_fill} of the {counted(len(report.findings), 'point')} below."
        )
    severities = st.pills(
        "Show",
        list(LOOK),
        selection_mode="multi",
        default=list(LOOK),
        format_func=lambda name: f"{LOOK[name][0]} ({counts[name]})",
        label_visibility="collapsed",
        key="severities",
    )
    here = st.toggle("Only the chosen node", key="only_here")
    node = chosen(state)
    found = [f for f in report.findings if f.severity in severities and (not here or f.node_id == node.id)]
    if not found:
        st.success("Nothing to mend here.", icon=":material/check_circle:")
    by_gravity = sorted(found, key=lambda f: list(LOOK).index(f.severity))
    for (severity, rule), those in groupby(by_gravity, key=lambda f: (f.severity, f.rule)):
        _draw_rule(bench, state, severity, rule, list(those))
    _draw_unproven(report)


def _draw_rule(
    bench: Workbench, state: TreeState, severity: str, rule: str, those: Sequence[Finding]
) -> None:
    """One finding as it stands; several of a rule behind one line that counts them."""
    label, color, icon = LOOK[severity]
    key = f"{severity}-{rule}"
    if len(those) == 1:
        with st.container(border=True, gap="small"):
            st.badge(f"{label} {rule}", icon=icon, color=color, help=plain(criterion(rule)))  # type: ignore[arg-type]
            st.markdown(plain(those[0].message))
            _draw_ways(bench, state, those[0], key)
        return
    heading = f":{color}-badge[{icon} {len(those)} × {label} {rule}] {plain(criterion(rule))}"
    with st.expander(heading, key=f"rule-{key}"):
        if all(finding.remedy is not None for finding in those):
            st.button(
                "Mend all",
                key=f"all-{key}",
                icon=":material/build:",
                on_click=act,
                args=(bench.trees.mend_all, state.run.run_id, rule, state.seq, who().user_id),
            )
        for number, finding in enumerate(those):
            st.markdown(plain(finding.message))
            _draw_ways(bench, state, finding, f"{key}-{number}")


def _draw_ways(bench: Workbench, state: TreeState, finding: Finding, key: str) -> None:
    """To the node or the form that mends it, and the remedy where there is one."""
    with st.container(horizontal=True):
        node = find(state.tree.root, finding.node_id) if finding.node_id else None
        if finding.remedy is not None:
            st.button(
                "Mend it",
                key=f"mend-{key}",
                type="tertiary",
                icon=":material/build:",
                on_click=edit,
                args=(bench, state, finding.remedy),
            )
        if node is not None:
            what = EDITS.get(finding.rule, "Rename")
            st.button(
                "Show",
                key=f"show-{key}",
                type="tertiary",
                icon=":material/my_location:",
                on_click=choose,
                args=(state, node.id, what if what in edits_of(state, node) else "Rename"),
            )
        if finding.rule in IN_THE_PLAN:
            st.button(
                IN_THE_PLAN[finding.rule],
                key=f"plan-{key}",
                type="tertiary",
                icon=":material/table_edit:",
                on_click=open_tab,
                args=("Work plan",),
            )
        if finding.rule == "P3":
            _draw_ask_more(bench, state, key)


def _draw_ask_more(bench: Workbench, state: TreeState, key: str) -> None:
    """Belief is moved by answers alone: on to the tree's diagnosis, or to a new one of its problem."""
    source, stated = state.run.parent_run_id, state.tree.frame.stated_problem
    if not (source or stated) or state.tree.kind != "why":
        return
    label = "Ask more in its diagnosis" if source else "Start its diagnosis"
    if st.button(label, key=f"ask-{key}", type="tertiary", icon=":material/stethoscope:"):
        try:
            run_id = source or bench.start(stated or "", who(), session=session_id())
        except READABLE as error:
            keep_notice(str(error))
            st.rerun()
        st.switch_page("../diagnose.py", query_params={"run": run_id})  # seen from pages/ui/shell.py


def _draw_unproven(report: Report) -> None:
    unproven = [result for result in report.results if result.state == "not_provable" and result.cases]
    if unproven:
        with st.expander(f"Cannot be proven: {len(unproven)}", icon=":material/help_center:"):
            for result in unproven:
                _draw_reason(result)


def _draw_reason(result: RuleResult) -> None:
    st.markdown(f"**{result.rule}** {plain(criterion(result.rule))}")
    st.caption(plain(result.reason or ""))
