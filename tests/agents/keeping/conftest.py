"""A data folder in which two people have left something in every store, made once and copied per test."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from agents.data.attachment import Attachment
from agents.keeping.beside import CONVENIENCE, STORE
from agents.settings import Settings
from agents.workbench import Who, Workbench
from storage import budgets, calls, notes
from storage.calls import Call, CallText
from storage.clock import new_id, now
from storage.notes import Note
from storage.search import RunQuery
from storage.sessions import DiskConvenience

TIMEOUT_S = 30.0
ALICE, BOB = Who("alice", "apollo"), Who("bob", "zephyr")
WORDS = {"alice": "quokkaplan", "bob": "wombatplan"}
"""What each of them wrote into everything."""


@dataclass(frozen=True)
class Left:
    """What somebody left."""

    diagnosis: str
    question: str
    tree: str


def call_of(who: Who, run_id: str, word: str) -> tuple[Call, CallText]:
    call_id = new_id()
    call = Call(
        call_id=call_id,
        attempt_no=1,
        idempotency_key=f"{call_id}:draft:first",
        provider_name="alpha",
        request_model="m",
        started_at=now(),
        duration_s=0.5,
        user_id=who.user_id,
        project_id=who.project_id,
        environment="test",
        run_id=run_id,
        input_tokens=100,
        output_tokens=10,
        cost_amount=Decimal("0.25"),
        cost_currency="USD",
    )
    return call, CallText(call_id, run_id, f'["{word} prompt"]', f"{word} answer", now())


def leave(bench: Workbench, who: Who) -> Left:
    """A diagnosis with notes, tree, tag, outcome and calls; a turn with a file; notes, limits and a draft."""
    word = WORDS[who.user_id]
    run_id = bench.start(
        f"Our buses run late since March, mostly in the north, says {word}", who, "late_buses"
    )
    bench.confirm(run_id, bench.view(run_id).seq, "late_buses")
    view = bench.view(run_id)
    bench.answer(run_id, view.questions[0].question_id, "yes", view.seq, f"{word} note")
    bench.conclude(run_id, bench.view(run_id).seq)
    bench.record_outcome(run_id, "roads", f"{word} outcome", who)
    tree = bench.open_tree(run_id, who)
    bench.runs.tag([run_id], f"{word} tag", who)
    table = f"{word},amount\n" + "".join(f"{word}{n},{n}\n" for n in range(50))
    file = Attachment(f"{word}.csv", table.encode())
    question = bench.conversations.send(f"How large is the amount in {word}?", who, None, "data", [file])
    bench.conversations.settle(question, TIMEOUT_S)
    call, text = call_of(who, run_id, word)
    calls.record(bench._store, call, text)
    bench._journal.keep(run_id, "draft", "first", 1, calls.to_json(call, text))
    notes.save(bench._store, Note(f"note-{word}", "coach", who.user_id, "note", f"{word} fact", now()))
    budgets.set_budget(bench._store, "user", who.user_id, Decimal(5), "USD", False, who.user_id)
    bench.convenience.put(f"draft:{who.user_id}", {"text": f"{word} draft"})
    bench._store.flush()
    return Left(run_id, question, tree)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> tuple[Path, dict[str, Left]]:
    """The folder, and what each of the two left in it."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    bench = Workbench.open(Settings(data=folder, playbooks=tiny_folder, environment="test", _env_file=None))
    left = {who.user_id: leave(bench, who) for who in (ALICE, BOB)}
    bench.runs.find(RunQuery())  # has the words taken into the search by now, however busy the machine is
    bench.close()
    return folder, left


@pytest.fixture
def left(filled: tuple[Path, dict[str, Left]]) -> dict[str, Left]:
    return filled[1]


@pytest.fixture
def settings(
    settings: Settings, filled: tuple[Path, dict[str, Left]], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings on a copy of the filled folder, also for what reads the environment."""
    shutil.copytree(filled[0], settings.data)
    monkeypatch.setenv("WHYTREE_DATA", str(settings.data))
    return settings


@pytest.fixture
def open_bench(settings: Settings) -> Iterator[Callable[[], Workbench]]:
    """Opens workbenches on the folder, one after the other."""
    opened: list[Workbench] = []

    def make() -> Workbench:
        opened.append(Workbench.open(settings))
        return opened[-1]

    yield make
    for bench in opened:
        bench.close()


def holders(folder: Path, *words: str) -> set[str]:
    """Files in which one of the words stands: in the bytes, in the name, or in what a store reads of them."""
    found = set()
    for file in folder.rglob("*"):
        content = file.read_bytes().lower() if file.is_file() else b""
        if any(word.encode() in content or word in file.name for word in words):
            found.add(str(file.relative_to(folder)))
    return found | _read_in_store(folder, words) | _read_in_convenience(folder, words)


def _read_in_store(folder: Path, words: Sequence[str]) -> set[str]:
    """DuckDB compresses texts, so that bytes alone would prove nothing."""
    with duckdb.connect(str(folder / STORE), read_only=True) as connection:
        for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            for word in words:
                sql = f"select count(*) from {table} as row where contains(lower(row::varchar), ?)"
                if (connection.execute(sql, [word]).fetchone() or (0,))[0]:
                    return {STORE}
    return set()


def _read_in_convenience(folder: Path, words: Sequence[str]) -> set[str]:
    """diskcache compresses what it keeps."""
    if not (folder / CONVENIENCE).exists():
        return set()
    kept = DiskConvenience(folder / CONVENIENCE)
    texts = [f"{key} {kept.get(key)}" for key in kept._cache.iterkeys()]
    kept.close()
    return {CONVENIENCE} if any(word in text.lower() for word in words for text in texts) else set()
