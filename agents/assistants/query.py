"""A question about attached tables answered by SQL that a model writes: checked, run, shown, charted.

The model names no figure: every number in the answer is read from the result.
"""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agents.assistants.speaker import Speaker
from agents.assistants.tables import in_words
from agents.data import figures
from agents.data.answer import DataAnswer
from agents.data.results import Figure, Finding, ResultTable
from agents.data.sandbox import Sandbox
from agents.data.sentences import Cited, name, number, sentence
from agents.errors import Refused, StepFailed

PLAIN = "Read by the model as the SQL below says."
TOLD = 4
"""Numbers of a result's first row that are told in words."""


class Query(BaseModel):
    """What the model gives."""

    model_config = ConfigDict(extra="ignore")

    understood: str
    sql: str
    chart: Literal["line", "bar", "none"]
    x: str
    y: str


def by_model(speaker: Speaker, sandbox: Sandbox, question: str) -> DataAnswer:
    """The answer; StepFailed when the SQL is refused and its mending too."""
    tables = "\n\n".join(map(in_words, sandbox.tables))
    query = _written(speaker, question, tables)
    try:
        table = _run(sandbox, query)
    except Refused as refusal:
        query = _written(speaker, question, tables, query.sql, str(refusal))
        table = _run_mended(sandbox, query)
    cut = f"Only the first {len(table.rows):,} rows are kept."
    return DataAnswer(
        question=question,
        understood=_without_figures(query.understood, question),
        confidence=1.0,
        request=None,
        tables=(table,),
        findings=_findings(table),
        figures=_figures(table, query),
        offers=(),
        limits=() if table.complete else (cut,),
    )


def _written(speaker: Speaker, question: str, tables: str, earlier: str = "", faults: str = "") -> Query:
    values = {"request": question, "tables": tables, "earlier": earlier, "faults": faults}
    return speaker.ask(Query, "data", values, call="mend" if faults else "data")


def _run(sandbox: Sandbox, query: Query) -> ResultTable:
    sql = query.sql.strip().removesuffix(";")
    found = sandbox.query(sql)
    return ResultTable(
        columns=found.columns, rows=found.rows, complete=found.complete, id="r1", title="Result", sql=sql
    )


def _run_mended(sandbox: Sandbox, query: Query) -> ResultTable:
    try:
        return _run(sandbox, query)
    except Refused as refusal:
        raise StepFailed(
            f"The SQL that the model wrote was refused twice, so nothing was reckoned. {refusal} "
            f"Your tables are as they were: word the question differently."
        ) from refusal


def _without_figures(understood: str, question: str) -> str:
    """The model's reading, unless it holds a figure that the question does not."""
    own = set(re.findall(r"\d+", question))
    return understood if set(re.findall(r"\d+", understood)) <= own else PLAIN


def _findings(table: ResultTable) -> tuple[Finding, ...]:
    """The first row in words."""
    if not table.rows:
        return (sentence("No row fits the question."),)
    numbers = [column.name for column in table.columns if column.family == "number"][:TOLD]
    labels = [column.name for column in table.columns if column.family != "number"][:1]
    where: list[str | Cited] = [name(table, 0, labels[0]), ": "] if labels else []
    return tuple(sentence(*where, f"{column} ", number(table, 0, column), ".") for column in numbers)


def _figures(table: ResultTable, query: Query) -> tuple[Figure, ...]:
    families = {column.name: column.family for column in table.columns}
    if query.chart == "none" or len(table.rows) < 2 or query.x not in families:
        return ()
    if families.get(query.y) != "number":
        return ()
    draw = figures.lines if query.chart == "line" else figures.bars
    return (draw(table, query.x, query.y),)
