"""Everything that can be sent wrongly is told in a sentence and changes nothing."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agents.data.attachment import Attachment
from agents.diagnosis.view import DiagnosisView
from agents.errors import BadInput, NotFound, Refused, Stale
from agents.workbench import NotAComplaint, Who, Workbench
from storage import runs

TEXT = "Our buses run late since March, mostly in the north"

Diagnose = Callable[..., str]
Play = Callable[[Workbench, str, str], DiagnosisView]
Story = Callable[[Workbench, str], list[tuple[int, str, Any]]]


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x1f"])
def test_an_empty_description_is_refused(bench: Workbench, text: str) -> None:
    with pytest.raises(BadInput, match="is empty"):
        bench.start(text)
    assert bench.recent(Who()) == []


def test_the_longest_description_is_taken_and_one_character_more_is_not(bench: Workbench) -> None:
    text = (TEXT + ". ") * 400
    run_id = bench.start(text[:19_999] + "x", playbook_id="late_buses")
    assert len(bench.run(run_id).input) == 20_000
    with pytest.raises(BadInput, match="20,001 characters; 20,000 are the most"):
        bench.start(text[:20_000] + "x")


HOSTILE = [
    "\u202eבוסים מאחרים buses run late",
    "📉 buses run late 😱👩‍👩‍👧",
    "<script>alert('buses')</script> <img src=x onerror=alert(1)> buses run late",
    "# buses\n![x](http://evil.example/x.png) **run late** | a |",
    "{run_id} ${HOME} {{buses}} %s run late",
    "buses'; drop table runs; -- \" run late",
    "buses run late \ufffe\uffff\x00\x85\u2028 end",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_goes_through_the_whole_job_and_stays_text(
    bench: Workbench, diagnose: Diagnose, play: Play, text: str
) -> None:
    run_id = diagnose(bench, text=text, stated=text[:200])
    bench.answer(run_id, "towings", "no", bench.view(run_id).seq, note=text)
    view = play(bench, run_id, "roads")
    assert view.status == "completed"
    assert view.diagnosis
    assert view.diagnosis.customer_stated_problem == view.text
    assert json.loads(bench.record_json(run_id))["text"] == view.text
    assert bench.record_memo(run_id)
    assert bench.tree(run_id, 1).frame
    kept = set(text) - set("\ufffe\uffff\x00\x85\u2028")
    assert kept <= set(view.text)


@pytest.mark.parametrize("text", ["hello", "Should we enter the Polish market?", "The weather is nice"])
def test_what_is_no_complaint_is_answered_for_what_it_is_and_not_kept(bench: Workbench, text: str) -> None:
    with pytest.raises(NotAComplaint) as caught:
        bench.start(text)
    assert caught.value.framing.kind in ("greeting", "decision", "unknown")
    assert len(str(caught.value)) > 80
    assert bench.recent(Who()) == []
    assert bench.start(text, playbook_id="late_buses")


@pytest.mark.parametrize(
    "run_id",
    [
        "",
        "no-such-run",
        "'; drop table runs; --",
        "../../etc/passwd",
        "\x00",
        "\ud800",
        "ü" * 40,
        "x" * 10_000,
    ],
)
def test_a_run_that_does_not_exist_is_told(bench: Workbench, run_id: str) -> None:
    for ask in (
        bench.view,
        bench.run,
        bench.record_json,
        bench.record_memo,
        bench.record_word,
        bench.replay,
        bench.tree,
        bench.retry,
        bench.cancel,
        lambda run_id: bench.answer(run_id, "towings", "yes", 1),
        lambda run_id: bench.confirm(run_id, 1, "late_buses"),
        lambda run_id: bench.record_outcome(run_id, "roads"),
    ):
        with pytest.raises(NotFound, match="Check the link") as caught:
            ask(run_id)
        assert len(str(caught.value)) < 200
        str(caught.value).encode()


def test_of_two_tabs_that_answer_one_question_the_second_is_told(
    bench: Workbench, asked: str, story: Story
) -> None:
    seq = bench.view(asked).seq
    bench.answer(asked, "towings", "yes", seq)
    before = story(bench, asked)
    for act in (
        lambda: bench.answer(asked, "towings", "no", seq),
        lambda: bench.answer(asked, "towings", "yes", seq),
        lambda: bench.withdraw(asked, "towings", seq),
        lambda: bench.conclude(asked, seq),
        lambda: bench.go_on(asked, seq),
        lambda: bench.answer(asked, "detours", "yes", seq + 1_000),
        lambda: bench.answer(asked, "detours", "yes", -1),
    ):
        with pytest.raises(Stale, match="Nothing was changed by this page"):
            act()
    assert story(bench, asked) == before


def test_of_many_tabs_at_once_exactly_one_is_taken(bench: Workbench, asked: str, story: Story) -> None:
    seq = bench.view(asked).seq
    ready = threading.Barrier(6)

    def answer(value: str) -> bool:
        ready.wait()
        try:
            bench.answer(asked, "towings", value, seq)
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(6) as tabs:
        taken = list(tabs.map(answer, ["yes", "no", "dont_know"] * 2))
    assert taken.count(True) == 1
    assert [kind for _, kind, _ in story(bench, asked)].count("answered") == 1
    assert bench.view(asked).status == "waiting"


def test_a_person_who_acts_while_the_tool_is_at_work_breaks_nothing(
    bench: Workbench, asked: str, story: Story
) -> None:
    """Each event is followed at once by an answer that counts on it, between the tool's own steps."""
    questions = ["towings", "detours", "overtime", "old_fleet"]
    for question_id in questions:
        while True:
            try:
                last = runs.last_seq(bench._store, asked)
                data = {"question_id": question_id, "answer_id": "no", "note": ""}
                runs.add_events(bench._store, asked, [("answered", data)], last, "running")
                break
            except runs.OutOfStep:
                continue
        bench._runner.advance(bench.run(asked))
    bench._runner.advance(bench.run(asked)).result(30)
    view = bench.view(asked)
    assert view.status in ("waiting", "completed")
    assert view.ledger
    assert {line.question_id for line in view.ledger.lines} == {"where", *questions}
    believed = [data for _, kind, data in story(bench, asked) if kind == "believed"]
    assert believed[-1]["belief"] == {bar.cause_id: bar.belief for bar in view.belief}


