"""E-mail, translation, summary, comparison, general talk: answer, failure, and no model."""

import pytest

from agents.assistants.answers import (
    ComparisonAnswer,
    EmailAnswer,
    SummaryAnswer,
    TextAnswer,
    TranslationAnswer,
)
from agents.assistants.registry import AGENTS
from agents.workbench import Workbench
from tests.agents.assistants.asking import ask, prompts
from tests.servers.chat_server import ChatServer, answer, status

NEED_A_MODEL = ["email", "translate", "summary", "compare", "general", "helios", "ceres", "code"]


@pytest.mark.parametrize("agent", NEED_A_MODEL)
def test_without_a_model_an_agent_says_so_and_makes_nothing_up(alone: Workbench, agent: str) -> None:
    turn = ask(alone, "Please do it", agent)
    assert turn.status == "waiting"
    assert turn.answer is None
    assert turn.held is not None
    assert "connect one in Settings" in turn.held
    assert turn.cost == 0


@pytest.mark.parametrize("agent", NEED_A_MODEL)
def test_a_model_that_fails_leaves_a_failure_and_no_answer(
    bench: Workbench, model: ChatServer, agent: str
) -> None:
    model.default = status(400)
    turn = ask(bench, "Please do it", agent)
    assert turn.status == "failed"
    assert turn.answer is None
    assert turn.error is not None
    assert "No model gave a usable reply." in turn.error


@pytest.mark.parametrize("agent", ["email", "translate", "summary", "compare", "code"])
def test_a_reply_in_another_form_is_no_answer_even_after_a_repair(
    bench: Workbench, model: ChatServer, agent: str
) -> None:
    model.default = answer("Sure! Here you go.")
    turn = ask(bench, "Please do it", agent)
    assert (turn.status, turn.answer) == ("failed", None)


def test_an_email_has_a_subject_of_one_line_and_names_its_gaps(bench: Workbench) -> None:
    turn = ask(bench, "Write to the supplier", "email")
    assert turn.answer == EmailAnswer(
        subject="Late delivery", body="Dear [name],\nplease deliver.", missing=("name",)
    )


def test_a_translation_names_its_languages(bench: Workbench) -> None:
    turn = ask(bench, "Good morning in German", "translate")
    assert isinstance(turn.answer, TranslationAnswer)
    assert (turn.answer.to_language, turn.answer.translation) == ("German", "Guten Morgen")


def test_a_summary_loses_citations_of_passages_that_are_not_there(bench: Workbench) -> None:
    turn = ask(bench, "Summarise: one two three", "summary")
    assert isinstance(turn.answer, SummaryAnswer)
    assert [point.source for point in turn.answer.points] == [None, None]
    assert turn.answer.removed == 1


def test_a_comparison_is_a_table_whose_false_sources_are_removed_and_gaps_stay_gaps(bench: Workbench) -> None:
    turn = ask(bench, "Buy or lease?", "compare")
    assert isinstance(turn.answer, ComparisonAnswer)
    assert turn.answer.options == ("Buy", "Lease")
    assert [[cell.text for cell in row.cells] for row in turn.answer.criteria] == [
        ["high", "low"],
        ["", "low"],
    ]
    assert all(cell.source is None for row in turn.answer.criteria for cell in row.cells)
    assert turn.answer.removed == 1


def test_a_comparison_of_one_thing_is_a_failure(bench: Workbench, model: ChatServer) -> None:
    model.default = answer('{"options": ["Buy"], "criteria": [], "conclusion": "Buy."}')
    turn = ask(bench, "Buy or lease?", "compare")
    assert turn.status == "failed"
    assert turn.error is not None
    assert "there is no table" in turn.error


def test_general_talk_knows_what_the_workbench_can_do(bench: Workbench, model: ChatServer) -> None:
    turn = ask(bench, "hello", "general")
    assert turn.answer == TextAnswer(text="You said: hello")
    assert all(agent.does in prompts(model)[0] for agent in AGENTS.values())
