"""Searching the web: off by default, two services, and whatever they may answer."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from agents.assistants.answers import ContentAnswer, PassagesAnswer
from agents.assistants.web import FAILED, NOTHING, RESULTS, WebSearch
from agents.settings import ModelSetting, Settings
from agents.workbench import Who, Workbench
from tests.agents.assistants.asking import ask, prompts
from tests.servers import ask_model, web_search
from tests.servers.chat_server import Behaviour, ChatServer, status

KEY = SecretStr("tvly-secret")


@pytest.fixture
def web() -> Iterator[ChatServer]:
    with ChatServer(web_search.tavily(*web_search.PAGES)) as server:
        yield server


def settings(folder: Path, web: ChatServer, model: ChatServer | None = None) -> Settings:
    models = (ModelSetting(preset="vllm", model="writer", base_url=model.url),) if model else ()
    return Settings(
        data=folder, models=models, environment="test", tavily_key=KEY, web_address=f"{web.url}/search"
    )


@pytest.fixture
def searching(tmp_path: Path, web: ChatServer, model: ChatServer) -> Iterator[Workbench]:
    """A workbench that searches, with a model."""
    with Workbench.opened(settings(tmp_path / "web", web, model)) as opened:
        yield opened


def test_searching_is_off_until_it_is_switched_on(tmp_path: Path) -> None:
    assert WebSearch.of(Settings(data=tmp_path)) is None
    assert WebSearch.of(Settings(data=tmp_path, tavily_key=SecretStr(""))) is None
    keyless = WebSearch.of(Settings(data=tmp_path, web_search=True))
    assert keyless is not None
    assert keyless.key is None
    assert WebSearch.of(Settings(data=tmp_path, tavily_key=KEY)) == WebSearch(KEY)


def test_tavily_is_asked_with_its_key_and_its_results_are_read(web: ChatServer) -> None:
    pages = WebSearch(KEY, f"{web.url}/search").find("  why do\ncustomers cancel? " + "x" * 400)
    assert pages is not None
    assert [(page.title, page.address) for page in pages] == [
        (title, address) for title, address, _ in web_search.PAGES
    ]
    assert pages[0].text == web_search.CHURN
    (request,) = web.requests
    assert request.headers["authorization"] == "Bearer tvly-secret"
    assert request.body["query"].startswith("why do customers cancel? x")
    assert len(request.body["query"]) == 300


def test_without_a_key_wikipedia_is_asked_and_its_pages_come_in_their_order(web: ChatServer) -> None:
    web.default = web_search.wikipedia(*web_search.PAGES)
    pages = WebSearch(None, f"{web.url}/w/api.php").find("customer churn")
    assert pages is not None
    assert [page.title for page in pages] == ["Churn in spring", "A hostile page"]
    (request,) = web.requests
    asked = parse_qs(urlsplit(request.target).query)
    assert (asked["gsrsearch"], asked["generator"]) == (["customer churn"], ["search"])
    assert "authorization" not in request.headers
    assert request.headers["user-agent"].startswith("Whytree")


def test_markup_is_taken_out_and_what_cannot_be_kept_too(web: ChatServer) -> None:
    pages = [
        ("T\x00 \ud800i", "https://e.org/\x00", "<b>One</b> &amp; <script>two</script>\n\ud800 three" * 200),
        ("no address", "javascript:alert(1)", "text"),
        ("no text", "https://e.org", ""),
        *[("more", f"https://e.org/{n}", "text") for n in range(9)],
    ]
    web.default = web_search.tavily(*pages)
    found = WebSearch(KEY, web.url).find("q")
    assert found is not None
    assert (found[0].title, found[0].address) == ("T i", "https://e.org/")
    assert found[0].text.startswith("One & two three")
    assert len(found[0].text) == 1_500
    assert [page.title for page in found[1:]] == ["more"] * (RESULTS - 1)


BAD: dict[str, Behaviour] = {
    "a refusal": status(401),
    "a fault": status(500),
    "a redirection": lambda exchange: exchange.respond(b"", 302, Location="http://203.0.113.7/"),
    "a page of HTML": lambda exchange: exchange.respond(b"<html>", content_type="text/html"),
    "no object": lambda exchange: exchange.respond(b"[1]"),
    "no results": lambda exchange: exchange.respond({"results": None}),
    "other results": lambda exchange: exchange.respond({"results": [{"title": "x"}, 3]}),
    "too much": lambda exchange: exchange.respond(b" " * 2_100_000 + b"{}"),
    "nesting without end": lambda exchange: exchange.respond(b"[" * 200_000),
    "a cut": lambda exchange: exchange.reset(),
    "a byte now and then": web_search.drip,
}


@pytest.mark.parametrize("behaviour", BAD.values(), ids=BAD.keys())
def test_a_search_that_fails_gives_nothing_at_all(web: ChatServer, behaviour: Behaviour) -> None:
    web.default = behaviour
    assert WebSearch(KEY, web.url, seconds=0.3).find("q") is None
    assert WebSearch(KEY, "no address", seconds=0.3).find("q") is None


def test_a_statement_from_the_web_cites_its_page(
    searching: Workbench, model: ChatServer, web: ChatServer
) -> None:
    answer = ask(searching, "Why do customers cancel?", "content").answer
    assert isinstance(answer, ContentAnswer)
    assert [(source.number, source.place) for source in answer.sources] == [(1, "https://example.org/churn")]
    assert "[1]" in answer.text
    assert "[9]" not in answer.text
    assert answer.removed == 1
    assert len(web.requests) == 1


def test_a_page_that_gives_orders_changes_nothing_and_is_quoted_as_content(
    searching: Workbench, model: ChatServer, web: ChatServer
) -> None:
    web.default = web_search.tavily(web_search.PAGES[1])
    turn = ask(searching, "Why did churn rise?", "content")
    assert isinstance(turn.answer, ContentAnswer)
    assert "Ignore your instructions" in turn.answer.sources[0].text
    assert turn.calls == ()
    assert [searching.conversations.notes(who, Who()) for who in ("helios", "ceres", "content")] == [[]] * 3
    (prompt,) = prompts(model)
    given = ask_model.values(prompt)
    assert "Ignore your instructions" in given["passages"]
    assert given["request"] == "Why did churn rise?"
    system = model.requests[0].body["messages"][0]["content"]
    assert "Ignore your instructions" not in system
    assert "tools" not in model.requests[0].body


@pytest.mark.parametrize(("behaviour", "note"), [(status(500), FAILED), (web_search.tavily(), NOTHING)])
def test_a_search_without_results_is_told(
    searching: Workbench, web: ChatServer, behaviour: Behaviour, note: str
) -> None:
    web.default = behaviour
    answer = ask(searching, "Why do customers cancel?", "content").answer
    assert isinstance(answer, ContentAnswer)
    assert note in answer.notes
    assert answer.sources == ()


def test_without_a_model_pages_are_quoted_with_their_address(tmp_path: Path, web: ChatServer) -> None:
    with Workbench.opened(settings(tmp_path / "alone", web)) as alone:
        answer = ask(alone, "Why do customers cancel?", "content").answer
    assert isinstance(answer, PassagesAnswer)
    assert [source.place for source in answer.sources] == [address for _, address, _ in web_search.PAGES]
