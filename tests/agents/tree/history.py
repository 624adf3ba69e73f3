"""Undo and redo over the whole life of a tree, as a pure value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from agents.errors import Refused
from agents.tree.edit import apply
from agents.tree.model import ProblemTree
from agents.tree.ops import Op


@dataclass(frozen=True, slots=True)
class Step:
    """One version of the tree and the edit that led to it."""

    tree: ProblemTree
    op: Op | None = None
    """None for the first version, and for one that was not made by an edit."""


@dataclass(frozen=True, slots=True)
class History:
    """Every version from the first to the last, and which of them is at hand."""

    steps: tuple[Step, ...]
    cursor: int = 0

    @classmethod
    def start(cls, tree: ProblemTree) -> Self:
        return cls((Step(tree),))

    @property
    def tree(self) -> ProblemTree:
        """The version at hand."""
        return self.steps[self.cursor].tree

    @property
    def can_undo(self) -> bool:
        return self.cursor > 0

    @property
    def can_redo(self) -> bool:
        return self.cursor < len(self.steps) - 1

    def do(self, op: Op) -> Self:
        """Apply an edit; versions that were undone before it are dropped."""
        return self.take(apply(self.tree, op), op)

    def take(self, tree: ProblemTree, op: Op | None = None) -> Self:
        """Go on with a tree that came from elsewhere, such as an import or new belief."""
        steps = (*self.steps[: self.cursor + 1], Step(tree, op))
        return replace(self, steps=steps, cursor=len(steps) - 1)

    def undo(self) -> Self:
        """The version before; `Refused` at the first."""
        if not self.can_undo:
            raise Refused("This is the first version of the tree; there is nothing to undo.")
        return replace(self, cursor=self.cursor - 1)

    def redo(self) -> Self:
        """The version after; `Refused` at the last."""
        if not self.can_redo:
            raise Refused("This is the latest version of the tree; there is nothing to redo.")
        return replace(self, cursor=self.cursor + 1)
