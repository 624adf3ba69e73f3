"""Rebuilding a frozen tree around one changed place: look up, replace, insert, cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from agents.errors import BadInput, Refused
from agents.tree.belief import added, has_belief, map_leaves, shares_added, shares_scaled
from agents.tree.model import Frame, Leaf, Node, find, other_leaf, walk

Part = TypeVar("Part", Frame, Node, Leaf)


def get(root: Node, node_id: str) -> Node:
    node = find(root, node_id)
    if node is None:
        raise BadInput(f"There is no node {node_id!r} in this tree. Nothing was changed.")
    return node


def named(node: Node) -> str:
    return f"\u201c{node.text}\u201d"


def parent_of(root: Node, node: Node) -> Node:
    refuse_root(root, node, "edited in this way")
    return next(parent for parent in walk(root) if any(child.id == node.id for child in parent.children))


def refuse_root(root: Node, node: Node, done: str) -> None:
    if node.id == root.id:
        raise Refused(f"The root of the tree cannot be {done}.")


def is_blank(leaf: Leaf) -> bool:
    return leaf in (Leaf(), Leaf(belief=0.0))


def at(root: Node, node_id: str, change: Callable[[Node], Node]) -> Node:
    """The root with one node changed; `BadInput` when there is no such node."""
    get(root, node_id)

    def rebuilt(node: Node) -> Node:
        if node.id == node_id:
            return change(node)
        children = tuple(rebuilt(child) for child in node.children)
        same = all(new is old for new, old in zip(children, node.children, strict=True))
        return node if same else node.model_copy(update={"children": children})

    return rebuilt(root)


def each_leaf(root: Node, node_id: str, change: Callable[[Leaf], Leaf]) -> Node:
    return at(root, node_id, lambda node: map_leaves(node, lambda _, leaf: change(leaf)))


def changed(part: Part, changes: dict[Any, Any]) -> Part:
    """The record with some fields replaced, checked again as a whole."""
    return type(part).model_validate({**dict(part), **changes})


def with_leaf_fields(node: Node, changes: dict[Any, Any]) -> Node:
    if node.leaf is None:
        raise Refused(f"{named(node)} is a branch. Only leaves have a plan and a status.")
    return node.model_copy(update={"leaf": changed(node.leaf, changes)})


def with_child(root: Node, parent_id: str, child: Node, position: int | None) -> Node:
    def grown(parent: Node) -> Node:
        children = list(parent.children)
        at = _default_place(children, child) if position is None else position
        children.insert(at, child)
        return parent.model_copy(update={"children": tuple(children), "leaf": None})

    return at(root, parent_id, grown)


def _default_place(siblings: Sequence[Node], child: Node) -> int:
    """The end, but before the leaf for something else."""
    last_is_other = bool(siblings) and siblings[-1].leaf is not None and siblings[-1].leaf.is_other
    return len(siblings) - 1 if last_is_other else len(siblings)


def without(root: Node, node_id: str) -> Node:
    """The root without a node; a parent that loses its last child becomes an empty leaf."""
    empty = Leaf(belief=0.0 if has_belief(root) else None)

    def cut(parent: Node) -> Node:
        kept = tuple(child for child in parent.children if child.id != node_id)
        update: dict[str, Any] = {"children": kept}
        return parent.model_copy(update=update if kept else update | {"split": None, "leaf": empty})

    return at(root, parent_of(root, get(root, node_id)).id, cut)


def drawn_from_other(root: Node, node_id: str, part: float) -> Node:
    """Move a part of what "something else" holds to another leaf."""
    other = other_leaf(root)
    if other is None or other.leaf is None:
        raise Refused("This tree has no leaf for something else to take belief from.")
    held = other.leaf
    taken = None if held.belief is None else held.belief * part

    def shifted(node: Node, leaf: Leaf) -> Leaf:
        if leaf.is_other:
            left = None if held.belief is None or taken is None else held.belief - taken
            return leaf.model_copy(update={"belief": left, "causes": shares_scaled(held.causes, 1 - part)})
        if node.id == node_id:
            causes = shares_added(leaf.causes + shares_scaled(held.causes, part))
            return leaf.model_copy(update={"belief": added((leaf.belief, taken)), "causes": causes})
        return leaf

    return map_leaves(root, shifted)
