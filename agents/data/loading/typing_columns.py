"""Columns of texts become columns of numbers, dates and truths, where every value allows it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from agents.data import sql
from agents.data.loading import dates, numbers
from agents.data.loading.reading import Reading

SAMPLE_ROWS = 5_000
SAMPLE_VALUES = 1_000
MISSING = (
    "",
    "na",
    "n/a",
    "#n/a",
    "null",
    "none",
    "nil",
    "-",
    "--",
    "–",
    "—",
    "?",
    "missing",
    "yok",
    "bos",
    "boş",
)
"""Words for a missing value, where all others are numbers or dates."""
EXCEL_ERRORS = ("#div/0!", "#ref!", "#value!", "#name?", "#num!", "#null!", "#n/a")
BATCH = 30
"""Columns proven in one query."""
MOSTLY = 0.8
"""From this share of fitting values on, the ones that do not fit are told."""
TRUTH = Reading("BOOLEAN", "lower({x}) = 'true'", "lower({x}) in ('true', 'false')")


@dataclass(frozen=True)
class Texts:
    """A relation whose columns are all texts."""

    relation: str
    """What stands behind FROM."""
    columns: tuple[str, ...]
    """Its columns."""
    names: tuple[str, ...]
    """What a person calls them."""
    delimiter: str
    """The cells' delimiter: where it is not a comma, commas are likelier to be decimal marks."""


@dataclass(frozen=True)
class Typed:
    """How one column is read in the end."""

    name: str
    """What a person calls it."""
    type: str
    """DuckDB's type."""
    sql: str
    """Its value as an expression over the relation of `with_present`."""
    notes: tuple[str, ...] = ()
    """Whole sentences on what was not plain."""


@dataclass(frozen=True)
class _Tried:
    reading: Reading
    misfits: int
    """Rows with a value that does not fit."""
    example: str | None
    """One of those values."""


@dataclass(frozen=True)
class _Proof:
    filled: int
    """Cells with a text."""
    errors: int
    """Cells with an error of Excel."""
    tried: tuple[_Tried, ...]

    @property
    def fitting(self) -> list[Reading]:
        return [attempt.reading for attempt in self.tried if attempt.misfits == 0]


def typed_columns(connection: duckdb.DuckDBPyConnection, texts: Texts) -> list[Typed]:
    """One way to read each column that fits all of its values: guessed from a sample, proven on every row."""
    samples = _samples(connection, texts)
    looks = [_look(sample) for sample in samples]
    usual = _usual_mark(looks, texts.delimiter)
    guesses = {
        column: _guesses(sample, look, name, usual)
        for sample, look, name, column in zip(samples, looks, texts.names, texts.columns, strict=True)
    }
    proofs = _prove(connection, texts, {column: _first(readings) for column, readings in guesses.items()})
    failed = {column: guesses[column] for column, proof in proofs.items() if not proof.fitting}
    again = {column: rest for column, all_of in failed.items() if (rest := all_of[len(_first(all_of)) :])}
    proofs |= {
        column: replace(proof, tried=(*proofs[column].tried, *proof.tried))
        for column, proof in (_prove(connection, texts, again) if again else {}).items()
    }
    return [
        _decided(name, column, proofs[column])
        for name, column in zip(texts.names, texts.columns, strict=True)
    ]


def _first(readings: Sequence[Reading]) -> Sequence[Reading]:
    """The likeliest reading, with its rival where both may fit."""
    return readings[:2] if readings and readings[0].doubt else readings[:1]


def _samples(connection: duckdb.DuckDBPyConnection, texts: Texts) -> list[list[str]]:
    """Different values of each column in the first rows; words for a missing value are left out."""
    chosen = ", ".join(sql.name(column) for column in texts.columns)
    rows = connection.execute(f"select {chosen} from {texts.relation} limit {SAMPLE_ROWS}").fetchall()
    return [_sample([row[place] for row in rows]) for place in range(len(texts.columns))]


def _sample(cells: Sequence[str | None]) -> list[str]:
    found = dict.fromkeys((cell or "").strip(" ") for cell in cells)
    return [value for value in found if value.lower() not in (*MISSING, *EXCEL_ERRORS)][:SAMPLE_VALUES]


def _look(sample: Sequence[str]) -> numbers.Look | None:
    """What the numbers look like when all values, or all but a few, are some."""
    if not sample:
        return numbers.look(["0"])
    whole = numbers.look(sample)
    if whole is not None:
        return whole
    fitting = [value for value in sample if numbers.look([value])]
    return numbers.look(fitting) if len(fitting) >= MOSTLY * len(sample) else None


