"""The real server as a process of its own, on a free port and a data folder of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
START_TIMEOUT_S = 60.0
POLL_S = 0.02


class Server:
    """`with Server(folder) as server:` starts the app and ends exactly that process."""

    def __init__(
        self, data: Path, port: int | None = None, environment: dict[str, str] | None = None
    ) -> None:
        self.data = data
        self.port = port or free_port()
        self._environment = environment or {}
        self._started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    @property
    def url(self) -> str:
        """Address of the app."""
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Start the process and return when its health address answers."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        environment = {**os.environ, "WHYTREE_DATA": str(self.data), **self._environment}
        self._started = time.perf_counter()
        with (self.data / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        while not self._is_healthy():
            if self._process.poll() is not None or self.seconds_since_start() > START_TIMEOUT_S:
                raise RuntimeError((self.data / "server.log").read_text(errors="replace"))
            time.sleep(POLL_S)

    def kill(self) -> None:
        """End the process as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the process to end and wait for it."""
        self._end(signal.SIGTERM)

    def seconds_since_start(self) -> float:
        """Seconds since the process was started."""
        return time.perf_counter() - self._started

    def _end(self, sign: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(sign)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def _is_healthy(self) -> bool:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer,
        ):
            return bool(answer.status == 200)
        return False


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])
