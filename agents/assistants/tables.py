"""Attached tables, as far as agents need them."""

import re
from collections.abc import Sequence
from pathlib import Path

from agents.assistants.answers import Check, SqlOffer
from agents.assistants.task import Task
from agents.data.analyses.run import analyse
from agents.data.attachment import ENDINGS, Attachment
from agents.data.code_help import sql_for
from agents.data.request import ProfileRequest
from agents.data.sandbox import Sandbox
from agents.data.tables import Table
from agents.errors import BadInput, Refused

MOST_COLUMNS = 80
"""Of a table so many columns are described to a model."""

OWN_SQL = re.compile(r"(?is)(?:^|[:\n]|```(?:sql)?)\s*((?:select|with)\b.+?)[;`\s]*$")


def table_files(task: Task) -> tuple[Attachment, ...]:
    """The attached files that are tables."""
    return only_tables(task.attachments)


def only_tables(files: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Those of the files that are tables; a plain text file is a document."""
    endings = {ending for ending in ENDINGS if ending != ".txt"}
    return tuple(file for file in files if Path(file.name).suffix.casefold() in endings)


def described(task: Task) -> str:
    """The attached tables for a model, or a sentence that there are none."""
    files = table_files(task)
    if not files:
        return "No table is attached."
    with Sandbox(files) as sandbox:
        return "\n\n".join(map(in_words, sandbox.tables))


def in_words(table: Table) -> str:
    """A table's name, rows and columns."""
    lines = [
        f"- {column.name} ({column.type}): {column.lowest} to {column.highest}"
        if column.lowest is not None
        else f"- {column.name} ({column.type})"
        for column in table.columns[:MOST_COLUMNS]
    ]
    return "\n".join([f"Table {table.name}, {table.rows} rows", *lines])


def try_sql(task: Task, sql: str) -> Check:
    """Run SQL on the attached tables; what the gate or the database says against it is the detail."""
    try:
        with Sandbox(table_files(task)) as sandbox:
            found = sandbox.query(sql.strip().rstrip(";"), 20)
    except (Refused, BadInput) as error:
        return Check(what="Run on the attached tables", passed=False, detail=str(error))
    rows = "at least " if not found.complete else ""
    detail = f"It ran and gave {rows}{len(found.rows)} rows and {len(found.columns)} columns."
    return Check(what="Run on the attached tables", passed=True, detail=detail)


def own_sql(text: str) -> str | None:
    """What of a request is SQL as it stands: all of it, or what follows a colon, a line's end or a fence."""
    found = OWN_SQL.search(text)
    return found[1] if found else None


def offered_sql(task: Task) -> tuple[SqlOffer, ...]:
    """SQL for the request where it is understood, else for what could be asked; all of it was run."""
    with Sandbox(table_files(task)) as sandbox:
        answer = sql_for(sandbox, task.text)
        found = list(answer.tables)
        offers = [offer for offer in answer.offers if not isinstance(offer.request, ProfileRequest)]
        for offer in () if found else offers:
            found += analyse(sandbox, offer.request, offer.label).tables[:1]
    return tuple(SqlOffer(title=table.title, sql=table.sql) for table in found)
