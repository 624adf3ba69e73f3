"""One run: as it was seen, its steps, calls and events, and going on with it; every state of it."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from agents.diagnosis import graph
from agents.models import roles
from agents.running import dossier
from agents.running.limits import OwnLimits
from agents.workbench import Who, Workbench
from pages.ui.runs import watch
from storage import runs, steps
from tests.conftest import TEXT, Diagnose, Play
from tests.pages.runs_screen import RunsScreen
from tests.servers import ask_model
from tests.servers.chat_server import ChatServer, status


@pytest.fixture
def model(bench: Workbench) -> Iterator[ChatServer]:
    """A model that plays every agent, connected for the session `tab`."""
    from agents.llm.providers import from_preset

    with ChatServer(ask_model.behave) as server:
        bench.models.connect("tab", from_preset("vllm", roles("writer"), base_url=server.url))
        yield server


@pytest.fixture
def page(bench: Workbench) -> RunsScreen:
    screen = RunsScreen()
    screen.at.session_state["session_id"] = "tab"
    return screen


def asked_for(bench: Workbench, text: str = "hello there", agent: str = "general") -> str:
    run_id = bench.conversations.send(text, agent=agent, session="tab")
    bench.conversations.settle(run_id)
    return run_id


def test_an_unknown_run_is_told_with_a_way_back(page: RunsScreen) -> None:
    page.at_link(run="nope")
    assert "There is no run “nope” in this store. Check the link." in page.said
    assert page.labels("all-runs") == ["All runs"]


def test_a_deleted_run_is_told_apart_from_one_that_never_was(
    page: RunsScreen, bench: Workbench, asked: str
) -> None:
    bench.runs.delete([asked], Who())
    assert "This run was deleted on" in page.at_link(run=asked).said


def test_a_run_whose_texts_were_removed_keeps_its_figures(
    page: RunsScreen, bench: Workbench, asked: str
) -> None:
    bench.cancel(asked)
    bench._store.transact(
        lambda c: c.execute(
            "update runs set updated_at = updated_at - interval 9 day where run_id = ?", [asked]
        )
    )
    bench.keeping.retain({"events": 3}, Who())
    page.at_link(run=asked)
    assert "What was written in this run was removed on" in page.said
    assert "There is nothing left to be shown of it." in page.said
    assert page.labels("again") == []
    assert page.tab(asked, "Steps").column("What")


def test_a_diagnosis_is_replayed_as_it_was_seen_after_any_event(
    page: RunsScreen, bench: Workbench, diagnose: Diagnose, play: Play
) -> None:
    run_id = diagnose(bench)
    question = bench.view(run_id).questions[0].text
    seen_then = bench.view(run_id).seq
    play(bench, run_id, "engines")
    page.at_link(run=run_id)
    assert "Decided, " in page.said
    page.at.number_input[0].set_value(seen_then)
    page.reload()
    assert f"After event {seen_then} of " in page.said
    assert page.question() == question
    assert "Decided, " not in page.said
    page.at.number_input[0].set_value(1)
    assert "Working on it." in page.reload().said


def test_what_is_clicked_in_a_replay_changes_nothing_and_says_so(
    page: RunsScreen, bench: Workbench, asked: str
) -> None:
    before = runs.last_seq(bench._store, asked)
    page.at_link(run=asked).click_key("answer-")
    assert "This is a replay of what was seen, so nothing was changed." in page.said
    assert runs.last_seq(bench._store, asked) == before
    assert page.click("Conclude now").said.count("This is a replay") == 1
    assert runs.last_seq(bench._store, asked) == before


def test_a_request_shows_question_answer_and_routing(
    page: RunsScreen, bench: Workbench, model: ChatServer
) -> None:
    run_id = asked_for(bench)
    page.at_link(run=run_id)
    assert "You said: hello there" in page.said
    assert page.part("Routed to General")
    page.at.number_input[0].set_value(1)
    assert "You said" not in page.reload().said


def test_a_demo_is_replayed_with_its_reveal(page: RunsScreen, bench: Workbench) -> None:
    from agents.diagnosis.stage import Casting

    run_id = bench.demos.stage(Casting(seed=4, playbook_id="late_buses"))
    while (view := bench.view(run_id)).phase == "asking":
        bench.demos.play_on(run_id, view.seq)
    page.at_link(run=run_id)
    assert "The hidden cause was" in page.said
    assert page.labels("open-own-page") == ["Open in Present"]


def test_a_tree_is_drawn_in_any_of_its_versions(page: RunsScreen, bench: Workbench, asked: str) -> None:
    from agents.tree.ops import Rename

    tree_id = bench.open_tree(asked)
    state = bench.trees.state(tree_id)
    op = Rename(node_id=state.tree.root.id, text="Why so late?")
    bench.trees.edit(tree_id, op, state.seq, "me")
    page.at_link(run=tree_id)
    assert page.field("version-").value == 2
    page.field("version-").set_value(1)
    assert "From the diagnosis, by me" in page.reload().said


def test_steps_have_a_waterfall_and_a_table(page: RunsScreen, bench: Workbench, asked: str) -> None:
    page.at_link(run=asked).tab(asked, "Steps")
    assert "Reading the problem" in page.column("What")
    chart = page.at.get("plotly_chart")[0]
    assert "The table beside it has the same figures." in chart.proto.alt


def test_a_call_is_shown_with_prompt_answer_tokens_and_price(
    page: RunsScreen, bench: Workbench, model: ChatServer
) -> None:
    run_id = asked_for(bench)
    (call,) = bench.runs.calls(run_id)
    page.at_link(run=run_id, call=call.call_id)
    assert page.column("Tokens in") == ["100"]
    cells = {label: value for table in page.at.table for label, value in table.value["value"].items()}
    assert cells["Tokens out"] == "20"
    assert cells["of them reasoning"] == "unknown"
    assert "Version of the price" in cells
    assert any("hello there" in code.value for code in page.at.code)
    assert any("You said: hello there" in code.value for code in page.at.code)


def test_a_link_to_a_call_that_is_not_of_this_run_is_told(
    page: RunsScreen, bench: Workbench, model: ChatServer
) -> None:
    run_id = asked_for(bench)
    assert "This run has no call of the id in the link." in page.at_link(run=run_id, call="nope").said


def test_a_run_without_calls_says_so(page: RunsScreen, asked: str) -> None:
    assert "it worked without a model" in page.at_link(run=asked).tab(asked, "Calls").said


def test_texts_of_a_call_that_were_removed_are_told(
    page: RunsScreen, bench: Workbench, model: ChatServer
) -> None:
    run_id = asked_for(bench)
    (call,) = bench.runs.calls(run_id)
    bench._store.transact(lambda c: c.execute("delete from call_texts"))
    page.at_link(run=run_id, call=call.call_id)
    assert "Prompt and answer of this call are no longer kept" in page.said


def test_the_states_of_a_run_stand_with_how_long_each_lasted(page: RunsScreen, asked: str) -> None:
    page.at_link(run=asked).tab(asked, "Events")
    states = page.at.table[0].value
    assert list(states["State"])[:3] == ["Queued", "Running", "Waiting for a person"]
    assert list(states["For"])[-1] == "until now"
    page.at.number_input[0].set_value(1)
    assert any(TEXT in code.value for code in page.reload().at.code)


def test_a_failed_run_says_why_keeps_its_trace_folded_and_goes_on_from_the_step(
    page: RunsScreen, bench: Workbench, diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as fault:
        fault.setattr(graph, "conclude", fail)
        run_id = diagnose(bench, {"towings": "yes"})
        bench.conclude(run_id, bench.view(run_id).seq)
    page.at_link(run=run_id)
    assert "A step failed in a way we did not foresee (ZeroDivisionError)." in page.said
    assert page.part("For whoever mends it: ZeroDivisionError in the step")
    page.click("Try the failed step again")
    assert bench.runs.run(run_id).status == "completed"


def test_a_request_that_failed_shows_every_attempt(
    page: RunsScreen, bench: Workbench, model: ChatServer
) -> None:
    model.default = status(400)
    run_id = asked_for(bench)
    page.at_link(run=run_id).tab(run_id, "Calls")
    assert page.column("Outcome") != ["used"]
    assert page.labels("retry") == ["Try the failed step again"]


def test_a_run_is_done_again_as_a_new_one(page: RunsScreen, bench: Workbench, asked: str) -> None:
    page.at_link(run=asked).click("Run again")
    assert page.run_id != asked
    assert bench.runs.run(page.run_id).parent_run_id == asked
    page.click("Came from another run")
    assert page.run_id == asked


def test_branching_off_with_another_answer_leaves_the_run_as_it_is(
    page: RunsScreen, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench)
    view = bench.view(run_id)
    question = view.questions[0]
    bench.answer(run_id, question.question_id, "yes", view.seq)
    page.at_link(run=run_id)
    page.at.number_input[0].set_value(view.seq)
    page.reload().choose("branch-answer-", "no").click(f"Branch off after event {view.seq}")
    fork = page.run_id
    assert fork != run_id
    assert {line.question_id: line.answer_id for line in bench.view(fork).ledger.lines}[
        question.question_id
    ] == "no"
    assert {line.question_id: line.answer_id for line in bench.view(run_id).ledger.lines}[
        question.question_id
    ] == "yes"


def test_at_an_answer_the_branch_takes_another_one_in_its_place(
    page: RunsScreen, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench)
    view = bench.view(run_id)
    question = view.questions[0].question_id
    bench.answer(run_id, question, "yes", view.seq)
    page.at_link(run=run_id)
    page.at.number_input[0].set_value(view.seq + 1)
    page.reload()
    options = page.field("branch-answer-").options
    assert [option for option in options if "what was answered here" in option] == [options[1]]
    page.choose("branch-answer-", "dont_know").click(f"Branch off before event {view.seq + 1}")
    assert page.run_id != run_id
    given = [
        {line.question_id: line.answer_id for line in bench.view(each).ledger.lines}[question]
        for each in (page.run_id, run_id)
    ]
    assert given == ["dont_know", "yes"]


def test_a_step_leads_to_what_was_seen_when_it_began(
    page: RunsScreen, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench, {"towings": "yes"})
    page.at_link(run=run_id).tab(run_id, "Steps")
    chooser = page.field("to-step-")
    assert chooser.options[0] == "1. Reading the problem, after 0 ms"
    page.choose("to-step-", 0)  # type: ignore[arg-type]
    assert page.at.number_input[0].value == 2  # described, and the work begun
    assert "The complaint, changed" in [area.label for area in page.at.text_area]


def test_a_changed_complaint_begins_with_what_the_first_was_begun_with(
    page: RunsScreen, bench: Workbench
) -> None:
    run_id = bench.start(TEXT, playbook_id="late_buses", limits=OwnLimits(cost=Decimal(2)))
    page.at_link(run=run_id).type("branch-text-", "Our ferries are late").click("Diagnose it anew")
    assert bench.run(page.run_id).input == "Our ferries are late"
    assert bench.run(page.run_id).max_cost == 2
    assert bench.run(page.run_id).parent_run_id == run_id
    assert page.click("Came from another run").run_id == run_id


def test_a_changed_request_goes_to_the_agent_that_is_chosen(
    page: RunsScreen, bench: Workbench, model: ChatServer
) -> None:
    run_id = asked_for(bench)
    page.at_link(run=run_id).type("branch-agent-", "code").type("branch-text-", "add two numbers")
    page.click("Ask it in its place")
    run = bench.runs.run(page.run_id)
    assert (run.agent_name, run.routing_method) == ("code", "chosen")


def test_a_changed_request_is_asked_in_the_place_of_the_first(
    page: RunsScreen, bench: Workbench, model: ChatServer
) -> None:
    run_id = asked_for(bench)
    page.at_link(run=run_id).type("branch-text-", "good evening").click("Ask it in its place")
    assert page.run_id != run_id
    assert bench.runs.run(page.run_id).input == "good evening"


def test_a_run_is_cancelled_in_the_middle_of_its_work(
    page: RunsScreen, bench: Workbench, model: ChatServer
) -> None:
    model.default = ask_model.slowly(0.05)
    run_id = bench.conversations.send("a long tale", agent="general", session="tab")
    page.at_link(run=run_id)
    assert any(text.startswith("At work: answer") for text in page.progress)
    assert "General is at work" in page.said
    assert "Work:" not in page.said.replace("*", "")  # what has ended of it would contradict the progress
    assert page.labels("again") == []
    page.click("Yes, stop this run")
    assert bench.runs.run(run_id).status == "cancelled"
    assert steps.of_run(bench._store, run_id)[-1].name == "answer"
    assert "Stopped by you" in page.reload().said


def test_what_is_stopped_where_it_is_watched_stops(
    page: RunsScreen, bench: Workbench, model: ChatServer
) -> None:
    model.default = ask_model.slowly(0.05)
    run_id = bench.conversations.send("a long tale", agent="general", session="tab")
    page.at_link(run=run_id).click("Stop")
    assert bench.runs.run(run_id).status == "cancelled"


def test_a_run_that_waits_in_the_queue_says_so(
    page: RunsScreen, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agents.running.batch import Terms

    monkeypatch.setattr(bench._runner, "enqueue", lambda queued: None)
    batch = bench.runs.start_batch("t.txt", TEXT.encode(), Terms(Who(), "one", "diagnosis"))
    assert "It waits in the queue and starts by itself" in page.at_link(run=batch.run_ids[0]).said


def test_a_run_can_be_deleted_only_after_its_number_was_typed(
    page: RunsScreen, bench: Workbench, asked: str
) -> None:
    page.at_link(run=asked).click("Delete 1 run")
    assert "Nothing was deleted: type 1" in page.said
    page.type("delete-typed-one", "1").click("Delete 1 run")
    assert "This run was deleted on" in page.said


def test_the_whole_record_can_be_taken_away(bench: Workbench, model: ChatServer) -> None:
    run_id = asked_for(bench)
    record = json.loads(dossier.as_json(bench.runs, run_id))
    assert [event["seq"] for event in record["events"]] == list(range(1, len(record["events"]) + 1))
    assert record["calls"][0]["text"]["answer"] == "You said: hello there"
    assert record["run"]["run_id"] == run_id


def test_ten_who_watch_read_the_store_once_and_only_what_is_new(
    bench: Workbench, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    real = bench.runs.events
    monkeypatch.setattr(watch, "FRESH_S", 3_600.0)
    monkeypatch.setattr(
        bench.runs, "events", lambda run_id, after=0: read.append(after) or real(run_id, after)
    )
    looks = [watch.look(bench, asked) for _ in range(10)]
    assert read == [0]
    assert all(look is looks[0] for look in looks)
    made: list[int] = []
    for look in looks:
        watch.shared(bench, look, lambda: made.append(1))
    assert made == [1]
    bench.conclude(asked, bench.view(asked).seq)
    newest = watch.look(bench, asked, fresh=True)
    assert read == [0, looks[0].seq]
    assert newest.seq == runs.last_seq(bench._store, asked)
    assert [event.seq for event in newest.events] == list(range(1, newest.seq + 1))


def test_a_replay_goes_back_and_on_by_buttons_and_says_in_words_what_happened(
    page: RunsScreen, bench: Workbench, diagnose: Diagnose
) -> None:
    run_id = diagnose(bench)
    last = bench.view(run_id).seq
    page.at_link(run=run_id)
    assert f"After event {last} of {last}: A question was chosen" in page.said
    page.click("Back")
    assert f"After event {last - 1} of {last}: Belief was counted anew" in page.said
    page.click("Next")
    assert f"After event {last} of {last}" in page.said
    page.at.number_input[0].set_value(1)
    assert "The problem is stored and is being read" in page.reload().said
