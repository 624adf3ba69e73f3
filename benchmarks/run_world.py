"""Makes a store of many runs with their events, as a year of a busy company would leave it."""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from storage.db import Connection, Store

START = datetime(2026, 1, 1)
AGENTS = ("diagnosis", "diagnosis", "diagnosis", "content", "research", "data", "code", "summary")
STATUSES = ("completed",) * 17 + ("waiting", "failed", "cancelled")
USERS = 40
PROJECTS = 12
WORDS = 20_000
"""Words of the language, used as often as words are: the n-th about 1/n as often as the first."""
PIECES = ("ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu")
CHUNK = 20_000


class Language:
    """Words with the frequencies of a natural text."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.words = sorted({self._word() for _ in range(WORDS * 2)})[:WORDS]
        rng.shuffle(self.words)
        total, self._cumulated = 0.0, []
        for rank in range(1, len(self.words) + 1):
            total += 1 / rank
            self._cumulated.append(total)

    def text(self, words: int) -> str:
        """A text of so many words."""
        return " ".join(self._rng.choices(self.words, cum_weights=self._cumulated, k=words))

    def word(self) -> str:
        """A word as people use it."""
        return self.text(1)

    def _word(self) -> str:
        return "".join(self._rng.choice(PIECES) for _ in range(self._rng.randint(2, 5)))


def fill(store: Store, runs: int, events_per_run: int, seed: int = 1) -> Language:
    """Write runs with events, calls and tags; returns the language they are written in."""
    rng = random.Random(seed)
    language = Language(rng)
    for start in range(0, runs, CHUNK):
        batch = [_run(n, runs, rng, language) for n in range(start, min(start + CHUNK, runs))]
        tables = {
            "runs": batch,
            "events": [event for run in batch for event in _events(run, events_per_run, rng, language)],
            "calls": [call for run in batch for call in _calls(run, rng)],
            "run_tags": [_tag(run, rng) for run in batch if rng.random() < 0.1],
        }
        for table, rows in tables.items():
            store.transact(lambda connection, table=table, rows=rows: _load(connection, table, rows))  # type: ignore[misc]
    return language


def _load(connection: Connection, table: str, rows: list[dict[str, object]]) -> None:
    batch = pa.Table.from_pylist(rows)
    connection.register("batch", batch)
    connection.execute(f"insert into {table} by name select * from batch")
    connection.unregister("batch")


def _id(at: datetime, rng: random.Random) -> str:
    """A UUIDv7 of a time."""
    stamp = f"{int(at.timestamp() * 1000):012x}"
    noise = f"{rng.getrandbits(74):019x}"
    return f"{stamp[:8]}-{stamp[8:]}-7{noise[:3]}-8{noise[3:6]}-{noise[6:18]}"


def _run(n: int, runs: int, rng: random.Random, language: Language) -> dict[str, object]:
    at = START + timedelta(days=365) * (n / runs)
    agent, status = rng.choice(AGENTS), rng.choice(STATUSES)
    text = language.text(rng.randint(10, 60))
    return {
        "run_id": _id(at, rng),
        "kind": "diagnosis" if agent == "diagnosis" else "ask",
        "title": text[:80],
        "input": text,
        "status": status,
        "agent_name": agent,
        "user_id": f"user{rng.randrange(USERS)}",
        "project_id": f"project{rng.randrange(PROJECTS)}",
        "environment": "live",
        "created_at": at,
        "started_at": at,
        "updated_at": at + timedelta(minutes=rng.randint(1, 90)),
        "finished_at": at + timedelta(hours=2) if status == "completed" else None,
    }


def _events(
    run: dict[str, object], wanted: int, rng: random.Random, language: Language
) -> Iterator[dict[str, object]]:
    at = run["created_at"]
    for seq in range(1, wanted + 1):
        kind = "complained" if seq == 1 else "answered" if seq % 2 == 0 else "asked"
        text = run["input"] if seq == 1 else language.text(rng.randint(4, 24))
        key = {"complained": "text", "answered": "note"}.get(kind, "question_id")
        data = json.dumps({key: text})
        yield {"run_id": run["run_id"], "seq": seq, "kind": kind, "occurred_at": at, "data": data}


def _calls(run: dict[str, object], rng: random.Random) -> Iterator[dict[str, object]]:
    for n in range(rng.randint(0, 4)):
        call_id = f"{run['run_id']}-{n}"
        yield {
            "call_id": call_id,
            "run_id": run["run_id"],
            "attempt_no": 1,
            "idempotency_key": call_id,
            "operation_name": "chat",
            "provider_name": "bench",
            "request_model": "model",
            "is_shadow": False,
            "started_at": run["created_at"],
            "duration_s": rng.random() * 9,
            "queue_wait_s": 0.0,
            "cost_amount": round(rng.random() / 10, 6),
            "cost_currency": "USD",
            "served_from": "provider",
            "user_id": run["user_id"],
            "project_id": run["project_id"],
            "environment": run["environment"],
        }


def _tag(run: dict[str, object], rng: random.Random) -> dict[str, object]:
    tag = rng.choice(("board", "keep", "check", "example"))
    return {"run_id": run["run_id"], "tag": tag, "tagged_by": "me", "tagged_at": run["created_at"]}


def make(folder: Path, runs: int, events_per_run: int) -> tuple[Store, Language]:
    """A new store in a folder, filled."""
    store = Store.open(folder / "whytree.duckdb")
    return store, fill(store, runs, events_per_run)
