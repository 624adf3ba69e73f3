"""Code in the language that was asked for, checked where that can be done; SQL for attached tables."""

import json

from pydantic import BaseModel, ConfigDict

from agents.assistants.answers import Check, CodeAnswer, SqlOffer, SqlOffers
from agents.assistants.speaker import Speaker
from agents.assistants.tables import described, offered_sql, own_sql, table_files, try_sql
from agents.assistants.task import Agent, NeedsSomething, Task
from agents.data.code_help import check_python

NEEDS = (
    "Writing code needs a model: connect one in Settings, then try again. Without one, SQL can be offered "
    "for an attached table: attach CSV, Parquet or Excel."
)
OFFER = "Writing the code itself needs a model: connect one in Settings. This SQL can be had without one."

OWN = "This is SQL already. It was tried on the attached tables and can be run as it stands."


class Written(BaseModel):
    """What the model gives."""

    model_config = ConfigDict(extra="ignore")

    language: str
    code: str
    explanation: str
    how_to_run: str


def handle(task: Task) -> CodeAnswer | SqlOffers:
    """Write, check, have it mended once when the check fails."""
    if task.model is None:
        return _offers(task)
    tables = described(task)
    written = _write(task.model, task.text, tables)
    checks = _checks(task, written)
    if faults := [check.detail for check in checks if not check.passed]:
        written = _write(task.model, task.text, tables, written.code, "\n".join(faults))
        checks = _checks(task, written)
    return CodeAnswer(
        language=written.language,
        code=written.code,
        explanation=written.explanation,
        how_to_run=written.how_to_run,
        checks=checks,
    )


def _write(speaker: Speaker, request: str, tables: str, code: str = "", faults: str = "") -> Written:
    values = {"request": request, "tables": tables, "earlier": code, "faults": faults}
    return speaker.ask(Written, "code", values, call="mend" if faults else "code", role="code")


def _checks(task: Task, written: Written) -> tuple[Check, ...]:
    language = written.language.casefold()
    if language.startswith("python"):
        return (_python(written.code),)
    if language == "json":
        return (_json(written.code),)
    if "sql" in language and table_files(task):
        return (try_sql(task, written.code),)
    return ()


def _python(code: str) -> Check:
    found = check_python(code)
    return Check(what="Python syntax", passed=found.valid, detail=found.message)


def _json(code: str) -> Check:
    try:
        json.loads(code)
    except (ValueError, RecursionError) as error:
        return Check(what="JSON", passed=False, detail=f"This is not valid JSON: {error}.")
    return Check(what="JSON", passed=True, detail="This is valid JSON.")


def _offers(task: Task) -> SqlOffers:
    if not table_files(task):
        raise NeedsSomething(NEEDS)
    own = own_sql(task.text)
    if own is None:
        return SqlOffers(needs=OFFER, offers=offered_sql(task))
    tried = try_sql(task, own)
    if tried.passed:
        return SqlOffers(needs=OWN, offers=(SqlOffer(title="Your SQL, as it stands", sql=own),))
    return SqlOffers(needs=f"As SQL this was not run: {tried.detail} {OFFER}", offers=offered_sql(task))


AGENT = Agent(
    id="code",
    label="Code",
    does="Writes code in the language you ask for, explains it and says how to run it.",
    without_model="Offers SQL for attached tables; code in other languages needs a model.",
    examples=(
        "Write Python tests for a function that parses dates",
        "A SQL query for the ten best customers",
    ),
    handle=handle,
)
