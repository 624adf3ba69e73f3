"""Names of columns from the header of a file: each must have one, and no two the same."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from agents.errors import BadInput

LONGEST = 200


def column_names(header: Sequence[str], filled: Sequence[bool], file: str) -> list[str | None]:
    """A clean name per column; None for a column without a name and without a value, which is left out.

    `filled` says which columns hold any value. Raises BadInput for a header that names nothing, or a name
    that is blank, too long, or given twice (upper and lower case count as the same, as they do in SQL).
    """
    names = [_clean(cell) for cell in header]
    if all(not name or _is_number(name) for name in names):
        raise BadInput(
            f"The first row of “{file}” does not name its columns. Nothing was read: "
            "add a row with names above the data and attach it again."
        )
    for place, (name, has_values) in enumerate(zip(names, filled, strict=True), start=1):
        if not name and has_values:
            raise BadInput(
                f"Column {place} of “{file}” has values but no name. Nothing was read: "
                "name it in the first row and attach it again."
            )
        if len(name) > LONGEST:
            raise BadInput(
                f"The name of column {place} of “{file}” has more than {LONGEST} characters. "
                "Nothing was read: check whether the first row holds names."
            )
    _refuse_twins(names, file)
    return [name or None for name in names]


def _clean(cell: str) -> str:
    """In NFC, in one line, without control characters and marks of reading direction at its ends."""
    text = unicodedata.normalize("NFC", cell)
    spaced = "".join(" " if c.isspace() else c for c in text)
    kept = "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    return " ".join(kept.strip("\ufeff\u200b\u200e\u200f \u2066\u2067\u2068\u2069").split())


def _is_number(name: str) -> bool:
    try:
        float(name.replace(",", "."))
    except ValueError:
        return False
    return True


def _refuse_twins(names: Sequence[str], file: str) -> None:
    counts = Counter(name.lower() for name in names if name)
    twins = [name for name in dict.fromkeys(names) if counts[name.lower()] > 1]
    if twins:
        raise BadInput(
            f"“{file}” has two columns named “{twins[0]}”. Nothing was read: "
            "give each column its own name and attach it again."
        )
