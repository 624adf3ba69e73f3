"""What the evidence came to for a leaf: open, supported, refuted, or put aside."""

from collections.abc import Sequence

import streamlit as st

from agents.errors import READABLE, BadInput
from agents.tree.desk import TreeState
from agents.tree.model import Leaf, Node
from agents.tree.ops import Conclude, Op, Park, Reopen
from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.notice import keep_notice
from pages.ui.tree.common import apart, edit_all
from pages.ui.tree.form import field, typed
from pages.ui.tree.start import show_tree

STATES = {
    "open": "Open",
    "supported": "Supported by evidence",
    "refuted": "Refuted by evidence",
    "parked": "Put aside",
}


def status(bench: Workbench, state: TreeState, node: Node) -> None:
    """The state of a leaf, with the evidence or the reason it needs."""
    leaf = node.leaf or Leaf()
    wanted = st.selectbox(
        "Status",
        list(STATES),
        index=list(STATES).index(leaf.status),
        format_func=lambda name: STATES[name],
        key=field(state, "status"),
    )
    if wanted in ("supported", "refuted"):
        _draw_evidence(bench, state, leaf)
    if wanted == "parked":
        value = leaf.parked_reason or ""
        st.text_input("Why it is put aside", value=value, max_chars=400, key=field(state, "reason"))
    st.button(
        "Keep",
        key=field(state, "keep-status"),
        on_click=edit_all,
        args=(bench, state, lambda: _ops(state, node, wanted), STATES[wanted].casefold()),
    )
    if leaf.status == "supported" and state.tree.kind == "why":
        st.button(
            "Draw up options for this cause",
            icon=":material/lightbulb:",
            on_click=_options,
            args=(bench, state, node.id),
        )


def _draw_evidence(bench: Workbench, state: TreeState, leaf: Leaf) -> None:
    """Answers on record to choose from; a query or a document can be typed."""
    known = _answers(bench, state)
    st.multiselect(
        "Evidence",
        list(dict.fromkeys((*leaf.evidence_ids, *known))),
        default=leaf.evidence_ids,
        format_func=lambda evidence_id: known.get(evidence_id, evidence_id),
        accept_new_options=True,
        placeholder="Choose answers, or type the name of a query or a document",
        key=field(state, "evidence"),
    )


def _answers(bench: Workbench, state: TreeState) -> dict[str, str]:
    """Question and answer by the question's id, of the diagnosis that the tree comes from."""
    source = state.run.parent_run_id if state.tree.kind == "why" else None
    ledger = bench.view(source).ledger if source else None
    lines = ledger.lines if ledger else ()
    return apart({line.question_id: f"{line.question} {line.answer}" for line in lines})


def _ops(state: TreeState, node: Node, wanted: str) -> Sequence[Op]:
    if wanted == "open":
        return [Reopen(node_id=node.id)]
    if wanted == "parked":
        return [Park(node_id=node.id, reason=typed(field(state, "reason")))]
    ids = tuple(st.session_state[field(state, "evidence")])
    if not ids:
        raise BadInput("This status needs evidence. Nothing was changed: name an answer, query or document.")
    if wanted == "supported":
        return [Conclude(node_id=node.id, status="supported", evidence_ids=ids)]
    return [Conclude(node_id=node.id, status="refuted", evidence_ids=ids)]


def _options(bench: Workbench, state: TreeState, leaf_id: str) -> None:
    try:
        show_tree(bench.trees.options_for(state.run.run_id, leaf_id, who()))
    except READABLE as error:
        keep_notice(str(error))
