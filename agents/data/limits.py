"""How large attached tables may be, and how far a query on them may go."""

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds of one sandbox; the defaults suit two cores and a person who waits."""

    csv_bytes: int = 200 * MIB
    """Largest CSV file."""
    parquet_bytes: int = 200 * MIB
    """Largest Parquet file."""
    excel_bytes: int = 20 * MIB
    """Largest Excel workbook, as it is stored (zipped)."""
    excel_unzipped_bytes: int = 400 * MIB
    """Largest Excel workbook once unzipped."""
    columns: int = 1_000
    """Columns of one table."""
    tables: int = 50
    """Tables of one sandbox, over all files."""
    memory_bytes: int = 1024 * MIB
    """What DuckDB may use for the tables and a query on them."""
    overhead_bytes: int = 1536 * MIB
    """Address space of the process beyond that: the interpreter, threads, strings built by a query."""
    threads: int = 2
    """Threads of a query."""
    load_seconds: float = 120.0
    """Longest reading of all attached files together."""
    query_seconds: float = 9.0
    """A query is over, or its process killed, after this time; ten seconds with all that goes with it."""
    rows: int = 1_000
    """Rows of a result that are kept."""
    sql_characters: int = 200_000
    """Longest SQL text."""
    cell_characters: int = 10_000
    """Longest text of one result cell; the rest is cut off, marked by an ellipsis."""
    result_bytes: int = 16 * MIB
    """All texts of one result together."""
