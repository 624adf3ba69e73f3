"""One request to one provider through the openai SDK; whatever goes wrong comes back as a Fault."""

import logging
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from agents.llm.assembly import Assembly
from agents.llm.clock import Clock
from agents.llm.faults import Fault, Kind
from agents.llm.keys import Keys
from agents.llm.providers import Provider
from agents.llm.reply import RawReply, error_fault, read_body
from agents.llm.words import cleaned_words

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

    from agents.llm.transport import Watch

PATH = "/chat/completions"
NO_KEY = "none"
"""Sent where an address needs no key, because the SDK insists on one."""
BROKEN_OFF = {Kind.TIMEOUT, Kind.CONNECTION_LOST}
"""What may befall a connection after a text's last word without a loss: only its usage is not told then."""
TALKATIVE = ("httpcore2", "httpx2", "openai")
"""Loggers that write headers and bodies when they may, and with them keys and what people typed."""


class Wire:
    """Holds one SDK client per provider; safe to share between threads."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._clients: dict[str, OpenAI] = {}
        self._lock = threading.Lock()

    def ready(self, provider: Provider) -> None:
        """Load the SDK and make the provider's client, so that no measured call pays for it."""
        self._client(provider)

    def watch(self, cancel: threading.Event, deadline: float, silence_s: float, stream: bool) -> "Watch":
        """What one attempt is held to."""
        from agents.llm import transport  # slow to import, needed with the first call

        largest = transport.LARGEST_STREAM if stream else transport.LARGEST
        return transport.Watch(self._clock, cancel, deadline, silence_s, largest)

    def ask(self, provider: Provider, body: dict[str, Any], watch: "Watch") -> RawReply:
        """The whole reply at once; raises Fault."""
        import httpx2

        client = self._client(provider)
        with self._explained(watch):
            response = client.post(PATH, body=body, cast_to=httpx2.Response)
            return read_body(response.content)

    def stream(
        self, provider: Provider, body: dict[str, Any], watch: "Watch", assembly: Assembly
    ) -> Generator[str, None, None]:
        """Text as it comes, put together in `assembly`; raises Fault."""
        from openai import APIConnectionError, Stream

        client = self._client(provider)
        with self._explained(watch):
            chunks = client.post(PATH, body=body, cast_to=object, stream=True, stream_cls=Stream[object])
            with chunks:
                if not _is_event_stream(chunks.response):
                    yield assembly.take_whole(read_body(chunks.response.read()))
                    return
                try:
                    for chunk in chunks:
                        if text := assembly.take(chunk):
                            yield text
                except (Fault, APIConnectionError) as error:
                    if not (assembly.is_whole and _fault(error, sent=True).kind in BROKEN_OFF):
                        raise
            if held := assembly.finish():
                yield held

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _client(self, provider: Provider) -> "OpenAI":
        with self._lock:
            found = self._clients.get(provider.name)
            if found is None:
                found = self._clients[provider.name] = _connect(provider)
            return found

    @contextmanager
    def _explained(self, watch: "Watch") -> Iterator[None]:
        import openai

        from agents.llm.transport import watched

        try:
            with watched(watch):
                yield
        except (Fault, openai.OpenAIError, ValueError, RecursionError) as error:
            fault = _fault(error, watch.sent)
            fault.words = cleaned_words(self._keys.blot(fault.words))
            raise fault from None


def _connect(provider: Provider) -> "OpenAI":
    import httpx2
    from openai import OpenAI

    from agents.llm.transport import WatchedTransport

    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    key = provider.key.get_secret_value() if provider.key else NO_KEY
    client = OpenAI(
        api_key=key,
        base_url=provider.base_url,
        max_retries=0,
        timeout=provider.timeout_s,
        default_headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
        http_client=httpx2.Client(
            transport=WatchedTransport(provider.base_url), follow_redirects=False, trust_env=False
        ),
    )
    client.organization = client.project = client.admin_api_key = None  # the SDK's own environment
    return client


def _fault(error: Exception, sent: bool) -> Fault:
    """The fault an exception of the SDK stands for; `sent` tells whether the request may have arrived."""
    import openai

    if isinstance(error, Fault):
        return error
    if isinstance(error, openai.APIStatusError):
        return error_fault(error.status_code, _told(error.body), _retry_after(error.response.headers))
    if isinstance(error, openai.APITimeoutError):
        return Fault(Kind.TIMEOUT)
    if isinstance(error, openai.APIConnectionError):
        return Fault(Kind.CONNECTION_LOST if sent else Kind.UNREACHABLE)
    if isinstance(error, openai.APIError):
        return error_fault(None, _told(error.body))
    return Fault(Kind.NOT_A_REPLY, http_status=200)


def _told(body: object) -> object:
    """What an error's body says; a web page says nothing."""
    return "" if isinstance(body, str) and body.lstrip().startswith("<") else body


def _retry_after(headers: "httpx2.Headers") -> float | None:
    """Seconds a provider asks to wait, from either header; None when it says nothing that makes sense."""
    text = headers.get("retry-after", "")
    try:
        if "retry-after-ms" in headers:
            seconds = float(headers["retry-after-ms"]) / 1000
        elif text.replace(".", "", 1).isdigit():
            seconds = float(text)
        else:
            then = parsedate_to_datetime(text)
            seconds = then.timestamp() - parsedate_to_datetime(headers["date"]).timestamp()
    except (ValueError, KeyError, OverflowError):
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _is_event_stream(response: "httpx2.Response") -> bool:
    return bool(response.headers.get("content-type", "").startswith("text/event-stream"))
