"""The edits a person can make to a tree, as data: each can be stored, replayed and shown in a history."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, field_validator, model_validator

from agents.errors import BadInput
from agents.tree.model import CauseShare, Frame, Id, Label, Leaf, Node, Quantity, Record, Split, Text

LeafField = Literal[
    "hypothesis",
    "analysis",
    "data_source",
    "owner",
    "effort_days",
    "due",
    "disproof",
    "status",
    "parked_reason",
    "evidence_ids",
    "severity",
    "worse_in_days",
    "cost_of_delay",
]
FrameField = Literal[
    "stated_problem",
    "metric",
    "direction",
    "size",
    "period",
    "scope",
    "trouble",
    "owner",
    "success_criterion",
    "constraints",
    "actors",
    "unsaid",
]

Key = TypeVar("Key", bound=str)


def _checked(model: type[BaseModel], changes: dict[Key, Any]) -> dict[Key, Any]:
    """The changes in their JSON form, after the model has accepted each of them."""
    accepted = model.model_validate(changes).model_dump(mode="json")
    return {name: accepted[name] for name in changes}


class Rename(Record):
    """Give a node another text."""

    op: Literal["rename"] = "rename"
    node_id: Id
    text: Label


class AddLeaf(Record):
    """Add a leaf below a node, with no belief or with part of what "something else" holds."""

    op: Literal["add_leaf"] = "add_leaf"
    parent_id: Id
    new_id: Id
    text: Label
    position: Annotated[int, Field(ge=0)] | None = None
    """Place among the siblings; None puts it last, but before "something else"."""
    share_of_other: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Part of the belief of "something else" that the new leaf takes over."""
    causes: tuple[CauseShare, ...] = ()
    """Causes of the knowledge base that the new leaf stands for."""


class Delete(Record):
    """Remove a node and all below it; its belief and causes go to "something else"."""

    op: Literal["delete"] = "delete"
    node_id: Id


class Move(Record):
    """Hang a node, with all below it, under another parent."""

    op: Literal["move"] = "move"
    node_id: Id
    parent_id: Id
    position: Annotated[int, Field(ge=0)] | None = None
    """Place among the new siblings; None puts it last."""


class Reorder(Record):
    """Put the children of a node in another order."""

    op: Literal["reorder"] = "reorder"
    node_id: Id
    child_ids: tuple[Id, ...]
    """Every child of the node, once each."""


class Part(Record):
    """One part of a leaf that is split."""

    new_id: Id
    text: Label
    weight: Annotated[float, Field(gt=0, le=1_000)] = 1.0
    """Relative size; the parts divide the leaf's belief and causes in this proportion."""


class SplitLeaf(Record):
    """Divide a leaf into several; the first part keeps its plan and its evidence."""

    op: Literal["split_leaf"] = "split_leaf"
    node_id: Id
    parts: Annotated[tuple[Part, ...], Field(min_length=2, max_length=20)]
    split: Split


class Merge(Record):
    """Make one node of several siblings; the first id stays, belief and causes add up."""

    op: Literal["merge"] = "merge"
    node_ids: Annotated[tuple[Id, ...], Field(min_length=2)]
    text: Label

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.node_ids)) < len(self.node_ids):
            raise ValueError("names a node twice")
        return self


class Dissolve(Record):
    """Remove an inner node and let its children take its place."""

    op: Literal["dissolve"] = "dissolve"
    node_id: Id


class SetSplit(Record):
    """Declare how a node is divided."""

    op: Literal["set_split"] = "set_split"
    node_id: Id
    split: Split


class SetNode(Record):
    """Set what a formula or process split needs to know of a node."""

    op: Literal["set_node"] = "set_node"
    node_id: Id
    changes: dict[Literal["quantity", "stage_start", "stage_end"], Any]

    @field_validator("changes")
    @classmethod
    def _accept(cls, changes: dict[str, Any]) -> dict[str, Any]:
        return _checked(_NodeFacts, changes)


class _NodeFacts(Record):
    quantity: Quantity | None = None
    stage_start: Text | None = None
    stage_end: Text | None = None


class SetLeaf(Record):
    """Fill or clear fields of a leaf's plan; belief and causes are not set by hand."""

    op: Literal["set_leaf"] = "set_leaf"
    node_id: Id
    changes: dict[LeafField, Any]

    @field_validator("changes")
    @classmethod
    def _accept(cls, changes: dict[LeafField, Any]) -> dict[LeafField, Any]:
        return _checked(Leaf, changes)


class SetFrame(Record):
    """Fill or clear facts of the problem or parts of the TOSCA frame."""

    op: Literal["set_frame"] = "set_frame"
    changes: dict[FrameField, Any]

    @field_validator("changes")
    @classmethod
    def _accept(cls, changes: dict[FrameField, Any]) -> dict[FrameField, Any]:
        return _checked(Frame, changes)


class SetTree(Record):
    """Set the tree's own title or its list of known sources."""

    op: Literal["set_tree"] = "set_tree"
    title: Label | None = None
    """None leaves it as it is."""
    sources: tuple[Text, ...] | None = None
    """None leaves them as they are."""


class Conclude(Record):
    """Say what the evidence came to: a leaf is supported, or a whole branch is refuted."""

    op: Literal["conclude"] = "conclude"
    node_id: Id
    status: Literal["supported", "refuted"]
    evidence_ids: Annotated[tuple[Label, ...], Field(min_length=1)]
    """Ids of the answers or queries that show it."""


class Park(Record):
    """Put a branch aside, with the reason."""

    op: Literal["park"] = "park"
    node_id: Id
    reason: Label


class Reopen(Record):
    """Open the leaves of a branch again."""

    op: Literal["reopen"] = "reopen"
    node_id: Id


class NormaliseBelief(Record):
    """Mend beliefs that do not add up: none below 0, and all together 1."""

    op: Literal["normalise_belief"] = "normalise_belief"


Op = Annotated[
    Rename
    | AddLeaf
    | Delete
    | Move
    | Reorder
    | SplitLeaf
    | Merge
    | Dissolve
    | SetSplit
    | SetNode
    | SetLeaf
    | SetFrame
    | SetTree
    | Conclude
    | Park
    | Reopen
    | NormaliseBelief,
    Field(discriminator="op"),
]

OPS: TypeAdapter[Op] = TypeAdapter(Op)
"""Reads and writes stored edits; `read_op` reads them with a sentence for what is wrong."""


def read_op(data: str | dict[str, Any]) -> Op:
    """An edit from stored JSON text or from form values; `BadInput` says what is wrong with it."""
    try:
        return OPS.validate_json(data) if isinstance(data, str) else OPS.validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or "the edit"
        raise BadInput(f"This edit cannot be made: {field} is wrong ({first['msg']}).") from None


def new_leaf(op: AddLeaf) -> Node:
    """The node that an `AddLeaf` brings, still without belief."""
    return Node(id=op.new_id, text=op.text, leaf=Leaf(causes=op.causes))
