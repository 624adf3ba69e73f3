"""Questions about attached tables: really reckoned, in a locked database; every number can be opened."""

from agents.assistants.answers import TableAnswer
from agents.assistants.query import by_model
from agents.assistants.tables import own_sql, table_files
from agents.assistants.task import Agent, NeedsSomething, Task
from agents.data.analyses.run import analyse
from agents.data.answer import DataAnswer
from agents.data.asking import Asker
from agents.data.code_help import run_sql
from agents.data.language.wording import described
from agents.data.sandbox import Sandbox
from agents.errors import Refused

NEEDS = "There is no table to analyse. Attach CSV, Parquet or Excel and send your question again."


def handle(task: Task) -> TableAnswer:
    """Reckon what was chosen, what a model writes as SQL, SQL as it stands, or what is understood."""
    files = table_files(task)
    if not files:
        raise NeedsSomething(NEEDS)
    with Sandbox(files) as sandbox:
        if task.analysis is not None:
            understood = f"This is {described(task.analysis)}, as you chose."
            found = analyse(sandbox, task.analysis, understood, task.text)
        elif task.model is not None:
            return TableAnswer(answer=by_model(task.model, sandbox, task.text), by_model=True)
        else:
            found = _run_own(sandbox, task.text) or Asker(sandbox).ask(task.text)
    return TableAnswer(answer=found, by_model=False)


def _run_own(sandbox: Sandbox, text: str) -> DataAnswer | None:
    """The result of a text that is SQL on the tables already; None for all others."""
    sql = own_sql(text)
    try:
        return run_sql(sandbox, sql) if sql else None
    except Refused:  # words that begin like SQL
        return None


AGENT = Agent(
    id="data",
    label="Data",
    does="Analyses attached tables: profile, top, trend, breakdown, comparison; every number can be opened.",
    without_model="Does all of these, from plain questions; what it does not understand it offers instead.",
    examples=("Which region sold most?", "How did revenue develop by month?"),
    handle=handle,
)
