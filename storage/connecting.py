"""How a store's file is opened, at first and again."""

from pathlib import Path

import duckdb

from storage import tidying
from storage.faults import check_log

PLAIN: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    **tidying.PLAIN,
}
"""Nothing is fetched or loaded to open a file: DuckDB would for a file of another kind."""
ENDED = (duckdb.FatalException, duckdb.InternalException)
"""After these DuckDB does nothing more until the file is opened again."""


def connect(file: Path) -> duckdb.DuckDBPyConnection:
    """Open the file; raises StoreDamaged or duckdb.Error."""
    check_log(file)
    return duckdb.connect(str(file), config=PLAIN)


def connect_again(ended: duckdb.DuckDBPyConnection, file: Path) -> duckdb.DuckDBPyConnection:
    """Open the file after DuckDB has ended; raises as `connect` does while that cannot be."""
    ended.close()
    connection = connect(file)
    try:
        connection.execute("select 1")  # refused as long as somebody still reads from the ended one
    except BaseException:
        connection.close()
        raise
    return connection
