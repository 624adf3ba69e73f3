"""A small server that speaks the chat protocol over real sockets and does on demand what servers do wrong.

`python -m tests.servers.chat_server [seconds]` serves plain answers from a process of its own, each after so
many seconds, and prints its port.
"""

import json
import socket
import socketserver
import ssl
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO, Self

ANSWER = '{"causes": ["price", "mix"], "confidence": 0.5}'
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


@dataclass
class Exchange:
    """One request, and the connection to answer it on."""

    body: dict[str, Any]
    headers: dict[str, str]
    connection: socket.socket
    reader: BinaryIO
    stopping: threading.Event
    """Set when the server is about to stop."""
    target: str = ""
    """What was asked for: path and query."""

    def send(self, data: bytes) -> None:
        """Bytes as they are."""
        self.connection.sendall(data)

    def respond(
        self,
        body: bytes | str | dict[str, Any],
        status: int = 200,
        content_type: str = "application/json",
        **headers: str,
    ) -> None:
        """A whole response."""
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        data = data.encode() if isinstance(data, str) else data
        self.send(head(status, content_type, {"Content-Length": str(len(data)), **headers}) + data)

    def start_stream(self) -> None:
        """The head of an event stream that ends with the connection."""
        self.send(head(200, "text/event-stream", {"Connection": "close"}))

    def event(self, data: dict[str, Any] | str) -> None:
        """One event of a stream."""
        text = data if isinstance(data, str) else json.dumps(data)
        self.send(f"data: {text}\n\n".encode())

    def close(self) -> None:
        """End the connection."""
        self.reader.close()
        self.connection.close()

    def reset(self) -> None:
        """Drop the connection the hard way."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


Behaviour = Callable[[Exchange], None]


def head(status: int, content_type: str, headers: dict[str, str]) -> bytes:
    """Status line and headers; underscores in names stand for hyphens."""
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def completion(text: str | None = ANSWER, **changes: Any) -> dict[str, Any]:
    """A reply in the protocol's form."""
    message = {"role": "assistant", "content": text, **changes.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": changes.pop("finish_reason", "stop")}
    whole = {
        "id": "reply-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4.1-2025-04-14",
        "choices": [choice],
        "usage": USAGE,
    }
    return {**whole, **changes}


def piece(text: str = "", finish_reason: str | None = None, **changes: Any) -> dict[str, Any]:
    """A chunk of a stream in the protocol's form."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    whole = {"id": "reply-1", "object": "chat.completion.chunk", "model": "gpt-4.1", "choices": [choice]}
    return {**whole, **changes}


def answer(text: str | None = ANSWER, **changes: Any) -> Behaviour:
    """Answers in the way that was asked for: at once or as a stream."""

    def behave(exchange: Exchange) -> None:
        if exchange.body.get("stream"):
            stream(_pieces(text or ""))(exchange)
        else:
            exchange.respond(completion(text, **changes))

    return behave


def stream(texts: Iterable[str], usage: bool = True) -> Behaviour:
    """Answers with a stream of these texts, and with usage when it was asked for."""

    def behave(exchange: Exchange) -> None:
        exchange.start_stream()
        for text in texts:
            exchange.event(piece(text))
        exchange.event(piece(finish_reason="stop"))
        if usage and exchange.body.get("stream_options", {}).get("include_usage"):
            exchange.event({**piece(), "choices": [], "usage": USAGE})
        exchange.event("[DONE]")
        exchange.close()

    return behave


def status(code: int, message: str = "It went wrong.", **headers: str) -> Behaviour:
    """Answers with an error in the protocol's form."""
    error = {"error": {"message": message, "type": "error", "param": None, "code": None}}
    return lambda exchange: exchange.respond(error, code, **headers)


def _pieces(text: str) -> list[str]:
    return [text[start : start + 8] for start in range(0, len(text), 8)]


class ChatServer:
    """Serves on a free port of this machine; `script` says what the next requests meet."""

    def __init__(self, default: Behaviour | None = None, encryption: ssl.SSLContext | None = None) -> None:
        self.script: deque[Behaviour] = deque()
        self.default = default or answer()
        self.requests: list[Exchange] = []
        """Everything that was asked, in order."""
        self.stopping = threading.Event()
        self._encryption = encryption
        self._lock = threading.Lock()
        self._server = _Server(self._serve)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Base address, version included."""
        scheme = "https" if self._encryption else "http"
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}/v1"

    def then(self, *behaviours: Behaviour) -> Self:
        """Line up what the next requests meet."""
        self.script.extend(behaviours)
        return self

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, connection: socket.socket) -> None:
        if self._encryption:
            connection = self._encryption.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as reader:
            while (exchange := _read(reader, connection, self.stopping)) is not None:
                with self._lock:
                    self.requests.append(exchange)
                    behave = self.script.popleft() if self.script else self.default
                try:
                    behave(exchange)
                except OSError:  # the client has gone, as it may
                    return
                if connection.fileno() < 0:
                    return


class _Server(socketserver.ThreadingTCPServer):
    """Hands each connection to a function."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection."""
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._serve(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is what many tests are about."""


def _read(reader: BinaryIO, connection: socket.socket, stopping: threading.Event) -> Exchange | None:
    """The next request on a connection, or None at its end."""
    try:
        first = reader.readline()
        if not first:
            return None
        headers: dict[str, str] = {}
        while line := reader.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.strip().casefold()] = value.strip()
        body = reader.read(int(headers.get("content-length", "0")))
    except OSError:
        return None
    _, _, rest = first.decode("latin-1").partition(" ")
    target = rest.partition(" ")[0]
    return Exchange(json.loads(body) if body else {}, headers, connection, reader, stopping, target)


def main() -> None:
    """Serve until the standard input ends."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0
    plain = answer()

    def late(exchange: Exchange) -> None:
        exchange.stopping.wait(seconds)
        plain(exchange)

    with ChatServer(late if seconds else plain) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
