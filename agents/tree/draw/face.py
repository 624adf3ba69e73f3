"""What a drawing shows of a node, whatever it is drawn with."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from agents.tree.model import Node, belief_of, walk

Kind = Literal["branch", "open", "supported", "refuted", "parked", "other"]


@dataclass(frozen=True, slots=True)
class Face:
    """One node as it is drawn."""

    node_id: str
    parent_id: str | None
    text: str
    kind: Kind
    belief: float | None
    hidden: int
    """Nodes below it that a collapsed branch does not show."""
    about: bool = False
    """The whole percents of the children shown do not add up to its own."""

    def notes(self) -> list[str]:
        """Belief, status and what is hidden, each in words."""
        found = [] if self.belief is None else [percent(self.belief, self.about)]
        if self.kind in ("supported", "refuted", "parked"):
            found.append(self.kind)
        if self.hidden:
            found.append(f"+{self.hidden} below")
        return found

    def lines(self, width: int) -> list[str]:
        """The wrapped text, then one line of notes where there are any."""
        notes = self.notes()
        return [*wrapped(self.text, width), *([" \u00b7 ".join(notes)] if notes else [])]


def faces(root: Node, collapsed: Collection[str] = ()) -> Iterator[Face]:
    """The nodes to draw, parents first, without what lies below collapsed ones."""
    waiting: list[tuple[Node, str | None]] = [(root, None)]
    while waiting:
        node, parent_id = waiting.pop()
        closed = bool(node.children) and node.id in collapsed
        hidden = sum(1 for _ in walk(node)) - 1 if closed else 0
        about = not closed and is_about(node)
        yield Face(node.id, parent_id, node.text, _kind(node), belief_of(node), hidden, about)
        if not closed:
            waiting += [(child, node.id) for child in reversed(node.children)]


def _kind(node: Node) -> Kind:
    if node.leaf is None:
        return "branch"
    return "other" if node.leaf.is_other else node.leaf.status


def percent(belief: float, about: bool = False) -> str:
    """Whole percents, with a word for what rounds to none, and for a sum that its parts' rounding misses."""
    if 0 < belief < 0.005:
        return "<1 %"
    return f"{'about ' if about else ''}{belief * 100:.0f} %"


def is_about(node: Node) -> bool:
    """True when the whole percents of a node's children do not add up to its own; `<1 %` is 0 or 1."""
    own, parts = belief_of(node), [belief_of(child) for child in node.children]
    known = [part for part in parts if part is not None]
    if own is None or not parts or len(known) < len(parts):
        return False
    least = sum(round(part * 100) for part in known)
    return not least <= round(own * 100) <= least + sum(0 < part < 0.005 for part in known)


def wrapped(text: str, width: int) -> list[str]:
    """The text on lines of at most so many characters; white space counts as one blank."""
    return textwrap.wrap(" ".join(text.split()), width) or [""]
