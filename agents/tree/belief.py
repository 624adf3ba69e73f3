"""How belief moves with the leaves: nothing here creates or loses any, except `rebelieve` and `normalise`."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from agents.errors import BadInput
from agents.tree.model import CauseShare, Leaf, Node, ProblemTree, leaves, other_leaf, walk

OTHER_TEXT = "Something else"


def map_leaves(node: Node, change: Callable[[Node, Leaf], Leaf]) -> Node:
    """The same node with every leaf at and below it changed."""
    if node.leaf is not None:
        return node.model_copy(update={"leaf": change(node, node.leaf)})
    return node.model_copy(update={"children": tuple(map_leaves(child, change) for child in node.children)})


def has_belief(root: Node) -> bool:
    """Whether any leaf holds a belief."""
    return any(leaf.belief is not None for _, leaf in leaves(root))


def added(beliefs: Iterable[float | None]) -> float | None:
    """The sum of the known beliefs; None when none is known."""
    known = [belief for belief in beliefs if belief is not None]
    return math.fsum(known) if known else None


def shares_added(shares: Iterable[CauseShare]) -> tuple[CauseShare, ...]:
    """One share per cause, adding up those of the same cause; order of first appearance."""
    total: dict[str, float] = {}
    for share in shares:
        total[share.cause_id] = min(1.0, total.get(share.cause_id, 0.0) + share.share)
    return tuple(CauseShare(cause_id=cause, share=share) for cause, share in total.items())


def shares_scaled(shares: Iterable[CauseShare], factor: float) -> tuple[CauseShare, ...]:
    """Each share times a factor in 0..1."""
    return tuple(CauseShare(cause_id=s.cause_id, share=min(1.0, s.share * factor)) for s in shares)


def to_other(root: Node, belief: float | None, causes: tuple[CauseShare, ...]) -> Node:
    """Give belief and causes to "something else", which is added below the root when it is missing."""
    if not belief and not causes:
        return root
    root = with_other(root)

    def take(_: Node, leaf: Leaf) -> Leaf:
        if not leaf.is_other:
            return leaf
        taken = {"belief": added((leaf.belief, belief)), "causes": shares_added(leaf.causes + causes)}
        return leaf.model_copy(update=taken)

    return map_leaves(root, take)


def with_other(root: Node) -> Node:
    """The root with a leaf for something else; unchanged when there is one."""
    if other_leaf(root) is not None:
        return root
    leaf = Leaf(is_other=True, belief=0.0 if has_belief(root) else None)
    other = Node(id=_free_id(root), text=OTHER_TEXT, leaf=leaf)
    if root.leaf is None:
        return root.model_copy(update={"children": (*root.children, other)})
    raise BadInput("A tree that is a single leaf has no place for something else. Split it first.")


def _free_id(root: Node) -> str:
    taken = {node.id for node in walk(root)}
    names = ("something_else", *(f"something_else_{i}" for i in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def rebelieve(tree: ProblemTree, belief_by_cause: Mapping[str, float]) -> ProblemTree:
    """Set every leaf's belief from a fresh belief per cause (values in 0..1 that sum to 1).

    A cause carried by several leaves is shared in the proportion of their shares; a cause no leaf carries
    goes to "something else"; a leaf without causes gets 0. The leaves add up to the sum of the mapping.
    """
    carried: dict[str, float] = defaultdict(float)
    for _, leaf in leaves(tree.root):
        for share in leaf.causes:
            carried[share.cause_id] += share.share

    def fresh(_: Node, leaf: Leaf) -> Leaf:
        parts = [
            belief_by_cause.get(s.cause_id, 0.0) * s.share / carried[s.cause_id]
            for s in leaf.causes
            if carried[s.cause_id] > 0
        ]
        return leaf.model_copy(update={"belief": math.fsum(parts)})

    believed = map_leaves(tree.root, fresh)
    homeless = math.fsum(b for cause, b in belief_by_cause.items() if not carried.get(cause))
    return tree.model_copy(update={"root": to_other(believed, homeless, ())})


def normalise(root: Node) -> Node:
    """Clip beliefs below 0 and scale all to sum 1; unknown ones stay unknown. `BadInput` when all are 0."""
    total = math.fsum(max(0.0, leaf.belief or 0.0) for _, leaf in leaves(root))
    if total <= 0:
        raise BadInput("No leaf holds any belief, so there is nothing to scale to 100 %.")

    def scaled(_: Node, leaf: Leaf) -> Leaf:
        if leaf.belief is None:
            return leaf
        return leaf.model_copy(update={"belief": max(0.0, leaf.belief) / total})

    return map_leaves(root, scaled)
