"""The shipped playbooks: complete, sharp, separable, and every cause within reach."""

import numpy as np
import pytest

from agents.diagnosis import inquiry, simulate
from agents.diagnosis.inquiry import Table
from agents.diagnosis.lint import LEAST_SHARE_SAID, advice, share_said
from agents.diagnosis.loading import load_library
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.simulate import Client

LIBRARY = load_library(None)
ARCHETYPES = {
    "profit_fall",
    "sales_fall",
    "growth_stall",
    "customer_churn",
    "conversion_drop",
    "cost_overrun",
    "delivery_delay",
    "quality_defects",
    "cash_shortage",
    "low_adoption",
}

each = pytest.mark.parametrize("playbook", LIBRARY.playbooks.values(), ids=lambda playbook: playbook.id)


def typical_client(table: Table, playbook: Playbook, cause_id: str) -> Client:
    """A client who always gives the answer that is likeliest under a cause."""
    likeliest = table.likelihood[:, :, table.causes.index(cause_id)].argmax(axis=1)
    says = {q: table.answers[n][likeliest[n]] for n, q in enumerate(table.questions)}
    return Client(cause_id, says)


def test_the_ten_archetypes_are_shipped_and_none_is_refused() -> None:
    assert LIBRARY.refused == ()
    assert LIBRARY.playbooks.keys() == ARCHETYPES


@each
def test_a_playbook_has_six_to_nine_causes_and_twenty_to_thirty_questions(playbook: Playbook) -> None:
    assert 6 <= len(playbook.causes) <= 9
    assert 20 <= len(playbook.questions) <= 30


@each
def test_a_playbook_is_sharp_and_its_causes_can_be_told_apart(playbook: Playbook) -> None:
    assert share_said(playbook) >= LEAST_SHARE_SAID
    assert inquiry.inseparable(inquiry.table(playbook)) == []
    assert list(advice(playbook)) == []


@each
def test_a_client_who_answers_typically_ends_decided_on_the_true_cause(playbook: Playbook) -> None:
    table = inquiry.table(playbook)
    for cause in playbook.causes:
        session = simulate.play(table, typical_client(table, playbook, cause.id), simulate.adaptive)
        assert (session.top(table), session.decided) == (cause.id, True)


@each
def test_no_single_answer_decides_and_no_answer_is_worthless(playbook: Playbook) -> None:
    table = inquiry.table(playbook)
    for question_id, answers in zip(table.questions, table.answers, strict=True):
        after = inquiry.what_if(table, {}, question_id)
        assert all(p.max() < 0.8 for p in after.values())
        assert all(np.abs(after[a] - table.prior).max() > 0.005 for a in answers)


@each
def test_every_cause_can_be_named_by_the_client(playbook: Playbook) -> None:
    assert [cause.id for cause in playbook.causes if not cause.stated_as] == []
