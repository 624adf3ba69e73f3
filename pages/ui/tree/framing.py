"""The frame of the question: title, facts of the problem, who is concerned, and what can be asked."""

from collections.abc import Sequence

import streamlit as st

from agents.tree.desk import TreeState
from agents.tree.ops import Op, SetFrame, SetTree
from agents.workbench import Workbench
from pages.ui.tree.common import edit_all
from pages.ui.tree.form import typed

FACTS = {
    "metric": ("Which figure", "net sales"),
    "direction": ("Which way", "fell"),
    "size": ("By how much", "20 %"),
    "period": ("Since or over when", "third quarter against last year"),
    "scope": ("Where", "all regions"),
    "trouble": ("Trouble: what is, and what should be", "EUR 41 million instead of 51"),
    "owner": ("Whose problem it is", "Head of sales"),
    "success_criterion": ("Solved when", "back to EUR 50 million within three quarters"),
}
"""Label and example of each field that holds one text."""
UNSAID = {
    "metric": "The figure",
    "direction": "The direction",
    "size": "The size",
    "period": "The period",
    "scope": "The scope",
}
"""Facts of the problem that may be known to be missing."""
LISTS = {"constraints": "What an answer may not do or use", "actors": "Who has a say or a stake"}


def draw(bench: Workbench, state: TreeState) -> None:
    """One form for all of it; what was typed stays when something else of the tree is changed."""
    with st.form(_key(state, "form")):
        st.markdown("**Frame of the question**")
        st.text_input("Title of the tree", value=state.tree.title, max_chars=400, key=_key(state, "title"))
        columns = st.columns(2)
        for number, (name, (label, example)) in enumerate(FACTS.items()):
            columns[number % 2].text_input(
                label,
                value=getattr(state.tree.frame, name) or "",
                max_chars=2000,
                placeholder=f"Such as: {example}",
                key=_key(state, name),
            )
        st.multiselect(
            "Looked for, and nobody has said it yet",
            list(UNSAID),
            default=state.tree.frame.unsaid,
            format_func=lambda name: UNSAID[name],
            key=_key(state, "unsaid"),
            help="The checker asks for these as open points, not as mistakes.",
        )
        for name, label in LISTS.items():
            given = "\n".join(getattr(state.tree.frame, name))
            st.text_area(f"{label}, one a line", value=given, height=80, key=_key(state, name))
        st.text_area(
            "Tables and people that can be asked, one a line",
            value="\n".join(state.tree.sources),
            height=80,
            key=_key(state, "sources"),
            help="With this list the checker can tell a known data source from a guess.",
        )
        st.form_submit_button(
            "Keep the frame", on_click=edit_all, args=(bench, state, lambda: _ops(state), "frame")
        )


def _ops(state: TreeState) -> Sequence[Op]:
    changes: dict[str, object] = {name: typed(_key(state, name)) or None for name in FACTS}
    changes |= {name: _lines(_key(state, name)) for name in LISTS}
    changes["unsaid"] = tuple(n for n in st.session_state[_key(state, "unsaid")] if not changes[n])
    sources = _lines(_key(state, "sources"))
    return [
        SetFrame.model_validate({"changes": changes}),
        SetTree(title=typed(_key(state, "title")), sources=sources),
    ]


def _lines(key: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in typed(key).splitlines() if line.strip())


def _key(state: TreeState, name: str) -> str:
    stands = hash((state.tree.title, state.tree.frame, state.tree.sources))
    return f"frame-{name}-{state.run.run_id}-{stands}"
