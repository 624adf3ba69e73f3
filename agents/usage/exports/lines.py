"""Usage line by line for finance and other programs: CSV and Parquet, the same rows in both."""

import io
import json

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from agents.usage import words
from agents.usage.exports.harmless import harmless
from storage.usage.figure import Figure, Reader
from storage.usage.filters import Filters
from storage.usage.query import Sums, sums_query
from storage.usage.tokens import CLASS_COLUMNS, CLASSES

LINES = (
    "Sums per day in UTC, environment, project, user, agent, provider, model and price list. Cost is as it "
    "was recorded at the time, other currencies at the rate set for the day; an empty cost is unknown."
)
BY = ("day", "environment", "project", "user", "agent", "provider", "model", "price_version")
COUNTS = ("attempts", "calls", "answered", "failed", "fallbacks", "cache_hits", *CLASSES)
MONEY = ("cost_amount", "cost_avoided_amount")
MISSING = ("unknown_prices", "unconverted", "unknown_savings", "unknown_tokens")
SCHEMA = pa.schema(
    [
        ("day", pa.date32()),
        *((name, pa.string()) for name in BY[1:]),
        *((name, pa.int64()) for name in COUNTS if name != "estimated"),
        *((name, pa.int64()) for name in CLASS_COLUMNS),
        *((name, pa.decimal128(38, 16)) for name in MONEY),
        ("currency", pa.string()),
        *((name, pa.int64()) for name in MISSING),
        ("estimated_tokens", pa.int64()),
    ]
)


def lines(reader: Reader, filters: Filters) -> Figure:
    """The rows, whole; their sum is the headline."""
    wanted = Sums((*COUNTS, *MONEY), BY, CLASS_COLUMNS)
    return reader.figure(sums_query(reader, filters, wanted, LINES))


def as_csv(reader: Reader, filters: Filters) -> bytes:
    """UTF-8 with a mark of byte order, which spreadsheets need; no cell can act as a formula."""
    table = _table(lines(reader, filters), filters)
    columns = [_written(column) for column in table.columns]
    sink = io.BytesIO()
    options = pa_csv.WriteOptions(quoting_style="needed")
    pa_csv.write_csv(pa.table(dict(zip(table.column_names, columns, strict=True))), sink, options)
    return b"\xef\xbb\xbf" + sink.getvalue()


def as_parquet(reader: Reader, filters: Filters) -> bytes:
    """The rows as they are, with money as decimals; how they were computed stands in the file's metadata."""
    figure = lines(reader, filters)
    told = {"definition": figure.definition, "days": words.days(filters), "sql": figure.sql}
    told |= {"filters": json.dumps(filters.to_query()), "not_in_it": " ".join(figure.notes)}
    sink = io.BytesIO()
    pq.write_table(_table(figure, filters).replace_schema_metadata(told), sink)
    return sink.getvalue()


def _table(figure: Figure, filters: Filters) -> pa.Table:
    frame = figure.frame.rename(columns={"estimated": "estimated_tokens"}).assign(currency=filters.currency)
    return pa.Table.from_pandas(frame[SCHEMA.names], SCHEMA, preserve_index=False)


def _written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """As it stands in the file: no exponents in money, no formula in a text."""
    if pa.types.is_decimal(column.type):
        return pa.chunked_array([[None if v is None else f"{v:f}" for v in column.to_pylist()]], pa.string())
    return _harmless(column) if pa.types.is_string(column.type) else column


def _harmless(column: pa.ChunkedArray) -> pa.Array:
    """Each of the few different texts once."""
    coded = column.combine_chunks().dictionary_encode()
    texts = pa.array([harmless(text) for text in coded.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(coded.indices, texts).cast(pa.string())
