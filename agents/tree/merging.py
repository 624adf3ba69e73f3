"""Making one node of several siblings without losing belief, causes, evidence or branches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from agents.tree.belief import added, shares_added
from agents.tree.model import Leaf, Node, Status

Value = TypeVar("Value")


def merged(nodes: Sequence[Node], text: str) -> Node:
    """One node with the first one's id: leaves add up, branches hang their children side by side."""
    first = nodes[0]
    plain = [node.leaf for node in nodes if node.leaf is not None]
    if len(plain) == len(nodes):
        return first.model_copy(update={"text": text, "leaf": _merged_leaf(plain), "quantity": None})
    children = [child for node in nodes for child in _branches(node, first.id)]
    split = next((node.split for node in nodes if node.split is not None), None)
    update = {"text": text, "children": tuple(children), "leaf": None, "split": split, "quantity": None}
    return first.model_copy(update=update)


def _branches(node: Node, merged_id: str) -> tuple[Node, ...]:
    """What a merged sibling brings: its children, or itself when it is a leaf."""
    if node.leaf is None:
        return node.children
    return (node if node.id != merged_id else node.model_copy(update={"id": f"{node.id[:70]}.leaf"}),)


def _merged_leaf(parts: Sequence[Leaf]) -> Leaf:
    statuses = {leaf.status for leaf in parts}
    status: Status = statuses.pop() if len(statuses) == 1 else "open"
    return Leaf(
        causes=shares_added(share for leaf in parts for share in leaf.causes),
        hypothesis=_first(leaf.hypothesis for leaf in parts),
        analysis=_joined(leaf.analysis for leaf in parts),
        data_source=_joined(leaf.data_source for leaf in parts),
        owner=_first(leaf.owner for leaf in parts),
        effort_days=added(leaf.effort_days for leaf in parts),
        due=max(_known(leaf.due for leaf in parts), default=None),
        disproof=_joined(leaf.disproof for leaf in parts),
        status=status,
        parked_reason=_joined(leaf.parked_reason for leaf in parts) if status == "parked" else None,
        evidence_ids=tuple(dict.fromkeys(item for leaf in parts for item in leaf.evidence_ids)),
        belief=added(leaf.belief for leaf in parts),
        severity=max((leaf.severity for leaf in parts if leaf.severity is not None), default=None),
        worse_in_days=min(
            (leaf.worse_in_days for leaf in parts if leaf.worse_in_days is not None), default=None
        ),
        cost_of_delay=_joined(leaf.cost_of_delay for leaf in parts),
    )


def _known(values: Iterable[Value | None]) -> list[Value]:
    return [value for value in values if value is not None]


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value), None)


def _joined(values: Iterable[str | None]) -> str | None:
    """The distinct texts, one after another, within the length a field may have."""
    distinct = dict.fromkeys(value for value in values if value)
    return "; ".join(distinct)[:2_000] or None
