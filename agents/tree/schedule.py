"""Due dates for the open leaves of a tree: what promises the most per day of work comes first."""

from __future__ import annotations

import math
from datetime import date, timedelta

from agents.tree.mece.priority import value_of_information
from agents.tree.model import Leaf, Node, ProblemTree, leaves
from agents.tree.ops import SetLeaf

SATURDAY = 5


def scheduled(tree: ProblemTree, start: date) -> tuple[SetLeaf, ...]:
    """An edit for each open leaf: one after another from a first day on, each due when its effort is done.

    Effort counts in working days, a leaf whose effort is not known as one; leaves whose worth is not known
    come last, in reading order.
    """
    opened = [(n, leaf) for n, leaf in leaves(tree.root) if leaf.status == "open" and not leaf.is_other]
    edits: list[SetLeaf] = []
    spent = 0.0
    for node, leaf in sorted(opened, key=_worth_first):
        spent += 1.0 if leaf.effort_days is None else leaf.effort_days
        due = _working_day(start, max(0, math.ceil(spent) - 1))
        edits.append(SetLeaf(node_id=node.id, changes={"due": due}))
    return tuple(edits)


def _worth_first(pair: tuple[Node, Leaf]) -> float:
    worth = value_of_information(pair[1])
    return math.inf if worth is None else -worth


def _working_day(start: date, after: int) -> date:
    """The working day that comes so many working days after the first one from `start` on."""
    day = start
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    for _ in range(after):
        day += timedelta(days=3 if day.weekday() == SATURDAY - 1 else 1)
    return day
