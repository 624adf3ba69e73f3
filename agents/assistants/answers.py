"""What agents answer: typed, stored with the run, drawn as what it is."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agents.data.answer import DataAnswer
from agents.documents.citations import Source

ROWS_IN_WORDS = 20
"""Rows of a result that are remembered."""


class Kept(BaseModel):
    """Base of what is stored: frozen, with no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TextAnswer(Kept):
    """Plain talk."""

    kind: Literal["text"] = "text"
    text: str

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        return self.text


class ToolCall(Kept):
    """One tool that was really called, or asked for in vain, and what it gave."""

    tool: str
    given: str
    result: str
    exists: bool = True
    """False: the persona has no such tool, so nothing was called."""


class PersonaAnswer(Kept):
    """Talk of a persona, with what its tools did."""

    kind: Literal["persona"] = "persona"
    text: str
    calls: tuple[ToolCall, ...]

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        return self.text


class Check(Kept):
    """Something that was tried on an answer."""

    what: str
    passed: bool
    detail: str
    """A whole sentence."""


class CodeAnswer(Kept):
    """Code with what one needs to use it."""

    kind: Literal["code"] = "code"
    language: str
    code: str
    explanation: str
    how_to_run: str
    checks: tuple[Check, ...]

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        return f"{self.explanation}\n\n{self.language}:\n{self.code}\n\n{self.how_to_run}"


class SqlOffer(Kept):
    """SQL for the attached tables, built without a model."""

    title: str
    sql: str


class SqlOffers(Kept):
    """What can be offered where code was asked for and no model is there."""

    kind: Literal["sql_offers"] = "sql_offers"
    needs: str
    """What is missing for the code itself: a whole sentence."""
    offers: tuple[SqlOffer, ...]

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        return "\n\n".join([self.needs, *(f"{offer.title}\n{offer.sql}" for offer in self.offers)])


class ContentAnswer(Kept):
    """Prose whose statements cite numbered sources."""

    kind: Literal["content"] = "content"
    text: str
    sources: tuple[Source, ...]
    """Those that are cited."""
    removed: int
    """Citations taken out because no source has their number."""
    unsupported: tuple[str, ...] = ()
    """Sentences that claim something and cite no source."""
    notes: tuple[str, ...]
    """What a reader must know: whole sentences."""

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        return self.text


class PassagesAnswer(Kept):
    """The best passages for a question, quoted, without a model."""

    kind: Literal["passages"] = "passages"
    sources: tuple[Source, ...]
    notes: tuple[str, ...]

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        return "\n\n".join(f"[{source.number}] {source.text}" for source in self.sources)


class Point(Kept):
    """One statement and where it comes from."""

    text: str
    source: int | None
    """None when it cites none."""


class SummaryAnswer(Kept):
    """A summary, headline first."""

    kind: Literal["summary"] = "summary"
    headline: str
    points: tuple[Point, ...]
    sources: tuple[Source, ...]
    removed: int
    notes: tuple[str, ...]

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        return "\n".join([self.headline, *(f"- {point.text}" for point in self.points)])


class TranslationAnswer(Kept):
    """A translation with remarks on what does not carry over."""

    kind: Literal["translation"] = "translation"
    from_language: str
    to_language: str
    translation: str
    remarks: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What a reader must know of the attached text: whole sentences."""

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        return self.translation


class EmailAnswer(Kept):
    """An e-mail that can be sent once its gaps are filled."""

    kind: Literal["email"] = "email"
    subject: str
    body: str
    missing: tuple[str, ...]
    """What the sender still has to fill in."""
    notes: tuple[str, ...] = ()
    """What a reader must know of the attached text: whole sentences."""

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        return f"Subject: {self.subject}\n\n{self.body}"


class Cell(Kept):
    """One cell of a comparison."""

    text: str
    source: int | None
    """None: from the model's own knowledge, not looked up."""


class Criterion(Kept):
    """One row of a comparison."""

    name: str
    cells: tuple[Cell, ...]
    """One per option, in their order."""


class ComparisonAnswer(Kept):
    """Options against criteria, with a source per cell."""

    kind: Literal["comparison"] = "comparison"
    options: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    conclusion: str
    sources: tuple[Source, ...]
    """Those that are cited."""
    removed: int
    """Citations taken out because no source has their number."""
    notes: tuple[str, ...] = ()
    """What a reader must know: whole sentences."""

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        rows = (
            f"{criterion.name}: "
            + "; ".join(f"{o}: {cell.text}" for o, cell in zip(self.options, criterion.cells, strict=True))
            for criterion in self.criteria
        )
        return "\n".join([*rows, self.conclusion])


class TableAnswer(Kept):
    """What the attached tables say; every number stands in a result that can be opened."""

    kind: Literal["data"] = "data"
    answer: DataAnswer
    by_model: bool
    """Whether a model wrote the SQL."""

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        lines = [self.answer.understood, *(finding.text for finding in self.answer.findings)]
        for table in self.answer.tables:
            lines.append(" | ".join(column.name for column in table.columns))
            lines += [" | ".join(map(str, row)) for row in table.rows[:ROWS_IN_WORDS]]
        return "\n".join(lines)


class HandOver(Kept):
    """A task for another page, with its text."""

    kind: Literal["hand_over"] = "hand_over"
    page: Literal["diagnose"]
    text: str
    run_id: str | None = None
    """The diagnosis that a request of a batch ended in; None where the person begins it."""
    why_not: str = ""
    """Why a request of a batch ended in none: a whole sentence."""

    @property
    def words(self) -> str:
        """The answer as plain text: what later turns remember of it, and what a search finds."""
        return "This is a problem to diagnose; it was handed to the Diagnose page."


Answer = Annotated[
    TextAnswer
    | PersonaAnswer
    | CodeAnswer
    | SqlOffers
    | ContentAnswer
    | PassagesAnswer
    | SummaryAnswer
    | TranslationAnswer
    | EmailAnswer
    | ComparisonAnswer
    | TableAnswer
    | HandOver,
    Field(discriminator="kind"),
]
ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
"""Reads a stored answer."""
