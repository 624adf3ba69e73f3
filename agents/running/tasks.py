"""A file of tasks: one per line of text, per row of a table, or per line of JSON."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.errors import BadInput

LARGEST_MB = 20
MOST = 10_000
"""Tasks of one file."""
TEXT_COLUMNS = ("task", "text", "input", "question", "complaint")
"""Headings under which a table may have its tasks."""
LONGEST_PRIORITY = 20
"""Digits, leading zeros among them; Python reads no number of thousands of digits."""
SHOWN = 5
"""Faults that are named; the rest are counted."""


@dataclass(frozen=True)
class Task:
    """One task of a file."""

    line: int
    """Line of the file, 1 being the first."""
    text: str
    agent: str | None = None
    """Agent chosen outright; None: whoever the batch is for."""
    priority: int | None = None
    """1 goes first; None: as the batch says."""


def read_tasks(name: str, content: bytes) -> list[Task]:
    """The tasks of a file; its ending says how to read it (.csv, .jsonl, else one task per line).

    Raises BadInput naming the lines that cannot be read; a file is taken whole or not at all.
    """
    if len(content) > LARGEST_MB * 2**20:
        raise BadInput(f"The file is larger than {LARGEST_MB} MB. Nothing was started: split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"The file is not UTF-8 text (byte {error.start + 1}). Nothing was started: save it as UTF-8."
        ) from error
    ending = name.rsplit(".", 1)[-1].casefold()
    read = {"csv": _rows, "jsonl": _json_lines, "ndjson": _json_lines}.get(ending, _plain_lines)
    faults: list[str] = []
    tasks = list(read(text, faults))
    if faults:
        more = f" and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise BadInput(f"{'; '.join(faults[:SHOWN])}{more}. Nothing was started: correct the file.")
    if not tasks:
        raise BadInput("The file holds no task. Nothing was started.")
    if len(tasks) > MOST:
        raise BadInput(f"The file holds {len(tasks):,} tasks; {MOST:,} are the most. Nothing was started.")
    return tasks


def _plain_lines(text: str, _: list[str]) -> Iterator[Task]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield Task(number, line.strip())


def _rows(text: str, faults: list[str]) -> Iterator[Task]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        names = {(heading or "").strip().casefold(): heading for heading in reader.fieldnames or ()}
        column = next((names[name] for name in TEXT_COLUMNS if name in names), None)
        if column is None:
            no_column = f"{', '.join(TEXT_COLUMNS[:-1])} or {TEXT_COLUMNS[-1]}"
            faults.append(f"The first line has no column {no_column}")
            return
        for row in reader:
            if None in row:
                faults.append(
                    f"Line {reader.line_num} has more fields than the first line has columns: put a text "
                    "that holds a comma in double quotes"
                )
                continue
            values: dict[str, Any] = {key: row[names[key]] for key in ("agent", "priority") if key in names}
            yield from _task(reader.line_num, row.get(column), values, faults)
    except csv.Error as error:
        faults.append(f"Line {reader.reader.line_num}: {error}")


def _json_lines(text: str, faults: list[str]) -> Iterator[Task]:
    for number, line in enumerate(text.split("\n"), start=1):  # a text may hold U+2028 and its like
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            faults.append(f"Line {number} is no JSON")
            continue
        if not isinstance(entry, dict):
            faults.append(f"Line {number} is no JSON object")
            continue
        said = next((entry[name] for name in TEXT_COLUMNS if name in entry), None)
        yield from _task(number, said, entry, faults)


def _task(number: int, text: Any, values: Mapping[str, Any], faults: list[str]) -> Iterator[Task]:
    agent, priority = (None if values.get(key) == "" else values.get(key) for key in ("agent", "priority"))
    if not isinstance(text, str) or not text.strip():
        faults.append(f"Line {number} has no task")
    elif not isinstance(agent, str | None):
        faults.append(f"Line {number} names its agent in no text")
    elif priority is not None and not _is_priority(priority):
        faults.append(f"Line {number} has a priority that is no whole number from 1 to 1000")
    else:
        yield Task(number, text.strip(), agent, None if priority is None else int(priority))


def _is_priority(value: Any) -> bool:
    text = str(value).strip()
    is_short = text.isdecimal() and len(text) <= LONGEST_PRIORITY
    return not isinstance(value, bool) and is_short and 1 <= int(text) <= 1000
