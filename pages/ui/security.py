"""Which names the server answers to, and headers that keep text from running or loading anything foreign."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import streamlit
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Callable[[], Awaitable[Message]], Send], Awaitable[None]]

INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def inline_script_hashes() -> str:
    """Sources that allow the inline scripts of Streamlit's own page, ours beside this file, and no others."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    ours = [file.read_text(encoding="utf-8") for file in sorted(Path(__file__).parent.glob("*.js"))]
    scripts = [*INLINE_SCRIPT.findall(page.read_text(encoding="utf-8")), *ours]
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


POLICY = "; ".join(
    (
        "default-src 'self'",
        # Plotly and Graphviz compile code at run time
        f"script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval' {inline_script_hashes()}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class SecurityHeaders:
    """Adds the headers to every response; a plain ASGI class, so that it costs nothing per message."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Message]], send: Send
    ) -> None:
        """Pass the request on and extend the response's headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in HEADERS}
                theirs = [(n, v) for n, v in message.get("headers", []) if n.lower() not in ours]
                message["headers"] = [*theirs, *HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)


HEALTH = "/_stcore/health"
FOREIGN_NAME = (
    "This server does not answer under this name, so that no other site can pass for it. "
    "Open it as localhost, or start it with the name in server.allowedHosts.\n"
)


class KnownHosts:
    """Holds every request to the names in `server.allowedHosts`; Streamlit itself holds only its websocket.

    A site whose name was bound to this machine's address (DNS rebinding) gets a sentence and nothing else.
    Health tells nothing and is asked for by address, so it is answered under any name.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Message]], send: Send
    ) -> None:
        """Pass the request on, or refuse it as misdirected."""
        held = scope["type"] == "http" and not scope["path"].endswith(HEALTH)
        if held and not is_host_allowed(Headers(scope=scope).get("host")):
            await PlainTextResponse(FOREIGN_NAME, status_code=421)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
