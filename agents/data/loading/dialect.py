"""How a CSV file is laid out: its delimiter, the lines before the table, its header."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from agents.errors import BadInput

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_CHARACTERS = 512 * 1024
SAMPLE_ROWS = 300
MOST_PREFACE = 30
"""Lines of title or remarks that may stand above the header."""


@dataclass(frozen=True)
class Dialect:
    """What a reader must know of a CSV file; quotes are `"`, doubled inside a quoted cell."""

    delimiter: str
    header: tuple[str, ...]
    """Cells of the header as they stand."""
    preface: int
    """Lines of title or remarks above the header."""
    skipped: int
    """Lines before the first row of data; a line break inside a quoted cell ends no line."""
    padded: bool = False
    """True when rows may be shorter than the header; the missing cells are empty."""


@dataclass(frozen=True)
class _Row:
    place: int
    """Rows before it, empty ones as well; that is how DuckDB counts what it skips."""
    cells: list[str]


def find_dialect(path: Path, name: str) -> Dialect:
    """The layout of a UTF-8 file by its first rows; BadInput when there is no table in it."""
    with path.open(encoding="utf-8", newline="") as file:
        sample = file.read(SAMPLE_CHARACTERS)
    if not sample.strip():
        raise BadInput(f"“{name}” is empty. Nothing was read: attach the file with its content.")
    if sample.lstrip()[:15].lower().startswith(("<!doctype", "<html", "<?xml")):
        raise BadInput(f"“{name}” is a web page, not a table. Nothing was read: download the data itself.")
    readings = [(delimiter, list(_rows(sample, delimiter))) for delimiter in DELIMITERS]
    delimiter, rows = max(readings, key=lambda reading: _regularity(reading[1]))
    header = next(row for row in rows if len(row.cells) >= _usual_width(rows))
    return Dialect(delimiter, tuple(header.cells), header.place, header.place + 1)


def _rows(sample: str, delimiter: str) -> Iterator[_Row]:
    """Rows with something in them; the last one may be cut and is left out when there are others."""
    reader = csv.reader(io.StringIO(sample), delimiter=delimiter)
    found: list[_Row] = []
    try:
        for place, cells in enumerate(islice(reader, SAMPLE_ROWS + MOST_PREFACE)):
            if any(cell.strip() for cell in cells):
                found.append(_Row(place, cells))
    except csv.Error:  # a cell longer than the reader allows: what came before it is sample enough
        pass
    cut = len(sample) == SAMPLE_CHARACTERS and len(found) > 1
    yield from found[:-1] if cut else found


def _usual_width(rows: list[_Row]) -> int:
    widths = Counter(len(row.cells) for row in rows)
    return max(widths, key=lambda width: (widths[width], width))


def _regularity(rows: list[_Row]) -> tuple[float, int]:
    """Share of rows with the usual number of cells, nought when that is one; then that number."""
    if not rows:
        return (0.0, 0)
    width = _usual_width(rows)
    share = sum(len(row.cells) == width for row in rows) / len(rows)
    return (share if width > 1 else 0.0, width)
