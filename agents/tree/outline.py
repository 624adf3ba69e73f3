"""Pasted outlines: indented or Markdown text to a tree, and a tree to such text.

The first item is the question when it stands alone at the top level; otherwise a question must be given.
Headings (`#`), bullets (`-`, `*`, `+`), numbers (`1.`, `2)`, `1.2`) and bare indented lines may be mixed; the
indent is spaces or tabs, not both. Nodes get no split, belief or plan: nobody has said any yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError

from agents.errors import BadInput
from agents.tree.mece.words import tokens
from agents.tree.model import MAX_DEPTH, MAX_NODES, Leaf, Node, ProblemTree, TreeKind, WhySource

MAX_CHARACTERS = 500_000
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_MARKER = re.compile(r"^(?:[-*+•–](?:\s+|$)|\(?\d+(?:\.\d+)*[.)]\s+|\d+(?:\.\d+)+\s+|[a-zA-Z][.)]\s+)")
_TASK = re.compile(r"^\[[ xX]\]\s+")
_EMPHASIS = re.compile(r"(\*\*|__)(.+?)\1")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>])")
_OTHER = frozenset({"something else", "anything else", "other causes", "other options"})
_KEPT = "The tree at hand stays as it was."


@dataclass(slots=True)
class _Item:
    line: int
    level: int
    text: str
    children: list[_Item] = field(default_factory=list)


def parse_outline(
    text: str,
    *,
    tree_id: str,
    kind: TreeKind = "why",
    question: str | None = None,
    source: WhySource | None = None,
) -> ProblemTree:
    """A tree from a pasted outline; `BadInput` names the line that cannot be read.

    With a `question` every top-level item becomes a branch of it. A how-tree needs its `source`.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadInput(f"This outline is longer than {MAX_CHARACTERS:,} characters. {_KEPT}")
    tops = _nested(list(_items(text)))
    if not tops:
        raise BadInput(f"This outline has no line with text. {_KEPT}")
    if question is None and len(tops) > 1:
        raise BadInput(
            f"Line {tops[1].line} stands at the top level beside line {tops[0].line}, "
            "so the outline has no single question. "
            f"Put the question on the first line and indent the rest below it. {_KEPT}"
        )
    top = tops[0] if question is None else _Item(0, 0, question, tops)
    return _tree(top, tree_id, kind, source)


def to_outline(tree: ProblemTree) -> str:
    """The tree as a Markdown list, two spaces per level; `parse_outline` gives the same texts and nesting."""
    return "".join(f"{'  ' * depth}- {_escaped(node.text)}\n" for node, depth in _with_depth(tree.root, 0))


def _with_depth(node: Node, depth: int) -> Iterator[tuple[Node, int]]:
    yield node, depth
    for child in node.children:
        yield from _with_depth(child, depth + 1)


def _escaped(text: str) -> str:
    """One line in which no character reads as Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", " ".join(text.split()))


def _items(text: str) -> Iterator[_Item]:
    """Every line with text, with a level that is its heading's or its indent's width."""
    style: str | None = None
    heading = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if found := _HEADING.match(line):
            heading = len(found[1])
            yield _Item(number, heading, _clean(found[2], number))
            continue
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        style = _one_style(indent, style, number)
        yield _Item(number, 10 + heading * 10_000 + len(indent), _clean(line.strip(), number))


def _one_style(indent: str, style: str | None, number: int) -> str | None:
    """The indent's character; `BadInput` when tabs and spaces are mixed, in a line or between lines."""
    characters = set(indent)
    if len(characters) > 1 or (style and characters and characters != {style}):
        raise BadInput(
            f"Line {number} of the outline mixes tabs and spaces in its indent, so its level is not certain. "
            f"Indent every line with the one or the other. {_KEPT}"
        )
    return indent[0] if indent else style


def _clean(text: str, number: int) -> str:
    text = _TASK.sub("", _MARKER.sub("", text))
    text = _ESCAPED.sub(r"\1", _EMPHASIS.sub(r"\2", text)).strip()
    if not text:
        raise BadInput(f"Line {number} of the outline has a mark but no text. {_KEPT}")
    return text


def _nested(items: list[_Item]) -> list[_Item]:
    """The items as a forest: each belongs to the nearest one above it with a smaller level."""
    if len(items) > MAX_NODES:
        raise BadInput(f"This outline has more than the {MAX_NODES:,} lines a tree may have nodes. {_KEPT}")
    tops: list[_Item] = []
    path: list[_Item] = []
    for item in items:
        while path and path[-1].level >= item.level:
            path.pop()
        if len(path) > MAX_DEPTH:
            raise BadInput(f"Line {item.line} of the outline lies deeper than {MAX_DEPTH} levels. {_KEPT}")
        _refuse_half_indent(path, item)
        (path[-1].children if path else tops).append(item)
        path.append(item)
    return tops


def _refuse_half_indent(path: list[_Item], item: _Item) -> None:
    """Siblings must share one indent; a line between two levels belongs to neither."""
    siblings = path[-1].children if path else []
    if siblings and siblings[-1].level != item.level and item.level >= 10 and siblings[-1].level >= 10:
        raise BadInput(
            f"Line {item.line} of the outline is indented less than line {siblings[-1].line} "
            "and more than what stands above both, so its level is not certain. "
            f"Indent it like one of them. {_KEPT}"
        )


def _tree(top: _Item, tree_id: str, kind: TreeKind, source: WhySource | None) -> ProblemTree:
    other = _other_item(top)
    numbers = iter(range(1, MAX_NODES + 2))

    def node(item: _Item) -> Node:
        node_id = f"n{next(numbers)}"
        children = tuple(node(child) for child in item.children)
        leaf = None if children else Leaf(is_other=item is other)
        return Node(id=node_id, text=item.text, children=children, leaf=leaf)

    try:
        root = node(top)
        return ProblemTree(id=tree_id, kind=kind, title=root.text[:120], source=source, root=root)
    except ValidationError as error:
        raise BadInput(f"This outline cannot be read: {_fault(error, top)}. {_KEPT}") from None


def _other_item(top: _Item) -> _Item | None:
    """The first childless item that reads "something else", nearest to the question."""
    level = top.children
    while level:
        for item in level:
            if not item.children and " ".join(tokens(item.text)) in _OTHER:
                return item
        level = [child for item in level for child in item.children]
    return None


def _fault(error: ValidationError, top: _Item) -> str:
    first = error.errors()[0]
    said = str(first.get("ctx", {}).get("error", first["msg"])).replace("String should have", "must have")
    wrong = first.get("input")
    line = next((item.line for item in _all(top) if item.text == wrong), None)
    return f"line {line} {said}" if line else said


def _all(item: _Item) -> Iterator[_Item]:
    yield item
    for child in item.children:
        yield from _all(child)
