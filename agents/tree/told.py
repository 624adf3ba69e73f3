"""What a diagnosis tells a tree that was made from it: its answer, and what was said for and against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["for", "against", "neither"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence: an answer on record, in words for somebody who was not there."""

    id: str
    """As a leaf's verdict cites it."""
    said: str
    """Question and answer, as part of a sentence."""
    moved: str
    """Which way it moved belief, and by how much, in sentences of their own."""
    side: Side = "for"
    """Whether it spoke for the answer or against it."""


@dataclass(frozen=True, slots=True)
class Told:
    """The answer in a sentence, its evidence in the order of the answers, and what to do next."""

    answer: str
    evidence: tuple[Piece, ...] = ()
    decided: bool = False
    """True of a verdict, after which less likely causes need no work."""
    course: str = ""
    """What all answers together did to belief, as a sentence without its full stop."""
    urgency: str = ""
    """How urgent it is and why, in sentences."""
    next_step: str = ""
    """The first thing to do, as an instruction."""
    next_steps: tuple[str, ...] = ()
    """Each next step with who does it, how long it takes, and what would refute its cause."""
