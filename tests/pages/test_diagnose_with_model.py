"""A diagnosis with a model on its page: what model and engine did, and what is lost without the model."""

from collections.abc import Iterator

import pytest

from agents.settings import ModelSetting, Settings
from agents.workbench import Workbench
from pages.ui import services
from tests.pages.screen import Screen
from tests.servers import diagnosis_model
from tests.servers.chat_server import ChatServer, status
from tests.servers.diagnosis_model import COMPLAINT


@pytest.fixture
def model() -> Iterator[ChatServer]:
    with ChatServer(diagnosis_model.behave) as server:
        yield server


@pytest.fixture
def bench(served: Settings, model: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    setting = ModelSetting(preset="vllm", model="planner", base_url=model.url)
    own = served.model_copy(update={"models": (setting,)})
    monkeypatch.setattr(services, "settings", lambda: own)
    return services.workbench()


@pytest.fixture
def drafted(bench: Workbench) -> Screen:
    """A problem that no playbook covers, drafted by the model on the person's wish."""
    screen = Screen().open().type("complaint", COMPLAINT).click("Start the diagnosis")
    return settled(bench, screen.click("Let the model draft causes and questions"))


def settled(bench: Workbench, screen: Screen) -> Screen:
    while bench.view(screen.run_id).is_working:
        bench.settle(bench.run(screen.run_id))
    return screen.reload()


def confirmed(bench: Workbench, screen: Screen) -> Screen:
    return settled(bench, screen.click("Confirm and ask the first question"))


def to_the_end(bench: Workbench, screen: Screen) -> Screen:
    while bench.view(screen.run_id).phase == "asking":
        settled(bench, screen.click_key("answer-"))
    return screen


def test_a_draft_is_shown_with_its_checks_before_it_is_confirmed(drafted: Screen) -> None:
    assert "Drafted by the model: Volunteers stay away" in drafted.said
    assert "6 causes and 9 questions, checked like our own playbooks." in drafted.said
    assert "The levels were asked for twice: none of 132 changed." in drafted.said
    assert "Tasks feel pointless: Volunteers are sent home" in drafted.said.replace("*", "")
    assert "vllm/planner drafted causes, questions and levels" in drafted.said


def test_at_the_end_the_page_tells_what_the_model_did_and_what_the_engine_did(
    drafted: Screen, bench: Workbench
) -> None:
    screen = to_the_end(bench, confirmed(bench, drafted))
    assert "Summary, written by the model from the record" in screen.said
    assert "What the volunteers say points to one cause." in screen.said
    assert (
        "Sentences left out, since no answer carries them or a figure in them is their own: 2." in screen.said
    )
    assert "vllm/planner wrote the summary" in screen.said
    assert "The engine chose every question, counted all belief and decided." in screen.said


def test_an_answer_in_own_words_is_shown_as_read_and_counts_when_it_is_confirmed(
    drafted: Screen, bench: Workbench
) -> None:
    screen = confirmed(bench, drafted)
    card = bench.view(screen.run_id).questions[0]
    screen.type("said-", card.answers[1].text).click("Read it")
    assert f"vllm/planner reads it as: {card.answers[1].text}" in screen.said
    assert bench.view(screen.run_id).asked == 0
    settled(bench, screen.click("That is what I mean"))
    assert bench.view(screen.run_id).asked == 1
    assert "read an answer in your own words as one of the options, which you confirmed" in screen.said


def test_an_answer_in_own_words_that_says_nothing_is_told(drafted: Screen, bench: Workbench) -> None:
    screen = confirmed(bench, drafted).type("said-", "zzz").click("Read it")
    assert "The model reads none of the answers in it." in screen.said


def test_a_model_switched_off_half_way_is_told_and_the_diagnosis_stands(
    drafted: Screen, bench: Workbench, model: ChatServer
) -> None:
    screen = settled(bench, confirmed(bench, drafted).click_key("answer-"))
    model.default = status(503)
    screen.type("said-", "It is the hour").click("Read it")
    assert "reported a fault of its own (HTTP 503)" in screen.said
    screen = to_the_end(bench, screen.reload())
    assert "Summary: No model gave a usable reply." in screen.said
    assert "The built-in analyst goes on." in screen.said
    assert "Problem as stated" in screen.said
    assert "written by the model" not in screen.said


def test_a_draft_that_fails_is_told_and_a_listed_kind_can_be_chosen(
    bench: Workbench, model: ChatServer
) -> None:
    model.default = status(401)
    screen = Screen().open().type("complaint", COMPLAINT).click("Start the diagnosis")
    settled(bench, screen.click("Let the model draft causes and questions"))
    assert "Draft: No model gave a usable reply." in screen.said
    assert "Check the key in Settings." in screen.said
    screen.choose("kind", "late_buses")
    confirmed(bench, screen)
    assert bench.view(screen.run_id).questions
