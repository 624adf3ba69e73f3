"""The fold from events to a case, and the inquiry on it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.diagnosis import inquiry
from agents.diagnosis.case import CLIENT_STATED, Case, Inquiry
from agents.diagnosis.inquiry import DONT_KNOW, Stop
from agents.diagnosis.playbook import Playbook

Told = tuple[str, dict[str, Any]]


def answered(question_id: str, answer_id: str = "yes", note: str = "") -> Told:
    return "answered", {"question_id": question_id, "answer_id": answer_id, "note": note}


def confirmed(playbook: Playbook, **changes: Any) -> Told:
    plain = {"facts": (), "missing": (), "mode": "adaptive", "stated_id": None, "stated_text": None}
    ids = {"playbook_id": playbook.id, "playbook_hash": playbook.hash, "answered": {}}
    return "confirmed", {**plain, **ids, **changes}


def asked(question_id: str) -> Told:
    return "asked", {"question_id": question_id, "offers": [question_id]}


CONCLUDED: Told = ("concluded", {"status": "not_decided"})


@pytest.fixture
def after(tell: Callable[..., Case], tiny: Playbook) -> Callable[..., Case]:
    """The case after a confirmation and these events."""
    return lambda *told, **confirmation: tell(confirmed(tiny, **confirmation), *told)


def test_a_case_is_framed_then_asked_then_concluded(
    tell: Callable[..., Case], after: Callable[..., Case]
) -> None:
    assert tell().phase == "framing"
    assert after().phase == "asking"
    assert after(CONCLUDED).phase == "concluded"


def test_an_answer_counts_as_asked_and_takes_the_open_question_away(after: Callable[..., Case]) -> None:
    case = after(asked("towings"), answered("towings"))
    assert (case.asked, case.open_question, case.offers) == (("towings",), None, ())
    assert case.answers == {"towings": "yes"}
    assert case.last_change == ("towings", "yes")


def test_answers_that_facts_gave_are_not_among_the_questions_asked(after: Callable[..., Case]) -> None:
    case = after(answered("towings"), answered={"where": "yes"})
    assert case.asked == ("towings",)
    assert [(g.question_id, g.source) for g in case.given.values()] == [
        ("where", "text"),
        ("towings", "person"),
    ]


def test_a_changed_answer_keeps_its_place_and_is_asked_once(after: Callable[..., Case]) -> None:
    case = after(answered("towings"), answered("detours"), answered("towings", "no", "I looked it up"))
    assert list(case.answers.items()) == [("towings", "no"), ("detours", "yes")]
    assert case.asked == ("towings", "detours")
    assert (case.given["towings"].note, case.given["towings"].seq) == ("I looked it up", 5)


def test_a_withdrawn_answer_leaves_the_case_as_if_it_had_not_been_given(after: Callable[..., Case]) -> None:
    case = after(answered("towings"), answered("detours"), ("withdrawn", {"question_id": "towings"}))
    assert (case.answers, case.asked) == ({"detours": "yes"}, ("detours",))
    assert case.last_change == ("towings", None)


def test_a_change_after_the_conclusion_reopens_the_case(after: Callable[..., Case]) -> None:
    for change in (
        answered("detours"),
        ("withdrawn", {"question_id": "towings"}),
        ("extended", {"questions": 3}),
    ):
        case = after(answered("towings"), CONCLUDED, change)
        assert (case.phase, case.concluded, case.concluded_at) == ("asking", None, None)


def test_only_what_changes_the_knowledge_asks_for_a_new_belief(after: Callable[..., Case]) -> None:
    believed = ("believed", {"after": 3, "belief": {}})
    case = after(answered("towings"), believed, ("conclusion_wanted", {}))
    assert (case.believed_seq, case.changed_seq, case.wants_conclusion) == (3, 3, True)
    assert after(answered("towings"), believed, ("extended", {"questions": 3})).changed_seq == 3
    assert after(answered("towings"), believed, answered("detours")).changed_seq == 5


def test_going_on_sets_a_further_number_of_questions(after: Callable[..., Case]) -> None:
    case = after(answered("towings"), answered("detours"), ("extended", {"questions": 3}))
    assert case.ask_until == 5


def test_kinds_of_events_that_belong_to_others_are_passed_over(after: Callable[..., Case]) -> None:
    case = after(answered("towings"), ("failed", {"step": "x"}), ("cancelled", {}), ("unheard_of", {"a": 1}))
    assert (case.answers, case.seq) == ({"towings": "yes"}, 6)


def test_belief_is_recomputed_from_the_answers(
    inquire: Callable[..., Inquiry], guilty: Callable[[str], dict[str, str]]
) -> None:
    work = inquire(guilty("roads"))
    expected = inquiry.belief(work.table, guilty("roads"))
    assert work.belief.tobytes() == expected.tobytes()
    assert work.stop is Stop.DECIDED


def test_before_is_the_belief_before_the_last_change(inquire: Callable[..., Inquiry]) -> None:
    work = inquire({"towings": "yes"})
    causes = work.table.causes
    first, second = (dict(zip(causes, p, strict=True)) for p in ([0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]))
    assert work.before.tobytes() == work.table.prior.tobytes()
    told = [("believed", {"after": n, "belief": p}) for n, p in ((2, first), (3, second))]
    later = inquire({"towings": "yes"}, *told)
    assert np.array_equal(later.before, [0.1, 0.2, 0.3, 0.4])


def test_a_user_who_wants_to_go_on_is_asked_until_the_questions_end(
    inquire: Callable[..., Inquiry], guilty: Callable[[str], dict[str, str]], tiny: Playbook
) -> None:
    answers = dict(list(guilty("roads").items())[:8])
    assert inquire(answers).stop is not None
    assert inquire(answers, ("extended", {"questions": 3})).stop is None
    everything = dict.fromkeys((q.id for q in tiny.questions), DONT_KNOW)
    assert inquire(everything, ("extended", {"questions": 3})).stop is Stop.EXHAUSTED


def test_the_budget_ends_the_questions_and_can_be_extended(inquire: Callable[..., Inquiry]) -> None:
    silent = dict.fromkeys(
        ("sick_leave", "open_posts", "overtime", "towings", "old_fleet", "spare_parts", "roadworks", "where"),
        DONT_KNOW,
    )
    assert inquire(silent).stop is Stop.BUDGET
    assert inquire(silent).budget == 8
    extended = inquire(silent, ("extended", {"questions": 1}))
    assert (extended.stop, extended.budget) == (None, 9)


def test_the_clients_own_cause_is_labelled_by_its_words(inquire: Callable[..., Inquiry]) -> None:
    work = inquire({}, stated_id=CLIENT_STATED, stated_text="The moon " * 20)
    assert work.table.causes[-2:] == (CLIENT_STATED, "something_else")
    assert work.label(CLIENT_STATED) == ("The moon " * 20)[:70]
    assert work.label("something_else") == "Something else"
    assert work.label("roads") == "Roads are jammed"


def test_an_unconfirmed_case_has_no_table(tell: Callable[..., Case], tiny: Playbook) -> None:
    with pytest.raises(ValueError, match="not confirmed"):
        _ = Inquiry(tell(), tiny).table
