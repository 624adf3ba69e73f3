"""After a real session with a pasted key and one of the environment, neither is in anything that is kept.

Files are looked into as they are and as they read: tables of both databases row by row, packed values and
archives unpacked. That the same search finds what must be there is asserted as well.
"""

import io
import json
import logging
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from agents.diagnosis.view import DiagnosisView
from agents.errors import READABLE
from agents.llm.providers import from_preset
from agents.models import roles
from agents.settings import ModelSetting, Settings
from agents.tree.exports import EXPORTS
from agents.workbench import Who, Workbench
from storage import runs
from tests.agents.llm import test_keys
from tests.servers import diagnosis_model, faults
from tests.servers.chat_server import ChatServer
from tests.servers.diagnosis_model import COMPLAINT

PASTED = "sk-pasted-5d1c8e3f7a9b2046"
OF_ENVIRONMENT = "sk-environment-0b6f2d9e4c8a"
MARK = "Volunteers"
"""Stands in the complaint, so it must be found wherever texts are kept."""


@pytest.fixture
def pasted_at() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture
def own() -> Iterator[ChatServer]:
    with ChatServer(diagnosis_model.behave) as server:
        yield server


def settled(bench: Workbench, run_id: str) -> DiagnosisView:
    while (view := bench.view(run_id)).is_working:
        bench.settle(bench.run(run_id))
    return view


def play(bench: Workbench) -> str:
    """A diagnosis with everything a model does in it; returns its run."""
    run_id = bench.start(COMPLAINT, draft=True, session="tab")
    view = settled(bench, run_id)
    assert view.draft is not None
    bench.confirm(run_id, view.seq, view.draft.playbook_id)
    view = settled(bench, run_id)
    bench.read(run_id, view.questions[0].question_id, "I could not say")
    while view.questions:
        card = view.questions[0]
        bench.answer(run_id, card.question_id, card.answers[0].answer_id, view.seq)
        view = settled(bench, run_id)
    assert view.summary is not None
    assert view.summary.sentences
    return run_id


def said_by_hostile_servers(bench: Workbench, server: ChatServer) -> list[str]:
    """What a person reads after each way in which a server may repeat the key it was sent."""
    told = []
    for leak in (*test_keys.LEAKS, test_keys.in_stream_error, test_keys.in_stream_pieces):
        server.default = leak
        for provider in bench.models.connected("tab"):
            told.append(str(bench.models.test(provider, f"m-{len(told)}", Who()).failure))
    return told


def talk(bench: Workbench) -> str:
    """A task that streams, asked of servers that weave their key into the text."""
    run_id = bench.conversations.send("Say something general", Who(), session="tab")
    return repr(bench.conversations.settle(run_id))


def taken_away(bench: Workbench, run_id: str, target: Path) -> dict[str, bytes]:
    """Everything that can leave as a file."""
    tree_id = bench.open_tree(run_id)
    usage = bench.usage.filters({"env": ["test", "live"]})
    bench.keeping.backup(target / "backup")
    parts = {
        "record": bench.record_json(run_id).encode(),
        "memo": bench.record_memo(run_id).encode(),
        "backup": (target / "backup").read_bytes(),
    }
    parts |= {f"tree as {name}": bench.trees.export(tree_id, name) for name in EXPORTS}
    parts |= {f"runs as {form}": bench.runs.export([run_id], form) for form in ("csv", "parquet", "json")}
    parts |= {
        f"usage as {form}": bench.usage.export(usage, form) for form in ("csv", "parquet", "xlsx", "pptx")
    }
    return parts


def readings(name: str, data: bytes) -> Iterator[bytes]:
    """A file as it is, and as it reads."""
    yield data
    stream = io.BytesIO(data)
    if zipfile.is_zipfile(stream):
        with zipfile.ZipFile(stream) as archive:
            for member in archive.namelist():
                yield from readings(f"{name}/{member}", archive.read(member))
    elif name.endswith("backup") and tarfile.is_tarfile(io.BytesIO(data)):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive_of_tar:
            for part in archive_of_tar.getmembers():
                if (file := archive_of_tar.extractfile(part)) is not None:
                    yield from readings(f"{name}/{part.name}", file.read())
    elif data[:4] == b"PAR1":
        yield str(pq.read_table(io.BytesIO(data)).to_pylist()).encode()


