"""The locked DuckDB instance with the attached tables, inside a process of its own.

Files are read in a first phase; then access to files, extensions and settings is closed for good, in DuckDB
and in the operating system. Run as a module, it answers `Child`.
"""

import tempfile
import threading
from pathlib import Path
from typing import Any

import duckdb

from agents.data.attachment import Kind
from agents.data.child.service import open_no_more_files, serve
from agents.data.limits import MIB, Limits
from agents.data.loading.csv_file import Loaded, load_csv
from agents.data.loading.facts import describe
from agents.data.loading.parquet_file import load_parquet
from agents.data.sql import identifier
from agents.data.sql_gate import check_sql
from agents.data.tables import Table
from agents.data.values import fetch_limited
from agents.errors import BadInput, Refused

GRACE_SECONDS = 1.0
"""An interrupt comes this long before the process would be killed."""
LOCKS = (
    "set enable_external_access = false",
    "set lock_configuration = true",
)


class Engine:
    """Attached tables and the queries on them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._tables: list[Table] = []
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{limits.memory_bytes // MIB}MiB",
                "threads": limits.threads,
                "temp_directory": "",
                "max_temp_directory_size": "0GB",
                "autoload_known_extensions": False,
                "autoinstall_known_extensions": False,
                "allow_community_extensions": False,
                "allow_persistent_secrets": False,
                "python_enable_replacements": False,
            },
        )

    def load(self, files: list[tuple[Path, str, Kind]]) -> list[Table]:
        """Read the files, then close every way out; BadInput for a file that cannot be used."""
        taken: set[str] = set()
        for path, name, kind in files:
            try:
                self._load_file(path, name, kind, taken)
            except duckdb.OutOfMemoryException as error:
                most = self._limits.memory_bytes // MIB
                raise BadInput(
                    f"“{name}” needs more than the {most:,} MB of memory that tables may use. "
                    "Nothing was read: attach an extract with fewer rows or columns."
                ) from error
        for lock in LOCKS:
            self._connection.execute(lock)
        open_no_more_files()
        return self._tables

    def query(self, sql: str, rows: int) -> dict[str, Any]:
        """The result of one SELECT that passes the gate, of at most `rows` rows; Refused for any other."""
        check_sql(self._connection, sql, [table.name for table in self._tables], self._limits.sql_characters)
        overdue = threading.Timer(self._limits.query_seconds - GRACE_SECONDS, self._connection.interrupt)
        overdue.daemon = True
        overdue.start()
        try:
            self._connection.execute("begin transaction read only")
            return fetch_limited(self._connection.sql(sql), rows, self._limits)
        except duckdb.InterruptException as error:
            raise too_slow(self._limits) from error
        except duckdb.OutOfMemoryException as error:
            raise too_large(self._limits) from error
        except duckdb.Error as error:
            raise Refused(
                f"This SQL could not be run: {_first_line(error)} Nothing was changed: mend it."
            ) from error
        finally:
            overdue.cancel()
            self._connection.rollback()

    def _load_file(self, path: Path, name: str, kind: Kind, taken: set[str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            if kind == "excel":
                from agents.data.loading.excel_file import load_excel  # its reader takes 0.1 s to import

                loaded = load_excel(self._connection, path, name, taken, Path(folder), self._limits)
            else:
                loaded = [self._load_flat(path, name, kind, identifier(Path(name).stem, taken), Path(folder))]
        taken.update(one.table for one in loaded)
        for one in loaded:
            if len(self._tables) == self._limits.tables:
                raise BadInput(
                    f"The files hold more than {self._limits.tables} tables. "
                    "Nothing was read: attach fewer of them at once."
                )
            rows, columns = describe(self._connection, one.table)
            if not rows:
                raise BadInput(
                    f"“{name}” has no rows below its header. Nothing was read: attach it with rows."
                )
            table = Table(
                name=one.table, file=name, sheet=one.sheet, rows=rows, columns=columns, notes=one.notes
            )
            self._tables.append(table)

    def _load_flat(self, path: Path, name: str, kind: Kind, table: str, folder: Path) -> Loaded:
        if kind == "csv":
            return load_csv(self._connection, path, name, table, folder, self._limits.columns)
        return load_parquet(self._connection, path, name, table, self._limits.columns)


def too_slow(limits: Limits) -> Refused:
    """The query took longer than allowed."""
    return Refused(
        f"The query was stopped after {limits.query_seconds:g} seconds. Nothing was changed: "
        "ask for fewer rows, fewer joins or a shorter period."
    )


def too_large(limits: Limits) -> Refused:
    """The query needed more memory than allowed."""
    return Refused(
        f"The query needs more than the {limits.memory_bytes // MIB:,} MB of memory it may use. "
        "Nothing was changed: ask for fewer rows or columns."
    )


def _first_line(error: duckdb.Error) -> str:
    line = str(error).splitlines()[0].strip()[:300]
    return line if line.endswith((".", "!", "?")) else f"{line}."


def main() -> None:
    """Answer "load" (once) and "query" until the parent is gone."""
    engines: list[Engine] = []

    def load(request: dict[str, Any]) -> dict[str, Any]:
        engine = Engine(Limits(**request["limits"]))
        files = [(Path(path), name, kind) for path, name, kind in request["files"]]
        tables = engine.load(files)
        engines[:] = [engine]
        return {"tables": [table.model_dump() for table in tables]}

    def query(request: dict[str, Any]) -> dict[str, Any]:
        return engines[0].query(request["sql"], request["rows"])

    serve({"load": load, "query": query})


if __name__ == "__main__":
    main()
