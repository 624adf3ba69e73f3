"""What an export says besides the tree: its title, the answer, the evidence, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agents.tree.told import Side

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

HEADINGS: dict[Side, str] = {
    "for": "Why we believe it",
    "against": "What speaks against it",
    "neither": "What did not move it",
}
"""What evidence stands under, by the side it is on."""
NO_EVIDENCE = "No evidence has been recorded yet."


@dataclass(frozen=True, slots=True)
class ExportContext:
    """The words around a tree; texts come from anywhere and are cleaned of what no file format can hold."""

    title: str
    """What the export is called."""
    answer: str
    """The verdict in a sentence or two, or what is still open."""
    version: str
    """Which version of the tree it shows, such as "Version 3"."""
    made_at: datetime
    """When it was made; must carry a time zone."""
    evidence: tuple[str, ...] = field(default=())
    """One line per piece of evidence, in the order in which it came."""
    sides: tuple[Side, ...] = field(default=())
    """Of each piece whether it speaks for the answer; those without one are taken to speak for it."""
    decided: bool = False
    """True after a verdict, when the work goes by belief."""
    course: str = ""
    """What the evidence did to belief as a whole, without a full stop."""
    urgency: str = ""
    """How urgent it is and why."""
    next_step: str = ""
    """The first thing to do."""
    next_steps: tuple[str, ...] = field(default=())
    """Everything to do next, each with who does it and how long it takes."""
    said: Mapping[str, str] = field(default_factory=dict)
    """What was said under an id that leaves cite, as part of a sentence."""

    def __post_init__(self) -> None:
        if self.made_at.tzinfo is None:
            raise ValueError("made_at needs a time zone")
        for name in ("title", "answer", "version", "course", "urgency", "next_step"):
            object.__setattr__(self, name, one_line(getattr(self, name)))
        for name in ("evidence", "next_steps"):
            object.__setattr__(self, name, tuple(one_line(line) for line in getattr(self, name)))
        object.__setattr__(self, "said", {key: one_line(text) for key, text in self.said.items()})

    @property
    def to_do(self) -> tuple[str, ...]:
        """How urgent it is and everything to do next; nothing where no diagnosis says what."""
        if not self.next_steps:
            return ()
        return (self.urgency, *self.next_steps) if self.urgency else self.next_steps

    def by_side(self) -> list[tuple[str, tuple[str, ...]]]:
        """The evidence that there is, each part under a heading that says which way it speaks."""
        sides = (*self.sides, *("for" for _ in self.evidence[len(self.sides) :]))
        parts = [(head, self._speaking(side, sides)) for side, head in HEADINGS.items()]
        return [(head, lines) for head, lines in parts if lines]

    def _speaking(self, wanted: Side, sides: tuple[Side | str, ...]) -> tuple[str, ...]:
        return tuple(line for line, side in zip(self.evidence, sides, strict=False) if side == wanted)

    @property
    def made(self) -> str:
        """The moment in UTC, to the minute."""
        return f"{self.made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    @property
    def stamp(self) -> str:
        """Version and moment, as every export shows them."""
        return f"{self.version} \u00b7 made {self.made}"


def joined(value: str | tuple[str, ...]) -> str:
    """A fact of the frame on one line, several values parted by semicolons."""
    return value if isinstance(value, str) else "; ".join(value)


def one_line(text: str) -> str:
    """The text on one line, with a mark where it held a character that no document can hold."""
    return _UNPRINTABLE.sub("\ufffd", " ".join(text.split()))
