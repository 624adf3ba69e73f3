"""Conversations: memory, streaming, stopping, editing, repeating, finding and deleting."""

import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.assistants.answers import TextAnswer
from agents.assistants.memory import remembered, tokens
from agents.conversations import Conversations
from agents.data.attachment import Attachment
from agents.errors import BadInput, NotFound, Refused
from agents.settings import ModelSetting, Settings
from agents.workbench import Who, Workbench
from storage import calls, runs
from storage.clock import now
from storage.messages import Message
from tests.servers import ask_model
from tests.servers.chat_server import ChatServer, status

ME = Who()
UNSENT = "could not be kept in .*so nothing was sent: free space"


@pytest.fixture
def model() -> Iterator[ChatServer]:
    with ChatServer(ask_model.behave) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, model: ChatServer) -> Settings:
    setting = ModelSetting(preset="vllm", model="writer", base_url=model.url)
    return Settings(data=tmp_path / "data", models=(setting,), environment="test")


@pytest.fixture
def bench(settings: Settings) -> Iterator[Workbench]:
    opened = Workbench.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def ask(bench: Workbench) -> Conversations:
    return bench.conversations


def say(ask: Conversations, text: str, conversation_id: str | None = None, agent: str = "general") -> str:
    """Ask and wait for the end; the run's id."""
    run_id = ask.send(text, conversation_id=conversation_id, agent=agent)
    ask.settle(run_id)
    return run_id


def sent(model: ChatServer) -> list[tuple[str, str]]:
    """Role and content of the last request."""
    return [(message["role"], message["content"]) for message in model.requests[-1].body["messages"]]


def wait_for_text(ask: Conversations, run_id: str) -> str:
    """The first text of a stream."""
    waited = threading.Event()
    for _ in range(400):
        if text := ask.turn(run_id).partial:
            return text
        waited.wait(0.02)
    raise AssertionError("no text came")


def test_an_answer_streams_into_the_store_and_stands_there_whole(ask: Conversations) -> None:
    run_id = say(ask, "a long tale")
    turn = ask.turn(run_id)
    assert turn.answer == TextAnswer(text=ask_model.POEM)
    assert turn.partial.strip() == ask_model.POEM
    assert turn.model == "vllm/writer"
    assert turn.status == "completed"


def test_earlier_turns_are_sent_along_and_the_present_one_only_once(
    ask: Conversations, model: ChatServer
) -> None:
    first = say(ask, "My name is Ada")
    say(ask, "What is my name?", ask.of_run(first))
    roles = [role for role, _ in sent(model)]
    assert roles == ["system", "user", "assistant", "user"]
    contents = [content for _, content in sent(model)]
    assert contents[1] == "My name is Ada"
    assert contents[2] == "You said: My name is Ada"
    assert sum("What is my name?" in content for content in contents) == 1


