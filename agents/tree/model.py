"""The problem tree: one typed, frozen document for why-trees (causes) and how-trees (options).

A node is a leaf when it has no children. Belief lives on leaves alone; an inner node's belief is the sum
of its leaves (`belief_of`), so children always sum to their parent. At most one leaf is "something else".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION: Literal[1] = 1
MAX_NODES = 2_000
MAX_DEPTH = 40

TreeKind = Literal["why", "how"]
SplitKind = Literal["binary", "formula", "process", "segment", "framework", "free"]
Operator = Literal["sum", "product"]
Order = Literal["belief", "quantity", "effort", "alphabet", "time", "structure"]
Fact = Literal["metric", "direction", "size", "period", "scope"]
Status = Literal["open", "supported", "refuted", "parked"]

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _printable(text: str) -> str:
    if bad := _UNPRINTABLE.search(text):
        raise ValueError(f"holds the unprintable character U+{ord(bad.group()):04X}")
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    return text


Id = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")]
Text = Annotated[str, Field(max_length=2_000), AfterValidator(_printable)]
Label = Annotated[str, Field(max_length=400), AfterValidator(_printable), AfterValidator(_said)]
Amount = Annotated[float, Field(allow_inf_nan=False)]


class Record(BaseModel):
    """Base of every part of the document: frozen, and strangers are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CauseShare(Record):
    """How much of one cause's belief a leaf carries."""

    cause_id: Id
    """The cause in the playbook or the run."""
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """1 when the leaf carries the whole cause; the parts of a split leaf share it."""


class Quantity(Record):
    """A measured amount of a node in a formula split."""

    value: Amount
    """The amount, in `unit`; percents as written (12 with unit "%")."""
    unit: Text | None = None
    """Such as "EUR", "orders", "EUR/order", "%"; None when it is not known."""
    inverted: bool = False
    """Subtracted in a sum, divided by in a product."""


class Split(Record):
    """How a node is divided into its children."""

    kind: SplitKind
    """The logic of the split, which decides what can be proven about it."""
    dimension: Text = ""
    """The one dimension it divides by, such as "region" or "profit = revenue - cost"."""
    operator: Operator | None = None
    """For a formula: how the children make up the parent."""
    tolerance: Annotated[float, Field(ge=0, le=1)] = 0.01
    """For a formula: the relative gap to the parent that still counts as reconciled."""
    order: Order | None = None
    """What the order of the children follows; binary, formula and process imply theirs."""
    start: Text | None = None
    """For a process: where it begins."""
    end: Text | None = None
    """For a process: where it ends."""
    deductive: bool = False
    """The children are steps of one argument and may therefore share terms."""
    closed: bool = False
    """For a segment: declared to have no other parts, as none exist or they hang elsewhere in the tree."""


class Leaf(Record):
    """What is to be tested at the end of a branch, and what is known about it."""

    causes: tuple[CauseShare, ...] = ()
    """The causes whose belief it carries; empty for a leaf that a person added."""
    is_other: bool = False
    """The one leaf for whatever the tree does not name."""
    hypothesis: Text | None = None
    """A claim that a result could refute."""
    analysis: Text | None = None
    """The first analysis to run."""
    data_source: Text | None = None
    """The table or the person that the analysis asks."""
    owner: Text | None = None
    """Who does the analysis."""
    effort_days: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] | None = None
    """Working days the analysis needs."""
    due: date | None = None
    """When its result is due."""
    disproof: Text | None = None
    """The result that would refute the hypothesis."""
    status: Status = "open"
    """Where the evidence stands."""
    parked_reason: Text | None = None
    """Why the branch was put aside."""
    evidence_ids: tuple[Text, ...] = ()
    """Ids of the answers and queries that its status rests on."""
    belief: Annotated[float, Field(ge=-1_000, le=1_000)] | None = None
    """Probability of this leaf, 0..1 (the checker tells when it is not); None while nothing is known."""
    severity: Annotated[float, Field(ge=1, le=5)] | None = None
    """How bad it is if it holds, 1 (mild) to 5 (grave)."""
    worse_in_days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    """Days after which waiting has made the damage clearly worse."""
    cost_of_delay: Text | None = None
    """What waiting costs, in words."""

    @property
    def cause_ids(self) -> tuple[str, ...]:
        return tuple(share.cause_id for share in self.causes)


