"""Every agent in the page: its answer drawn as what it is, its failure drawn as one, and no model."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from agents.assistants import content
from agents.assistants.answers import HandOver
from agents.assistants.registry import AGENTS
from agents.assistants.task import Task
from agents.data.attachment import Attachment
from agents.models import roles
from agents.settings import Settings
from agents.workbench import Workbench
from pages.ui import services
from tests.agents.assistants.asking import tips
from tests.agents.documents.conftest import pdf
from tests.pages.ask_screen import ask, code, opened, settled
from tests.pages.screen import Screen, shown
from tests.servers import ask_model, web_search
from tests.servers.chat_server import ChatServer, answer, status

CONTRACT = Attachment("contract.pdf", pdf([["The notice period is six weeks to the end of a quarter."]]))
HOSTILE = Attachment("orders.md", f"# Report\n\n{web_search.ORDERS}\n".encode())
ACTIVE = re.compile(r"(?<!\\)(!\[|<[a-z/])|\]\(")
"""What would load or run something."""
NEED_A_MODEL = ["code", "summary", "translate", "email", "compare", "helios", "ceres", "general"]


@pytest.fixture(scope="module")
def model() -> Iterator[ChatServer]:
    with ChatServer(ask_model.behave) as server:
        yield server


@pytest.fixture
def connected(bench: Workbench, model: ChatServer) -> Workbench:
    """The workbench with the model that plays every agent."""
    from agents.llm.providers import from_preset

    model.default = ask_model.behave
    model.requests.clear()
    bench.models.connect("tab", from_preset("vllm", roles("writer"), base_url=model.url))
    return bench


def _data(page: Screen) -> None:
    assert "“Sat”: sum of tips 260.4." in page.said
    assert page.at.get("plotly_chart")
    assert list(page.at.dataframe[0].value.columns) == ["day", "sum of tips"]
    assert code(page)[-1].startswith("select day")
    assert "The SQL was written by the model" in page.said


def _content(page: Screen) -> None:
    assert "six weeks to the end of a quarter. [1]" in page.said
    assert "1 contract.pdf, page 1, paragraph 1" in page.said
    assert "Citations removed because no source has their number: 1." in page.said
    assert "- The moon is made of cheese." in page.said


def _code(page: Screen) -> None:
    assert "Python syntax: This is valid Python; it was not run." in page.said
    assert code(page) == ["def add(a, b):\n    return a + b"]
    assert page.at.code[0].language == "python"
    assert "Save it and run it." in page.said


def _summary(page: Screen) -> None:
    assert "What matters in one line." in page.said
    assert "- The first thing. [1]" in page.said
    assert "1 contract.pdf, page 1, paragraph 1" in page.said


def _compare(page: Screen) -> None:
    table = page.at.table[0].value
    assert list(table.columns) == ["Buy", "Lease"]
    assert table.loc["Freedom"].tolist() == ["not said", "low"]
    assert "nobody looked them up" in page.said


def _ceres(page: Screen) -> None:
    assert "Your notes: - " in page.said
    assert "There is no such tool, so nothing was done." in page.said
    heads = [shown(part.label) for part in page.at.expander]
    assert "Called save_note" in heads
    assert "Asked for delete_everything, which does not exist" in heads


DRAWN: dict[str, tuple[str, tuple[Attachment, ...], Callable[[Screen], None] | str]] = {
    "diagnose": ("Our sales dropped 20 %", (), "This is a problem to diagnose."),
    "data": ("Which day brings the most tips?", (tips(),), _data),
    "content": ("What is the notice period?", (CONTRACT,), _content),
    "code": ("Write Python that adds", (), _code),
    "summary": ("Summarise it", (CONTRACT,), _summary),
    "translate": ("Good morning in German", (), "English to German"),
    "email": ("Write to the supplier", (), "Still to fill in: name."),
    "compare": ("Buy or lease?", (), _compare),
    "helios": ("My goal is a marathon", (), "Goal kept: My goal is a marathon"),
    "ceres": ("I am allergic to nuts", (), _ceres),
    "general": ("hello", (), "You said: hello"),
}


def test_every_agent_is_tried_here() -> None:
    assert set(DRAWN) == set(AGENTS)


@pytest.mark.parametrize("agent", list(DRAWN))
def test_an_answer_is_drawn_as_what_it_is(connected: Workbench, agent: str) -> None:
    text, files, wanted = DRAWN[agent]
    page = ask(opened(), connected, text, agent, *files)
    if callable(wanted):
        wanted(page)
    else:
        assert wanted in page.said
    assert not page.at.error


@pytest.mark.parametrize("agent", [*NEED_A_MODEL, "data", "content"])
def test_a_failure_is_drawn_as_one_and_can_be_tried_again(
    connected: Workbench, model: ChatServer, agent: str
) -> None:
    text, files, _ = DRAWN[agent]
    model.default = status(400)
    page = ask(opened(), connected, text, agent, *files)
    assert "No model gave a usable reply." in shown(page.at.error[0].value)
    assert {"Try again"} <= set(page.labels())
    assert page.field("other-").options
    model.default = ask_model.behave
    settled(page.click("Try again"), connected)
    assert not page.at.error
    assert "vllm/writer" in page.said


def test_a_failure_of_the_hand_over_is_drawn_as_one_and_can_be_tried_again(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Task) -> HandOver:
        raise ZeroDivisionError

    text, _, wanted = DRAWN["diagnose"]
    with monkeypatch.context() as fault:
        fault.setitem(AGENTS, "diagnose", replace(AGENTS["diagnose"], handle=fail))  # type: ignore[arg-type]
        page = ask(opened(), bench, text, "diagnose")
        assert "A step failed in a way we did not foresee" in shown(page.at.error[0].value)
        assert page.field("other-").options
    settled(page.click("Try again"), bench)
    assert not page.at.error
    assert str(wanted) in page.said


def test_a_request_of_a_batch_leads_to_the_diagnosis_it_ended_in_or_says_why_there_is_none(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = {
        "first": HandOver(page="diagnose", text="first", run_id="the-diagnosis"),
        "second": HandOver(page="diagnose", text="second", why_not="No playbook covers it."),
    }
    handed = replace(AGENTS["diagnose"], handle=lambda task: ends[task.text])
    monkeypatch.setitem(AGENTS, "diagnose", handed)  # type: ignore[arg-type]
    page = ask(opened(), bench, "first", "diagnose")
    assert "A diagnosis of its own was begun with it." in page.said
    assert [one for one in page.labels() if one.startswith("Open")] == ["Open the diagnosis"]
    page = ask(opened(), bench, "second", "diagnose")
    assert "No diagnosis was begun with it: No playbook covers it." in page.said
    assert "Open in Diagnose" in page.labels()


def test_without_a_model_a_problem_is_handed_over_all_the_same(bench: Workbench) -> None:
    text, _, wanted = DRAWN["diagnose"]
    assert str(wanted) in ask(opened(), bench, text, "diagnose").said


@pytest.mark.parametrize("agent", NEED_A_MODEL)
def test_without_a_model_what_is_needed_stands_where_the_answer_would(bench: Workbench, agent: str) -> None:
    page = ask(opened(), bench, "Please do it", agent)
    assert "connect one in Settings" in shown(page.at.warning[0].value)
    assert "Try again" in page.labels()
    assert page.field("other-").options


def test_without_a_model_a_table_is_analysed_and_its_offers_run(bench: Workbench) -> None:
    page = ask(opened(), bench, "total tip by day", "data", tips())
    assert "sum of tip" in page.at.dataframe[0].value.columns
    assert "no model" in page.said
    settled(page.click_key("offer-"), bench)
    assert len(page.at.dataframe) > 1


def test_without_a_model_passages_are_quoted_and_sql_is_offered(bench: Workbench) -> None:
    page = ask(opened(), bench, "What is the notice period?", "content", CONTRACT)
    assert "The notice period is six weeks" in page.said
    assert "contract.pdf, page 1, paragraph 1" in page.said
    page = ask(opened(), bench, "SQL for the average tip by smoker", "code", tips())
    assert any('avg("tip")' in text for text in code(page))


def test_without_a_model_and_anything_to_quote_or_reckon_it_says_what_to_attach(bench: Workbench) -> None:
    page = ask(opened(), bench, "What is the notice period?", "content")
    assert content.NEEDS in page.said
    page = ask(opened(), bench, "Which region sold most?", "data")
    assert "There is no table to analyse." in page.said


def test_sql_of_a_model_is_run_on_the_attached_table(connected: Workbench) -> None:
    page = ask(opened(), connected, "Write SQL that counts", "code", tips())
    assert "Run on the attached tables: It ran and gave 1 rows and 1 columns." in page.said


def test_sql_of_a_model_runs_at_a_click_and_shows_its_rows(connected: Workbench) -> None:
    page = ask(opened(), connected, "Write SQL that counts", "code", tips())
    assert not page.at.dataframe
    page.click("Run")
    assert page.at.dataframe[0].value.to_dict("list") == {"n": [244]}
    files = [button.label for button in page.at.get("download_button")]
    assert {"Download as CSV", "Download as Excel"} <= set(files)


def test_offered_sql_runs_at_a_click_without_a_model(bench: Workbench) -> None:
    page = ask(opened(), bench, "SQL for the average tip by smoker", "code", tips())
    page.click("Run")
    assert sorted(page.at.dataframe[0].value["smoker"]) == ["No", "Yes"]
    assert not page.at.error


def test_refused_sql_is_a_sentence_and_no_rows(connected: Workbench, model: ChatServer) -> None:
    model.default = answer(
        json.dumps(
            {"language": "SQL", "code": "drop table tips", "explanation": "It goes.", "how_to_run": "Run it."}
        )
    )
    page = ask(opened(), connected, "Write SQL that drops", "code", tips()).click("Run")
    assert "only SELECT" in shown(page.at.error[0].value)
    assert not page.at.dataframe


def test_sql_without_a_table_has_no_button_to_run_it(connected: Workbench) -> None:
    page = ask(opened(), connected, "Write SQL that counts", "code")
    assert "Run" not in page.labels()


def test_a_persona_shows_what_it_keeps_and_forgets_it_on_demand_without_a_model_too(
    connected: Workbench,
) -> None:
    page = ask(opened(), connected, "My goal is a marathon", "helios")
    connected.models.disconnect("tab", "vllm")
    page = ask(opened(), connected, "What is my goal?", "helios")
    assert "Helios needs a model to talk" in page.said
    assert "My goal is a marathon" in page.said
    settled(page.click("Forget"), connected)
    assert "My goal is a marathon" not in page.said
    assert "Nothing is kept yet." in page.said


@pytest.mark.parametrize("agent", ["content", "summary", "translate", "email", "compare"])
def test_a_hostile_document_changes_nothing_and_is_shown_letter_for_letter(
    connected: Workbench, agent: str
) -> None:
    page = ask(opened(), connected, "What happened in spring?", agent, HOSTILE)
    assert not page.at.error
    assert [element.value for element in page.at.markdown if ACTIVE.search(element.value)] == []


def test_a_hostile_page_of_the_web_is_quoted_and_does_nothing(
    served: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ChatServer(web_search.wikipedia(web_search.PAGES[1])) as web:
        searching = served.model_copy(update={"web_search": True, "web_address": web.url})
        monkeypatch.setattr(services, "settings", lambda: searching)
        page = ask(opened(), services.workbench(), "Why did churn rise?", "content")
    assert web_search.ORDERS.split("!")[0] in page.said
    assert "https://example.org/orders" in page.said
    assert [element.value for element in page.at.markdown if ACTIVE.search(element.value)] == []
