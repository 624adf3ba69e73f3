"""Applying an edit: tree and operation in, new tree out; the old tree is never touched.

Every edit conserves belief: the leaves add up to what they added up to before, and a removed leaf's belief
and causes go to "something else", which cannot be removed. (`NormaliseBelief` alone mends a wrong sum.)
An edit that cannot be made raises `BadInput` or `Refused` with a sentence, and nothing is changed.
"""

from __future__ import annotations

from functools import singledispatch

from agents.errors import BadInput, Refused
from agents.tree.belief import added, has_belief, normalise, shares_added, shares_scaled, to_other
from agents.tree.merging import merged
from agents.tree.model import Leaf, Node, ProblemTree, find, leaves, other_leaf, refuse_unsound
from agents.tree.ops import (
    AddLeaf,
    Conclude,
    Delete,
    Dissolve,
    Merge,
    Move,
    NormaliseBelief,
    Op,
    Park,
    Rename,
    Reopen,
    Reorder,
    SetFrame,
    SetLeaf,
    SetNode,
    SetSplit,
    SetTree,
    SplitLeaf,
    new_leaf,
)
from agents.tree.surgery import (
    at,
    changed,
    drawn_from_other,
    each_leaf,
    get,
    is_blank,
    named,
    parent_of,
    refuse_root,
    with_child,
    with_leaf_fields,
    without,
)


def apply(tree: ProblemTree, op: Op) -> ProblemTree:
    """The tree after the edit."""
    if isinstance(op, SetFrame):
        return tree.model_copy(update={"frame": changed(tree.frame, op.changes)})
    if isinstance(op, SetTree):
        kept = op.model_dump(include={"title", "sources"}, exclude_none=True)
        return tree.model_copy(update=kept)
    root = _edited(op, tree.root)
    try:
        refuse_unsound(root)
    except ValueError as error:
        raise BadInput(f"This edit cannot be made: {error}. Nothing was changed.") from None
    return tree.model_copy(update={"root": root})


@singledispatch
def _edited(op: object, root: Node) -> Node:
    raise TypeError(f"no such edit: {op!r}")


@_edited.register
def _rename(op: Rename, root: Node) -> Node:
    return at(root, op.node_id, lambda node: node.model_copy(update={"text": op.text}))


@_edited.register
def _add_leaf(op: AddLeaf, root: Node) -> Node:
    parent = get(root, op.parent_id)
    if parent.leaf is not None and not is_blank(parent.leaf):
        raise Refused(f"{named(parent)} is a leaf with content. Split it instead of adding below it.")
    new = new_leaf(op)
    if has_belief(root):
        new = with_leaf_fields(new, {"belief": 0.0})
    root = with_child(root, op.parent_id, new, op.position)
    return drawn_from_other(root, op.new_id, op.share_of_other) if op.share_of_other else root


@_edited.register
def _delete(op: Delete, root: Node) -> Node:
    node = get(root, op.node_id)
    refuse_root(root, node, "deleted")
    if other_leaf(node) is not None:
        raise Refused(
            f"{named(node)} is or holds the leaf for something else, which stays. Move that leaf first."
        )
    gone = [leaf for _, leaf in leaves(node)]
    belief = added(leaf.belief for leaf in gone)
    causes = shares_added(share for leaf in gone for share in leaf.causes)
    return to_other(without(root, node.id), belief, causes)


@_edited.register
def _move(op: Move, root: Node) -> Node:
    node, parent = get(root, op.node_id), get(root, op.parent_id)
    refuse_root(root, node, "moved")
    if find(node, parent.id) is not None:
        raise Refused(f"{named(node)} cannot be moved below itself.")
    if parent.leaf is not None and not is_blank(parent.leaf):
        raise Refused(f"{named(parent)} is a leaf with content. Split it before moving anything below it.")
    return with_child(without(root, node.id), parent.id, node, op.position)


@_edited.register
def _reorder(op: Reorder, root: Node) -> Node:
    def reordered(node: Node) -> Node:
        by_id = {child.id: child for child in node.children}
        if sorted(by_id) != sorted(op.child_ids):
            raise BadInput(f"The new order must name every child of {named(node)} once. Nothing was changed.")
        return node.model_copy(update={"children": tuple(by_id[i] for i in op.child_ids)})

    return at(root, op.node_id, reordered)


