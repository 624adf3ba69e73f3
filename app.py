"""The server: starts and stops the workbench, and guards what it serves. Run `streamlit run app.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
import streamlit as st
import structlog
from starlette.middleware import Middleware

from pages.ui import services
from pages.ui.security import KnownHosts, SecurityHeaders

structlog.configure(
    [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=True),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)  # where rich is installed the default shows every local variable of a trace, and with them keys
log = structlog.get_logger()


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Open the workbench before the first visitor; flush and release it at the end."""
    await anyio.to_thread.run_sync(services.warm_up)
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(services.shut_down)


def tell_of_fault(error: BaseException) -> bool:
    """What a page says in place of a trace; the log holds the trace."""
    log.error("a page failed", exc_info=error)
    st.error(
        "This page ran into a fault of ours. What was stored is safe. Reload the page; if it happens again, "
        "report it with the time shown in the server's log.",
        icon=":material/error:",
    )
    return True


app = st.App(
    "pages/ui/shell.py",
    lifespan=lifespan,
    middleware=[Middleware(SecurityHeaders), Middleware(KnownHosts)],
    on_script_error=tell_of_fault,
)