class Node(Record):
    """A question or claim: either split into children, or a leaf."""

    id: Id
    """Unique in the tree, and kept by every edit."""
    text: Label
    """The question or claim, as people read it."""
    quantity: Quantity | None = None
    """Its amount, where the split above or below it is a formula."""
    stage_start: Text | None = None
    """Under a process split: where this stage begins."""
    stage_end: Text | None = None
    """Under a process split: where this stage ends."""
    split: Split | None = None
    """How it is divided; None for a leaf, or while nobody has said."""
    children: tuple[Node, ...] = ()
    """Its parts, in the order of the split."""
    leaf: Leaf | None = Field(default_factory=lambda data: None if data.get("children") else Leaf())
    """Present exactly when there are no children."""

    @model_validator(mode="after")
    def _leaf_or_parent(self) -> Self:
        if self.children and self.leaf is not None:
            raise ValueError("has both children and leaf fields; a node is one or the other")
        if not self.children and self.leaf is None:
            raise ValueError("has neither children nor leaf fields")
        return self


class Frame(Record):
    """What the tree is about: the facts of the stated problem, and the TOSCA frame of the question."""

    stated_problem: Text | None = None
    """The complaint in the customer's own words."""
    metric: Text | None = None
    """What moved, such as "net sales"."""
    direction: Text | None = None
    """Which way, such as "fell"."""
    size: Text | None = None
    """By how much, such as "20 %"."""
    period: Text | None = None
    """When, such as "third quarter against last year"."""
    scope: Text | None = None
    """Where: the unit, market, product or group of customers."""
    trouble: Text | None = None
    """The gap between what is and what should be."""
    owner: Text | None = None
    """Whose problem it is."""
    success_criterion: Text | None = None
    """How one will know that it is solved."""
    constraints: tuple[Text, ...] = ()
    """What an answer may not do or use."""
    actors: tuple[Text, ...] = ()
    """Who has a say or a stake."""
    unsaid: tuple[Fact, ...] = ()
    """Facts of the problem that were looked for and that nobody has said; they are to be asked for."""


class WhySource(Record):
    """The confirmed why-leaf from which a how-tree starts."""

    tree_id: Id
    """The why-tree."""
    node_id: Id
    """Its supported leaf."""
    text: Label
    """The confirmed cause, as the leaf states it."""
    cause_ids: tuple[Id, ...] = ()
    """The causes that the leaf carries."""


class ProblemTree(Record):
    """A whole tree, as it is stored, exchanged and checked."""

    schema_version: Literal[1] = SCHEMA_VERSION
    """Version of this document format."""
    id: Id
    """The tree, across all its versions."""
    kind: TreeKind
    """why: leaves are causes; how: leaves are options."""
    title: Label
    """A short name for lists and title slides."""
    frame: Frame = Frame()
    """What the tree is about."""
    sources: tuple[Text, ...] = ()
    """Tables and people that are known to exist and can be asked."""
    source: WhySource | None = None
    """For a how-tree: the confirmed cause it answers."""
    root: Node
    """The question."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.kind == "how") != (self.source is not None):
            raise ValueError("a how-tree, and no other, needs a source: the confirmed why-leaf it answers")
        refuse_unsound(self.root)
        return self


def short_place(place: str) -> str:
    """A place such as `root.children[2].leaf`, with its middle left out when it is very long."""
    return place if len(place) <= 130 else f"{place[:75]} ... {place[-40:]}"


def refuse_unsound(root: Node) -> None:
    """`ValueError` when it is too large or too deep, repeats an id, or has two leaves for something else."""
    places: dict[str, str] = {}
    other: str | None = None
    waiting = [(root, "root", 0)]
    while waiting:
        node, place, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"{short_place(place)} lies deeper than {MAX_DEPTH} levels")
        if node.id in places:
            raise ValueError(
                f"{short_place(place)} repeats the id {node.id!r} of {short_place(places[node.id])}"
            )
        places[node.id] = place
        if len(places) > MAX_NODES:
            raise ValueError(f"the tree has more than {MAX_NODES:,} nodes")
        if node.leaf is not None and node.leaf.is_other:
            if other is not None:
                raise ValueError(f"{place} is a second leaf for something else, besides {other}")
            other = place
        waiting += [(child, f"{place}.children[{i}]", depth + 1) for i, child in enumerate(node.children)]


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first, in reading order."""
    yield node
    for child in node.children:
        yield from walk(child)


def leaves(node: Node) -> Iterator[tuple[Node, Leaf]]:
    """The leaves at and below a node, each with its leaf fields."""
    return ((n, n.leaf) for n in walk(node) if n.leaf is not None)


def belief_of(node: Node) -> float | None:
    """The sum of the beliefs of the leaves below; None when none of them has one."""
    known = [leaf.belief for _, leaf in leaves(node) if leaf.belief is not None]
    return math.fsum(known) if known else None


def find(root: Node, node_id: str) -> Node | None:
    """The node with this id, or None."""
    return next((node for node in walk(root) if node.id == node_id), None)


def other_leaf(root: Node) -> Node | None:
    """The node that stands for something else, or None."""
    return next((node for node, leaf in leaves(root) if leaf.is_other), None)
