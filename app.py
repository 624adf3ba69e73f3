"""The server: starts and stops the workbench, and sets the security headers. Run `streamlit run app.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware

from pages.ui import services
from pages.ui.security import SecurityHeaders


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Open the workbench before the first visitor; flush and release it at the end."""
    await anyio.to_thread.run_sync(services.warm_up)
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(services.shut_down)


app = st.App("pages/ui/shell.py", lifespan=lifespan, middleware=[Middleware(SecurityHeaders)])
