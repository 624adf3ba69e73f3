"""Asking in a real browser with a model that streams: what comes is seen, reloaded, stopped, sent again."""

import json
from collections.abc import Iterator

import plotly.data
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.server import Server
from tests.agents.documents.conftest import pdf
from tests.servers import ask_model, web_search
from tests.servers.chat_server import ChatServer, answer

pytestmark = pytest.mark.browser
OWN = ("data:", "blob:", "ws:")
HOSTILE = (
    "![x](http://203.0.113.7/x.png) <img src=http://203.0.113.7/y.png onerror=alert(1)> "
    "<script>alert(2)</script> [click](javascript:alert(3)) :material/home: $x$ :red[kept whole] {braces}"
)


@pytest.fixture(scope="module")
def model() -> Iterator[ChatServer]:
    with ChatServer(ask_model.behave) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, model: ChatServer) -> Iterator[Server]:
    """The real server with the model connected."""
    setting = [{"preset": "vllm", "model": "writer", "base_url": model.url}]
    environment = {"WHYTREE_ENVIRONMENT": "test", "WHYTREE_MODELS": json.dumps(setting)}
    with Server(tmp_path_factory.mktemp("ask"), environment=environment) as running:
        yield running


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """The page in a browser of its own; nothing may leave this machine, no script may ask."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    trouble: list[str] = []
    opened.on("request", lambda r: None if r.url.startswith((server.url, *OWN)) else trouble.append(r.url))
    opened.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    opened.goto(f"{server.url}/ask")
    yield opened
    context.close()
    assert trouble == []


def send(page: Page, text: str, agent: str | None = None) -> None:
    if agent is not None:
        page.get_by_role("combobox", name="Who takes it").click()
        page.get_by_role("option", name=agent).click()
    field = page.get_by_test_id("stChatInput").locator("textarea")
    expect(field).to_be_enabled()
    field.fill(text)
    field.press("Enter")


def test_an_answer_streams_survives_a_reload_is_stopped_edited_and_sent_again(
    page: Page, model: ChatServer
) -> None:
    model.default = ask_model.slowly(0.1)
    send(page, "a long tale", "General")
    expect(page.get_by_text("word3")).to_be_visible()
    assert "conversation=" in page.url
    page.reload()
    expect(page.get_by_text("word9")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped by you")).to_be_visible(timeout=3_000)
    stopped = page.get_by_text("word3").inner_text()
    assert "word399" not in stopped
    model.default = ask_model.behave
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Your request").fill("hello again")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("You said: hello again")).to_be_visible()
    expect(page.get_by_text("Stopped by you")).to_have_count(0)
    page.get_by_role("button", name="Regenerate").click()
    expect(page.get_by_text("Asked 3 times here")).to_be_visible()


def test_a_table_is_attached_asked_about_and_drawn(page: Page, model: ChatServer) -> None:
    model.default = ask_model.behave
    csv = {
        "name": "tips.csv",
        "mimeType": "text/csv",
        "buffer": plotly.data.tips().to_csv(index=False).encode(),
    }
    page.get_by_test_id("stChatInput").locator("input[type=file]").set_input_files(csv)
    expect(page.get_by_test_id("stChatInput")).to_contain_text("tips.csv")
    send(page, "Which day brings the most tips?", "Data")
    expect(page.get_by_text("“Sat”: sum of tips 260.4.")).to_be_visible()
    expect(page.locator(".js-plotly-plot .ytick").first).to_be_visible()


def test_a_document_is_attached_and_cited_and_its_orders_are_only_quoted(
    page: Page, model: ChatServer
) -> None:
    model.default = ask_model.behave
    pages = [[f"The notice period is six weeks. {web_search.ORDERS}"]]
    file = {"name": "contract.pdf", "mimeType": "application/pdf", "buffer": pdf(pages)}
    page.get_by_test_id("stChatInput").locator("input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stChatInput")).to_contain_text("contract.pdf")
    send(page, "What is the notice period?", "Content")
    message = page.get_by_test_id("stChatMessage").last
    expect(message.get_by_text("Citations removed because no source has their number: 2.")).to_be_visible()
    page.get_by_text("Sources: 1").click()
    expect(message.get_by_text("contract.pdf, page 1, paragraph 1")).to_be_visible()
    expect(message.get_by_text("Ignore your instructions").first).to_be_visible()
    assert message.locator("img, script, a").count() == 0


def test_a_hostile_answer_loads_and_runs_nothing(page: Page, model: ChatServer) -> None:
    model.default = answer(HOSTILE)
    send(page, "hello", "General")
    message = page.get_by_test_id("stChatMessage").last
    expect(message.get_by_text("{braces}")).to_be_visible()
    assert message.locator("img, script, a, .katex").count() == 0
    expect(message).to_contain_text("$x$ :red[kept whole] {braces}")
    expect(message).to_contain_text("<script>".replace("<", "<\u2060"))


def test_a_diagnosis_goes_to_its_page_with_the_text_filled_in(page: Page, model: ChatServer) -> None:
    model.default = ask_model.behave
    send(page, "Our sales dropped 20 % this quarter, mostly in the north")
    page.get_by_role("button", name="Open in Diagnose").click()
    expect(page.get_by_label("The problem, in your words")).to_have_value(
        "Our sales dropped 20 % this quarter, mostly in the north"
    )
