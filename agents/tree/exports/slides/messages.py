"""Titles of slides: each says in a sentence what its slide shows, read off the tree and the record."""

from __future__ import annotations

from collections.abc import Sequence

from agents.tree.draw.face import percent
from agents.tree.exports.context import ExportContext
from agents.tree.exports.rows import WorkRow, concluded
from agents.tree.exports.slides.layout import TreePage
from agents.tree.model import Leaf, Node, ProblemTree, TreeKind, leaves

WITHOUT_EVIDENCE = "No evidence has been recorded yet."
Held = tuple[str, float]


def part(number: int, of: int) -> str:
    """Which of several slides under one title it is; nothing where there is one."""
    return f" ({number} of {of})" if of > 1 else ""


def of_tree(page: TreePage, tree: ProblemTree) -> str:
    """Where the belief lies below the node of a slide; without any belief, how much of it is open."""
    found = list(leaves(page.node))
    held = sorted(_held(found), key=lambda one: -one[1])
    return f"{_open(page.node, found, tree) if not held else _leading(page, held, tree)}{page.part}"


def of_plan(rows: Sequence[WorkRow], kind: TreeKind = "why") -> str:
    """How many causes are worth testing, and where the work begins."""
    what = "option" if kind == "how" else "cause"
    opened = [row for row in rows if row.leaf.status == "open" and not row.not_now]
    if not opened:
        return f"Nothing is left to be tested: every {what} has its verdict or is put aside"
    first = opened[0]
    by = f", by {first.leaf.owner}" if first.leaf.owner else ""
    left = f"One {what} is" if len(opened) == 1 else f"{len(opened)} {what}s are"
    if any(row.not_now for row in rows):
        order = ": " if len(opened) == 1 else ", first "
        return f"{left} worth testing now{order} \u201c{first.node.text}\u201d{by}"
    return f"{left} still to be tested, first \u201c{first.node.text}\u201d{by}"


def of_evidence(tree: ProblemTree, context: ExportContext) -> str:
    """What the evidence did to belief; without a diagnosis, how much there is of it."""
    if context.course:
        return context.course
    if context.evidence:
        return f"{_count(len(context.evidence), 'piece')} of evidence carry the answer"
    decided = [row.leaf.status for row in concluded(tree)]
    if not decided:
        return WITHOUT_EVIDENCE.rstrip(".")
    supported = decided.count("supported")
    refuted = len(decided) - supported
    return f"Evidence supports {_count(supported, 'cause')} and refutes {_count(refuted, 'cause')}"


def _leading(page: TreePage, held: Sequence[Held], tree: ProblemTree) -> str:
    (first, most), *rest = held
    if page.node is tree.root:
        return f"Most belief lies with \u201c{first}\u201d: {percent(most)}"
    if not rest:
        return f"\u201c{first}\u201d holds {percent(most)} of belief"
    second, less = rest[0]
    return (
        f"\u201c{first}\u201d leads this branch with {percent(most)} of belief, "
        f"before \u201c{second}\u201d with {percent(less)}"
    )


def _open(node: Node, found: Sequence[tuple[Node, Leaf]], tree: ProblemTree) -> str:
    named = [leaf for _, leaf in found if not leaf.is_other]
    opened = sum(leaf.status == "open" for leaf in named)
    what = "option" if tree.kind == "how" else "cause"
    return f"\u201c{node.text}\u201d: {_count(len(named), f'possible {what}')}, {opened:,} of them open"


def _held(found: Sequence[tuple[Node, Leaf]]) -> list[Held]:
    return [(node.text, leaf.belief) for node, leaf in found if leaf.belief is not None]


def _count(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else f'{one}s'}"
