"""The parts of a question, and what is open about them."""

from dataclasses import dataclass, field

from agents.data.language.reading import Reading
from agents.data.request import Condition, Filter, Measure, Period
from agents.data.tables import Column

NOT_SURE = 0.4
"""Confidence of a question that leaves something open."""
ASSUMED = 0.9
"""What an assumption takes from the confidence."""


@dataclass
class Slots:
    """The parts of a question, and what is open about them."""

    reading: Reading
    """The words they come from."""
    measure: Measure | None = None
    """What is reckoned; None when it was not said."""
    groups: list[Column] = field(default_factory=list)
    """The columns to group by."""
    time: Column | None = None
    """The time column, said or the table's first."""
    time_is_group: bool = False
    """True when the time column was named as what to group by."""
    periods: list[Period] = field(default_factory=list)
    """The stretches of time, in the order they were named."""
    filters: list[Filter] = field(default_factory=list)
    """The values that were named."""
    others: list[Condition] = field(default_factory=list)
    """Values that are left out, and limits of numbers."""
    doubts: list[str] = field(default_factory=list)
    """Why something is not sure: whole sentences."""
    confidence: float = 1.0
    """How sure the words are, 0 to 1."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All that a row must meet."""
        return (*self.filters, *self.others)

    def doubt(self, sentence: str) -> None:
        """Note what is open; the question is then not answered without asking back."""
        self.confidence = min(self.confidence, NOT_SURE)
        if sentence not in self.doubts:
            self.doubts.append(sentence)

    def assume(self) -> None:
        """Note that something was taken to be meant without being said."""
        self.confidence *= ASSUMED
