"""A key that was pasted is gone after a restart: runs that need it wait, say so, and go on with a new one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.errors import Stale
from agents.llm.providers import from_preset
from agents.models import NOT_CONNECTED, roles
from agents.settings import Settings
from agents.workbench import Who, Workbench
from tests.agents.diagnosis.test_with_model import SALES, answer_all, settled
from tests.servers import ask_model, diagnosis_model
from tests.servers.chat_server import ChatServer, Exchange, status
from tests.servers.diagnosis_model import COMPLAINT

KEY = "sk-pasted-0d6f3a9b1c2e4f58"


@pytest.fixture
def model() -> Iterator[ChatServer]:
    with ChatServer(diagnosis_model.behave) as server:
        yield server


@pytest.fixture
def start_anew(tmp_path: Path) -> Iterator[Callable[[], Workbench]]:
    """Ends the workbench, if one is open, and opens another one on the same folder."""
    opened: list[Workbench] = []

    def again() -> Workbench:
        if opened:
            opened.pop().close()
        opened.append(Workbench.open(Settings(data=tmp_path)))
        return opened[0]

    yield again
    opened[0].close()


def paste(bench: Workbench, model: ChatServer, session: str) -> None:
    bench.models.connect(session, from_preset("openai", roles("gpt-5-mini"), KEY, model.url))


def drafting(bench: Workbench, model: ChatServer) -> str:
    """A run whose key went between the two calls of its draft."""
    paste(bench, model, "tab")
    behave = model.default

    def answer_and_forget(exchange: Exchange) -> None:
        bench.models.disconnect("tab", "openai")
        model.default = behave
        behave(exchange)

    model.default = answer_and_forget
    return settled(bench, bench.start(COMPLAINT, draft=True, session="tab")).run_id


def concluded(bench: Workbench, model: ChatServer) -> str:
    """A run whose key went between its first question and its summary."""
    paste(bench, model, "tab")
    run_id = bench.start(SALES, with_model=True, session="tab")
    bench.confirm(run_id, bench.view(run_id).seq, "sales_fall")
    assert settled(bench, run_id).questions[0].text.startswith("In your food bank")
    bench.models.disconnect("tab", "openai")
    view = bench.view(run_id)
    card = view.questions[0]
    bench.answer(run_id, card.question_id, card.answers[0].answer_id, view.seq)
    bench.conclude(run_id, settled(bench, run_id).seq)
    settled(bench, run_id)
    return run_id


def test_a_draft_whose_key_is_gone_waits_and_goes_on_with_a_new_one_and_nothing_is_paid_twice(
    model: ChatServer, start_anew: Callable[[], Workbench]
) -> None:
    run_id = drafting(start_anew(), model)
    bench = start_anew()
    view = bench.view(run_id)
    assert (view.status, view.error, view.draft) == ("waiting", None, None)
    assert view.held is not None
    assert view.held.startswith("This needs a key: that of openai was pasted")
    assert view.held.endswith("Paste the key in Settings, then go on here.")
    assert bench.models.waiting(Who()) == [run_id]
    paste(bench, model, "other tab")
    bench.supply(run_id, view.seq, "other tab")
    view = settled(bench, run_id)
    assert (view.held, view.status, len(model.requests)) == (None, "waiting", 2)
    assert view.draft is not None
    bench.confirm(run_id, view.seq, view.draft.playbook_id)
    assert answer_all(bench, settled(bench, run_id)).status == "completed"
    assert bench.models.waiting(Who()) == []


def test_going_on_without_any_key_waits_again_and_loses_nothing(
    model: ChatServer, start_anew: Callable[[], Workbench]
) -> None:
    bench = start_anew()
    run_id = drafting(bench, model)
    bench.supply(run_id, bench.view(run_id).seq, "a tab without keys")
    view = settled(bench, run_id)
    assert (view.status, view.text) == ("waiting", COMPLAINT)
    assert view.held is not None


def test_a_draft_can_be_dispensed_with_and_a_listed_kind_chosen(
    model: ChatServer, start_anew: Callable[[], Workbench]
) -> None:
    bench = start_anew()
    run_id = drafting(bench, model)
    bench.dispense(run_id, bench.view(run_id).seq)
    view = settled(bench, run_id)
    assert (view.held, view.phase, view.with_model) == (None, "framing", False)
    assert view.model_notes[-1].text == "You went on without a model, since its key was gone."
    bench.confirm(run_id, view.seq, "low_adoption")
    assert answer_all(bench, settled(bench, run_id)).status == "completed"


def test_a_diagnosis_stands_while_its_summary_waits_for_a_key(
    model: ChatServer, start_anew: Callable[[], Workbench]
) -> None:
    bench = start_anew()
    run_id = concluded(bench, model)
    view = bench.view(run_id)
    assert (view.status, view.phase, view.summary) == ("waiting", "concluded", None)
    assert view.diagnosis is not None and view.held is not None
    paste(bench, model, "new")
    bench.supply(run_id, view.seq, "new")
    done = settled(bench, run_id)
    assert done.summary is not None and done.summary.sentences
    assert (done.status, done.diagnosis) == ("completed", view.diagnosis)


def test_a_summary_can_be_dispensed_with_and_the_run_ends(
    model: ChatServer, start_anew: Callable[[], Workbench]
) -> None:
    bench = start_anew()
    run_id = concluded(bench, model)
    seq = bench.view(run_id).seq
    bench.dispense(run_id, seq)
    done = settled(bench, run_id)
    assert (done.status, done.held, done.summary) == ("completed", None, None)
    with pytest.raises(Stale, match="no longer waits for a key"):
        bench.dispense(run_id, seq)


def test_an_answer_changed_meanwhile_is_taken_and_the_run_goes_on_to_wait_at_its_new_end(
    model: ChatServer, start_anew: Callable[[], Workbench]
) -> None:
    bench = start_anew()
    run_id = concluded(bench, model)
    view = bench.view(run_id)
    assert view.ledger is not None
    line = next(line for line in view.ledger.lines if line.source == "person")
    bench.answer(run_id, line.question_id, line.options[1][0], view.seq)
    view = answer_all(bench, settled(bench, run_id))
    assert (view.status, view.phase) == ("waiting", "concluded")
    assert view.held is not None


def test_a_turn_of_a_conversation_waits_for_its_key_and_goes_on(
    model: ChatServer, start_anew: Callable[[], Workbench]
) -> None:
    model.default = status(401)
    bench = start_anew()
    paste(bench, model, "tab")
    run_id = bench.conversations.send("My goal is a marathon", agent="helios", session="tab")
    assert bench.conversations.settle(run_id).status == "failed"
    bench = start_anew()
    model.default = ask_model.behave
    bench.conversations.retry(run_id, "a tab without keys")
    turn = bench.conversations.settle(run_id)
    assert turn.status == "waiting"
    assert turn.held is not None and turn.held.startswith("This needs a key: that of openai")
    assert bench.models.waiting(Who()) == [run_id]
    paste(bench, model, "new")
    bench.runs.retry(run_id, "new")
    done = bench.conversations.settle(run_id)
    assert (done.status, done.held, done.model) == ("completed", None, "openai/gpt-5-mini")


def test_who_needs_no_model_waits_for_no_key(model: ChatServer, start_anew: Callable[[], Workbench]) -> None:
    bench = start_anew()
    paste(bench, model, "tab")
    run_id = bench.conversations.send("Our sales dropped 20 %", agent="diagnose", session="tab")
    bench.models.disconnect("tab", "openai")
    bench = start_anew()
    assert bench.conversations.settle(run_id).status == "completed"
    other = bench.conversations.regenerate(run_id)
    assert bench.conversations.settle(other).status == "completed"


def test_a_run_that_never_had_a_pasted_key_goes_on_without_waiting(
    start_anew: Callable[[], Workbench],
) -> None:
    bench = start_anew()
    run_id = bench.start(SALES, with_model=True, session="tab")
    bench.confirm(run_id, bench.view(run_id).seq, "sales_fall")
    view = settled(bench, run_id)
    assert (view.held, view.model_notes[0].text) == (None, NOT_CONNECTED)


def test_a_diagnosis_begun_again_uses_the_key_of_whoever_begins_it(
    model: ChatServer, start_anew: Callable[[], Workbench]
) -> None:
    bench = start_anew()
    run_id = concluded(bench, model)
    held = bench.runs.again(run_id, Who())
    bench.confirm(held, settled(bench, held).seq, "sales_fall")
    assert settled(bench, held).held is not None
    paste(bench, model, "new")
    again = bench.runs.again(run_id, Who(), "new")
    bench.confirm(again, settled(bench, again).seq, "sales_fall")
    assert settled(bench, again).questions[0].text.startswith("In your food bank")


def test_the_key_itself_stands_in_no_file(
    tmp_path: Path, model: ChatServer, start_anew: Callable[[], Workbench]
) -> None:
    concluded(start_anew(), model)
    start_anew()
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files and not [file for file in files if KEY.encode() in file.read_bytes()]