def test_an_unconfirmed_run_takes_nothing_but_its_confirmation(bench: Workbench) -> None:
    run_id = bench.start(TEXT, playbook_id="late_buses")
    seq = bench.view(run_id).seq
    for act in (
        lambda: bench.answer(run_id, "towings", "yes", seq),
        lambda: bench.withdraw(run_id, "towings", seq),
        lambda: bench.conclude(run_id, seq),
        lambda: bench.go_on(run_id, seq),
        lambda: bench.replay(run_id),
        lambda: bench.tree(run_id),
        lambda: bench.record_outcome(run_id, "roads"),
    ):
        with pytest.raises(Refused, match="not confirmed yet"):
            act()
    assert json.loads(bench.record_json(run_id))["phase"] == "framing"


def test_a_confirmation_happens_once(bench: Workbench, asked: str) -> None:
    with pytest.raises(Stale, match="confirmed in the meantime"):
        bench.confirm(asked, bench.view(asked).seq, "late_buses")
    with pytest.raises(Stale, match="already concluded"):
        bench.conclude(asked, bench.view(asked).seq)
        bench.conclude(asked, bench.view(asked).seq)


def test_unknown_names_and_bad_notes_are_refused_and_change_nothing(
    bench: Workbench, asked: str, story: Story
) -> None:
    seq = bench.view(asked).seq
    before = story(bench, asked)
    for act in (
        lambda: bench.answer(asked, "no_such_question", "yes", seq),
        lambda: bench.answer(asked, "towings", "no_such_answer", seq),
        lambda: bench.answer(asked, "towings", "", seq),
        lambda: bench.answer(asked, "towings", "yes", seq, note="n" * 2_001),
        lambda: bench.answer(asked, "towings", "yes", seq, note="\ud800"),
        lambda: bench.withdraw(asked, "towings", seq),
        lambda: bench.record_outcome(asked, "the_moon"),
        lambda: bench.start(TEXT, playbook_id="no_such_playbook"),
        lambda: bench.start(TEXT, Who("")),
        lambda: bench.start(TEXT, Who("x" * 81)),
        lambda: bench.confirm(bench.start(TEXT, playbook_id="late_buses"), 2, "no_such_playbook"),
        lambda: bench.confirm(
            bench.start(TEXT, playbook_id="late_buses"), 2, "late_buses", {"colour": "red"}
        ),
    ):
        with pytest.raises(BadInput):
            act()
    assert story(bench, asked) == before
    with pytest.raises(NotFound, match="no version 7"):
        bench.tree(asked, 7)


@pytest.mark.parametrize("who", [Who("an\u202ena"), Who("ann", "no\u2067rth")])
def test_a_hidden_character_in_a_name_starts_nothing(bench: Workbench, who: Who) -> None:
    with pytest.raises(BadInput, match="holds the hidden character U"):
        bench.start(TEXT, who)
    with pytest.raises(BadInput, match="holds the hidden character U"):
        bench.conversations.send("Good morning", who)
    with pytest.raises(BadInput, match="holds the hidden character U"):
        Who.named(who.user_id, who.project_id)
    assert bench.people() == ([], [])


def test_a_file_is_shown_without_the_characters_that_turn_its_name(bench: Workbench) -> None:
    file = Attachment("bill\u202egpj.csv", b"a,b\n1,2\n")
    run_id = bench.conversations.send("total a", attachments=[file])
    (turn,) = bench.conversations.view(bench.conversations.of_run(run_id)).turns
    assert [found.name for found in turn.files] == ["billgpj.csv"]