def test_memory_keeps_the_newest_whole_turns_within_the_budget() -> None:
    said = []
    for number in range(20):
        said += [
            Message(f"r{number}", "c", "user", f"question {number}", now()),
            Message(f"r{number}", "c", "assistant", "x" * 400, now()),
        ]
    kept = remembered(said, budget=500)
    assert [message["role"] for message in kept] == ["user", "assistant"] * (len(kept) // 2)
    assert kept[-2]["content"] == "question 19"
    assert sum(tokens(message["content"]) for message in kept) <= 500
    assert len(kept) == 8


def test_one_overlong_turn_is_cut_instead_of_pushing_out_itself() -> None:
    said = [Message("r", "c", "user", "q", now()), Message("r", "c", "assistant", "é" * 20_000, now())]
    kept = remembered(said)
    assert kept[1]["content"].endswith("… (cut)")


def test_stopping_ends_the_model_in_the_middle_and_keeps_what_came(
    bench: Workbench, model: ChatServer
) -> None:
    model.default = ask_model.slowly(0.02)
    ask = bench.conversations
    run_id = ask.send("a long tale", agent="general")
    wait_for_text(ask, run_id)
    ask.stop(run_id)
    ask.settle(run_id)
    turn = ask.turn(run_id)
    assert turn.status == "cancelled"
    assert turn.answer is None
    assert ask_model.POEM.startswith(turn.partial.strip())
    assert turn.partial.strip() != ask_model.POEM
    bench._store.flush()
    assert [call.error_type for call in calls.of_run(bench._store, run_id)] == ["cancelled"]


def test_what_a_stopped_turn_used_is_known_once_it_is_stopped(bench: Workbench, model: ChatServer) -> None:
    model.default = ask_model.slowly(0.02)
    ask = bench.conversations
    run_id = ask.send("a long tale", agent="general")
    wait_for_text(ask, run_id)
    ask.stop(run_id)
    bench._store.flush()
    assert [call.error_type for call in calls.of_run(bench._store, run_id)] == ["cancelled"]


def test_another_open_page_sees_the_same_text_come(bench: Workbench, model: ChatServer) -> None:
    model.default = ask_model.slowly(0.02)
    ask = bench.conversations
    run_id = ask.send("a long tale", agent="general")
    first = wait_for_text(ask, run_id)
    view = ask.view(ask.of_run(run_id))
    assert view.is_working
    assert view.turns[-1].partial.startswith(first)
    ask.stop(run_id)


def test_a_stopped_turn_is_no_memory_and_can_be_asked_again(bench: Workbench, model: ChatServer) -> None:
    ask = bench.conversations
    model.default = ask_model.slowly(0.02)
    run_id = ask.send("a long tale", agent="general")
    wait_for_text(ask, run_id)
    ask.stop(run_id)
    model.default = ask_model.behave
    again = ask.regenerate(run_id)
    assert isinstance(ask.settle(again).answer, TextAnswer)
    assert [role for role, _ in sent(model)] == ["system", "user"]
    assert [turn.run_id for turn in ask.view(ask.of_run(run_id)).turns] == [again]


def test_an_edited_turn_takes_the_place_of_the_old_one_and_of_what_followed(
    ask: Conversations, model: ChatServer
) -> None:
    first = say(ask, "one")
    conversation = ask.of_run(first)
    second = say(ask, "two", conversation)
    say(ask, "three", conversation)
    edited = ask.edit(second, "two and a half")
    assert ask.settle(edited).status == "completed"
    view = ask.view(conversation)
    assert [turn.text for turn in view.turns] == ["one", "two and a half"]
    assert view.turns[-1].versions == 2


def test_an_edited_turn_remembers_what_stood_before_it_and_not_its_old_self(
    ask: Conversations, model: ChatServer
) -> None:
    first = say(ask, "one")
    second = say(ask, "zwei", ask.of_run(first))
    again = ask.regenerate(second)
    ask.settle(again)
    contents = " ".join(content for _, content in sent(model))
    assert contents.count("zwei") == 1
    assert "You said: one" in contents


def test_an_answer_is_made_anew_by_the_same_agent(ask: Conversations, model: ChatServer) -> None:
    first = say(ask, "hello there")
    again = ask.regenerate(first)
    turn = ask.settle(again)
    assert turn.agent == "general"
    assert len(model.requests) == 2
    assert turn.run_id != first


def test_a_failed_turn_says_why_and_goes_on_when_tried_again(ask: Conversations, model: ChatServer) -> None:
    model.then(status(400))
    run_id = say(ask, "hello")
    turn = ask.turn(run_id)
    assert turn.status == "failed"
    assert turn.answer is None
    assert turn.error is not None
    assert "No model gave a usable reply." in turn.error
    ask.retry(run_id)
    assert ask.settle(run_id).answer == TextAnswer(text="You said: hello")


def test_a_failed_turn_can_go_to_another_agent(ask: Conversations, model: ChatServer) -> None:
    model.then(status(401))
    run_id = say(ask, "Our sales dropped")
    assert ask.hand_to(run_id, "diagnose") == run_id
    assert ask.settle(run_id).agent == "diagnose"


def test_what_is_done_cannot_be_tried_again(ask: Conversations) -> None:
    run_id = say(ask, "hello")
    with pytest.raises(Refused, match="Nothing was changed"):
        ask.retry(run_id)


def test_conversations_are_listed_named_and_found_by_name_and_by_what_was_said(ask: Conversations) -> None:
    first, second = say(ask, "Tell me of Kraków"), say(ask, "Tell me of 100 % cotton")
    names = [line.name for line in ask.listed(ME)]
    assert names == ["Tell me of 100 % cotton", "Tell me of Kraków"]
    assert [line.name for line in ask.listed(ME, "kRAKÓW")] == ["Tell me of Kraków"]
    assert [line.name for line in ask.listed(ME, "said: tell me of 100 %")] == ["Tell me of 100 % cotton"]
    assert ask.listed(ME, "%")[0].conversation_id == ask.of_run(second)
    assert ask.listed(ME, "Kr_k") == []
    ask.rename(ask.of_run(first), "  Poland\n trip ")
    assert ask.listed(ME, "poland")[0].name == "Poland trip"
    assert ask.listed(Who("ann")) == []


def test_a_deleted_conversation_leaves_no_text_and_no_file_but_keeps_its_cost(
    bench: Workbench, settings: Settings
) -> None:
    ask = bench.conversations
    run_id = ask.send("my SECRET plan", agent="general", attachments=[Attachment("s.txt", b"SECRET")])
    ask.settle(run_id)
    conversation = ask.of_run(run_id)
    assert [file.read_bytes() for file in (settings.data / "attachments").iterdir()] == [b"SECRET"]
    ask.delete(conversation)
    with pytest.raises(NotFound):
        ask.view(conversation)
    assert ask.listed(ME, "SECRET") == []
    assert list((settings.data / "attachments").iterdir()) == []
    store = bench._store
    left = [
        row for table in ("runs", "events", "messages", "call_texts") for row in store.read(f"from {table}")
    ]
    assert "SECRET" not in str(left)
    assert bench._journal.values() == []
    assert len(calls.of_run(store, run_id)) == 1
    run = runs.find(store, run_id)
    assert run is not None
    assert run.texts_removed_at is not None


def test_a_conversation_is_reopened_by_another_process(settings: Settings) -> None:
    first = Workbench.open(settings)
    run_id = say(first.conversations, "hello")
    conversation = first.conversations.of_run(run_id)
    first.close()
    second = Workbench.open(settings)
    try:
        (turn,) = second.conversations.view(conversation).turns
        assert turn.answer == TextAnswer(text="You said: hello")
    finally:
        second.close()


def test_a_turn_without_a_model_waits_and_goes_on_once_one_is_connected(
    bench: Workbench, model: ChatServer
) -> None:
    from agents.llm.providers import from_preset
    from agents.models import roles

    bench.models._settings = ()
    ask = bench.conversations
    run_id = ask.send("hello", agent="general", session="tab")
    turn = ask.settle(run_id)
    assert turn.status == "waiting"
    assert turn.held is not None
    assert "connect one in Settings, then try again" in turn.held
    bench.models.connect("tab", from_preset("vllm", roles("pasted"), base_url=model.url))
    ask.retry(run_id, session="tab")
    assert ask.settle(run_id).model == "vllm/pasted"


@pytest.mark.parametrize("text", ["", "  \n", "x" * 20_001, "half \ud800"])
def test_a_text_that_cannot_be_taken_is_refused_and_nothing_is_kept(ask: Conversations, text: str) -> None:
    with pytest.raises(BadInput):
        ask.send(text)
    assert ask.listed(ME) == []


def test_a_link_to_nothing_is_told(ask: Conversations) -> None:
    for call in (ask.view, ask.turn, ask.delete, ask.of_run):
        with pytest.raises(NotFound):
            call("../etc")


def test_files_that_a_full_disk_cuts_off_are_taken_away_and_nothing_is_sent(
    bench: Workbench, settings: Settings
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    files = [Attachment("small.txt", b"x"), Attachment("large.txt", b"x" * 2**21)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, hard))
    try:
        with pytest.raises(Refused, match=UNSENT):
            bench.conversations.send("Read this", agent="general", attachments=files)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((settings.data / "attachments").iterdir()) == []
    assert bench.conversations.listed(ME) == []


def test_a_folder_of_attachments_that_cannot_be_used_is_told(bench: Workbench, settings: Settings) -> None:
    (settings.data / "attachments").write_bytes(b"in the way")
    with pytest.raises(Refused, match=UNSENT):
        bench.conversations.send("Read this", agent="general", attachments=[Attachment("a.txt", b"x")])