def rows_of_duckdb(file: Path) -> bytes:
    with duckdb.connect(str(file), read_only=True) as connection:
        names = [row[0] for row in connection.execute("show tables").fetchall()]
        return repr([connection.table(name).fetchall() for name in names]).encode()


def rows_of_sqlite(file: Path) -> bytes:
    with closing(sqlite3.connect(file)) as connection:
        names = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        values = [
            value
            for (name,) in names
            for row in connection.execute(f'select * from "{name}"')
            for value in row
            if value is not None
        ]
    return b"\n".join(_unpacked(value) for value in values)


def _unpacked(value: Any) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode("utf-8", "surrogatepass")
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


def kept(folder: Path) -> dict[str, list[bytes]]:
    """Every file of the data folder as it is, and databases row by row."""
    found: dict[str, list[bytes]] = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = file.read_bytes()
        found[str(file.relative_to(folder))] = [*readings(file.name, data)]
        if file.suffix == ".duckdb":
            found[f"rows of {file.name}"] = [rows_of_duckdb(file)]
        elif data[:15] == b"SQLite format 3":
            found[f"rows of {file.relative_to(folder)}"] = [rows_of_sqlite(file)]
    return found


def test_neither_key_is_in_any_file_log_event_export_or_error(
    tmp_path: Path,
    pasted_at: ChatServer,
    own: ChatServer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    data = tmp_path / "data"
    setting = ModelSetting.model_validate(
        {"preset": "vllm", "model": "planner", "base_url": own.url, "key": OF_ENVIRONMENT}
    )
    bench = Workbench.open(Settings(data=data, models=(setting,), environment="test"))
    pasted = from_preset("openai", roles("gpt-4.1"), PASTED, pasted_at.url)
    bench.models.connect("tab", pasted)
    told = said_by_hostile_servers(bench, pasted_at)
    pasted_at.default = faults.echoing_key
    run_id = play(bench)
    pasted_at.default = own.default = test_keys.in_stream_pieces
    told.append(talk(bench))
    own.default = faults.refusing_key
    failed = bench.start(f"{COMPLAINT}, and nobody knows why", draft=True, session="tab")
    told.append(settled(bench, failed).model_dump_json())
    with pytest.raises(READABLE) as raised:
        bench.read(run_id, bench.view(run_id).ledger.lines[0].question_id, "Something else")  # type: ignore[union-attr]
    told.append(str(raised.value))

    assert {exchange.headers["authorization"] for exchange in pasted_at.requests} == {f"Bearer {PASTED}"}
    assert {exchange.headers["authorization"] for exchange in own.requests} == {f"Bearer {OF_ENVIRONMENT}"}
    places = {name: [*readings(name, part)] for name, part in taken_away(bench, run_id, tmp_path).items()}
    for each in bench.recent(Who()):
        events = runs.events(bench.cases.store, each.run_id)
        places[f"events of {each.run_id}"] = [json.dumps([event.data for event in events]).encode()]
    bench.close()
    places |= kept(data)
    out, err = capfd.readouterr()
    places["logs"] = [f"{caplog.text} {out} {err}".encode()]
    places["what people read"] = ["\n".join(told).encode()]

    hidden = [key.encode() for key in (PASTED, OF_ENVIRONMENT)]
    found = [name for name, parts in places.items() for part in parts for key in hidden if key in part]
    assert found == []
    marked = [name for name, parts in places.items() if any(MARK.encode() in part for part in parts)]
    for name in (
        "record",
        "memo",
        "backup",
        "rows of whytree.duckdb",
        "rows of journal.sqlite",
        "runs as csv",
    ):
        assert name in marked
    assert "rows of convenience/cache.db" in marked
    assert any(name.startswith("tree as") for name in marked)
