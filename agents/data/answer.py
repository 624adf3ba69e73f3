"""The answer of the data agent, complete in itself: it can be stored, and opened again without the tables."""

from agents.data.request import AnalysisRequest
from agents.data.results import Figure, Finding, ResultTable
from agents.data.tables import Fact


class Offer(Fact):
    """An analysis that could be run instead, or next."""

    label: str
    """What it would show, as a person would ask for it."""
    request: AnalysisRequest
    """The analysis."""


class DataAnswer(Fact):
    """Tables, sentences and charts; when the question was not understood, offers and no number at all."""

    question: str | None
    """As it was asked; None for an analysis that was chosen."""
    understood: str
    """How the question was read: a whole sentence."""
    confidence: float
    """How surely it was read, 0 to 1; below 0.6 nothing is reckoned."""
    request: AnalysisRequest | None
    """The analysis that was run; None when none was, or when the SQL was somebody's own."""
    tables: tuple[ResultTable, ...]
    """The results."""
    findings: tuple[Finding, ...]
    """What they say."""
    figures: tuple[Figure, ...]
    """Charts of them."""
    offers: tuple[Offer, ...]
    """What else could be asked."""
    limits: tuple[str, ...]
    """What was cut off, left out or assumed: whole sentences."""

    @property
    def sql(self) -> tuple[str, ...]:
        """The queries, in the order of the tables."""
        return tuple(table.sql for table in self.tables)
