"""A run whose pasted key is gone: its pages say what it waits for, and let it go on with a key or without."""

from collections.abc import Iterator

import pytest

from agents.llm.providers import from_preset
from agents.models import roles
from agents.workbench import Workbench
from tests.conftest import TEXT
from tests.pages.screen import Screen
from tests.servers import diagnosis_model
from tests.servers.chat_server import ChatServer

WAITS = "This needs a key: that of openai was pasted for one browser session"


@pytest.fixture
def model() -> Iterator[ChatServer]:
    with ChatServer(diagnosis_model.behave) as server:
        yield server


@pytest.fixture
def held(bench: Workbench, model: ChatServer) -> str:
    """A diagnosis whose questions wait for a key, since the one of the tab that began it is gone."""
    paste(bench, model, "gone")
    run_id = bench.start(TEXT, with_model=True, session="gone")
    bench.models.disconnect("gone", "openai")
    bench.confirm(run_id, bench.view(run_id).seq, "late_buses")
    return settled(bench, run_id)


def paste(bench: Workbench, model: ChatServer, session: str) -> None:
    bench.models.connect(session, from_preset("openai", roles("gpt-5-mini"), "sk-pasted-1", model.url))


def settled(bench: Workbench, run_id: str) -> str:
    while bench.view(run_id).is_working:
        bench.settle(bench.run(run_id))
    return run_id


def tab(page: str = "pages/diagnose.py", run_id: str | None = None) -> Screen:
    screen = Screen(page)
    screen.at.session_state["session_id"] = "tab"
    return screen.open(run_id)


def test_a_run_that_waits_for_a_key_says_so_and_goes_on_when_one_is_given(
    bench: Workbench, model: ChatServer, held: str
) -> None:
    page = tab(run_id=held)
    assert WAITS in page.said
    assert {"Connect a model", "Go on without a model"} <= set(page.labels())
    paste(bench, model, "tab")
    page.reload().click("Go on with the model connected here")
    settled(bench, held)
    assert WAITS not in page.reload().said
    assert "In your food bank" in page.said


def test_a_run_that_waits_for_a_key_goes_on_without_a_model_and_says_so(bench: Workbench, held: str) -> None:
    page = tab(run_id=held).click("Go on without a model")
    settled(bench, held)
    page.reload()
    assert "You went on without a model, since its key was gone. The built-in analyst goes on." in page.said
    assert "Don't know" in page.labels()


def test_settings_count_what_waits_and_let_it_go_on(bench: Workbench, model: ChatServer, held: str) -> None:
    page = tab("pages/settings.py")
    assert "Runs that wait for a key, since the one that was pasted is gone: 1." in page.said
    assert "Go on with what waits" not in page.labels()
    paste(bench, model, "tab")
    page.reload().click("Go on with what waits")
    settled(bench, held)
    assert bench.view(held).questions[0].text.startswith("In your food bank")
    assert "Runs that wait for a key" not in page.reload().said


def test_the_runs_page_tells_what_a_run_waits_for_and_lets_it_go_on(
    bench: Workbench, model: ChatServer, held: str
) -> None:
    paste(bench, model, "tab")
    page = tab("pages/runs.py", held)
    assert WAITS in page.said
    page.click_key("retry")
    settled(bench, held)
    assert bench.view(held).held is None
    assert WAITS not in page.reload().said
