"""Who takes a request: the classifier where it is sure, the model where it is not, else the person."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.assistants.registry import AGENTS
from agents.assistants.turn import Ranked
from agents.conversations import Conversations
from agents.data.attachment import Attachment
from agents.errors import BadInput
from agents.router import Routed, judged
from agents.settings import ModelSetting, Settings
from agents.workbench import Who, Workbench
from storage import messages, runs, steps
from tests.servers import ask_model
from tests.servers.chat_server import ChatServer, status

SALES = "Our sales dropped 20 % this quarter, mostly in the north"
WHO = Who()
VAGUE = "it doesn't work"


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Conversations]:
    opened = Workbench.open(Settings(data=tmp_path / "data", environment="test"))
    yield opened.conversations
    opened.close()


@pytest.fixture
def with_model(tmp_path: Path) -> Iterator[Callable[[ChatServer], Conversations]]:
    benches = []

    def opened(server: ChatServer) -> Conversations:
        setting = ModelSetting(preset="vllm", model="router", base_url=server.url)
        bench = Workbench.open(Settings(data=tmp_path / "model", models=(setting,), environment="test"))
        benches.append(bench)
        return bench.conversations

    yield opened
    for bench in benches:
        bench.close()


def run_of(ask: Conversations, run_id: str) -> runs.Run:
    run = runs.find(ask._store, run_id)
    assert run is not None
    return run


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (SALES, "diagnose"),
        ("Write a Python function that reverses a list", "code"),
        ("Translate to German: good morning", "translate"),
        ("Tedarikçiye geciken teslimat hakkında bir e-posta yaz", "email"),
    ],
)
def test_a_clear_request_goes_to_its_agent_without_a_model(ask: Conversations, text: str, label: str) -> None:
    turn = ask.settle(ask.send(text))
    assert turn.agent == label
    assert turn.routing is not None
    assert turn.routing.method == "lexical"
    assert turn.routing.confidence is not None
    assert turn.routing.confidence >= 0.6


def test_a_comparison_of_an_attached_tables_values_goes_to_the_data_agent(ask: Conversations) -> None:
    table = Attachment("orders.csv", b"product,units\nCider,2\nJuice,3\nTea,4\nCider,5\n")
    alone = ask.settle(ask.send("compare Cider and Juice", attachments=(table,)))
    assert alone.agent == "data"
    first = ask.settle(ask.send("total units by product", attachments=(table,)))
    conversation = ask.of_run(first.run_id)
    turn = ask.settle(ask.send("compare Cider and Juice", conversation_id=conversation))
    assert turn.agent == "data"
    assert turn.routing is not None and turn.routing.confidence is not None
    assert 0.6 <= turn.routing.confidence <= 1
    assert "“Cider”, “Juice” stand in the attached table" in turn.routing.reason
    other = ask.settle(ask.send("Compare buying and leasing our vans", conversation_id=conversation))
    assert other.routing is not None and other.routing.label == "compare"


def test_label_confidence_reason_and_method_are_kept_on_the_run(ask: Conversations) -> None:
    run = run_of(ask, ask.settle(ask.send(SALES)).run_id)
    assert run.routing_label == "diagnose"
    assert run.routing_confidence is not None
    assert run.routing_confidence > 0.6
    assert run.routing_reason
    assert run.routing_method == "lexical"
    assert run.agent_name == "diagnose"


def test_an_unclear_request_is_put_to_the_person_with_three_agents(ask: Conversations) -> None:
    turn = ask.settle(ask.send(VAGUE))
    assert turn.status == "waiting"
    assert turn.asks_back
    assert turn.routing is not None
    assert len(turn.routing.choices) == 3
    assert all(choice.label in AGENTS for choice in turn.routing.choices)
    assert turn.answer is None


def test_the_agent_that_a_person_picks_takes_it_and_the_choice_is_kept(ask: Conversations) -> None:
    run_id = ask.send(VAGUE)
    ask.settle(run_id)
    assert ask.hand_to(run_id, "diagnose") == run_id
    turn = ask.settle(run_id)
    assert turn.status == "completed"
    assert turn.agent == "diagnose"
    assert turn.corrected_to == "diagnose"
    assert messages.corrections(ask._store, run_id) == ["diagnose"]
    assert run_of(ask, run_id).agent_name == "diagnose"
    assert run_of(ask, run_id).routing_label is None


def test_the_time_in_which_a_person_picks_the_agent_is_not_told_as_the_answers(ask: Conversations) -> None:
    run_id = ask.send(VAGUE)
    ask.settle(run_id)
    hour = "update runs set created_at = created_at - interval 1 hour where run_id = ?"
    ask._store.transact(lambda connection: connection.execute(hour, [run_id]))
    ask.hand_to(run_id, "diagnose")
    turn = ask.settle(run_id)
    worked = sum(step.duration_s for step in steps.of_run(ask._store, run_id))
    assert turn.seconds == pytest.approx(worked, abs=1e-3)


def test_an_agent_chosen_outright_takes_it_without_any_routing(ask: Conversations) -> None:
    turn = ask.settle(ask.send(VAGUE, agent="diagnose"))
    assert turn.agent == "diagnose"
    assert turn.routing is not None
    assert turn.routing.method == "chosen"
    assert turn.routing.confidence is None
    assert turn.corrected_to is None


def test_a_dry_run_routes_and_does_nothing_else(ask: Conversations) -> None:
    turn = ask.settle(ask.send(SALES, dry_run=True))
    assert turn.status == "completed"
    assert turn.agent == "diagnose"
    assert turn.answer is None


def test_what_was_routed_wrongly_and_answered_is_answered_again_by_another_agent(ask: Conversations) -> None:
    run_id = ask.send(SALES)
    ask.settle(run_id)
    again = ask.hand_to(run_id, "translate")
    assert again != run_id
    assert messages.corrections(ask._store, run_id) == ["translate"]
    assert ask.settle(again).agent == "translate"
    assert run_of(ask, again).parent_run_id == run_id
    assert [turn.run_id for turn in ask.view(ask.of_run(run_id)).turns] == [again]


def test_an_agent_that_does_not_exist_is_refused(ask: Conversations) -> None:
    with pytest.raises(BadInput, match="There is no agent “oracle”"):
        ask.send(SALES, agent="oracle")
    assert ask.listed(WHO) == []


def test_what_the_classifier_is_not_sure_of_is_put_to_the_model(
    with_model: Callable[[ChatServer], Conversations],
) -> None:
    with ChatServer(ask_model.behave) as server:
        ask = with_model(server)
        turn = ask.settle(ask.send("the email thing"))
        assert turn.routing is not None
        assert (turn.agent, turn.routing.method) == ("email", "model")
        assert (turn.routing.confidence, turn.routing.reason) == (0.9, "It says so.")


def test_what_the_model_is_not_sure_of_either_is_put_to_the_person(
    with_model: Callable[[ChatServer], Conversations],
) -> None:
    with ChatServer(ask_model.behave) as server:
        ask = with_model(server)
        turn = ask.settle(ask.send("perhaps the email thing"))
        assert turn.asks_back
        assert turn.routing is not None
        assert turn.routing.choices[0] == Ranked("email", 0.4)
        assert turn.routing.method == "model"


def test_a_request_that_is_clear_takes_no_call_to_route(
    with_model: Callable[[ChatServer], Conversations],
) -> None:
    with ChatServer(ask_model.behave) as server:
        ask = with_model(server)
        assert ask.settle(ask.send(SALES)).agent == "diagnose"
        assert server.requests == []


def test_a_model_that_fails_to_route_leaves_the_choice_to_the_person_and_is_told(
    with_model: Callable[[ChatServer], Conversations],
) -> None:
    with ChatServer(status(401)) as server:
        ask = with_model(server)
        turn = ask.settle(ask.send(VAGUE))
        assert turn.asks_back
        assert turn.routing is not None
        assert "No model gave a usable reply." in turn.routing.note


@pytest.mark.parametrize(("confidence", "sure"), [(0.6, True), (0.59, False), (1.0, True), (0.0, False)])
def test_a_model_is_believed_from_the_threshold_on(confidence: float, sure: bool) -> None:
    found = judged(Routed(label="email", confidence=confidence, reason="r"), (Ranked("code", 0.2),))
    assert (found.label == "email") is sure
    assert [choice.label for choice in found.choices] == ["email", "code"]


def test_a_label_nobody_has_is_never_followed() -> None:
    found = judged(Routed(label="root", confidence=1.0, reason="r"), (Ranked("code", 0.2),))
    assert found.label is None
    assert [choice.label for choice in found.choices] == ["code"]


def test_of_two_picks_for_one_turn_the_second_changes_nothing_but_is_a_turn_of_its_own(
    ask: Conversations,
) -> None:
    run_id = ask.send(VAGUE)
    ask.settle(run_id)
    ask.hand_to(run_id, "diagnose")
    ask.settle(run_id)
    other = ask.hand_to(run_id, "general")
    assert ask.settle(run_id).agent == "diagnose"
    assert ask.settle(other).agent == "general"


def test_every_agent_tells_what_it_does_and_what_works_without_a_model() -> None:
    for agent_id, agent in AGENTS.items():
        assert agent.id == agent_id
        assert agent.does.endswith(".")
        assert agent.without_model.endswith(".")
        assert agent.examples
