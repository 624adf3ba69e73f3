"""The one way in which every form of the editor sends its edit."""

from collections.abc import Callable, Sequence

import streamlit as st

from agents.tree.desk import TreeState
from agents.tree.model import Node
from agents.tree.ops import Op
from agents.workbench import Workbench
from pages.ui.tree.common import chosen, edit_all

Form = Callable[[Workbench, TreeState, Node], None]
KINDS = ("binary", "formula", "process", "segment", "framework", "free")


def submit(
    bench: Workbench, state: TreeState, label: str, make: Callable[[], Sequence[Op]], note: str
) -> None:
    """The form's button; what was typed is read when it is clicked."""
    st.form_submit_button(label, on_click=edit_all, args=(bench, state, make, note))


def field(state: TreeState, name: str) -> str:
    """Key of a field for the chosen node as it stands.

    What was typed stays when somebody changes another node; a changed node shows what it holds now.
    """
    node = chosen(state)
    return f"edit-{name}-{node.id}-{hash(node)}"


def typed(key: str) -> str:
    """What stands in a text field now."""
    return str(st.session_state[key]).strip()
