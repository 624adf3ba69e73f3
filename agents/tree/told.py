"""What a diagnosis tells a tree that was made from it: its answer, and what was said for and against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence: an answer on record, in words for somebody who was not there."""

    id: str
    """As a leaf's verdict cites it."""
    said: str
    """Question and answer, as part of a sentence."""
    moved: str
    """Which way it moved belief, and by how much, as a sentence of its own."""


@dataclass(frozen=True, slots=True)
class Told:
    """The answer in a sentence, and its evidence, the weightiest first."""

    answer: str
    evidence: tuple[Piece, ...] = ()
