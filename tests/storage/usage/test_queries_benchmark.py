"""The benchmark of the usage page asks what the page asks."""

from benchmarks.usage_queries import sections
from storage.calls import Call, CallText
from storage.db import Store
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Span
from tests.usage_rows import NOON, admit, call, record


class Listening:
    """A store that keeps what it was asked."""

    def __init__(self, store: Store) -> None:
        self.store, self.asked = store, []  # type: ignore[var-annotated]

    def read(self, sql: str, parameters: object = ()) -> object:
        """Ask the store."""
        self.asked.append(sql)
        return self.store.read(sql, parameters)  # type: ignore[arg-type]


def test_one_call_is_read_as_the_page_of_its_run_reads_it(store: Store) -> None:
    run_id = admit(store).run_id
    wanted, other = call(run_id=run_id), call(run_id=run_id)
    record(store, wanted, other)
    listening = Listening(store)
    ask = sections(NOON, run_id, wanted.call_id)["Drill-down"]["one call"]
    found = ask(Reader(listening, []), Filters(Span(NOON.date(), NOON.date())))  # type: ignore[arg-type]
    assert isinstance(found[0], Call) and isinstance(found[1], CallText)
    assert found[0].call_id == found[1].call_id == wanted.call_id
    assert "where run_id = ?" in listening.asked[0]
