"""What the checker says, beside the tree: filtered, leading to its node, mended at one click."""

import streamlit as st

from agents.tree.desk import TreeState
from agents.tree.mece import criterion
from agents.tree.mece.report import Finding, Report, RuleResult
from agents.tree.model import find
from agents.workbench import Workbench
from pages.ui.text import plain
from pages.ui.tree.common import choose, chosen, edit

LOOK = {
    "error": ("Error", "red", ":material/error:"),
    "warning": ("Warning", "orange", ":material/warning:"),
    "hint": ("Hint", "blue", ":material/lightbulb:"),
}
SHOWN = 12


def draw(bench: Workbench, state: TreeState, report: Report) -> None:
    """Counts, filter, findings, and what holds or cannot be proven."""
    counts, states = report.counts(), report.states()
    st.markdown("**Check**", help="Each rule holds, is violated, or cannot be proven by a program.")
    st.caption(
        f"{states['holds']} rules hold, {states['violated']} are violated, "
        f"{states['not_provable']} cannot be proven."
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
    for number, finding in enumerate(found[:SHOWN]):
        _draw_finding(bench, state, finding, number)
    if len(found) > SHOWN:
        st.caption(f"And {len(found) - SHOWN} more; they appear as these are mended or filtered.")
    _draw_unproven(report)


def _draw_finding(bench: Workbench, state: TreeState, finding: Finding, number: int) -> None:
    label, color, icon = LOOK[finding.severity]
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(f"{label} {finding.rule}", icon=icon, color=color, help=plain(criterion(finding.rule)))  # type: ignore[arg-type]
            if finding.node_id is not None and find(state.tree.root, finding.node_id) is not None:
                st.button(
                    "Show",
                    key=f"show-{number}",
                    type="tertiary",
                    icon=":material/my_location:",
                    on_click=choose,
                    args=(state, finding.node_id),
                )
            if finding.remedy is not None:
                st.button(
                    "Mend it",
                    key=f"mend-{number}",
                    type="tertiary",
                    icon=":material/build:",
                    on_click=edit,
                    args=(bench, state, finding.remedy),
                )
        st.markdown(plain(finding.message))


def _draw_unproven(report: Report) -> None:
    unproven = [result for result in report.results if result.state == "not_provable" and result.cases]
    if unproven:
        with st.expander(f"{len(unproven)} rules cannot be proven", icon=":material/help_center:"):
            for result in unproven:
                _draw_reason(result)


def _draw_reason(result: RuleResult) -> None:
    st.markdown(f"**{result.rule}** {plain(criterion(result.rule))}")
    st.caption(plain(result.reason or ""))
