"""What the code agent can do without a model: SQL from a question, SQL run for a person, Python checked.

Python is parsed and never run; CPython's parser bounds its own depth.
"""

import ast
import warnings
from dataclasses import dataclass

from agents.data.analyses.work import Work
from agents.data.answer import DataAnswer
from agents.data.asking import Asker
from agents.data.sandbox import Sandbox
from agents.data.tables import Fact
from agents.errors import BadInput

LONGEST_PYTHON = 200_000
"""Characters of Python that are checked."""


class PythonCheck(Fact):
    """Whether a text is Python."""

    valid: bool
    """True when it can be parsed."""
    line: int | None
    """Number of the line at fault, from 1."""
    column: int | None
    """Number of the character at fault in that line, from 1."""
    message: str
    """What was found: a whole sentence."""


@dataclass(frozen=True)
class _Fault:
    line: int | None
    column: int | None
    reason: str


def sql_for(sandbox: Sandbox, question: str) -> DataAnswer:
    """The SQL that answers a question about the attached tables, run, with its results.

    The SQL is `answer.sql`; when the question was not understood there is none, and three offers instead.
    """
    return Asker(sandbox).ask(question)


def run_sql(sandbox: Sandbox, sql: str) -> DataAnswer:
    """The result of somebody's own SQL; Refused when it is not one SELECT on the attached tables."""
    work = Work(sandbox, sandbox.tables[0])
    work.result("Result", sql.strip().removesuffix(";"))
    return DataAnswer(
        question=None,
        understood="This SQL was run as it stands.",
        confidence=1.0,
        request=None,
        tables=tuple(work.tables),
        findings=(),
        figures=(),
        offers=(),
        limits=tuple(work.limits),
    )


def check_python(text: str) -> PythonCheck:
    """Parse Python without running it; BadInput for a text that is too long to be checked."""
    if len(text) > LONGEST_PYTHON:
        raise BadInput(
            f"Only {LONGEST_PYTHON:,} characters of Python are checked. Nothing was done: send less."
        )
    fault = _syntax_fault(text)
    if fault is None:
        return PythonCheck(
            valid=True, line=None, column=None, message="This is valid Python; it was not run."
        )
    place = f" in line {fault.line}" if fault.line else ""
    message = f"This is not valid Python{place}: {fault.reason}."
    return PythonCheck(valid=False, line=fault.line, column=fault.column, message=message)


def _syntax_fault(text: str) -> _Fault | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on escapes and comparisons, which are valid
            ast.parse(text)
    except SyntaxError as error:
        return _Fault(error.lineno, error.offset, error.msg.rstrip("."))
    except (RecursionError, MemoryError):  # how the parser refuses what is nested too deeply for it
        return _Fault(None, None, "it is nested too deeply")
    except ValueError as error:
        return _Fault(None, None, str(error).split(":")[-1].strip())
    return None
