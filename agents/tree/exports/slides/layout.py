"""Where each node of a tree stands on a slide: measured boxes in columns, and a split over several slides.

Pure geometry; nothing here draws.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.tree.draw.face import Face, faces
from agents.tree.exports.measure import height
from agents.tree.exports.slides.page import BODY, SMALLEST, Area
from agents.tree.model import Node, belief_of, walk

Beliefs = dict[str, float | None]
SIZES = (18, 16, 14, 12, 11, 10, SMALLEST)
"""Font sizes to try, largest first."""
WIDEST, NARROWEST = 4.8, 1.6
"""Inches of a column; a tree that would need narrower ones goes on over several slides."""
INSET = 0.07
"""Inches between a box and its text, on every side."""
_BETWEEN_COLUMNS, _BETWEEN_ROWS = 0.4, 0.09


@dataclass(frozen=True, slots=True)
class Box:
    """One node on a slide."""

    face: Face
    area: Area
    size: int
    """Font size in points."""


@dataclass(frozen=True, slots=True)
class TreePage:
    """One slide of the tree."""

    title: str
    """The node's text, with its part where it fills several slides."""
    boxes: tuple[Box, ...]
    node: Node
    """What it shows is below this."""
    part: str = ""
    """Such as " (1 of 2)"."""


def box_text(face: Face) -> str:
    """What stands in a box: the text, and belief, status and what is hidden on a line of their own."""
    notes = " \u00b7 ".join(face.notes())
    return f"{face.text}\n{notes}" if notes else face.text


def tree_pages(root: Node, area: Area = BODY) -> list[TreePage]:
    """The whole tree on one slide where it fits; else the first levels, then a slide for each branch."""
    beliefs = {node.id: belief_of(node) for node in walk(root)}
    return list(_pages(root, area, beliefs))


def _pages(node: Node, area: Area, beliefs: Beliefs) -> Iterator[TreePage]:
    full = _depth(node)
    for depth in range(full, 0, -1):
        boxes = _laid_out(_shown(node, depth, beliefs), area)
        if boxes is not None:
            yield TreePage(node.text, boxes, node)
            break
    else:
        depth = 1 if node.children else 0
        yield from _in_parts(node, area, beliefs)
    if depth < full:
        for child in node.children:
            if child.children and 1 + _depth(child) > depth:
                yield from _pages(_least(child, depth - 1), area, beliefs)


def _least(node: Node, depth: int) -> Node:
    """The one branch below a node that is cut off at this depth; the node itself where there are several.

    So no slide repeats nearly all of the one before it to show a single branch more.
    """
    cut = [found for found, level in _with_level(node, 0) if level == depth and found.children]
    return cut[0] if depth and len(cut) == 1 else node


def _in_parts(node: Node, area: Area, beliefs: Beliefs) -> Iterator[TreePage]:
    """A node whose children fill more than one slide, or that stands alone."""
    fewest = len(_parts(node, area, beliefs, len(node.children)))
    parts = _parts(node, area, beliefs, math.ceil(len(node.children) / fewest))
    for number, boxes in enumerate(parts, start=1):
        suffix = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
        yield TreePage(node.text + suffix, boxes, node, suffix)


def _parts(node: Node, area: Area, beliefs: Beliefs, most: int) -> list[tuple[Box, ...]]:
    """The children in order, at most so many to a slide, each time below their parent."""
    parts: list[tuple[Box, ...]] = []
    rest: Sequence[Node] = node.children
    while rest or not parts:
        count, boxes = _first_that_fit(node, rest[:most], area, beliefs)
        parts.append(boxes)
        rest = rest[count:]
    return parts


