"""The leaves as rows of a work plan, in the order in which the work should be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agents.tree.exports.context import joined
from agents.tree.mece.priority import value_of_information
from agents.tree.model import Leaf, Node, ProblemTree


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One leaf with the way to it."""

    node: Node
    leaf: Leaf
    branch: str
    """The texts from below the question down to its parent."""
    place: str
    """Its number in the outline of the tree, such as "1.2.3"."""
    worth: float | None
    """Bits of information times severity per working day; None when a part is unknown."""
    not_now: bool = False
    """Too unlikely after a verdict to be worth work at this time."""


WORTH_FROM = 0.05
"""Belief under which an open cause is not worth work after a verdict."""
NOT_NOW = "Not worth testing now, under 5 % of belief after the verdict"


def work_rows(tree: ProblemTree, decided: bool = False) -> list[WorkRow]:
    """Every leaf but something else: open ones first, best worth per day first, the rest as they stand.

    After a verdict the open ones go by belief, and those under `WORTH_FROM` are marked as not worth it now.
    """
    rows = [row for row in _rows(tree) if not row.leaf.is_other]
    if not decided:
        return sorted(rows, key=_rank)
    marked = [replace(row, not_now=_is_unlikely(row.leaf)) for row in rows]
    return sorted(marked, key=lambda row: (row.leaf.status != "open", -(row.leaf.belief or 0.0)))


def _is_unlikely(leaf: Leaf) -> bool:
    return leaf.status == "open" and leaf.belief is not None and leaf.belief < WORTH_FROM


def left_out(rows: Sequence[WorkRow]) -> str:
    """What is not worth work now, in a sentence; empty where all is."""
    names = "; ".join(row.node.text for row in rows if row.not_now)
    return f"{NOT_NOW}: {names}." if names else ""


def head_of(tree: ProblemTree) -> str:
    """What a leaf is called towards people who plan."""
    return "Option" if tree.kind == "how" else "Cause"


def _rank(row: WorkRow) -> tuple[bool, float, float]:
    return (row.leaf.status != "open", -(row.worth or 0.0), -(row.leaf.belief or 0.0))


def outline(tree: ProblemTree) -> Iterator[tuple[Node, str, tuple[str, ...]]]:
    """Every node in reading order with its number ("1.2.3"; none for the question) and the texts above it."""
    yield from _outline(tree.root, "", ())


def _outline(node: Node, place: str, path: tuple[str, ...]) -> Iterator[tuple[Node, str, tuple[str, ...]]]:
    yield node, place, path
    for number, child in enumerate(node.children, start=1):
        yield from _outline(child, f"{place}.{number}".lstrip("."), (*path, node.text))


def _rows(tree: ProblemTree) -> Iterator[WorkRow]:
    for node, place, path in outline(tree):
        if node.leaf is not None:
            branch = " \u203a ".join(path[1:])
            yield WorkRow(node, node.leaf, branch, place, value_of_information(node.leaf))


def facts_of(tree: ProblemTree) -> list[tuple[str, str]]:
    """What is known of the problem and its frame, each with its name; what is not known is left out."""
    said = tree.frame.model_dump(exclude={"unsaid"})
    facts = [(name.replace("_", " ").capitalize(), value) for name, value in said.items()]
    unsaid = tuple(name for name in tree.frame.unsaid if not said[name])
    facts.append(("Still to be asked", ", ".join(unsaid)))
    return [(name, joined(value)) for name, value in facts if value]


def likeliest(tree: ProblemTree, count: int) -> list[WorkRow]:
    """The leaves with the most belief, something else among them; none where no belief is known."""
    rows = [row for row in _rows(tree) if row.leaf.belief is not None]
    return sorted(rows, key=lambda row: -(row.leaf.belief or 0.0))[:count]


def concluded(tree: ProblemTree) -> list[WorkRow]:
    """The leaves that were supported or refuted, in reading order."""
    return [row for row in _rows(tree) if row.leaf.status in ("supported", "refuted")]
