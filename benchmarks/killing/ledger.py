"""The ledger: what the world outside saw, one line per fact, whoever dies. It also plays the provider.

A line is in the file when `note` returns, and kill -9 takes no file back (only a lost machine could).
"""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zlib import crc32

from agents.llm.keys import Keys
from agents.llm.providers import Provider
from agents.llm.reply import RawReply
from agents.llm.usage import Usage
from agents.llm.wire import Wire
from storage.journal import Journal

Line = dict[str, Any]


class Ledger:
    """Appends lines; safe to share between threads and processes."""

    def __init__(self, file: Path, life: int, told: Callable[[], object] = lambda: None) -> None:
        """`told` is called behind every line about a run that `counts`."""
        self._told = told
        self.counts: Callable[[object], bool] = lambda run_id: True
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._life = life

    def note(self, kind: str, **said: object) -> None:
        """Write a line at one go."""
        os.write(self._file, json.dumps({"kind": kind, "life": self._life, **said}).encode() + b"\n")
        if self.counts(said.get("run")):
            self._told()


def lines(file: Path) -> list[Line]:
    """Every line, in the order in which they were written."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def said(run_id: str, node: str, call: str) -> int:
    """What the provider answers to a call, always the same."""
    return crc32(f"{run_id}/{node}/{call}".encode()) % 100_000


class LedgerWire(Wire):
    """Stands where requests leave the process: a line in the ledger, a wait, and an answer."""

    def __init__(self, keys: Keys, ledger: Ledger, seconds: Callable[[], float]) -> None:
        super().__init__(keys, None)  # type: ignore[arg-type]  # it holds nobody to a deadline
        self._ledger = ledger
        self._seconds = seconds

    def watch(self, *_: object, **__: object) -> Any:
        """That the request has left."""
        return SimpleNamespace(sent=True)

    def ask(self, provider: Provider, body: dict[str, Any], watch: object) -> RawReply:
        """Answer a prompt that says which run, node and call it is of."""
        asked = body["messages"][0]["content"].partition("\n")[0]  # the schema follows
        run_id, node, call = json.loads(asked)
        self._ledger.note("asked", run=run_id, node=node, call=call)
        time.sleep(self._seconds())
        text = json.dumps({"number": said(run_id, node, call)})
        return RawReply(text=text, finish_reason="stop", usage=Usage(100, 10), response_id="r")


def tell_what_is_kept(ledger: Ledger) -> None:
    """Note every reply as soon as the journal says that it is on disk."""
    keep = Journal.keep

    def noted(self: Journal, run_id: str, node: str, call: str, attempt_no: int, value: str) -> None:
        keep(self, run_id, node, call, attempt_no, value)
        ledger.note("kept", run=run_id, node=node, call=call)

    Journal.keep = noted  # type: ignore[method-assign]
