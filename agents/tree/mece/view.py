"""A tree prepared for checking: every node once, with its place and its belief, even when it has cycles."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from agents.tree.mece import words
from agents.tree.model import Leaf, Node, ProblemTree, Split


@dataclass(slots=True, eq=False)
class Place:
    """A node where it hangs in the tree."""

    node: Node
    parent: Place | None
    depth: int
    children: list[Place] = field(default_factory=list)
    belief: float | None = None
    """The sum of the leaves below; None when none of them has one."""

    @property
    def id(self) -> str:
        return self.node.id

    @property
    def text(self) -> str:
        return self.node.text

    @property
    def split(self) -> Split | None:
        return self.node.split

    @property
    def leaf(self) -> Leaf | None:
        return self.node.leaf

    @property
    def is_other(self) -> bool:
        """Whether it is the tree's one leaf for something else."""
        return self.leaf is not None and self.leaf.is_other

    @property
    def named(self) -> list[Place]:
        """The children without the leaf for something else."""
        return [child for child in self.children if not child.is_other]

    @property
    def name(self) -> str:
        """The text in quotation marks, for a sentence."""
        return f"\u201c{self.text}\u201d"

    def below(self) -> Iterator[Place]:
        """The place and everything under it."""
        yield self
        for child in self.children:
            yield from child.below()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a check may know beyond the tree."""

    known_causes: Mapping[str, str] = field(default_factory=dict)
    """Labels of the knowledge base's causes for this kind of problem, by id."""
    known_sources: Collection[str] = ()
    """Tables and people that exist, besides those the tree names."""
    known_evidence: Collection[str] | None = None
    """Ids of the answers and queries on record; None when they are not known here."""
    for_work_plan: bool = False
    """Whether the tree is to be handed out as a work plan, where a gap in the plan is an error."""


class View:
    """The tree as the rules see it."""

    def __init__(self, tree: ProblemTree, around: Surroundings) -> None:
        self.tree = tree
        self.around = around
        self.repeated: list[tuple[Node, Node]] = []
        """Nodes met again, each with the parent under which that happened."""
        self.places: list[Place] = []
        self.root = self._placed(tree.root)

    def _placed(self, root: Node) -> Place:
        """Every node once, in reading order; what is met again is kept apart."""
        top = Place(root, None, 0)
        seen: set[str] = set()
        waiting = [top]
        while waiting:
            place = waiting.pop()
            if place.id in seen:
                if place.parent is not None:
                    place.parent.children.remove(place)
                    self.repeated.append((place.node, place.parent.node))
                continue
            seen.add(place.id)
            self.places.append(place)
            place.children = [Place(child, place, place.depth + 1) for child in place.node.children]
            waiting += reversed(place.children)
        for place in reversed(self.places):
            place.belief = _belief(place)
        return top

    @cached_property
    def inner(self) -> list[Place]:
        """Nodes with children."""
        return [place for place in self.places if place.children]

    @cached_property
    def leaves(self) -> list[tuple[Place, Leaf]]:
        """Leaves with a name of their own, that is, without something else."""
        found = ((place, place.leaf) for place in self.places if not place.is_other and not place.children)
        return [(place, leaf) for place, leaf in found if leaf is not None]

    @cached_property
    def other(self) -> Place | None:
        """The leaf for something else."""
        return next((place for place in self.places if place.is_other), None)

    def splits(self, *kinds: str) -> list[tuple[Place, Split]]:
        """Inner nodes with a declared split of one of these kinds (of any kind when none is named)."""
        declared = [(place, place.split) for place in self.inner if place.split is not None]
        return [(place, split) for place, split in declared if not kinds or split.kind in kinds]

    @cached_property
    def topic(self) -> frozenset[str]:
        """Words that the whole tree is about, which siblings may therefore share."""
        return words.content(f"{self.tree.frame.metric or ''} {self.tree.root.text}")


def _belief(place: Place) -> float | None:
    if not place.children:
        return place.leaf.belief if place.leaf is not None else None
    known = [child.belief for child in place.children if child.belief is not None]
    return math.fsum(known) if known else None
