"""A playbook: the causes, tree and questions of one kind of business problem, as checked data.

Lint one with `python -m agents.diagnosis.playbook FILE`.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

SOMETHING_ELSE = "something_else"
"""Id of the cause that stands for whatever the list does not name; no playbook may use it."""
CLIENT_STATED = "client_stated"
"""Id of the cause that the client named and the playbook lacks; no playbook may use it."""
OWN_QUESTION = "own_suspicion_"
"""Begins the ids of the questions that test `CLIENT_STATED`; no playbook may use it."""
DONT_KNOW = "dont_know"
"""Id of the answer that moves nothing; no playbook may use it."""
OTHER_LABEL = "Something else"
"""Short name of `SOMETHING_ELSE`."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=300)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=70)]
SplitKind = Literal["binary", "formula", "process", "segment", "framework", "free"]
Effort = Literal["recall", "look_up", "analyse"]
Place = tuple[str | int, ...]
"""Where in a document: names of fields and positions in lists, from the root."""


class Level(StrEnum):
    """How well an answer fits a cause, in words; `inquiry.py` maps them to numbers."""

    RULES_OUT = "rules_out"
    UNLIKELY = "unlikely"
    NEUTRAL = "neutral"
    LIKELY = "likely"
    TYPICAL = "typical"


class Data(BaseModel):
    """Frozen data that accepts no unknown field."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Analysis(Data):
    """The first piece of work that would prove or kill a cause."""

    do: Line
    """What to do, as an instruction."""
    effort_days: Annotated[float, Field(gt=0, le=90, allow_inf_nan=False)]
    """Working days it takes."""
    data_source: Line
    """Where the data comes from."""
    owner: Label
    """The role that owns it."""
    disproof: Line
    """The result that would kill the cause."""


class CostOfDelay(Data):
    """What waiting costs."""

    worse_in_days: Annotated[int, Field(ge=1, le=730)]
    """Days after which waiting has made the damage clearly worse."""
    why: Line
    """Why it gets worse by then."""


class Cause(Data):
    """One leaf of the hypothesis space."""

    id: Slug
    label: Label
    """Short name, for bars and boxes."""
    claim: Line
    """The hypothesis, as a statement that a result can refute."""
    prior: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
    """Relative weight before any answer; weights are normalised over the causes."""
    prior_note: Line
    """Why this weight."""
    severity: Annotated[int, Field(ge=1, le=5)]
    """Damage if true and left alone: 1 small, 5 threatens the business."""
    cost_of_delay: CostOfDelay
    analysis: Analysis
    stated_as: tuple[Line, ...] = ()
    """Phrases by which a client names this cause."""


class Branch(Data):
    """An inner node of the playbook's why-tree, or a leaf that points to a cause."""

    text: Line
    """Question or claim of the node."""
    split: SplitKind | None = None
    """How the children divide the node; none on a leaf."""
    dimension: Line | None = None
    """What the split divides by."""
    children: tuple["Branch", ...] = ()
    cause: Slug | None = None
    """Id of the cause, on a leaf."""

    @model_validator(mode="after")
    def _leaf_or_split(self) -> Self:
        if self.cause is not None and (self.children or self.split):
            raise ValueError("a node with a cause is a leaf: it takes no split and no children")
        if self.cause is None and (self.split is None or self.dimension is None or len(self.children) < 2):
            raise ValueError("a node without a cause needs a split, a dimension and at least two children")
        return self

    def leaves(self, place: Place = ("tree",)) -> Iterator[tuple[str, Place]]:
        """Causes of the leaves from left to right, each with its place in the document."""
        if self.cause is not None:
            yield self.cause, (*place, "cause")
        for index, child in enumerate(self.children):
            yield from child.leaves((*place, "children", index))


class Answer(Data):
    """One answer to a question and what it says of each cause."""

    id: Slug
    text: Label
    levels: dict[Slug, Level] = Field(default_factory=dict)
    """Level per cause; a cause that is not named is neutral."""
    facts: tuple[str, ...] = ()
    """Tags of facts in the complaint that count as this answer, such as `scope:region`."""


class Question(Data):
    """One question that a client can answer."""

    id: Slug
    text: Line
    theme: Slug
    """Questions of one theme are not asked in a row when another is as good."""
    effort: Effort = "recall"
    """What answering takes: memory, a look into a report, or an analysis."""
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=4)]

    @model_validator(mode="after")
    def _distinct_answers(self) -> Self:
        _distinct("answer id", ((a.id, ("answers", n, "id")) for n, a in enumerate(self.answers)))
        texts = ((a.text.casefold(), ("answers", n, "text")) for n, a in enumerate(self.answers))
        _distinct("answer text", texts)
        for n, answer in enumerate(self.answers):
            if answer.id == DONT_KNOW:
                raise misplaced(f"the id {DONT_KNOW} is taken by the tool", "answers", n, "id")
        return self


