"""The data agent: SQL that a model writes is checked, run and shown; without one it reckons itself."""

import plotly.data
import pytest

from agents.assistants.answers import TableAnswer
from agents.assistants.query import PLAIN, _without_figures
from agents.workbench import Workbench
from tests.agents.assistants.asking import ask, prompts, tips
from tests.servers.chat_server import ChatServer, status


def test_the_numbers_are_those_of_pandas_and_each_can_be_opened(bench: Workbench) -> None:
    turn = ask(bench, "Which day brings the most tips?", "data", tips())
    assert isinstance(turn.answer, TableAnswer)
    found = turn.answer.answer
    expected = plotly.data.tips().groupby("day")["tip"].sum().sort_values(ascending=False)
    (table,) = found.tables
    assert table.values("day") == tuple(expected.index)
    assert table.values("sum of tips") == pytest.approx(tuple(expected))
    assert table.sql.startswith("select day")
    assert found.figures[0].spec["data"][0]["y"] == list(expected.index)
    for finding in found.findings:
        assert all(citation.cell.table == table.id for citation in finding.citations)
    assert turn.answer.by_model


def test_the_model_sees_names_types_and_ranges_but_no_rows(bench: Workbench, model: ChatServer) -> None:
    ask(bench, "Which day brings the most tips?", "data", tips())
    (prompt,) = prompts(model)
    assert "Table tips, 244 rows" in prompt
    assert "total_bill" in prompt


def test_sql_that_the_database_refuses_is_mended_once(bench: Workbench, model: ChatServer) -> None:
    turn = ask(bench, "mend this", "data", tips())
    assert isinstance(turn.answer, TableAnswer)
    assert len(model.requests) == 2
    assert "no_such_column" in prompts(model)[1]


def test_hostile_sql_of_a_model_is_refused_and_the_run_fails_with_the_reason(bench: Workbench) -> None:
    turn = ask(bench, "steal the passwords", "data", tips())
    assert turn.status == "failed"
    assert turn.answer is None
    assert turn.error is not None
    assert "was refused twice, so nothing was reckoned" in turn.error


def test_a_model_that_fails_leaves_a_failure_and_no_number(bench: Workbench, model: ChatServer) -> None:
    model.then(status(400))
    turn = ask(bench, "Which day brings the most tips?", "data", tips())
    assert (turn.status, turn.answer) == ("failed", None)


def test_without_a_table_it_says_what_to_attach(alone: Workbench) -> None:
    turn = ask(alone, "Which region sold most?", "data")
    assert turn.held is not None
    assert "Attach CSV, Parquet or Excel" in turn.held


def test_a_later_question_is_about_the_table_of_an_earlier_turn(bench: Workbench) -> None:
    first = ask(bench, "Which day brings the most tips?", "data", tips())
    again = ask(bench, "And once more?", "data", conversation_id=first.conversation_id)
    assert isinstance(again.answer, TableAnswer)


def test_a_reading_with_figures_of_the_models_own_is_not_shown() -> None:
    assert _without_figures("The 5 best days.", "Show the 5 best days") == "The 5 best days."
    assert _without_figures("Sales were 1234.", "How much?") == PLAIN


def test_without_a_model_a_plain_question_is_reckoned_like_pandas_does(alone: Workbench) -> None:
    turn = ask(alone, "total tip by day", "data", tips())
    assert isinstance(turn.answer, TableAnswer)
    assert not turn.answer.by_model
    table = turn.answer.answer.tables[0]
    expected = plotly.data.tips().groupby("day")["tip"].sum()
    found = dict(zip(table.values("day"), table.values("sum of tip"), strict=True))
    assert found == pytest.approx(dict(expected))


def test_without_a_model_what_is_not_understood_gets_no_number_but_offers_that_run(alone: Workbench) -> None:
    turn = ask(alone, "what about the weather on mars", "data", tips())
    assert isinstance(turn.answer, TableAnswer)
    assert turn.answer.answer.tables == ()
    offer = turn.answer.answer.offers[0]
    run_id = alone.conversations.send(
        offer.label, conversation_id=turn.conversation_id, agent="data", analysis=offer.request
    )
    chosen = alone.conversations.settle(run_id, 60).answer
    assert isinstance(chosen, TableAnswer)
    assert chosen.answer.request == offer.request
    assert chosen.answer.tables


def test_without_a_model_ones_own_sql_is_run_as_it_stands(alone: Workbench) -> None:
    sql = "select count(*) as n from tips where day <> 'Sun' and total_bill > 10"
    turn = ask(alone, sql, "data", tips())
    assert isinstance(turn.answer, TableAnswer)
    (table,) = turn.answer.answer.tables
    frame = plotly.data.tips()
    assert (table.sql, table.values("n")) == (sql, (((frame.day != "Sun") & (frame.total_bill > 10)).sum(),))
