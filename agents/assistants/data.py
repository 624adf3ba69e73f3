"""Questions about attached tables: really reckoned, in a locked database; every number can be opened."""

from agents.assistants.answers import TableAnswer
from agents.assistants.query import by_model
from agents.assistants.tables import table_files
from agents.assistants.task import Agent, NeedsSomething, Task
from agents.data.analyses.run import analyse
from agents.data.request import ProfileRequest
from agents.data.sandbox import Sandbox

NEEDS = "There is no table to analyse. Attach CSV, Parquet or Excel and send your question again."


def handle(task: Task) -> TableAnswer:
    """Reckon."""
    files = table_files(task)
    if not files:
        raise NeedsSomething(NEEDS)
    with Sandbox(files) as sandbox:
        if task.model is not None:
            return TableAnswer(answer=by_model(task.model, sandbox, task.text), by_model=True)
        found = analyse(sandbox, ProfileRequest(table=sandbox.tables[0].name), "A profile.", task.text)
    return TableAnswer(answer=found, by_model=False)


AGENT = Agent(
    id="data",
    label="Data",
    does="Analyses attached tables: profile, top, trend, breakdown, comparison; every number can be opened.",
    without_model="Does all of these; free questions are answered by SQL that a model writes.",
    examples=("Which region sold most?", "How did revenue develop by month?"),
    handle=handle,
)