def _first_that_fit(
    node: Node, children: Sequence[Node], area: Area, beliefs: Beliefs
) -> tuple[int, tuple[Box, ...]]:
    """How many of these children fit below the node on one slide, and where they stand."""
    for count in range(len(children), 0, -1):
        part = node.model_copy(update={"children": tuple(children[:count])})
        boxes = _laid_out(_shown(part, 1, beliefs), area)
        if boxes is not None:
            return count, boxes
    boxes = None if children else _laid_out(_shown(node, 0, beliefs), area)
    if boxes is None:
        raise ValueError(f"the box of {node.id} does not fit a slide")
    return 0, boxes


def _depth(node: Node) -> int:
    return 1 + max(map(_depth, node.children)) if node.children else 0


def _shown(node: Node, depth: int, beliefs: Beliefs) -> list[Face]:
    """The faces down to a depth, with the beliefs of the whole tree."""
    collapsed = {found.id for found, level in _with_level(node, 0) if level >= depth}
    return [
        Face(f.node_id, f.parent_id, f.text, f.kind, beliefs[f.node_id], f.hidden, f.about)
        for f in faces(node, collapsed if depth else {node.id})
    ]


def _with_level(node: Node, level: int) -> Iterator[tuple[Node, int]]:
    yield node, level
    for child in node.children:
        yield from _with_level(child, level + 1)


def _laid_out(shown: list[Face], area: Area) -> tuple[Box, ...] | None:
    """Boxes at the largest font size at which everything fits; None when it does not at the smallest."""
    levels = _levels(shown)
    columns = max(levels.values()) + 1
    width = min(WIDEST, (area.width - (columns - 1) * _BETWEEN_COLUMNS) / columns)
    for size in SIZES if width >= NARROWEST else ():
        grid = _Grid(shown, levels, width, size)
        if grid.total <= area.height:
            return grid.boxes(area)
    return None


def _levels(shown: list[Face]) -> dict[str, int]:
    levels: dict[str, int] = {}
    for face in shown:
        levels[face.node_id] = (
            0 if face.parent_id is None or face.parent_id not in levels else 1 + levels[face.parent_id]
        )
    return levels


class _Grid:
    """One attempt at a font size: every box measured, every subtree stacked."""

    def __init__(self, shown: list[Face], levels: dict[str, int], width: float, size: int) -> None:
        self.shown, self.levels, self.width, self.size = shown, levels, width, size
        self.children: dict[str, list[str]] = {face.node_id: [] for face in shown}
        for face in shown[1:]:
            self.children[str(face.parent_id)].append(face.node_id)
        self.own = {face.node_id: self._height(face) for face in shown}
        self.block: dict[str, float] = {}
        for face in reversed(shown):
            self.block[face.node_id] = max(self.own[face.node_id], self._stacked(face.node_id))

    @property
    def total(self) -> float:
        """Height of the whole tree."""
        return self.block[self.shown[0].node_id]

    def boxes(self, area: Area) -> tuple[Box, ...]:
        """The boxes, the tree in the middle of the area."""
        columns = max(self.levels.values()) + 1
        across = columns * self.width + (columns - 1) * _BETWEEN_COLUMNS
        first = area.left + (area.width - across) / 2
        tops = {self.shown[0].node_id: area.top + (area.height - self.total) / 2}
        found = []
        for face in self.shown:
            node_id = face.node_id
            block, own = self.block[node_id], self.own[node_id]
            left = first + self.levels[node_id] * (self.width + _BETWEEN_COLUMNS)
            place = Area(left, tops[node_id] + (block - own) / 2, self.width, own)
            found.append(Box(face, place, self.size))
            below = tops[node_id] + (block - self._stacked(node_id)) / 2
            for child in self.children[node_id]:
                tops[child] = below
                below += self.block[child] + _BETWEEN_ROWS
        return tuple(found)

    def _stacked(self, node_id: str) -> float:
        blocks = [self.block[child] for child in self.children[node_id]]
        return sum(blocks) + _BETWEEN_ROWS * max(0, len(blocks) - 1)

    def _height(self, face: Face) -> float:
        room = self.width - 2 * INSET
        return sum(height(line, self.size, room) for line in box_text(face).split("\n")) + 2 * INSET
