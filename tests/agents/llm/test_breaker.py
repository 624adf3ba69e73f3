"""The breaker against a plain model of what it should do, and with threads."""

import os
import random
import threading
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from pydantic import SecretStr

from agents.llm.breaker import FAILURES, PAUSE_S, Breaker, BreakerOpen, Breakers, Change, Health, Permit
from tests.agents.llm.kit import provider

SEQUENCES = int(os.environ.get("WHYTREE_TEST_SEQUENCES", "150"))
"""Sequences each property is tried with; 10000 takes about two minutes."""
MANY = 10_000
"""Sequences that chance alone makes, without looking for the shortest one that fails."""
HEALTHS: tuple[Health, ...] = ("failed", "failed", "failed", "healthy", "unknown", "locked_out")
PAUSES = (0.5, 30.0, 59.5, 60.0, 61.0, 200.0)


class Ticking:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class PlainModel:
    """What a breaker should do, told with the set of calls that still count."""

    def __init__(self) -> None:
        self.state = "closed"
        self.failures = 0
        self.opened_at = 0.0
        self.counting: set[int] = set()
        """Calls whose result still matters."""

    def admit(self, call: int, now: float) -> bool:
        if self.state == "open" and now - self.opened_at >= PAUSE_S:
            self.change("half_open", now)
        if self.state == "open" or (self.state == "half_open" and self.counting):
            return False
        self.counting.add(call)
        return True

    def hear(self, call: int, health: Health, now: float) -> None:
        if call not in self.counting:
            return
        self.counting.remove(call)
        if health == "healthy":
            self.failures = 0
            if self.state == "half_open":
                self.change("closed", now)
        elif health != "unknown":
            self.failures += 1
            if health == "locked_out" or self.state == "half_open" or self.failures >= FAILURES:
                self.change("open", now)

    def change(self, state: str, now: float) -> None:
        self.state = state
        self.counting.clear()
        if state == "open":
            self.opened_at = now
        if state == "closed":
            self.failures = 0


class BreakerAgainstModel(RuleBasedStateMachine):
    """Every sequence of calls, results and pauses has the same effect on both."""

    permits: Bundle[tuple[int, Permit]] = Bundle("permits")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Ticking()
        self.changes: list[Change] = []
        self.breaker = Breaker("alpha", "m", self.clock, self.changes.append)
        self.model = PlainModel()
        self.number = 0
        self.trials: set[int] = set()

    @rule(target=permits)
    def call(self) -> Any:
        self.number += 1
        expected = self.model.admit(self.number, self.clock.now)
        try:
            permit = self.breaker.admit()
        except BreakerOpen:
            assert not expected
            return (0, None)
        assert expected
        if self.model.state == "half_open":
            self.trials.add(self.number)
        return (self.number, permit)

    @rule(
        pair=consumes(permits),
        health=st.sampled_from(HEALTHS),
    )
    def result(self, pair: tuple[int, Permit | None], health: Health) -> None:
        number, permit = pair
        if permit is not None:
            self.model.hear(number, health, self.clock.now)
            permit.tell(health)
            self.trials.discard(number)

    @rule()
    def failures_in_a_row(self) -> None:
        for _ in range(FAILURES):
            pair = self.call()
            self.result(pair, "failed")

    @rule(seconds=st.sampled_from(PAUSES))
    def pause(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def both_are_in_the_same_state(self) -> None:
        shown = self.breaker.status.state
        if self.model.state == "open" and self.clock.now - self.model.opened_at >= PAUSE_S:
            assert shown == "half_open"
        else:
            assert shown == self.model.state

    @invariant()
    def at_most_one_trial_is_under_way(self) -> None:
        if self.model.state == "half_open":
            assert len(self.trials & self.model.counting) <= 1

    @invariant()
    def changes_form_a_chain(self) -> None:
        for earlier, later in zip(self.changes, self.changes[1:], strict=False):
            assert earlier.after == later.before


def test_ten_thousand_sequences_show_no_difference_and_never_two_trials() -> None:
    for seed in range(MANY):
        chance, machine = random.Random(seed), BreakerAgainstModel()
        given: list[Any] = []
        for _ in range(40):
            match chance.randrange(6):
                case 5:
                    machine.failures_in_a_row()
                case 0 | 1:
                    given.append(machine.call())
                case 2 | 3 if given:
                    pair = given.pop(chance.randrange(len(given)))
                    machine.result(pair=pair, health=chance.choice(HEALTHS))
                case _:
                    machine.pause(seconds=chance.choice(PAUSES))
            machine.both_are_in_the_same_state()
            machine.at_most_one_trial_is_under_way()
        machine.changes_form_a_chain()


TestBreakerAgainstModel = BreakerAgainstModel.TestCase
TestBreakerAgainstModel.settings = settings(max_examples=SEQUENCES, stateful_step_count=40, deadline=None)


def opened(clock: Ticking) -> Breaker:
    breaker = Breaker("alpha", "m", clock, lambda change: None)
    for _ in range(FAILURES):
        breaker.admit().tell("failed")
    return breaker


def test_a_refused_key_opens_at_once_and_is_shown() -> None:
    breaker = Breaker("alpha", "m", Ticking(), lambda change: None)
    breaker.admit().tell("locked_out")
    assert breaker.status.state == "open"
    assert breaker.status.locked_out
    with pytest.raises(BreakerOpen) as refused:
        breaker.admit()
    assert refused.value.retry_in_s == PAUSE_S


def test_only_one_of_many_threads_gets_the_trial() -> None:
    clock = Ticking()
    breaker = opened(clock)
    clock.now += PAUSE_S
    gate, got = threading.Barrier(32), []

    def work() -> None:
        gate.wait()
        try:
            got.append(breaker.admit())
        except BreakerOpen:
            return

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_a_trial_that_says_nothing_makes_room_for_another() -> None:
    clock = Ticking()
    breaker = opened(clock)
    clock.now += PAUSE_S
    with breaker.admit():
        pass
    assert breaker.status.state == "half_open"
    breaker.admit().tell("healthy")
    assert breaker.status.state == "closed"


def test_calls_under_way_are_not_held_up_by_each_other() -> None:
    breaker = Breaker("alpha", "m", Ticking(), lambda change: None)
    permits = [breaker.admit() for _ in range(50)]
    for permit in permits:
        permit.tell("healthy")
    assert breaker.status.state == "closed"


def test_each_provider_and_model_has_its_own_breaker() -> None:
    breakers, alpha = Breakers(Ticking(), lambda change: None), provider("http://localhost:1/v1")
    breakers.of(alpha, "m").admit().tell("locked_out")
    breakers.of(alpha, "n").admit().tell("healthy")
    assert {key: each.state for key, each in breakers.statuses([alpha]).items()} == {
        ("alpha", "m"): "open",
        ("alpha", "n"): "closed",
    }


@pytest.mark.parametrize("changed", [{"key": SecretStr("sk-another-key-0001")}, {"name": "beta"}])
def test_a_wrong_key_shuts_nobody_out_who_has_another(changed: dict[str, Any]) -> None:
    breakers, url = Breakers(Ticking(), lambda change: None), "http://localhost:1/v1"
    mine, theirs = provider(url), provider(url, **changed)
    breakers.of(mine, "m").admit().tell("locked_out")
    breakers.of(theirs, "m").admit().tell("healthy")
    assert [each.state for each in breakers.statuses([mine]).values()] == ["open"]
    assert [each.state for each in breakers.statuses([theirs]).values()] == ["closed"]
