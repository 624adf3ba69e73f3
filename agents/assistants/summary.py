"""Summaries of a text, typed or attached, whose points name the passage they come from."""

from pydantic import BaseModel, ConfigDict

from agents.assistants.answers import Point, SummaryAnswer
from agents.assistants.cited import Cited
from agents.assistants.sources import all_passages, listing
from agents.assistants.task import Agent, Task

NEEDS = (
    "Summarising needs a model: connect one in Settings, then try again. "
    "Without one, the content agent can quote the best passages of an attached document."
)


class SaidPoint(BaseModel):
    """One point as the model gives it."""

    model_config = ConfigDict(extra="ignore")

    text: str
    source: int | None
    """Number of the passage; null without passages."""


class Summed(BaseModel):
    """What the model gives."""

    model_config = ConfigDict(extra="ignore")

    headline: str
    points: list[SaidPoint]


def handle(task: Task) -> SummaryAnswer:
    """Summarise."""
    speaker = task.speaker(NEEDS)
    sources, notes = all_passages(task)
    said = speaker.ask(Summed, "summary", {"request": task.text, "passages": listing(sources)})
    cited = Cited(sources)
    headline = cited.text(said.headline)
    points = tuple(
        Point(text=cited.text(point.text), source=cited.number(point.source)) for point in said.points
    )
    return SummaryAnswer(
        headline=headline,
        points=points,
        sources=cited.sources,
        removed=cited.removed,
        notes=notes,
    )


AGENT = Agent(
    id="summary",
    label="Summary",
    does="Summarises a text or an attached document; each point names its passage.",
    without_model="Needs a model.",
    examples=("Summarise this report in five points", "What matters in the attached minutes?"),
    handle=handle,
)
