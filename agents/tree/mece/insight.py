"""I1-I2: remarks on whether the split tells anything; they never stand in the way."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable

from agents.tree.mece.exhaustive import missing_parts, named_framework
from agents.tree.mece.priority import entropy
from agents.tree.mece.report import RuleResult, Tally
from agents.tree.mece.view import Place, View
from agents.tree.mece.words import is_blank, key
from agents.tree.model import Leaf

_WEAK = 0.5
"""Below this part of the bits it could tell, a first split is weak."""
_CLEARLY_MORE = 0.3
"""By how much of the possible bits another split must be ahead to be worth a remark."""


def i1_not_stock(view: View) -> RuleResult:
    """A split is more than a stock framework with its labels unchanged."""
    tally = Tally("I1", "The tree has no split by framework.")
    for place, split in view.splits("framework"):
        framework = named_framework(place, split)
        if framework is None or missing_parts(place, framework):
            tally.passes()
        elif all(len(key(child.text).split()) <= 2 for child in place.named):
            text = (
                f"{place.name} is {framework.name} as in the textbook. Name what is particular to this case."
            )
            tally.cannot_tell(text)
            tally.hints(place.id, text)
        else:
            tally.passes()
    return tally.result()


def i2_best_split(view: View) -> RuleResult:
    """The first split tells about as much as any other grouping of the same leaves would."""
    tally = Tally("I2", "The tree holds no belief over at least two branches and four leaves.")
    believed = [(place, leaf) for place, leaf in view.leaves if leaf.belief is not None and leaf.belief > 0]
    if len(believed) < 4 or len(view.root.named) < 2:
        return tally.result()
    groups = [child.belief or 0.0 for child in view.root.named]
    own = gain(groups)
    name, best = max(
        ((n, gain(_grouped(believed, by))) for n, by in _CANDIDATES.items()), key=lambda pair: pair[1]
    )
    if own < _WEAK and best > own + _CLEARLY_MORE:
        text = (
            f"The first split tells {own:.0%} of the bits it could, since belief is crowded in one branch. "
            f"Grouping the same leaves {name} would tell {best:.0%}."
        )
        tally.fails("hint", view.root.id, text)
    else:
        tally.passes()
    return tally.result()


def gain(groups: list[float]) -> float:
    """Entropy of the groups' belief over the most that so many groups could have; 0..1."""
    total = math.fsum(groups)
    if len(groups) < 2 or total <= 0:
        return 0.0
    return entropy([group / total for group in groups]) / math.log2(len(groups))


def _branch_below(place: Place, leaf: Leaf) -> str | None:
    """The branch two levels below the question that a leaf hangs in."""
    while place.depth > 2 and place.parent is not None:
        place = place.parent
    return place.id


_CANDIDATES: dict[str, Callable[[Place, Leaf], str | None]] = {
    "by what now stands on the second level": _branch_below,
    "by owner": lambda place, leaf: leaf.owner,
    "by data source": lambda place, leaf: leaf.data_source,
}


def _grouped(leaves: list[tuple[Place, Leaf]], by: Callable[[Place, Leaf], str | None]) -> list[float]:
    """Belief per group; empty when a leaf belongs to none or there are more than seven groups."""
    groups: dict[str, float] = defaultdict(float)
    for place, leaf in leaves:
        name = by(place, leaf)
        if is_blank(name):
            return []
        groups[key(name or "")] += leaf.belief or 0.0
    return list(groups.values()) if len(groups) <= 7 else []
