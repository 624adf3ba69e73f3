"""The file with the checkpoints: damage is told, and nothing planted in it is executed."""

import os
import pickle
import sqlite3
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agents.runner import Runner
from storage import runs
from storage.db import Store
from storage.errors import StoreDamaged, StoreUnwritable
from storage.runs import Run

TIMEOUT_S = 30


def broken(run_id: str) -> None:
    raise LookupError("the map is gone")


@pytest.mark.parametrize("content", [b"garbage" * 1_000, b"SQLite format 3\x00" + b"x" * 9_000])
def test_a_damaged_file_of_checkpoints_is_told_and_left_as_it_is(
    store: Store, steps: Any, checkpoints: Path, content: bytes
) -> None:
    checkpoints.write_bytes(content)
    with pytest.raises(StoreDamaged, match="move it away, and waiting runs go on from their records"):
        Runner(store, checkpoints, {"test": steps.graph()})
    assert checkpoints.read_bytes() == content


def test_damage_inside_the_file_of_checkpoints_is_told(
    store: Store, steps: Any, checkpoints: Path, run: Run
) -> None:
    whole = Runner(store, checkpoints, {"test": steps.graph()})
    whole.advance(run).result(TIMEOUT_S)
    whole.close()
    content = bytearray(checkpoints.read_bytes())
    content[4_096:8_192] = b"\xff" * 4_096
    checkpoints.write_bytes(content)
    with pytest.raises(StoreDamaged):
        Runner(store, checkpoints, {"test": steps.graph()})
    assert checkpoints.read_bytes() == bytes(content)


def test_a_place_where_no_checkpoint_can_be_kept_is_told(store: Store, steps: Any) -> None:
    with pytest.raises(StoreUnwritable, match="cannot be used"):
        Runner(store, Path("/dev/null/checkpoints.sqlite"), {"test": steps.graph()})


def trap(mark: Path) -> dict[str, bytes]:
    """Payloads that make a file when they are read, in each way the serializer knows."""
    call = ("pathlib", "Path", str(mark))
    by_msgpack = [
        ormsgpack.packb(ormsgpack.Ext(code, ormsgpack.packb(body)))
        for code, body in (
            (0, ("os", "system", [f"touch {mark}"])),
            (0, ("os", "system", f"touch {mark}")),
            (1, ("os", "system", [f"touch {mark}"])),
            (2, ("os", "system", {"command": f"touch {mark}"})),
            (3, (*call, "touch")),
        )
    ]

    class Pickled:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return os.system, (f"touch {mark}",)

    return {
        **{f"msgpack {n}": payload for n, payload in enumerate(by_msgpack)},
        "pickle": pickle.dumps(Pickled()),
        "json": b'{"lc": 2, "type": "constructor", "id": ["os", "system"], "args": ["touch %s"]}'
        % str(mark).encode(),
    }


def test_a_payload_planted_in_a_checkpoint_is_never_executed(
    store: Store, steps: Any, checkpoints: Path, run: Run, tmp_path: Path
) -> None:
    mark = tmp_path / "executed"
    steps.second = broken
    whole = Runner(store, checkpoints, {"test": steps.graph()})
    whole.advance(run).result(TIMEOUT_S)
    whole.close()
    original = checkpoints.read_bytes()
    for name, payload in trap(mark).items():
        for table, column in (("checkpoints", "checkpoint"), ("writes", "value")):
            checkpoints.write_bytes(original)
            with sqlite3.connect(checkpoints) as connection:
                typed = [name.split()[0], payload]
                connection.execute(f"update {table} set type = ?, {column} = ?", typed)
            connection.close()
            runs.set_status(store, run.run_id, "running")
            planted = Runner(store, checkpoints, {"test": steps.graph()})
            planted.advance(run).result(TIMEOUT_S)
            planted.close()
            assert not mark.exists(), (name, table)
    assert runs.with_status(store, ["failed", "completed"])


@pytest.mark.parametrize("name", ["pickle", "msgpack 1", "msgpack 2"])
def test_the_planted_payloads_are_sharp_where_nobody_guards(name: str, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    careless = JsonPlusSerializer(pickle_fallback=True, allowed_msgpack_modules=True)
    careless.loads_typed((name.split()[0], trap(mark)[name]))
    assert mark.exists()
