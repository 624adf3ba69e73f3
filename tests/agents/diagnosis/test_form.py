"""The fixed questionnaire and the simulated client."""

import numpy as np

from agents.diagnosis import form, inquiry, simulate
from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.loading import load_library
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.simulate import Character

SHIPPED = load_library(None).playbooks["sales_fall"]
HONEST = Character("honest", wrong=0, dont_know=0, table_error=0)


def test_the_form_is_the_same_each_time_and_asks_each_question_once() -> None:
    table = inquiry.table(SHIPPED)
    first = form.best_form(table)
    form.best_form.cache_clear()
    assert form.best_form(table) == first
    assert len(set(first)) == len(first) == form.LENGTH
    assert set(first) <= set(table.questions)


def test_a_short_playbook_has_a_short_form(tiny: Playbook) -> None:
    assert sorted(form.best_form(inquiry.table(tiny))) == sorted(q.id for q in tiny.questions)


def test_the_form_begins_with_the_question_of_the_largest_gain_for_its_effort(tiny: Playbook) -> None:
    table = inquiry.table(tiny)
    gains = dict(zip(table.questions, inquiry.gains(table, table.prior) / table.cost, strict=True))
    assert gains[form.best_form(table)[0]] > 0.95 * max(gains.values())


def test_a_clients_answers_are_fixed_before_the_first_question(tiny: Playbook) -> None:
    one, two = (simulate.client(tiny, "roads", np.random.default_rng(3)) for _ in range(2))
    assert one.says == two.says
    assert one.says.keys() == {q.id for q in tiny.questions}


def test_a_client_may_not_know(tiny: Playbook) -> None:
    silent = simulate.client(tiny, "roads", np.random.default_rng(3), Character("silent", dont_know=1))
    assert set(silent.says.values()) == {DONT_KNOW}
    session = simulate.play(inquiry.table(tiny), silent, simulate.adaptive)
    assert (session.decided, len(session.asked)) == (False, 8)


def test_honest_clients_are_mostly_understood_by_every_policy() -> None:
    table = inquiry.table(SHIPPED)
    rng = np.random.default_rng(5)
    hidden = list(simulate.hidden_causes(SHIPPED, 60, rng))
    clients = [simulate.client(SHIPPED, cause_id, rng, HONEST) for cause_id in hidden]
    for policy in (simulate.adaptive, simulate.fixed_form, simulate.random_order(1)):
        right = [simulate.play(table, client, policy).top(table) == client.hidden for client in clients]
        assert np.mean(right) > (0.5 if policy is not simulate.adaptive else 0.75)


def test_a_struck_cause_leaves_the_rest_of_the_playbook_as_it_is(tiny: Playbook) -> None:
    left = simulate.without(tiny, "roads")
    table = inquiry.table(left)
    assert table.causes == ("drivers", "engines", "something_else")
    assert left.questions == tiny.questions
