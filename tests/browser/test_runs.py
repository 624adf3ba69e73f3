"""Runs in real browsers: watched from elsewhere, through a kill -9 of the server; found by a link."""

import json
import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.server import Server
from tests.servers import ask_model
from tests.servers.chat_server import ChatServer

pytestmark = pytest.mark.browser
TALE = "a long tale of the north"
LAST = "word399"
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def model() -> Iterator[ChatServer]:
    """A model that says a word, waits, and says the next."""
    with ChatServer(ask_model.slowly(0.1)) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, model: ChatServer) -> Iterator[Server]:
    """The real server with the model connected, to be killed."""
    setting = [{"preset": "vllm", "model": "writer", "base_url": model.url}]
    environment = {"WHYTREE_ENVIRONMENT": "test", "WHYTREE_MODELS": json.dumps(setting)}
    with Server(tmp_path_factory.mktemp("runs"), environment=environment) as running:
        yield running


@pytest.fixture
def asker(chromium: Browser, server: Server) -> Iterator[Page]:
    """A browser at the Ask page."""
    yield from _browser(chromium, f"{server.url}/ask")


@pytest.fixture
def watcher(chromium: Browser, server: Server) -> Iterator[Page]:
    """Another browser, at the list of runs."""
    yield from _browser(chromium, f"{server.url}/runs")


def _browser(chromium: Browser, url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    yield page
    context.close()


def ask(page: Page, text: str) -> None:
    page.get_by_role("combobox", name="Who takes it").click()
    page.get_by_role("option", name="General").click()
    field = page.get_by_test_id("stChatInput").locator("textarea")
    expect(field).to_be_enabled()
    field.fill(text)
    field.press("Enter")


def sees_the_end(page: Page) -> None:
    expect(page.get_by_text(LAST)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=PATIENCE_MS)


def test_a_run_is_watched_from_another_browser_and_both_see_it_end_although_the_server_was_killed(
    asker: Page, watcher: Page, server: Server, model: ChatServer
) -> None:
    ask(asker, TALE)
    expect(asker.get_by_text("word3")).to_be_visible()
    watcher.reload()
    watcher.get_by_role("combobox", name="Open a run of this page").click()
    watcher.get_by_role("option", name=TALE).click()
    expect(watcher.get_by_text("At work: answer")).to_be_visible()
    expect(watcher.get_by_text("word9")).to_be_visible()
    assert "run=" in watcher.url
    server.kill()
    model.default = ask_model.slowly(0.002)
    server.start()
    sees_the_end(asker)
    sees_the_end(watcher)
    expect(watcher.get_by_text("Completed").first).to_be_visible()
    expect(watcher.get_by_text("At work: answer")).to_have_count(0)


def test_what_is_looked_for_stands_in_the_link_and_survives_a_reload(watcher: Page) -> None:
    words = watcher.get_by_label("Search titles, inputs, answers and notes")
    words.fill("tale")
    words.press("Enter")
    expect(watcher).to_have_url(re.compile("runs_text=tale"))
    watcher.get_by_text("Filters", exact=True).click()
    watcher.get_by_role("combobox", name="Status").click()
    watcher.get_by_role("option", name="Completed").click()
    expect(watcher).to_have_url(re.compile("runs_status=Completed"))
    expect(watcher.get_by_text("Runs 1 to 1 of 1.")).to_be_visible()
    watcher.reload()
    expect(words).to_have_value("tale")
    expect(watcher.get_by_text("Filters: 1 set")).to_be_visible()
    expect(watcher.get_by_text("Runs 1 to 1 of 1.")).to_be_visible()
    table = watcher.get_by_test_id("stDataFrame").locator(".dvn-scroller")
    table.click(position={"x": 300, "y": 52})
    expect(watcher).to_have_url(re.compile("run=[0-9a-f-]{36}"))
    expect(watcher.get_by_role("tab", name="What was seen")).to_be_visible()
    watcher.get_by_role("button", name="All runs").click()
    expect(words).to_have_value("tale")


def test_the_list_follows_a_run_by_itself_and_leaves_what_a_person_does_in_it_alone(
    asker: Page, watcher: Page, model: ChatServer
) -> None:
    told = threading.Event()
    model.default = ask_model.until(told)
    ask(asker, "a long tale of the list")
    expect(asker.get_by_text("word3")).to_be_visible()
    watcher.reload()
    table = watcher.get_by_test_id("stDataFrame")
    first = table.locator("[role=row]").nth(1)
    expect(first).to_contain_text("Running")
    table.locator(".dvn-scroller").click(position={"x": 15, "y": 52})
    expect(watcher.get_by_text("With the 1 ticked:")).to_be_visible()
    words = watcher.get_by_label("Search titles, inputs, answers and notes")
    words.press_sequentially("half a w")
    told.set()
    expect(first).to_contain_text("Completed", timeout=PATIENCE_MS)
    expect(words).to_be_focused()
    words.press_sequentially("ord")
    expect(words).to_have_value("half a word")


def test_the_form_of_a_batch_stays_open_while_a_file_that_was_refused_is_corrected(watcher: Page) -> None:
    form = watcher.get_by_text("Start a batch from a file of tasks")
    start = watcher.get_by_role("button", name="Start the batch")
    form.click()
    for content in (b"task\nSales fell, costs rose\n", b'task\n"Sales fell, costs rose"\n'):
        watcher.locator("input[type=file]").set_input_files(
            [{"name": "tasks.csv", "mimeType": "text/csv", "buffer": content}]
        )
        expect(watcher.get_by_text(f"{len(content)}.0B")).to_be_visible()  # not the file before
        expect(start).to_be_enabled()
        start.click()
        refused = watcher.get_by_text("Line 2 has more fields than the first line has columns")
        if b'"' not in content:
            expect(refused).to_be_visible()
    expect(watcher.get_by_text("1 run queued with the tag")).to_be_visible()
    expect(start).to_be_visible()
