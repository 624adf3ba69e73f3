"""What differs between two versions of a tree, node by node, for a view side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from agents.tree.model import Node, ProblemTree, Record, walk

Difference = Literal["added", "removed", "moved", "reordered", "renamed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `node_id` is None for the frame and the tree's own fields."""

    what: Difference
    node_id: str | None
    label: str
    """The node's text, in the later version where it exists."""
    field: str | None = None
    """Such as "leaf.owner"; None where the node as a whole is meant."""
    before: Any = None
    after: Any = None


def compare(before: ProblemTree, after: ProblemTree) -> tuple[Change, ...]:
    """Every difference from one version to the other, in the reading order of the later tree."""
    old, new = _placed(before.root), _placed(after.root)
    changes = [*_tree_changes(before, after)]
    for node_id, (node, parent) in new.items():
        if node_id not in old:
            changes.append(Change("added", node_id, node.text, after=parent))
        else:
            changes += _node_changes(*old[node_id], node, parent)
    gone = (node for node_id, (node, _) in old.items() if node_id not in new)
    changes += (Change("removed", node.id, node.text, before=old[node.id][1]) for node in gone)
    return tuple(changes)


def _placed(root: Node) -> dict[str, tuple[Node, str | None]]:
    """Each node with its parent's id, in reading order."""
    parents = {child.id: node.id for node in walk(root) for child in node.children}
    return {node.id: (node, parents.get(node.id)) for node in walk(root)}


def _tree_changes(before: ProblemTree, after: ProblemTree) -> Iterator[Change]:
    for name in ("title", "kind", "sources", "source"):
        if (old := getattr(before, name)) != (new := getattr(after, name)):
            yield Change("changed", None, after.title, name, old, new)
    yield from _field_changes("frame", before.frame, after.frame, None, after.title)


def _node_changes(old: Node, old_parent: str | None, new: Node, parent: str | None) -> Iterator[Change]:
    if old_parent != parent:
        yield Change("moved", new.id, new.text, before=old_parent, after=parent)
    if old.text != new.text:
        yield Change("renamed", new.id, new.text, "text", old.text, new.text)
    kept_before = [c.id for c in old.children if c.id in {d.id for d in new.children}]
    kept_after = [c.id for c in new.children if c.id in {d.id for d in old.children}]
    if kept_before != kept_after:
        yield Change("reordered", new.id, new.text, "children", tuple(kept_before), tuple(kept_after))
    for name in ("stage_start", "stage_end"):
        if (a := getattr(old, name)) != (b := getattr(new, name)):
            yield Change("changed", new.id, new.text, name, a, b)
    for name in ("quantity", "split", "leaf"):
        yield from _field_changes(name, getattr(old, name), getattr(new, name), new.id, new.text)


def _field_changes(
    name: str, old: Record | None, new: Record | None, node_id: str | None, label: str
) -> Iterator[Change]:
    if old is None or new is None:
        if old is not new:
            yield Change("changed", node_id, label, name, old, new)
        return
    for field in type(new).model_fields:
        if (a := getattr(old, field)) != (b := getattr(new, field)):
            yield Change("changed", node_id, label, f"{name}.{field}", a, b)
