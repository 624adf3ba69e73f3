"""What a model may say when it drafts a playbook: causes, questions and levels, in words, never numbers."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agents.diagnosis.playbook import Line, SplitKind

Key = Annotated[str, StringConstraints(pattern=r"^[a-i]$")]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)]
Asked = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=140)]

Severity = Literal["small", "moderate", "serious", "severe", "threatening"]
Haste = Literal["days", "weeks", "months", "quarters", "a year"]
Work = Literal["hours", "a day", "days", "a week", "weeks"]
SEVERITY: dict[Severity, int] = {"small": 1, "moderate": 2, "serious": 3, "severe": 4, "threatening": 5}
WORSE_IN_DAYS: dict[Haste, int] = {"days": 5, "weeks": 21, "months": 75, "quarters": 180, "a year": 365}
EFFORT_DAYS: dict[Work, float] = {"hours": 0.5, "a day": 1, "days": 3, "a week": 5, "weeks": 12}


class Said(BaseModel):
    """Base of what a model returns: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class DraftCause(Said):
    """One cause that excludes the others."""

    key: Key
    label: Short
    claim: Line
    severity: Severity
    worse_within: Haste
    why_worse: Line
    analysis: Line
    effort: Work
    data_source: Line
    owner: Short
    disproof: Line


class Fits(Said):
    """How an answer fits the causes, by their keys; a cause that is not named is neutral."""

    typical: list[Key] = Field(default_factory=list)
    likely: list[Key] = Field(default_factory=list)
    unlikely: list[Key] = Field(default_factory=list)
    rules_out: list[Key] = Field(default_factory=list)


class DraftAnswer(Fits):
    """One answer and what it says of the causes."""

    text: Short


class DraftQuestion(Said):
    """One question that the client can answer without a study."""

    text: Asked
    theme: Short
    answers: Annotated[list[DraftAnswer], Field(min_length=2, max_length=4)]


class DraftGroup(Said):
    """One branch of the why-tree."""

    text: Line
    causes: Annotated[list[Key], Field(min_length=1)]


class Draft(Said):
    """A playbook as a model words it."""

    title: Short
    question: Line
    split: SplitKind
    dimension: Line
    groups: Annotated[list[DraftGroup], Field(min_length=2, max_length=5)]
    causes: Annotated[list[DraftCause], Field(min_length=3, max_length=9)]
    questions: Annotated[list[DraftQuestion], Field(min_length=5, max_length=14)]


class SecondLook(Said):
    """The levels of one question, given again."""

    question: Annotated[int, Field(ge=1)]
    answers: list[Fits]


class Levels(Said):
    """All levels, given again in another order."""

    questions: list[SecondLook]


class SummarySentence(Said):
    """One sentence with the answers it rests on."""

    text: Line
    evidence: list[str]


class Summary(Said):
    """The diagnosis in prose."""

    sentences: Annotated[list[SummarySentence], Field(min_length=1, max_length=8)]


class Wording(Said):
    """One question in the client's terms."""

    id: str
    text: Asked


class Wordings(Said):
    """Questions in the client's terms."""

    questions: list[Wording]


class ReadAnswer(Said):
    """What a free text answers, if anything."""

    answer: Annotated[int, Field(ge=0)]
    """Number of the answer, 0 for none of them."""
