"""The code agent: what it writes is checked, mended once, and never run."""

import pytest

from agents.assistants.answers import CodeAnswer, SqlOffers
from agents.assistants.code import _json, _python
from agents.assistants.tables import own_sql
from agents.workbench import Workbench
from tests.agents.assistants.asking import ask, prompts, tips
from tests.servers.chat_server import ChatServer


def test_code_comes_with_its_language_explanation_and_how_to_run_it(bench: Workbench) -> None:
    turn = ask(bench, "Write Python that adds", "code")
    assert isinstance(turn.answer, CodeAnswer)
    assert turn.answer.language == "Python"
    assert turn.answer.explanation
    assert turn.answer.how_to_run
    assert [(check.what, check.passed) for check in turn.answer.checks] == [("Python syntax", True)]


def test_python_that_cannot_be_read_is_mended_once(bench: Workbench, model: ChatServer) -> None:
    turn = ask(bench, "Write broken Python", "code")
    assert isinstance(turn.answer, CodeAnswer)
    assert turn.answer.checks[0].passed
    assert len(model.requests) == 2
    assert "This is not valid Python in line 1" in prompts(model)[1]


def test_sql_is_run_on_the_attached_table(bench: Workbench, model: ChatServer) -> None:
    turn = ask(bench, "Write SQL that counts", "code", tips())
    assert isinstance(turn.answer, CodeAnswer)
    assert turn.answer.checks[0].detail == "It ran and gave 1 rows and 1 columns."
    assert "Table tips, 244 rows" in prompts(model)[0]


@pytest.mark.parametrize("code", ["def f(:", "x = '\x00'", "(" * 5_000])
def test_what_python_cannot_read_is_told(code: str) -> None:
    assert not _python(code).passed


@pytest.mark.parametrize("code", ["{", "[" * 100_000])
def test_what_is_no_json_is_told(code: str) -> None:
    assert not _json(code).passed


def test_without_a_model_sql_for_the_attached_table_is_offered(alone: Workbench) -> None:
    turn = ask(alone, "SQL for the average tip by smoker", "code", tips())
    assert isinstance(turn.answer, SqlOffers)
    assert "needs a model" in turn.answer.needs
    assert 'avg("tip")' in turn.answer.offers[0].sql


OWN = "select smoker, avg(tip) from tips where day <> 'Sun' and total_bill > 10 group by smoker"


@pytest.mark.parametrize("text", [OWN, f"{OWN};", f"Please run this:\n```sql\n{OWN};\n```"])
def test_without_a_model_ones_own_sql_is_offered_as_it_stands(alone: Workbench, text: str) -> None:
    turn = ask(alone, text, "code", tips())
    assert isinstance(turn.answer, SqlOffers)
    assert [offer.sql for offer in turn.answer.offers] == [OWN]
    assert "can be run as it stands" in turn.answer.needs
    assert alone.conversations.run_sql(turn.run_id, turn.answer.offers[0].sql).tables[0].rows


def test_own_sql_that_cannot_be_run_says_why(alone: Workbench) -> None:
    turn = ask(alone, "select smoker, avg(tips) from tips group by smoker", "code", tips())
    assert isinstance(turn.answer, SqlOffers)
    assert turn.answer.needs.startswith("As SQL this was not run: ")
    assert "needs a model" in turn.answer.needs


@pytest.mark.parametrize("text", ["SQL for the average tip with smokers", "A query to select from tips"])
def test_words_that_sql_has_too_are_no_sql(text: str) -> None:
    assert own_sql(text) is None