def _usual_mark(looks: Sequence[numbers.Look | None], delimiter: str) -> numbers.Mark:
    """The decimal mark of the columns that leave no doubt; else what goes with the cells' delimiter."""
    sure = {mark for look in looks if look and len(look.marks) == 1 for mark in look.marks}
    if len(sure) == 1:
        return sure.pop()
    return "point" if delimiter == "," else "comma"


def _guesses(
    sample: Sequence[str], look: numbers.Look | None, name: str, usual: numbers.Mark
) -> list[Reading]:
    as_dates = dates.readings(sample, name)
    as_numbers = numbers.readings(look, usual) if look else []
    return [*as_dates, *as_numbers, *([] if as_dates or as_numbers else [TRUTH])]


def _prove(
    connection: duckdb.DuckDBPyConnection, texts: Texts, guesses: Mapping[str, Sequence[Reading]]
) -> dict[str, _Proof]:
    """Try each reading on every row; a batch of columns at a time, since each expression takes memory."""
    columns = list(guesses)
    proofs: dict[str, _Proof] = {}
    for start in range(0, len(columns), BATCH):
        batch = {column: guesses[column] for column in columns[start : start + BATCH]}
        proofs |= _prove_batch(connection, texts, batch)
    return proofs


def _prove_batch(
    connection: duckdb.DuckDBPyConnection, texts: Texts, guesses: Mapping[str, Sequence[Reading]]
) -> dict[str, _Proof]:
    misfits, asked = [], []
    for column, readings in guesses.items():
        raw = sql.name(column)
        errors = f"starts_with({raw}, '#') and regexp_full_match({raw}, {_any_of(EXCEL_ERRORS)})"
        asked += [f"count({raw})", f"count(*) filter ({errors})"]
        for place, reading in enumerate(readings):
            misfit = sql.name(f"{column} misfit {place}")
            is_misfit = reading.misfit(sql.name(present(column)))
            misfits.append(f"case when {is_misfit} then {raw} end as {misfit}")
            asked += [f"count({misfit})", f"min({misfit})"]
    chosen = ", ".join([*(sql.name(column) for column in guesses), *misfits])
    query = f"select {', '.join(asked)} from (select {chosen} from {with_present(texts, guesses)})"
    row = iter(connection.execute(query).fetchone() or ())
    return {
        column: _Proof(
            filled=next(row),
            errors=next(row),
            tried=tuple(_Tried(reading, next(row), next(row)) for reading in readings),
        )
        for column, readings in guesses.items()
    }


def present(column: str) -> str:
    """The column beside a raw one that holds its text as `with_present` makes it."""
    return f"{column} present"


def with_present(texts: Texts, columns: Iterable[str]) -> str:
    """The relation with, beside these columns, their trimmed texts; NULL for a missing value's word."""
    longest = max(map(len, (*MISSING, *EXCEL_ERRORS)))
    parts = []
    for column in columns:
        trimmed = f"trim({sql.name(column)})"
        is_missing = f"regexp_full_match({trimmed}, {_any_of((*MISSING, *EXCEL_ERRORS))})"
        value = f"case when length({trimmed}) > {longest} or not {is_missing} then {trimmed} end"
        parts.append(f"{value} as {sql.name(present(column))}")
    return f"(select {', '.join(['*', *parts])} from {texts.relation})"


def _any_of(words: Sequence[str]) -> str:
    """A pattern, as SQL, that matches these words in upper and lower case.

    Not an IN list: DuckDB sets memory aside for each of its items, which adds up over hundreds of columns.
    """
    return sql.text(f"(?i:{'|'.join(re.escape(word) for word in words)})")


def _decided(name: str, column: str, proof: _Proof) -> Typed:
    if not proof.filled:
        return Typed(name, "VARCHAR", f"{sql.name(column)}::varchar", (f"“{name}” holds no values.",))
    if not proof.fitting:
        return Typed(name, "VARCHAR", sql.name(column), _misfit_notes(name, proof.tried))
    chosen = proof.fitting[0]
    said = [chosen.note, chosen.doubt if len(proof.fitting) > 1 else None]
    notes = [f"“{name}” {part}." for part in said if part]
    if proof.errors:
        notes.append(f"{proof.errors:,} cells of “{name}” hold an Excel error and count as missing.")
    return Typed(name, chosen.type, chosen.value_of(sql.name(present(column))), tuple(notes))


def _misfit_notes(name: str, tried: Sequence[_Tried]) -> tuple[str, ...]:
    numeric = [attempt for attempt in tried if attempt.reading.type in ("BIGINT", "DOUBLE")]
    if not numeric:
        return ()
    best = min(numeric, key=lambda attempt: attempt.misfits)
    shown = (best.example or "")[:40]
    return (f"“{name}” is read as text: {best.misfits:,} of its values are no numbers, such as “{shown}”.",)
