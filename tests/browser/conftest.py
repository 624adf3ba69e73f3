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
    from playwright.sync_api import Browser, Page

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
def open_tab(server: Server, chromium: "Browser") -> Iterator[OpenTab]:
    """Opens tabs at the server, 1440 pixels wide and light; at the end none may have asked anybody else."""
    with tabs_at(server.url, chromium) as tab:
        yield tab


@pytest.fixture(scope="module")
def open_usage_tab(usage_server: Server, chromium: "Browser") -> Iterator[OpenTab]:
    """The same at the server with usage."""
    with tabs_at(usage_server.url, chromium) as tab:
        yield tab


@contextlib.contextmanager
def tabs_at(url: str, chromium: "Browser") -> Iterator[OpenTab]:
    """What opens tabs at a server."""
    asked: list[str] = []
    contexts = []

    def tab() -> "Page":
        context = chromium.new_context(base_url=url, viewport={"width": 1440, "height": 900})
        context.on("request", lambda request: asked.append(request.url))
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield tab
    for context in contexts:
        context.close()
    assert [url for url in asked if not HERE.match(url)] == []


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