@_edited.register
def _split_leaf(op: SplitLeaf, root: Node) -> Node:
    node = get(root, op.node_id)
    if node.leaf is None:
        raise Refused(f"{named(node)} is divided already. Add a leaf below it instead.")
    if node.leaf.is_other:
        raise Refused("The leaf for something else cannot be split. Add a leaf that takes over part of it.")
    total = sum(part.weight for part in op.parts)
    kept = {name: getattr(node.leaf, name) for name in ("data_source", "owner", "severity", "worse_in_days")}
    children = []
    for i, part in enumerate(op.parts):
        leaf = node.leaf if i == 0 else Leaf(**kept)
        weight = part.weight / total
        belief = None if node.leaf.belief is None else node.leaf.belief * weight
        leaf = leaf.model_copy(update={"belief": belief, "causes": shares_scaled(node.leaf.causes, weight)})
        children.append(Node(id=part.new_id, text=part.text, leaf=leaf))
    divided = {"leaf": None, "split": op.split, "children": tuple(children)}
    return at(root, node.id, lambda found: found.model_copy(update=divided))


@_edited.register
def _merge(op: Merge, root: Node) -> Node:
    nodes = [get(root, node_id) for node_id in op.node_ids]
    parents = {parent_of(root, node).id for node in nodes}
    if len(parents) > 1:
        raise Refused("Only siblings can be merged. Move the nodes under one parent first.")
    if any(node.leaf is not None and node.leaf.is_other for node in nodes):
        raise Refused("The leaf for something else cannot be merged. Delete a leaf to give it the belief.")
    one = merged(nodes, op.text)
    gone = {node.id for node in nodes[1:]}

    def joined(parent: Node) -> Node:
        kept = (one if child.id == one.id else child for child in parent.children if child.id not in gone)
        return parent.model_copy(update={"children": tuple(kept)})

    return at(root, parents.pop(), joined)


@_edited.register
def _dissolve(op: Dissolve, root: Node) -> Node:
    node = get(root, op.node_id)
    if not node.children:
        raise Refused(f"{named(node)} is a leaf; there is no level to take out.")
    if node.id == root.id:
        if len(node.children) > 1 or node.children[0].leaf is not None:
            raise Refused("The root cannot be taken out of the tree.")
        return node.children[0]

    def lifted(parent: Node) -> Node:
        children = [
            c for child in parent.children for c in (node.children if child.id == node.id else (child,))
        ]
        return parent.model_copy(update={"children": tuple(children)})

    return at(root, parent_of(root, node).id, lifted)


@_edited.register
def _set_split(op: SetSplit, root: Node) -> Node:
    node = get(root, op.node_id)
    if not node.children:
        raise Refused(f"{named(node)} is a leaf. Split it into parts to declare how it is divided.")
    return at(root, node.id, lambda found: found.model_copy(update={"split": op.split}))


@_edited.register
def _set_node(op: SetNode, root: Node) -> Node:
    return at(root, op.node_id, lambda node: changed(node, op.changes))


@_edited.register
def _set_leaf(op: SetLeaf, root: Node) -> Node:
    return at(root, op.node_id, lambda node: with_leaf_fields(node, op.changes))


@_edited.register
def _conclude(op: Conclude, root: Node) -> Node:
    node = get(root, op.node_id)
    if op.status == "supported" and node.leaf is None:
        raise Refused(f"{named(node)} is a branch. Say which of its leaves the evidence supports.")
    if op.status == "supported" and node.leaf is not None and node.leaf.is_other:
        raise Refused("Something else cannot be supported as a cause. Add a leaf that names the cause.")
    concluded = {"status": op.status, "evidence_ids": op.evidence_ids, "parked_reason": None}
    return each_leaf(root, op.node_id, lambda leaf: leaf.model_copy(update=concluded))


@_edited.register
def _park(op: Park, root: Node) -> Node:
    parked = {"status": "parked", "parked_reason": op.reason}
    return each_leaf(root, op.node_id, lambda leaf: leaf.model_copy(update=parked))


@_edited.register
def _reopen(op: Reopen, root: Node) -> Node:
    opened = {"status": "open", "parked_reason": None}
    return each_leaf(root, op.node_id, lambda leaf: leaf.model_copy(update=opened))


@_edited.register
def _normalise(op: NormaliseBelief, root: Node) -> Node:
    return normalise(root)
