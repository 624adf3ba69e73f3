"""A real server and a real Chromium; a page that asks another machine for anything fails its test."""

import contextlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.visitor import Visitor

HERE = re.compile(r"(https?|wss?)://(127\.0\.0\.1|localhost|\[::1\])[:/]|data:|blob:|about:")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE_MS = 20_000

OpenTab = Callable[[], "Page"]
Visit = Callable[..., "Visitor"]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a port and a data folder of its own."""
    with Server(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="session")
def usage_server(usage_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on weeks of invented usage, whose budget is for demo spend."""
    folder = tmp_path_factory.mktemp("used")
    shutil.copy(usage_file, folder / "whytree.duckdb")
    with Server(folder, environment={"WHYTREE_ENVIRONMENT": "demo"}) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """The system's Chromium."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is missing: see tests/requirements.txt"
    )
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("Chromium is not installed; on Debian: apt-get install chromium")
    api.expect.set_options(timeout=PATIENCE_MS)
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def window(server: Server, chromium: "Browser") -> Iterator["BrowserContext"]:
    """One browser at the server, 1440 pixels wide and light; at the end it may have asked nobody else."""
    with asking_only(server.url, chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def usage_window(usage_server: Server, chromium: "Browser") -> Iterator["BrowserContext"]:
    """The same at the server with usage."""
    with asking_only(usage_server.url, chromium) as opened:
        yield opened


@contextlib.contextmanager
def asking_only(url: str, chromium: "Browser") -> Iterator["BrowserContext"]:
    """A browser that fails its test when a page asks another machine for anything.

    Its tabs share what they have loaded, as a person's do: a tab of a new browser costs twice as much.
    """
    asked: list[str] = []
    context = chromium.new_context(base_url=url, viewport={"width": 1440, "height": 900})
    context.on("request", lambda request: asked.append(request.url))
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()
    assert [url for url in asked if not HERE.match(url)] == []


@pytest.fixture
def open_tab(window: "BrowserContext") -> Iterator[OpenTab]:
    """Opens tabs of that browser; all end with the test, since an open page goes on asking the server."""
    yield window.new_page
    close_tabs(window)


@pytest.fixture
def open_usage_tab(usage_window: "BrowserContext") -> Iterator[OpenTab]:
    """The same at the server with usage."""
    yield usage_window.new_page
    close_tabs(usage_window)


def close_tabs(window: "BrowserContext") -> None:
    """Close every tab of a browser, those too that a link has opened."""
    for page in window.pages:
        page.close()


@pytest.fixture
def visit(chromium: "Browser", server: Server) -> Iterator[Visit]:
    """Opens browsers at the server; at the end none of them may have seen an error or an outside request."""
    from tests.browser.visitor import Visitor

    visitors: list[Visitor] = []

    def open_browser(query: str = "", scheme: str = "light") -> Visitor:
        visitors.append(Visitor(chromium, server.url, scheme))
        visitors[-1].page.set_default_timeout(PATIENCE_MS)
        return visitors[-1].visit(query)

    yield open_browser
    for visitor in visitors:
        visitor.leave()


def pages() -> list[str]:
    """The address of every page."""
    folder = Path(__file__).resolve().parents[2] / "pages"
    return ["/" if file.stem == "diagnose" else f"/{file.stem}" for file in sorted(folder.glob("*.py"))]
