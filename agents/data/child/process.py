"""A helper process that can be ended: for files and SQL that nobody has vouched for.

DuckDB's memory limit and interrupt hold for most queries, not for all: a single built-in function can fill
the memory, or go on for minutes after an interrupt. A process of its own, with a limit from the operating
system and a deadline after which it is killed, holds for every one of them.
"""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from agents.errors import BadInput, Refused, StepFailed, WhytreeError

ROOT = Path(__file__).resolve().parents[3]
LARGEST_REPLY = 64 * 2**20
"""Bytes of one reply; a longer one counts as the end of the process."""
KINDS: dict[str, type[WhytreeError]] = {"BadInput": BadInput, "Refused": Refused, "StepFailed": StepFailed}


class ChildEnded(Exception):
    """The process is gone before it answered; `overdue` when it was killed at its deadline."""

    def __init__(self, overdue: bool) -> None:
        super().__init__("killed at its deadline" if overdue else "ended by itself")
        self.overdue = overdue


class Child:
    """One helper process that answers JSON lines, one at a time; started by the first question.

    It inherits no environment (so no key) and may use `memory` bytes of address space (held on Linux).
    Not for use by two threads at once, except for `close`.
    """

    def __init__(self, module: str, memory: int) -> None:
        self._command = [sys.executable, "-m", module, str(memory)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The reply to a request; raises the error it reports, or ChildEnded after `seconds` at most."""
        process = self._started()
        overdue = threading.Event()
        deadline = threading.Timer(seconds, _kill, (process, overdue))
        deadline.daemon = True
        deadline.start()
        try:
            line = _exchange(process, json.dumps(request).encode() + b"\n")
        finally:
            deadline.cancel()
        if not line.endswith(b"\n"):
            self.close()
            raise ChildEnded(overdue.is_set())
        return _opened(json.loads(line))

    def close(self) -> None:
        """End the process, if there is one, and wait until it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):  # what was not yet sent has nobody to go to
                    stream.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self.running:
            return self._process
        self.close()
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        return self._process


def _exchange(process: subprocess.Popen[bytes], line: bytes) -> bytes:
    """Send one line and read one; what comes back ends without a line break when the process is gone."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("The process was started without pipes.")
    with suppress(BrokenPipeError):  # the read below then meets the end of the stream
        process.stdin.write(line)
        process.stdin.flush()
    return process.stdout.readline(LARGEST_REPLY)


def _kill(process: subprocess.Popen[bytes], overdue: threading.Event) -> None:
    overdue.set()
    process.kill()


def _opened(reply: dict[str, Any]) -> dict[str, Any]:
    failed = reply.get("failed")
    if failed is not None:
        raise KINDS[failed](reply["text"])
    return reply


def _environment() -> dict[str, str]:
    """Nothing of ours but what an interpreter needs to start."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return {"PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "2", **kept}
