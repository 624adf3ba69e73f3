"""Attached tables in a locked DuckDB of their own: open, ask, close."""

import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agents.data.attachment import Attachment, checked_kind, shown_name
from agents.data.child.process import Child, ChildEnded
from agents.data.engine import too_large, too_slow
from agents.data.limits import Limits
from agents.data.results import Rows
from agents.data.tables import Table
from agents.errors import BadInput, Refused

ENGINE = "agents.data.engine"


class Sandbox:
    """The attached tables and the one way to query them; usable from several threads, one query at a time.

    Files are read in a process of their own, which has neither our environment nor, afterwards, any file.
    A query that is not over in time ends that process; the next one reads the files again. `close` it.
    """

    def __init__(self, attachments: Sequence[Attachment], limits: Limits | None = None) -> None:
        """Read the attachments; BadInput says which one cannot be used and why."""
        self.limits = limits or Limits()
        if not attachments:
            raise BadInput("No table is attached. Nothing was done: attach a CSV, Parquet or Excel file.")
        kinds = [checked_kind(attachment, self.limits) for attachment in attachments]
        self._folder = tempfile.TemporaryDirectory(prefix="whytree-")
        self._lock = threading.Lock()
        self._child = Child(ENGINE, self.limits.memory_bytes + self.limits.overhead_bytes)
        self._files = [
            (
                str(_on_disk(attachment, Path(self._folder.name) / str(place))),
                shown_name(attachment.name),
                kind,
            )
            for place, (attachment, kind) in enumerate(zip(attachments, kinds, strict=True))
        ]
        try:
            self.tables = self._load()
        except BaseException:
            self.close()
            raise

    def query(self, sql: str, rows: int | None = None) -> Rows:
        """The result of one SELECT on the tables, of at most `rows` rows (the limits' number if None).

        Refused when the SQL does not pass the gate, is wrong, or needs too much time or memory.
        """
        request = {"do": "query", "sql": sql, "rows": self.limits.rows if rows is None else rows}
        with self._lock:
            if not self._child.running:
                self._load()
            try:
                return Rows.model_validate(self._child.ask(request, self.limits.query_seconds))
            except ChildEnded as ended:
                raise (too_slow if ended.overdue else too_large)(self.limits) from ended

    def table(self, name: str) -> Table:
        """The table of this name; Refused when there is none."""
        found = next((table for table in self.tables if table.name == name), None)
        if found is None:
            raise Refused(
                f"There is no attached table “{name}”. Nothing was done: choose one that is attached."
            )
        return found

    def close(self) -> None:
        """End the process and delete the copies of the files."""
        self._child.close()
        self._folder.cleanup()

    def _load(self) -> tuple[Table, ...]:
        for path, name, _ in self._files:
            if not Path(path).is_file():
                raise BadInput(f"“{name}” is no longer there. Nothing was read: attach it again.")
        request: dict[str, Any] = {"do": "load", "files": self._files, "limits": asdict(self.limits)}
        try:
            reply = self._child.ask(request, self.limits.load_seconds)
        except ChildEnded as ended:
            names = ", ".join(f"“{name}”" for _, name, _ in self._files)
            reason = "too long to read" if ended.overdue else "more memory than it may use, or is damaged"
            raise BadInput(f"{names} takes {reason}. Nothing was kept: attach a smaller extract.") from ended
        return tuple(Table.model_validate(table) for table in reply["tables"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _on_disk(attachment: Attachment, target: Path) -> Path:
    """Where the file lies; bytes are written to `target`."""
    if isinstance(attachment.content, Path):
        return attachment.content.resolve()
    target.write_bytes(attachment.content)
    return target