class Recognition(Data):
    """How a complaint of this kind is recognised in text."""

    terms: Annotated[
        dict[Line, Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]], Field(min_length=1)
    ]
    """Words or phrases with their weight; "lost ... accounts" leaves room for a few words at the dots."""
    sounds_like: Line
    """One sentence a client would nod to; offered when two playbooks score alike."""


class Playbook(Data):
    """Everything the built-in analyst knows of one kind of problem."""

    id: Slug
    title: Label
    about: Line
    question: Line
    """Root of the why-tree: one question that ends with a question mark."""
    recognise: Recognition
    causes: Annotated[tuple[Cause, ...], Field(min_length=2, max_length=15)]
    tree: Branch
    questions: Annotated[tuple[Question, ...], Field(min_length=3, max_length=60)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _distinct("cause id", ((c.id, ("causes", n, "id")) for n, c in enumerate(self.causes)))
        labels = ((c.label.casefold(), ("causes", n, "label")) for n, c in enumerate(self.causes))
        _distinct("cause label", labels)
        _distinct("question id", ((q.id, ("questions", n, "id")) for n, q in enumerate(self.questions)))
        texts = ((q.text.casefold(), ("questions", n, "text")) for n, q in enumerate(self.questions))
        _distinct("question text", texts)
        if not self.question.endswith("?"):
            raise misplaced("must end with a question mark", "question")
        self._causes_are_free()
        self._questions_are_free()
        known = {c.id for c in self.causes}
        self._tree_covers(known)
        self._levels_name_causes(known)
        return self

    def _causes_are_free(self) -> None:
        for n, cause in enumerate(self.causes):
            if cause.id in (SOMETHING_ELSE, CLIENT_STATED):
                raise misplaced(f"the id {cause.id} is taken by the tool", "causes", n, "id")
            if cause.label.casefold() == OTHER_LABEL.casefold():
                raise misplaced(f"the label {cause.label} is taken by the tool", "causes", n, "label")

    def _questions_are_free(self) -> None:
        for n, question in enumerate(self.questions):
            if question.id.startswith(OWN_QUESTION):
                raise misplaced(
                    f"ids that begin with {OWN_QUESTION} are taken by the tool", "questions", n, "id"
                )

    def _tree_covers(self, known: set[str]) -> None:
        leaves = list(self.tree.leaves())
        _distinct("cause in the tree", leaves)
        if missing := known - {cause_id for cause_id, _ in leaves}:
            raise misplaced(f"no leaf for {', '.join(sorted(missing))}", "tree")
        for cause_id, place in leaves:
            if cause_id not in known:
                raise misplaced(f"unknown cause {cause_id}", *place)

    def _levels_name_causes(self, known: set[str]) -> None:
        for q, question in enumerate(self.questions):
            for a, answer in enumerate(question.answers):
                for cause_id in answer.levels:
                    if cause_id not in known:
                        place = ("questions", q, "answers", a, "levels", cause_id)
                        raise misplaced(f"unknown cause {cause_id}", *place)

    @cached_property
    def hash(self) -> str:
        """Hash of the content, kept on every run that used it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def __hash__(self) -> int:
        return hash(self.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Playbook) and self.hash == other.hash

    def cause(self, cause_id: str) -> Cause:
        """The cause with this id (KeyError when there is none)."""
        return {c.id: c for c in self.causes}[cause_id]

    def ask(self, question_id: str) -> Question:
        """The question with this id (KeyError when there is none)."""
        return {q.id: q for q in self.questions}[question_id]


def misplaced(reason: str, *place: str | int) -> PydanticCustomError:
    """A fault with its place below the model that is being checked."""
    return PydanticCustomError("misplaced", "{reason}", {"reason": reason, "place": place})


def _distinct(what: str, values: Iterable[tuple[str, Place]]) -> None:
    seen: set[str] = set()
    for value, place in values:
        if value in seen:
            raise misplaced(f"the {what} {value!r} appears twice", *place)
        seen.add(value)


def main(arguments: list[str]) -> int:
    """Lint playbook files; the exit code is the number of files that were refused."""
    from agents.diagnosis.lint import report

    if not arguments:
        print("usage: python -m agents.diagnosis.playbook FILE [FILE ...]")
        return 2
    return sum(not report(Path(name)) for name in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
