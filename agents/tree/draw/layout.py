"""Where each node of a tree stands on a screen: boxes of measured text, in columns or as an outline.

Pure geometry in pixels. Every node has rows of its own, so no two boxes ever touch, however deep or long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agents.tree.draw.face import Face
from agents.tree.exports.measure import width as inches

FONT, LINE = 12, 15
"""Font size and height of a line."""
INSET_X, INSET_Y = 9, 5
"""Between a box's border and its text."""
MOST_LINES = 5
"""A longer label ends in an ellipsis; it stands in full where the node is edited."""
BETWEEN_ROWS = 7
BETWEEN_COLUMNS = 22
NARROWEST_BRANCH, WIDEST_BRANCH = 112, 180
NARROWEST_LEAF, WIDEST_LEAF = 210, 480
INDENT, NARROWEST_ROW, WIDEST_ROW = 18, 200, 560
NO_BREAK = "\u00a0"
_POINTS = 72
"""The measure speaks in inches of 72 units, whatever the unit of the font size is."""


@dataclass(frozen=True, slots=True)
class Box:
    """One node on the screen."""

    face: Face
    lines: tuple[str, ...]
    """Its text, each line short enough for the box."""
    left: float
    middle: float
    """From the top of the picture to the middle of the box."""
    width: float
    height: float


Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole tree at one width."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    """In reading order."""
    wires: tuple[tuple[Point, ...], ...]
    """From each node to its children, as lines with right angles."""


def lay_out(shown: Sequence[Face], width: float) -> Layout:
    """Columns from left to right where they fit the width, else an outline from top to bottom."""
    levels = _levels(shown)
    inner = max(levels.values())
    if inner * (NARROWEST_BRANCH + BETWEEN_COLUMNS) + NARROWEST_LEAF > width:
        return _outline(shown, levels, width)
    room = (width - NARROWEST_LEAF) / max(1, inner) - BETWEEN_COLUMNS
    branch = max(NARROWEST_BRANCH, min(WIDEST_BRANCH, room * 0.8))
    leaf = min(WIDEST_LEAF, width - inner * (branch + BETWEEN_COLUMNS))
    return _columns(shown, levels, width, branch, leaf)


def _levels(shown: Sequence[Face]) -> dict[str, int]:
    levels: dict[str | None, int] = {None: -1}
    return {face.node_id: levels.setdefault(face.node_id, levels[face.parent_id] + 1) for face in shown}


def _text(face: Face, width: float) -> tuple[str, ...]:
    """Text, then belief, status and what is hidden, which stay when the text must be shortened."""
    room = width - 2 * INSET_X
    lines = list(_wrapped(face.text, room))
    notes = " \u00b7 ".join(map(_unbroken, face.notes()))
    if not notes:
        return _shortened(lines, MOST_LINES)
    if len(lines) <= MOST_LINES and pixels(joined := f"{lines[-1]} \u00b7 {notes}") <= room:
        return (*lines[:-1], joined)
    return (*_shortened(lines, MOST_LINES - 1), *_wrapped(notes, room))


def _shortened(lines: list[str], most: int) -> tuple[str, ...]:
    """At most so many lines; the last one tells by an ellipsis that there are more."""
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], f"{lines[most - 1][:-2].rstrip()} \u2026")


def _unbroken(note: str) -> str:
    return note.replace(" ", NO_BREAK)


def _wrapped(text: str, room: float) -> Iterator[str]:
    """Lines that fit; a word wider than a line is broken."""
    line = ""
    for word in filter(None, re.split(r"[^\S\u00a0]+", text)):
        joined = f"{line} {word}" if line else word
        if pixels(joined) <= room:
            line = joined
            continue
        if line:
            yield line
        *full, line = _broken(word, room)
        yield from full
    yield line


def _broken(word: str, room: float) -> Iterator[str]:
    while word:
        fits = max(1, next((n for n in range(1, len(word)) if pixels(word[: n + 1]) > room), len(word)))
        yield word[:fits]
        word = word[fits:]


def pixels(text: str) -> float:
    """Pixels a text takes on one line, on the safe side."""
    return inches(text, FONT) * _POINTS


def _height(lines: tuple[str, ...]) -> float:
    return len(lines) * LINE + 2 * INSET_Y


def _outline(shown: Sequence[Face], levels: dict[str, int], width: float) -> Layout:
    """Every node on rows of its own below its parent, further to the right by its level."""
    deepest = max(1, *levels.values())
    indent = min(INDENT, (width - NARROWEST_ROW) / deepest)
    boxes: list[Box] = []
    y = 0.0
    for face in shown:
        left = indent * levels[face.node_id]
        room = min(width - left, WIDEST_ROW)
        lines = _text(face, room)
        height = _height(lines)
        boxes.append(Box(face, lines, left, y + height / 2, room, height))
        y += height + BETWEEN_ROWS
    return Layout(width, y - BETWEEN_ROWS, tuple(boxes), _wires(boxes, _down))


def _down(parent: Box, child: Box) -> tuple[Point, ...]:
    """Down at the left of the children, then right to the child."""
    x = (parent.left + child.left) / 2
    return (x, parent.middle), (x, child.middle), (child.left, child.middle)


def _columns(
    shown: Sequence[Face], levels: dict[str, int], width: float, branch: float, leaf: float
) -> Layout:
    """A column per level; a node stands beside the middle of its children."""
    inner = {face.parent_id for face in shown}
    widths = {face.node_id: branch if face.node_id in inner else leaf for face in shown}
    texts = {face.node_id: _text(face, widths[face.node_id]) for face in shown}
    stack = _Stack(shown, {node_id: _height(lines) for node_id, lines in texts.items()})
    boxes = []
    for face in shown:
        node_id = face.node_id
        left = levels[node_id] * (branch + BETWEEN_COLUMNS)
        middle = stack.tops[node_id] + stack.block[node_id] / 2
        boxes.append(Box(face, texts[node_id], left, middle, widths[node_id], stack.own[node_id]))
    return Layout(width, stack.block[shown[0].node_id], tuple(boxes), _wires(boxes, _across))


def _across(parent: Box, child: Box) -> tuple[Point, ...]:
    """Right to the middle of the gap, up or down, then right to the child."""
    x = parent.left + parent.width + BETWEEN_COLUMNS / 2
    return (parent.left, parent.middle), (x, parent.middle), (x, child.middle), (child.left, child.middle)


def _wires(
    boxes: Sequence[Box], way: Callable[[Box, Box], tuple[Point, ...]]
) -> tuple[tuple[Point, ...], ...]:
    by_id = {box.face.node_id: box for box in boxes}
    return tuple(way(by_id[box.face.parent_id], box) for box in boxes if box.face.parent_id is not None)


class _Stack:
    """Blocks of rows: a node's block holds its own box and the blocks of its children."""

    def __init__(self, shown: Sequence[Face], own: dict[str, float]) -> None:
        self.own = own
        self.children: dict[str, list[str]] = {face.node_id: [] for face in shown}
        for face in shown:
            if face.parent_id is not None:
                self.children[face.parent_id].append(face.node_id)
        self.block: dict[str, float] = {}
        for face in reversed(shown):
            self.block[face.node_id] = max(own[face.node_id], self._stacked(face.node_id))
        self.tops = {shown[0].node_id: 0.0}
        for face in shown:
            self._place_children(face.node_id)

    def _stacked(self, node_id: str) -> float:
        blocks = [self.block[child] for child in self.children[node_id]]
        return sum(blocks) + BETWEEN_ROWS * max(0, len(blocks) - 1)

    def _place_children(self, node_id: str) -> None:
        top = self.tops[node_id] + (self.block[node_id] - self._stacked(node_id)) / 2
        for child in self.children[node_id]:
            self.tops[child] = top
            top += self.block[child] + BETWEEN_ROWS
