"""Personas: tools that are really called, notes that are really kept and really read back."""

from agents.assistants.answers import PersonaAnswer
from agents.workbench import Who, Workbench
from tests.agents.assistants.asking import ask, prompts
from tests.servers.chat_server import ChatServer

ME = Who()


def test_a_goal_is_kept_and_read_back_in_another_conversation(bench: Workbench) -> None:
    first = ask(bench, "My goal is a marathon in October", "helios")
    assert isinstance(first.answer, PersonaAnswer)
    (call,) = first.answer.calls
    assert (call.tool, call.result) == ("save_goal", "Goal kept: My goal is a marathon in October")
    assert [(note.kind, note.text) for note in bench.conversations.notes("helios", ME)] == [
        ("goal", "My goal is a marathon in October")
    ]
    other = ask(bench, "What do I want?", "helios")
    assert isinstance(other.answer, PersonaAnswer)
    assert "My goal is a marathon in October" in other.answer.text


def test_notes_belong_to_one_persona_and_one_person(bench: Workbench) -> None:
    ask(bench, "I am allergic to nuts", "ceres")
    assert len(bench.conversations.notes("ceres", ME)) == 1
    assert bench.conversations.notes("helios", ME) == []
    assert bench.conversations.notes("ceres", Who("ann")) == []


def test_a_tool_that_a_persona_does_not_have_does_nothing_and_says_so(bench: Workbench) -> None:
    turn = ask(bench, "I am allergic to nuts", "ceres")
    assert isinstance(turn.answer, PersonaAnswer)
    assert [call.result for call in turn.answer.calls] == [
        "Noted: I am allergic to nuts",
        "There is no such tool, so nothing was done.",
    ]
    assert turn.calls == turn.answer.calls


def test_instructions_come_from_the_persona_and_stand_before_the_rules(
    bench: Workbench, model: ChatServer
) -> None:
    ask(bench, "Hello", "ceres")
    systems = [request.body["messages"][0]["content"] for request in model.requests]
    assert systems[1].startswith("You are Ceres, a nutrition coach")
    assert len(prompts(model)) == 2


def test_a_step_that_runs_again_keeps_a_note_once(bench: Workbench, model: ChatServer) -> None:
    from tests.servers.ask_model import behave
    from tests.servers.chat_server import status

    model.then(behave, status(400))
    turn = ask(bench, "My goal is a marathon", "helios")
    assert turn.status == "failed"
    bench.conversations.retry(turn.run_id)
    assert bench.conversations.settle(turn.run_id).status == "completed"
    assert len(bench.conversations.notes("helios", ME)) == 1


def test_a_note_can_be_taken_away(bench: Workbench) -> None:
    ask(bench, "My goal is a marathon", "helios")
    (note,) = bench.conversations.notes("helios", ME)
    bench.conversations.delete_note(note.note_id, Who("ann"))
    assert len(bench.conversations.notes("helios", ME)) == 1
    bench.conversations.delete_note(note.note_id, ME)
    assert bench.conversations.notes("helios", ME) == []
