"""The Ask page: asking, being asked back, failures, no model, editing, finding; hostile text does nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agents.assistants.registry import AGENTS
from agents.models import roles
from agents.workbench import Who, Workbench
from pages.ui.text import plain
from tests.pages.screen import Screen, elements, shown
from tests.pages.test_hostile_text import CANARY, HOSTILE, interpreted
from tests.servers import ask_model
from tests.servers.chat_server import ChatServer, status

PAGE = "pages/ask.py"
Ask = Callable[..., Screen]


@pytest.fixture
def model() -> Iterator[ChatServer]:
    with ChatServer(ask_model.behave) as server:
        yield server


@pytest.fixture
def connected(bench: Workbench, model: ChatServer) -> Workbench:
    """The workbench with the model that plays every agent, for the session that `page` uses."""
    from agents.llm.providers import from_preset

    bench.models.connect("tab", from_preset("vllm", roles("writer"), base_url=model.url))
    return bench


@pytest.fixture
def page(bench: Workbench) -> Screen:
    """The page before anything was asked."""
    screen = Screen(PAGE)
    screen.at.session_state["session_id"] = "tab"
    return screen.open()


def ask(page: Screen, bench: Workbench, text: str, agent: str | None = None) -> Screen:
    """Type, send, and draw until there is nothing to wait for."""
    if agent is not None:
        page.choose("ask_agent", agent)
    page.at.chat_input[0].set_value(text)
    page.reload()
    return settled(page, bench)


def settled(page: Screen, bench: Workbench) -> Screen:
    conversation = page.at.query_params["conversation"]
    for turn in bench.conversations.view(conversation).turns:
        bench.conversations.settle(turn.run_id)
    return page.reload()


def newest(page: Screen, bench: Workbench) -> Any:
    return bench.conversations.view(page.at.query_params["conversation"]).turns[-1]


def test_the_page_says_what_works_without_a_model(page: Screen) -> None:
    assert "No model is connected." in page.said
    assert page.said.count("Without a model: ") == len(AGENTS)


def test_a_request_is_answered_with_agent_confidence_time_cost_and_model(
    page: Screen, connected: Workbench
) -> None:
    ask(page, connected, "Write an email to a supplier about a late delivery")
    assert "Subject: Late delivery" in page.said
    assert "Still to fill in: name." in page.said
    assert "% sure" in page.said
    assert "vllm/writer" in page.said
    assert "no cost" in page.said
    assert "Routed by its words, without a model." in page.said


def test_an_unclear_request_asks_back_and_the_pick_is_answered(page: Screen, bench: Workbench) -> None:
    ask(page, bench, "it doesn't work")
    assert "Which agent should take this?" in page.said
    assert len(page.buttons("pick-")) == 3
    page.choose("other-", "diagnose")
    settled(page, bench)
    assert "Open in Diagnose" in page.labels()
    assert "You gave it to Diagnosis; that is kept." in page.said


def test_a_dry_run_shows_who_would_take_it_and_does_nothing(page: Screen, bench: Workbench) -> None:
    page.at.toggle(key="ask_dry_run").set_value(True)
    ask(page, bench, "Write a Python function that reverses a list")
    assert "Code would take this. Nothing was done." in page.said


def test_without_a_model_an_agent_says_what_it_needs_and_goes_on_once_it_has_it(
    page: Screen, bench: Workbench, model: ChatServer
) -> None:
    from agents.llm.providers import from_preset

    ask(page, bench, "Translate to German: good morning")
    assert "Translating needs a model: connect one in Settings, then try again." in page.said
    bench.models.connect("tab", from_preset("vllm", roles("writer"), base_url=model.url))
    settled(page.click("Try again"), bench)
    assert "Guten Morgen" in [element.value for element in page.at.code]


def test_a_failure_is_drawn_as_one_with_ways_on(
    page: Screen, connected: Workbench, model: ChatServer
) -> None:
    model.then(status(400))
    ask(page, connected, "hello", "general")
    assert "No model gave a usable reply." in shown(page.at.error[0].value)
    assert page.field("other-").options
    settled(page.click("Try again"), connected)
    assert not page.at.error
    assert "You said: hello" in page.said


def test_a_turn_is_edited_and_sent_again_in_its_place(page: Screen, connected: Workbench) -> None:
    ask(page, connected, "one", "general")
    page.click("Edit").type("edited-", "two").click("Send again")
    settled(page, connected)
    assert "You said: two" in page.said
    assert "You said: one" not in page.said
    assert "Asked 2 times here" in page.said


def test_an_answer_is_regenerated(page: Screen, connected: Workbench, model: ChatServer) -> None:
    ask(page, connected, "hello", "general")
    settled(page.click("Regenerate"), connected)
    assert len(model.requests) == 2
    assert "You said: hello" in page.said


def test_a_diagnosis_is_handed_over_with_its_text(page: Screen, bench: Workbench) -> None:
    ask(page, bench, "Our sales dropped 20 % this quarter, mostly in the north")
    assert "This is a problem to diagnose." in page.said
    assert newest(page, bench).answer.text == "Our sales dropped 20 % this quarter, mostly in the north"


def test_a_conversation_is_reopened_by_its_link(page: Screen, connected: Workbench) -> None:
    ask(page, connected, "hello", "general")
    other = Screen(PAGE)
    other.at.query_params["conversation"] = page.at.query_params["conversation"]
    assert "You said: hello" in other.reload().said


@pytest.mark.parametrize("name", ["nope", "", "../etc/passwd", "1' or '1'='1", "koşu"])
def test_a_link_to_no_conversation_is_told(bench: Workbench, name: str) -> None:
    page = Screen(PAGE)
    page.at.query_params["conversation"] = name
    assert "There is no such conversation" in page.reload().said


def test_conversations_are_listed_found_opened_renamed_and_deleted(
    page: Screen, connected: Workbench
) -> None:
    ask(page, connected, "first thing", "general")
    page.click("New conversation")
    ask(page, connected, "second thing", "general")
    assert page.labels("open-")[:2] == ["second thing", "first thing"]
    page.at.sidebar.text_input(key="conversation_search").set_value("first")
    assert page.reload().labels("open-")[:1] == ["first thing"]
    page.click("first thing")
    assert "You said: first thing" in page.said
    page.type("name-", "Renamed").click("Rename")
    assert page.at.subheader[0].value == "Renamed"
    page.at.checkbox[0].set_value(True)
    page.reload().click("Delete the conversation")
    assert "conversation" not in page.at.query_params
    assert [line.name for line in connected.conversations.listed(Who())] == ["second thing"]


def test_while_an_answer_comes_it_is_shown_with_a_button_to_stop_it(
    page: Screen, connected: Workbench, model: ChatServer
) -> None:
    model.default = ask_model.slowly(0.02)
    page.choose("ask_agent", "general")
    page.at.chat_input[0].set_value("a long tale")
    page.reload()
    assert page.at.chat_input[0].disabled
    page.click("Stop")
    settled(page, connected)
    assert "Stopped by you" in page.said
    assert newest(page, connected).status == "cancelled"


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_requests_and_answers_are_interpreted_nowhere(
    page: Screen, connected: Workbench, name: str
) -> None:
    text = f"{CANARY} {HOSTILE[name]}"
    ask(page, connected, text, "general")
    title = connected.conversations.listed(Who())[0].name
    (typed,) = [e.value for e in elements(page.at.main) if e.type == "text"]
    assert typed == newest(page, connected).text
    for source in interpreted(page):
        assert plain(title) in source or "You said" in source.replace("\u2060", "")


def test_limits_of_a_request_are_set_beside_its_field(page: Screen, bench: Workbench) -> None:
    page.at.number_input(key="ask_steps").set_value(7)
    ask(page.reload(), bench, "Translate to German: good morning", "translate")
    assert bench.runs.run(newest(page, bench).run_id).max_steps == 7
