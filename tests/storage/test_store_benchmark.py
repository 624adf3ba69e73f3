"""The benchmark of the store counts what is lost, and ends when something is."""

from pathlib import Path

import pytest

from benchmarks import store as benchmark
from storage import calls
from storage.db import Store


@pytest.mark.parametrize("dropped", [0, 3])
def test_rows_that_never_came_to_disk_are_counted_as_lost(
    dropped: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, handed = calls.record, iter(range(1_000))

    def record(store: Store, call: calls.Call, text: calls.CallText) -> None:
        if next(handed) >= dropped:
            keep(store, call, text)

    monkeypatch.setattr(calls, "record", record)
    file = tmp_path / "whytree.duckdb"
    store = Store.open(file)
    found = benchmark.batched(store, benchmark.RUN_CALLS, patience_s=0.5 if dropped else 60.0)
    store.close()
    assert benchmark.lost(file, int(found["expected"])) == dropped
