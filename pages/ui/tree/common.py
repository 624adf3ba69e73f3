"""What several parts of the tree workbench share: which node is chosen, and how an edit is sent."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st
from pydantic import ValidationError

from agents.errors import READABLE
from agents.tree.desk import TreeState
from agents.tree.model import Node, find, walk
from agents.tree.ops import Op
from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.notice import act, keep_notice

TABS = ("Tree", "Work plan", "Versions", "Export")
TAB = "tree_tab"


def chosen(state: TreeState) -> Node:
    """The node picked in the drawing or in a finding; the root when none is."""
    wanted = st.session_state.get(_key(state))
    return (find(state.tree.root, wanted) if isinstance(wanted, str) else None) or state.tree.root


def choose(state: TreeState, node_id: str, what: str | None = None) -> None:
    """Pick a node, and what is to be done with it."""
    st.session_state[_key(state)] = node_id
    if what is not None:
        st.session_state[what_key(node_id)] = what


def what_key(node_id: str) -> str:
    """Key of the choice of what is done with a node."""
    return f"what-{node_id}"


def open_tab(name: str) -> None:
    """Show one of `TABS`."""
    st.session_state[TAB] = name


def edit(bench: Workbench, state: TreeState, op: Op) -> None:
    """Send an edit, as a callback."""
    act(bench.trees.edit, state.run.run_id, op, state.seq, who().user_id)


def edit_all(bench: Workbench, state: TreeState, make: Callable[[], Sequence[Op]], note: str) -> None:
    """Send edits as one version, as a callback; they are made when it is called, and may be refused."""
    try:
        ops = make()
    except ValidationError as error:
        keep_notice(f"This edit cannot be made: {_reason(error)}. The tree stays as it was.")
        return
    except READABLE as error:
        keep_notice(str(error))
        return
    act(bench.trees.edit_all, state.run.run_id, ops, state.seq, who().user_id, note)


def new_ids(state: TreeState, count: int) -> list[str]:
    """Ids that no node of the tree has."""
    taken = {node.id for node in walk(state.tree.root)}
    free = (f"n{number}" for number in range(1, len(taken) + count + 1) if f"n{number}" not in taken)
    return [next(free) for _ in range(count)]


def labels(nodes: Iterable[Node]) -> dict[str, str]:
    """A label by id for each node, no two alike: a list to choose from tells its entries apart by them."""
    return apart({node.id: node.text for node in nodes})


def apart(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts, with a number behind each that would repeat an earlier one."""
    taken: set[str] = set()
    found = {}
    for key, text in texts.items():
        tries = (text, *(f"{text} ({number})" for number in range(2, len(texts) + 2)))
        found[key] = next(each for each in tries if each not in taken)
        taken.add(found[key])
    return found


def _reason(error: ValidationError) -> str:
    """What is wrong with the first field, in words."""
    first = error.errors(include_input=False, include_url=False)[0]
    name = next((str(part).replace("_", " ") for part in reversed(first["loc"]) if isinstance(part, str)), "")
    told = first["msg"].removeprefix("Value error, ")
    return f"the {name} {told}" if told[:1].islower() else f"the {name}: {told[:1].lower()}{told[1:]}"


def _key(state: TreeState) -> str:
    return f"chosen-{state.run.run_id}"
