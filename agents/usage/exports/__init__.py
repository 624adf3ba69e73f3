"""Taking usage along: what the filters show as CSV, Parquet, an Excel workbook or one slide."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from agents.errors import NotFound
from storage.clock import now
from storage.runs import Environment
from storage.usage.figure import Reader
from storage.usage.filters import Filters

Form = Literal["csv", "parquet", "xlsx", "pptx"]
Maker = Callable[[Reader, Filters, datetime, Environment], bytes]

__all__ = ["FORMS", "Export", "Form", "export", "file_name"]


@dataclass(frozen=True)
class Export:
    """One form that usage can leave in."""

    label: str
    """As a person picks it."""
    media_type: str
    make: Maker


def export(
    reader: Reader,
    filters: Filters,
    form: Form,
    at: datetime | None = None,
    counted: Environment = "live",
) -> bytes:
    """The file's bytes, with the month as of a moment (UTC, now by default); NotFound for no known form.

    `counted` is the environment whose spend budgets count.
    All of it adds up to the headline of the same filters; nothing is left out but what the file says.
    """
    if form not in FORMS:
        raise NotFound(f"There is no export named “{str(form)[:40]}”. Choose one of: {', '.join(FORMS)}.")
    return FORMS[form].make(reader, filters, at or now(), counted)


def file_name(filters: Filters, form: Form) -> str:
    """A name that sorts by period: `whytree-usage-2026-11-01-to-2026-11-25.csv`."""
    last = filters.span.end - timedelta(microseconds=1)
    return f"whytree-usage-{filters.span.start:%Y-%m-%d}-to-{last:%Y-%m-%d}.{form}"


def _csv(reader: Reader, filters: Filters, at: datetime, counted: Environment) -> bytes:
    from agents.usage.exports.lines import as_csv

    return as_csv(reader, filters)


def _parquet(reader: Reader, filters: Filters, at: datetime, counted: Environment) -> bytes:
    from agents.usage.exports.lines import as_parquet

    return as_parquet(reader, filters)


def _workbook(reader: Reader, filters: Filters, at: datetime, counted: Environment) -> bytes:
    from agents.usage.exports.workbook import to_workbook  # loads XlsxWriter only when wanted

    return to_workbook(reader, filters, at, counted)


def _slide(reader: Reader, filters: Filters, at: datetime, counted: Environment) -> bytes:
    from agents.usage.exports.slide import to_slide  # loads python-pptx only when wanted

    return to_slide(reader, filters, at, counted)


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMS: dict[Form, Export] = {
    "csv": Export("CSV for finance", "text/csv", _csv),
    "parquet": Export("Parquet", "application/vnd.apache.parquet", _parquet),
    "xlsx": Export("Excel with charts", f"{_OFFICE}.spreadsheetml.sheet", _workbook),
    "pptx": Export("Steering-meeting slide", f"{_OFFICE}.presentationml.presentation", _slide),
}
"""Every form, in the order in which they are offered."""
