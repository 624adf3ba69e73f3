"""Options, competitors and offers side by side: a table with a source per cell."""

from pydantic import BaseModel, ConfigDict

from agents.assistants.answers import Cell, ComparisonAnswer, Criterion
from agents.assistants.cited import Cited
from agents.assistants.sources import find_passages, listing
from agents.assistants.task import Agent, Task
from agents.errors import StepFailed

NEEDS = (
    "Comparing needs a model: connect one in Settings, then try again. Attach documents, or switch web "
    "search on, to have cells with sources."
)


class SaidCell(BaseModel):
    """One cell as the model gives it."""

    model_config = ConfigDict(extra="ignore")

    option: str
    text: str
    source: int | None
    """Number of a passage; null for the model's own knowledge."""


class SaidCriterion(BaseModel):
    """One row as the model gives it."""

    model_config = ConfigDict(extra="ignore")

    name: str
    cells: list[SaidCell]


class Compared(BaseModel):
    """What the model gives."""

    model_config = ConfigDict(extra="ignore")

    options: list[str]
    criteria: list[SaidCriterion]
    conclusion: str


def handle(task: Task) -> ComparisonAnswer:
    """Compare."""
    speaker = task.speaker(NEEDS)
    sources, notes = find_passages(task)
    said = speaker.ask(Compared, "compare", {"request": task.text, "passages": listing(sources)})
    if len(set(said.options)) < 2 or not said.criteria:
        raise StepFailed(
            "The model named fewer than two options, or nothing to compare them by, so there is no table. "
            "Name the options in your request and try again."
        )
    options = tuple(dict.fromkeys(said.options))
    cited = Cited(sources)
    criteria = tuple(_row(row, options, cited) for row in said.criteria)
    conclusion = cited.text(said.conclusion)
    return ComparisonAnswer(
        options=options,
        criteria=criteria,
        conclusion=conclusion,
        sources=cited.sources,
        removed=cited.removed,
        notes=notes,
    )


def _row(said: SaidCriterion, options: tuple[str, ...], cited: Cited) -> Criterion:
    """The cells in the options' order; one the model left out stays empty."""
    by_option = {cell.option: cell for cell in said.cells}
    cells = (by_option.get(option) for option in options)
    return Criterion(
        name=said.name,
        cells=tuple(
            Cell(text=cited.text(cell.text), source=cited.number(cell.source))
            if cell
            else Cell(text="", source=None)
            for cell in cells
        ),
    )


AGENT = Agent(
    id="compare",
    label="Comparison",
    does="Puts options or competitors side by side in a table, with a source per cell where there is one.",
    without_model="Needs a model.",
    examples=("Compare buying and leasing our vans", "Notion versus Confluence for a team of ten"),
    handle=handle,
)
