"""S1-S4: whether the tree is a tree, and of a size that people can hold in their heads."""

from __future__ import annotations

from agents.tree.mece.report import RuleResult, Tally
from agents.tree.mece.view import Place, View
from agents.tree.ops import Dissolve


def s1_is_a_tree(view: View) -> RuleResult:
    """Every node has one parent, one id and no loop."""
    tally = Tally("S1", "")
    for node, parent in view.repeated:
        tally.fails(
            "error",
            node.id,
            f"\u201c{node.text}\u201d ({node.id}) hangs under \u201c{parent.text}\u201d a second time. "
            "Keep it in one place and give any copy an id of its own.",
        )
    if not view.repeated:
        tally.passes()
    return tally.result()


def s2_two_children(view: View) -> RuleResult:
    """Every split has at least two children."""
    tally = Tally("S2", "The tree has no split.")
    for place in view.places:
        if len(place.children) == 1:
            text = f"{place.name} has a single child. Add what else belongs there, or take this level out."
            tally.fails("error", place.id, text, Dissolve(node_id=place.id))
        elif not place.children and place.split is not None:
            tally.fails(
                "error", place.id, f"{place.name} declares a split but has no children. Add at least two."
            )
        elif place.children:
            tally.passes()
    return tally.result()


def s3_few_children(view: View) -> RuleResult:
    """A split has two to five children, and never more than seven; something else does not count."""
    tally = Tally("S3", "The tree has no split.")
    for place in view.inner:
        count = len(place.named)
        if count > 7:
            text = f"{place.name} has {count} children; nobody can compare more than seven. Group them."
            tally.fails("error", place.id, text)
        elif count > 5:
            tally.fails(
                "warning", place.id, f"{place.name} has {count} children. Two to five are easier to compare."
            )
        else:
            tally.passes()
    return tally.result()


def s4_depth(view: View) -> RuleResult:
    """The tree is two to five levels deep, evenly, and no level has a single child."""
    tally = Tally("S4", "")
    compared = [place for place, _ in view.leaves if not _is_beside_other(place)]
    depths = [place.depth for place in compared]
    deepest = max(view.places, key=lambda place: place.depth)
    if deepest.depth < 2:
        tally.fails(
            "warning", view.root.id, "The tree has one level only. Divide the main branches once more."
        )
    elif deepest.depth > 5:
        text = (
            f"{deepest.name} lies {deepest.depth} levels deep. Keep to five, or open a tree for that branch."
        )
        tally.fails("warning", deepest.id, text)
    else:
        tally.passes()
    if depths and max(depths) - min(depths) > 2:
        tally.fails("warning", *_uneven(compared))
    for place in view.inner:
        if len(place.children) == 1:
            text = f"{place.name} adds a level without a choice, since it has one child. Take the level out."
            tally.fails("error", place.id, text, Dissolve(node_id=place.id))
    return tally.result()


def _is_beside_other(place: Place) -> bool:
    """Whether it belongs to a branch, below the first level, of what the tree does not list."""
    parent = place.parent
    return parent is not None and parent.parent is not None and any(c.is_other for c in parent.children)


def _uneven(leaves: list[Place]) -> tuple[str, str]:
    low = min(leaves, key=lambda place: place.depth)
    high = max(leaves, key=lambda place: place.depth)
    return high.id, (
        f"{high.name} lies {high.depth} levels deep and {low.name} only {low.depth}. "
        "Divide the shallow branches further, or the deep one less."
    )
