"""A connection that holds a whole attempt to a deadline, to cancelling and to a size.

The SDK's timeout restarts with each byte, so a server that drips holds it for ever. Here every blocking
operation is cut into slices, between which deadline and cancelling are looked at.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from agents.llm.clock import Clock
from agents.llm.faults import Fault, Kind

T = TypeVar("T")

SLICE_S = 0.2
"""Seconds after which a blocked operation looks at deadline and cancelling."""
LARGEST = 4 * 2**20
"""Bytes a reply in one piece may have on the wire."""
LARGEST_STREAM = 64 * 2**20
"""Bytes a stream may have, in which every few characters come in a wrapping of some hundred."""
SMALL_WRITE = 16 * 1024
"""Bytes that a fresh socket's buffer takes without blocking."""

CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Where the system may name certificates of its own."""


@dataclass
class Watch:
    """What one attempt is held to."""

    clock: Clock
    cancel: threading.Event
    deadline: float
    """Monotonic second at which the attempt ends."""
    silence_s: float
    """Seconds without a byte after which the attempt ends."""
    largest: int = LARGEST
    """Bytes the attempt may receive."""
    received: int = 0
    sent: bool = False
    """Whether the request may have reached the server."""

    def slice(self, quiet_since: float) -> float:
        """Seconds the next slice may block; raises Fault when cancelled or out of time."""
        if self.cancel.is_set():
            raise Fault(Kind.CANCELLED)
        left = min(self.deadline, quiet_since + self.silence_s) - self.clock.monotonic()
        if left <= 0:
            raise Fault(Kind.TIMEOUT)
        return min(SLICE_S, left)

    def count(self, size: int) -> None:
        """Take note of received bytes; raises Fault when they are too many."""
        self.received += size
        if self.received > self.largest:
            raise Fault(Kind.TOO_LARGE)


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Hold everything this thread sends and receives to `watch`."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


class WatchedStream(httpcore2.NetworkStream):
    """A connection whose operations end with the attempt."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner
        self.has_replied = False
        """Whether anything came since something was sent last."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Bytes as they come; empty at the end."""
        watch = _watch.get()
        if watch is None:
            return self._inner.read(max_bytes, timeout)
        since = watch.clock.monotonic()
        while True:
            try:
                data = self._inner.read(max_bytes, watch.slice(since))
            except httpcore2.ReadTimeout:
                continue
            watch.count(len(data))
            self.has_replied = True
            return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all bytes; many of them from a thread that can be left behind."""
        self.has_replied = False
        watch = _watch.get()
        if watch is None:
            self._inner.write(buffer, timeout)
            return
        watch.sent = True
        if len(buffer) <= SMALL_WRITE:
            self._inner.write(buffer, watch.slice(watch.clock.monotonic()))
        else:
            _apart(watch, lambda left: self._inner.write(buffer, left), lambda _: None)

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Encrypt the connection."""

        def work(left: float | None) -> httpcore2.NetworkStream:
            return self._inner.start_tls(ssl_context, server_hostname, left)

        return WatchedStream(_apart(_watch.get(), work, lambda stream: stream.close()))

    def get_extra_info(self, info: str) -> Any:
        """What the connection underneath knows."""
        return self._inner.get_extra_info(info)


class WatchedBackend(httpcore2.NetworkBackend):
    """Opens connections whose operations end with the attempt."""

    def __init__(self, inner: httpcore2.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Look the name up and connect."""

        def work(left: float | None) -> httpcore2.NetworkStream:
            return self._inner.connect_tcp(host, port, left, local_address, socket_options)

        return WatchedStream(_apart(_watch.get(), work, lambda stream: stream.close()))


class WatchedTransport(httpx2.HTTPTransport):
    """HTTP over watched connections, through the system's proxy where one is set."""

    def __init__(self, base_url: str) -> None:
        super().__init__(
            _trusted(*map(os.environ.get, CERTIFICATES)),
            proxy=_proxy(base_url),
            limits=httpx2.Limits(max_keepalive_connections=32),
        )
        # httpx2 passes no network backend on; the tests of the deadline fail if this ever stops working
        self._pool._network_backend = WatchedBackend(self._pool._network_backend)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send and receive.

        Raises Fault for a packed reply, whose size shows only when it is unpacked, and for one that lay there
        before the request was sent: it would be the reply to somebody else's.
        """
        response = super().handle_request(request)
        stream = response.extensions.get("network_stream")
        is_stray = isinstance(stream, WatchedStream) and not stream.has_replied
        if is_stray or response.headers.get("content-encoding", "identity") != "identity":
            response.close()
            raise Fault(Kind.NOT_A_REPLY, http_status=response.status_code)
        return response


@cache
def _trusted(file: str | None, folder: str | None) -> SSLContext:
    """The certificates that are trusted, read once for all connections: that takes 25 ms."""
    return httpx2.create_ssl_context()  # reads the same variables


def _proxy(base_url: str) -> str | None:
    address = urlsplit(base_url)
    if proxy_bypass(address.hostname or ""):
        return None
    return getproxies().get(address.scheme)


def _apart(watch: Watch | None, work: Callable[[float | None], T], undo: Callable[[T], None]) -> T:
    """Run work that blocks in its own thread; leave it behind, to be undone, when the attempt ends."""
    if watch is None:
        return work(None)
    since = watch.clock.monotonic()
    done: Future[T] = Future()
    left = watch.silence_s
    threading.Thread(target=_settle, args=(done, lambda: work(left)), daemon=True).start()
    try:
        while not done.done():
            wait([done], watch.slice(since))
    except Fault:
        done.add_done_callback(lambda late: undo(late.result()) if late.exception() is None else None)
        raise
    return done.result()


def _settle(done: "Future[T]", work: Callable[[], T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - handed to the caller, who waits for it
        done.set_exception(error)
