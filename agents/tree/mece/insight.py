"""I1-I2: remarks on whether the split tells anything; they never stand in the way."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agents.tree.mece.exhaustive import missing_parts, named_framework
from agents.tree.mece.priority import entropy
from agents.tree.mece.report import RuleResult, Tally
from agents.tree.mece.view import Place, View
from agents.tree.mece.words import is_blank, key
from agents.tree.model import Leaf
from agents.tree.ops import Dissolve

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
    own = gain([child.belief or 0.0 for child in view.root.named])
    better = max(_alternatives(view, believed), key=lambda split: split.gain)
    if own < _WEAK and better.gain > own + _CLEARLY_MORE:
        text = (
            f"The first split tells {100 * own:.0f} % of the bits it could, "
            f"since belief is crowded in one branch. {better.name} would tell {100 * better.gain:.0f} %."
        )
        tally.fails("hint", view.root.id, text, better.remedy)
    else:
        tally.passes()
    return tally.result()


@dataclass(frozen=True, slots=True)
class _Alternative:
    """Another way to group the same leaves at the first level."""

    name: str
    gain: float
    remedy: Dissolve | None = None


def _alternatives(view: View, believed: list[tuple[Place, Leaf]]) -> Iterator[_Alternative]:
    largest = max(view.root.named, key=lambda child: child.belief or 0.0)
    rest = [child for child in view.root.named if child is not largest]
    lifted = [child.belief or 0.0 for child in (*rest, *largest.children)]
    remedy = Dissolve(node_id=largest.id) if largest.children else None
    yield _Alternative(f"The children of {largest.name} in its place", gain(lifted), remedy)
    for name, by in _CANDIDATES.items():
        yield _Alternative(name, gain(_grouped(believed, by)))


def gain(groups: list[float]) -> float:
    """Entropy of the groups' belief over the most that so many groups could have; 0..1."""
    total = math.fsum(groups)
    if len(groups) < 2 or total <= 0:
        return 0.0
    return entropy([group / total for group in groups]) / math.log2(len(groups))


_CANDIDATES: dict[str, Callable[[Place, Leaf], str | None]] = {
    "Grouping the same leaves by owner": lambda place, leaf: leaf.owner,
    "Grouping the same leaves by data source": lambda place, leaf: leaf.data_source,
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
