"""The view: plain data that is drawn, computed from the events alone."""

from collections.abc import Callable

import pytest

from agents.diagnosis.case import CLIENT_STATED, Inquiry
from agents.diagnosis.inquiry import DONT_KNOW, percent
from agents.diagnosis.view import DiagnosisView, view
from storage.runs import Run

Inquire = Callable[..., Inquiry]
YES = {"sick_leave": "yes", "towings": "no", "where": "yes"}


def test_bars_are_sorted_and_rounded_from_the_belief(inquire: Inquire, run: Run) -> None:
    work = inquire(YES)
    bars = view(run, work).belief
    assert [bar.belief for bar in bars] == sorted(work.belief, reverse=True)
    assert sum(bar.belief for bar in bars) == pytest.approx(1)
    assert all(bar.percent == percent(bar.belief) for bar in bars)
    assert {bar.cause_id for bar in bars} == set(work.table.causes)


def test_before_the_first_answer_no_bar_shows_a_shift(inquire: Inquire, run: Run) -> None:
    told = view(run, inquire({}, answered={"where": "yes"}))
    assert told.ledger
    assert [line.source for line in told.ledger.lines] == ["text"]
    assert {bar.shift for bar in told.belief} == {0}
    answered = view(run, inquire({"towings": "yes"}, answered={"where": "yes"}))
    assert any(bar.shift for bar in answered.belief)


def test_the_ledger_adds_up_to_the_belief_that_is_shown(inquire: Inquire, run: Run) -> None:
    shown = view(run, inquire({**YES, "detours": DONT_KNOW}))
    assert shown.ledger
    for bar in shown.belief:
        total = shown.ledger.start[bar.label] + sum(line.shifts[bar.label] for line in shown.ledger.lines)
        assert total == pytest.approx(shown.ledger.end[bar.label], abs=1e-9)
        assert shown.ledger.lines[-1].percents[bar.label] == bar.percent


def test_a_ledger_line_offers_every_answer_and_dont_know(inquire: Inquire, run: Run) -> None:
    ledger = view(run, inquire({"towings": "no"}, note="asked the garage")).ledger
    assert ledger
    (line,) = ledger.lines
    assert [answer_id for answer_id, _ in line.options] == ["yes", "no", DONT_KNOW]
    assert (line.answer, line.note, line.source) == ("No, towings is fine", "asked the garage", "person")


def test_the_ledger_holds_a_line_per_cause_even_when_labels_are_alike(inquire: Inquire, run: Run) -> None:
    shown = view(run, inquire(YES, stated_id=CLIENT_STATED, stated_text="Drivers are late"))
    assert shown.ledger
    assert len(shown.ledger.end) == len(shown.belief) == 5
    assert [bar.label for bar in shown.belief if bar.stated] == ["Drivers are late"]


def test_a_card_says_what_each_answer_would_do(inquire: Inquire, run: Run) -> None:
    asked = ("asked", {"question_id": "towings", "offers": ["towings", "detours", "overtime"]})
    work = inquire({"sick_leave": "no"}, asked)
    cards = view(run, work).questions
    assert [card.question_id for card in cards] == ["towings", "detours", "overtime"]
    then = view(run, inquire({"sick_leave": "no", "towings": "yes"}))
    effect = dict(next(a for a in cards[0].answers if a.answer_id == "yes").effect)
    assert effect == {bar.label: bar.percent for bar in then.belief}
    assert cards[0].gain > 0
    assert "Engines break down" in cards[0].separates


def test_the_sentence_after_an_answer_tells_what_rose_and_what_fell(inquire: Inquire, run: Run) -> None:
    work = inquire({"towings": "yes"}, ("believed", {"after": 3, "belief": {}}))
    moved = view(run, work).moved
    assert moved
    assert moved.startswith("“Yes, towings does” raised “Engines break down” from 30 % to ")
    assert " and lowered " in moved


def test_the_sentence_after_dont_know_says_that_it_is_remembered(inquire: Inquire, run: Run) -> None:
    assert view(run, inquire({"towings": DONT_KNOW})).moved == "“Don't know” moves nothing and is remembered."
    assert view(run, inquire({})).moved is None


def test_a_withdrawal_is_told_as_one(inquire: Inquire, run: Run) -> None:
    work = inquire({"towings": "yes"}, ("withdrawn", {"question_id": "towings"}))
    moved = view(run, work).moved
    assert moved
    assert moved.startswith("Taking the answer back")


def test_a_view_survives_being_kept_as_json(inquire: Inquire, run: Run) -> None:
    shown = view(run, inquire(YES, stated_id=CLIENT_STATED, stated_text="{x} <b> \u202e 📉"))
    assert DiagnosisView.model_validate_json(shown.model_dump_json()) == shown


def test_the_same_events_give_the_same_view_byte_for_byte(inquire: Inquire, run: Run) -> None:
    assert len({view(run, inquire(YES)).model_dump_json() for _ in range(20)}) == 1
