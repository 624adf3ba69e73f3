"""The Settings page: models are connected, tested and forgotten; budgets hold; what goes wrong is shown."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agents.llm import local, providers
from agents.llm.providers import Preset
from agents.settings import ModelSetting, Settings
from agents.workbench import Workbench
from pages.ui import services
from pages.ui.settings import stored
from tests.pages.screen import Screen
from tests.servers import diagnosis_model
from tests.servers.chat_server import ChatServer, answer, status
from tests.servers.faults import not_http

KEY = "sk-pasted-7c1e9a5d3b204f68"
PAGE = "pages/settings.py"

Connect = Callable[..., Screen]


@pytest.fixture
def model() -> Iterator[ChatServer]:
    with ChatServer(diagnosis_model.behave) as server:
        yield server


@pytest.fixture
def connect(bench: Workbench, model: ChatServer) -> Connect:
    """Opens the page and fills the form in for the server."""

    def fill(preset: str = "openai", name: str = "gpt-4.1", key: str = KEY, **others: Any) -> Screen:
        screen = Screen(PAGE).open()
        typed = {"preset": preset, "model": name, "url": model.url, "key": key, **others}
        for field, value in typed.items():
            screen.type(f"connect_{field}", value)
        return screen.click("Connect for this session")

    return fill


def test_without_a_model_the_page_says_that_none_is_needed(bench: Workbench) -> None:
    said = Screen(PAGE).open().said
    assert "No model is connected. The built-in analyst does the whole main job." in said


def test_a_model_is_connected_by_preset_and_its_key_is_nowhere_on_the_page(connect: Connect) -> None:
    screen = connect()
    assert "1. openai, model gpt-4.1" in screen.said
    assert "key set, never shown, pasted for this browser session" in screen.said
    assert screen.field("connect_key").value == ""
    assert KEY not in everything(screen)


def test_the_test_shows_reach_capabilities_latency_and_whether_the_price_is_known(connect: Connect) -> None:
    screen = connect().click("Test")
    for part in ("gpt-4.1: reachable", "s to a short reply", "JSON by schema", "streams", "price unknown"):
        assert part in screen.said


def test_the_test_says_what_a_plain_server_cannot_do(connect: Connect, model: ChatServer) -> None:
    model.default = answer("pong")
    screen = connect(preset="groq", name="own-model").click("Test")
    assert "no JSON form" in screen.said
    assert "price unknown" in screen.said


def test_each_model_of_a_provider_is_tested(connect: Connect) -> None:
    screen = connect(code="gpt-4.1-mini").click("Test")
    assert "gpt-4.1 for router" in screen.said
    assert "gpt-4.1: reachable" in screen.said
    assert "gpt-4.1-mini: reachable" in screen.said


def test_a_wrong_key_is_told_without_it_and_the_corrected_one_works_at_once(
    connect: Connect, model: ChatServer
) -> None:
    model.default = status(401, f"Incorrect API key provided: {KEY}")
    screen = connect().click("Test")
    assert "openai (gpt-4.1) refused the key (HTTP 401). Check the key in Settings." in screen.said
    assert "Paused after failures" in badges(screen)
    assert "The key was refused: correct it and test again." in screen.said
    assert KEY not in everything(screen)
    model.default = diagnosis_model.behave
    screen.type("connect_model", "gpt-4.1").type("connect_url", model.url).type("connect_key", f"{KEY}-new")
    screen.click("Connect for this session").click("Test")
    assert "gpt-4.1: reachable" in screen.said


def test_a_server_that_is_not_there_is_told(connect: Connect, model: ChatServer) -> None:
    screen = connect(url="http://127.0.0.1:9/v1").click("Test")
    assert "could not be reached" in screen.said
    assert model.requests == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "The model's name is missing. Nothing was connected"),
        ({"key": ""}, "OpenAI needs a key. Paste one"),
        ({"url": "nonsense"}, "must be an address that starts with http"),
        ({"key": f"{KEY} and more \u00e9"}, "characters that no key has; paste it again"),
        ({"price_in": 1.0}, "Only half of the price was given. Nothing was connected"),
    ],
)
def test_what_cannot_be_connected_is_told_and_nothing_is_kept(
    wrong: dict[str, Any], sentence: str, connect: Connect
) -> None:
    screen = connect(**wrong)
    assert sentence in screen.said
    assert "No model is connected." in screen.said
    assert KEY not in everything(screen)


def test_a_forgotten_model_and_its_key_are_gone(connect: Connect, bench: Workbench) -> None:
    screen = connect().click("Test").click("Forget it and its key")
    assert "No model is connected." in screen.said
    assert KEY not in repr(vars(bench.models))
    assert bench.models.connected(str(screen.at.session_state["session_id"])) == ()


def test_what_one_session_connects_no_other_sees(connect: Connect) -> None:
    connect().click("Test")
    other = Screen(PAGE).open()
    assert "No model is connected." in other.said
    assert "openai" not in other.said


def test_limits_and_an_own_price_are_kept_and_how_far_they_are_used_is_shown(connect: Connect) -> None:
    screen = connect(name="own-model", requests=100, tokens=50_000, price_in=2.5, price_out=10.0)
    assert "100 requests a minute, 50,000 tokens a minute" in screen.said
    assert "own price USD 2.50 in and USD 10.00 out per million tokens" in screen.said
    screen.click("Test")
    assert "price known" in screen.said
    assert any("% of the requests a minute are used" in text for text in bars(screen))


def test_how_models_are_doing_and_the_last_failures_are_shown(
    connect: Connect, bench: Workbench, model: ChatServer
) -> None:
    screen = connect().click("Test")
    assert "Working" in badges(screen)
    assert "No failure is on record." in screen.said
    model.default = status(500)
    screen.click("Test")
    bench.cases.store.flush()
    screen.reload()
    failed = screen.at.dataframe[0].value
    assert list(failed["Model"]) == ["openai/gpt-4.1"]
    assert list(failed["What it did"]) == ["reported a fault of its own"]
    assert list(failed["Status"]) == [500]


def test_a_failure_without_a_status_says_that_there_is_none(
    connect: Connect, bench: Workbench, model: ChatServer
) -> None:
    screen = connect()
    assert "No call has been made since Whytree was started." in screen.said
    model.default = not_http
    screen.click("Test")
    bench.cases.store.flush()
    table = screen.reload().at.dataframe[0]
    assert table.value["Status"].isna().all()
    assert table.proto.placeholder == "none"


def test_a_budget_is_set_shown_and_lifted(bench: Workbench) -> None:
    screen = at_tab("Budgets")
    assert "No limit is set." in screen.said
    screen.type("budget_amount", 5.0).click("Keep")
    assert any("Everybody, each month: USD 0.00 of USD 5.00 spent" in text for text in bars(screen))
    screen.click("Keep")
    assert "Name an amount. Nothing was changed" in screen.said
    assert any("USD 0.00 of USD 5.00 spent" in text for text in bars(screen))
    screen.click("Lift this limit")
    assert "No limit is set." in screen.said


def test_an_amount_that_cannot_be_is_a_sentence_and_what_is_set_is_on_record(bench: Workbench) -> None:
    screen = at_tab("Budgets")
    for amount in (1e12, 1e17):
        screen.type("budget_amount", amount).click("Keep")
        assert "is no amount for a budget. Nothing was changed" in screen.said
        assert "No limit is set." in screen.said
    screen.type("budget_amount", 5.0).click("Keep")
    (event,) = bench.usage.audit()
    assert (event.action, event.subject, event.data["amount"]) == ("set_budget", "month *", "5.0")


def test_a_budget_for_each_run_is_shown_although_no_run_is_at_hand(bench: Workbench) -> None:
    screen = at_tab("Budgets")
    screen.type("budget_scope", "run").type("budget_amount", 0.5).click("Keep")
    assert "Each run: at most USD 0.50; calls of unknown price are refused." in screen.said


def test_a_budget_that_is_used_up_stops_the_test_before_it_is_made(
    connect: Connect, bench: Workbench, model: ChatServer
) -> None:
    bench.models.clients().budgets.set("month", "*", Decimal("0.00001"), False, "me")
    screen = connect().click("Test")
    assert "was not asked, because a budget would be passed" in screen.said
    assert model.requests == []


def test_a_local_model_is_looked_for_only_when_it_is_clicked(
    bench: Workbench, model: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = '{"data": [{"id": "llama3.1"}, {"id": "qwen3"}]}'
    model.default = lambda exchange: exchange.respond(listed)
    here = Preset(label="Ollama", base_url=model.url, needs_key=False, free=True)
    monkeypatch.setitem(providers.PRESETS, "ollama", here)  # type: ignore[arg-type]
    monkeypatch.setattr(local.find_local, "__defaults__", ({"ollama": here},))
    screen = Screen(PAGE).open().reload()
    assert model.requests == []
    screen.click("Look for a local model")
    assert screen.labels("local-") == ["Connect llama3.1 at Ollama", "Connect qwen3 at Ollama"]
    screen.click("Connect qwen3 at Ollama")
    assert "1. ollama, model qwen3" in screen.said
    assert "own price USD 0.00 in and USD 0.00 out" in screen.said


def test_models_of_the_environment_that_cannot_be_used_are_sentences_and_the_others_work(
    served: Settings, model: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = (
        ModelSetting(preset="nowhere", model="m", key=KEY),  # type: ignore[arg-type]
        ModelSetting(preset="vllm", model="planner", base_url=model.url),
        ModelSetting(preset="openai", model="m"),
    )
    own = served.model_copy(update={"models": made})
    monkeypatch.setattr(services, "settings", lambda: own)
    screen = Screen(PAGE).open()
    assert "Model 1 of WHYTREE_MODELS is left out. There is no preset 'nowhere'." in screen.said
    assert "Model 3 of WHYTREE_MODELS is left out. OpenAI needs a key." in screen.said
    assert "1. vllm 2, model planner" in screen.said
    assert "no key, from the environment" in screen.said
    assert screen.labels("forget-") == []
    assert KEY not in everything(screen)


def test_where_everything_is_kept_is_told(bench: Workbench) -> None:
    screen = at_tab("What is stored")
    assert str(bench.settings.data.resolve()) in screen.said
    assert "journal.sqlite" in screen.said
    assert "`queue.sqlite` (nothing yet)" in screen.said


def test_a_file_is_as_large_as_it_is_with_its_logs(tmp_path: Path) -> None:
    for name, size in (("a.sqlite", 5), ("a.sqlite-wal", 70), ("a.sqlite-shm", 300), ("b.duckdb.wal", 9)):
        (tmp_path / name).write_bytes(b"x" * size)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "one").write_bytes(b"xx")
    sizes = [stored.bytes_of(tmp_path / name) for name in ("a.sqlite", "b.duckdb", "folder", "none.sqlite")]
    assert sizes == [375, 9, 2, 0]


def at_tab(label: str) -> Screen:
    screen = Screen(PAGE)
    screen.at.session_state["settings_tab"] = label
    return screen.open()


def badges(screen: Screen) -> str:
    return "\n".join(element.value for element in screen.at.markdown)


def bars(screen: Screen) -> list[str]:
    return [element.proto.text.replace("\\", "") for element in screen.at.get("progress")]


def everything(screen: Screen) -> str:
    """All that was sent to the browser."""
    return "\n".join(str(element.proto) for element in screen.at.main) + repr(screen.at.session_state)
