"""A batch: every task is a run of its own, on disk before anything is said; the bad ones are named."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from agents.assistants.answers import HandOver
from agents.errors import BadInput
from agents.routing.lexical import classify, decide
from agents.running.batch import Terms
from agents.running.limits import OwnLimits
from agents.running.offspring import Offspring
from agents.settings import ModelSetting, Settings
from agents.workbench import Who, Workbench
from storage import tags
from storage.search import Listed, RunQuery
from tests.servers import ask_model
from tests.servers.chat_server import ChatServer

TIMEOUT_S = 60


def test_tasks_become_runs_that_wait_for_a_person_and_bad_ones_are_named(bench: Workbench) -> None:
    content = b"Our buses run late since March\nHello\nThe timetable says ten, our buses run late\n"
    terms = Terms(
        Who("ana", "north"), "  Spring   complaints ", "diagnosis", 3, OwnLimits(50, 60.0, Decimal(1))
    )
    batch = bench.runs.start_batch("tasks.txt", content, terms)
    assert (batch.tag, len(batch.run_ids)) == ("Spring complaints", 2)
    ((line, sentence),) = [(refusal.line, refusal.sentence) for refusal in batch.refused]
    assert (line, sentence[:6]) == (2, "Hello.")
    run = bench.runs.run(batch.run_ids[0])
    assert (run.queue, run.priority, run.max_steps, run.max_cost) == ("background", 3, 50, Decimal(1))
    assert bench.runs.find(RunQuery(tag="Spring complaints")).total == 2
    waited = threading.Event()
    for _ in range(TIMEOUT_S * 10):
        if all(bench.view(run_id).status == "waiting" for run_id in batch.run_ids):
            break
        waited.wait(0.1)
    view = bench.view(batch.run_ids[0])
    assert (view.status, view.phase) == ("waiting", "framing")
    assert bench.runs.queue().fault is None


def test_a_task_may_name_its_agent_and_the_router_takes_the_rest(bench: Workbench) -> None:
    content = b'{"text": "Translate to German: good morning", "agent": "translate"}\n{"text": "Hi"}\n'
    batch = bench.runs.start_batch("tasks.jsonl", content, Terms(Who(), "mixed"))
    assert [bench.runs.run(run_id).kind for run_id in batch.run_ids] == ["ask", "ask"]
    first = bench.runs.events(batch.run_ids[0])[0]
    assert (first.kind, first.data["chosen"]) == ("asked", "translate")


def test_complaints_of_a_batch_become_diagnoses_that_wait_for_their_first_answer(bench: Workbench) -> None:
    complaint = "Our buses run late since March"
    content = f'{{"text": "{complaint}", "agent": "diagnose"}}\n{{"text": "{complaint}, why is that?"}}\n'
    batch = bench.runs.start_batch("tasks.jsonl", content.encode(), Terms(Who(), "complaints"))
    assert batch.refused == ()
    assert [bench.runs.run(run_id).kind for run_id in batch.run_ids] == ["diagnosis", "diagnosis"]
    waited = threading.Event()
    for _ in range(TIMEOUT_S * 10):
        if all(bench.view(run_id).status == "waiting" for run_id in batch.run_ids):
            break
        waited.wait(0.1)
    assert bench.runs.tagged("complaints") == {"waiting": 2}


def ended(bench: Workbench, tag: str, states: dict[Listed, int]) -> bool:
    """Whether the runs with a tag come to these states."""
    waited = threading.Event()
    return any(bench.runs.tagged(tag) == states or waited.wait(0.05) for _ in range(TIMEOUT_S * 20))


@pytest.fixture
def with_model(settings: Settings) -> Iterator[Workbench]:
    """A workbench whose router may ask a model, which says what stands in the request."""
    with ChatServer(ask_model.behave) as server:
        setting = ModelSetting(preset="vllm", model="router", base_url=server.url)
        opened = Workbench.open(settings.model_copy(update={"models": (setting,)}))
        yield opened
        opened.close()


def test_what_only_the_model_finds_to_be_a_complaint_becomes_a_waiting_diagnosis_too(
    with_model: Workbench,
) -> None:
    text = "late buses diagnose"
    assert decide(classify(text)).label is None
    terms = Terms(Who("ana", "north"), "found", priority=3, limits=OwnLimits(50, 60.0, Decimal(1)))
    (request,) = with_model.runs.start_batch("t.txt", text.encode(), terms).run_ids
    assert ended(with_model, "found", {"completed": 1, "waiting": 1})
    answer = with_model.conversations.answer(request)
    assert isinstance(answer, HandOver) and answer.run_id is not None
    run = with_model.runs.run(answer.run_id)
    assert (run.kind, run.parent_run_id, run.queue, run.priority) == ("diagnosis", request, "background", 3)
    assert (run.user_id, run.project_id, run.max_steps, run.max_cost) == ("ana", "north", 50, Decimal(1))
    view = with_model.view(run.run_id)
    assert (view.status, view.phase) == ("waiting", "framing")


def test_what_the_model_sends_to_diagnose_and_no_playbook_covers_says_why_no_diagnosis_was_begun(
    with_model: Workbench,
) -> None:
    (request,) = with_model.runs.start_batch("t.txt", b"diagnose zyx", Terms(Who(), "odd")).run_ids
    assert ended(with_model, "odd", {"completed": 1})
    answer = with_model.conversations.answer(request)
    assert isinstance(answer, HandOver)
    assert (answer.run_id, answer.why_not[:30]) == (None, "No playbook covers this text a")


def test_a_diagnosis_that_was_begun_as_the_process_died_is_taken_up_by_the_next_start(
    with_model: Workbench, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Offspring, "start", lambda *_: None)
    with_model.runs.start_batch("t.txt", b"late buses diagnose", Terms(Who(), "cut"))
    assert ended(with_model, "cut", {"completed": 1, "queued": 1})
    with_model.close()
    again = Workbench.open(settings)
    assert ended(again, "cut", {"completed": 1, "waiting": 1})
    again.close()


def test_requests_of_a_batch_are_conversations_once_a_person_goes_on_with_them(bench: Workbench) -> None:
    content = b"Translate to German: good morning\nTranslate to German: good night\n"
    batch = bench.runs.start_batch("t.txt", content, Terms(Who(), "words", "translate"))
    assert bench.conversations.listed(Who()) == bench.conversations.listed(Who(), "night") == []
    first = bench.conversations.of_run(batch.run_ids[0])
    bench.conversations.send("And now in French", Who(), first, "translate")
    assert [line.conversation_id for line in bench.conversations.listed(Who())] == [first]


def test_an_agent_that_there_is_none_of_is_named_with_its_line(bench: Workbench) -> None:
    content = b'{"text": "Read my palm", "agent": "astrology"}\n'
    batch = bench.runs.start_batch("tasks.jsonl", content, Terms(Who(), "stars"))
    assert (batch.run_ids, [refusal.line for refusal in batch.refused]) == ((), [1])
    assert "astrology" in batch.refused[0].sentence


def test_a_batch_that_is_cut_short_leaves_none_of_its_runs(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tags, "add_in", break_off)  # the last of the transaction: all runs are in it by then
    with pytest.raises(KeyboardInterrupt):
        bench.runs.start_batch("t.txt", b"Buses run late\n" * 102, Terms(Who(), "cut", "diagnosis"))
    assert bench.runs.find(RunQuery()).total == 0


def test_a_batch_needs_a_tag(bench: Workbench) -> None:
    with pytest.raises(BadInput, match="The batch's tag is empty"):
        bench.runs.start_batch("tasks.txt", b"Late buses", Terms(Who(), "  "))


def test_how_many_work_at_once_is_kept_within_reason(bench: Workbench) -> None:
    for wrong in (0, 101):
        with pytest.raises(BadInput, match="Between 1 and 100"):
            bench.runs.set_concurrency(wrong)
    bench.runs.set_concurrency(2)
