"""The limiter against a plain list of what went out, with a clock that is set by hand."""

import os
import random
import threading
from datetime import datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agents.llm.clock import Clock
from agents.llm.faults import Fault, Kind
from agents.llm.limiter import Limiter, NoRoom
from agents.llm.providers import Limits, Provider
from tests.agents.llm.kit import provider

SEQUENCES = int(os.environ.get("WHYTREE_TEST_SEQUENCES", "150"))
"""Sequences each property is tried with."""
MANY = 10_000
"""Sequences that chance alone makes, without looking for the shortest one that fails."""
REQUESTS, TOKENS = 5, 400
PAUSES = (0.25, 10.0, 59.75, 60.0, 61.0)
NEVER = threading.Event()


class HandClock(Clock):
    """Time that only waiting and the test move on."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> datetime:
        raise NotImplementedError

    def wait(self, cancel: threading.Event, seconds: float) -> bool:
        self.now += seconds
        return cancel.is_set()


def limited(**limits: int) -> Provider:
    return provider("http://localhost:1/v1", limits=Limits(**limits))


class LimiterAgainstList(RuleBasedStateMachine):
    """A call goes out as soon as the last 60 seconds leave room for it, and never sooner."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = HandClock()
        self.limiter = Limiter(self.clock)
        self.provider = limited(requests_per_minute=REQUESTS, tokens_per_minute=TOKENS)
        self.out: list[tuple[float, int]] = []

    @rule(tokens=st.integers(1, TOKENS))
    def call(self, tokens: int) -> None:
        earliest, started = self.earliest(tokens), self.clock.now
        waited = self.limiter.acquire(self.provider, tokens, NEVER, self.clock.now + 1000)
        self.out.append((self.clock.now, tokens))
        assert abs(self.clock.now - earliest) <= 1e-6
        assert abs(waited - (self.clock.now - started)) <= 1e-6

    @rule(tokens=st.integers(1, TOKENS), patience=st.floats(0, 59))
    def call_in_a_hurry(self, tokens: int, patience: float) -> None:
        started = self.clock.now
        if self.earliest(tokens) > started + patience:
            with pytest.raises(NoRoom):
                self.limiter.acquire(self.provider, tokens, NEVER, started + patience)
            assert self.clock.now <= started + patience

    @rule(seconds=st.sampled_from(PAUSES))
    def pause(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def no_minute_holds_more_than_is_allowed(self) -> None:
        for start, _ in self.out:
            minute = [tokens for at, tokens in self.out if start <= at < start + 60]
            assert len(minute) <= REQUESTS
            assert sum(minute) <= TOKENS

    def earliest(self, tokens: int) -> float:
        moments = [self.clock.now, *(at + 60 for at, _ in self.out if at + 60 > self.clock.now)]
        return min(moment for moment in moments if self.has_room(moment, tokens))

    def has_room(self, moment: float, tokens: int) -> bool:
        minute = [taken for at, taken in self.out if at + 60 > moment]
        return len(minute) < REQUESTS and sum(minute) + tokens <= TOKENS


def test_ten_thousand_sequences_show_no_difference() -> None:
    for seed in range(MANY):
        chance, machine = random.Random(seed), LimiterAgainstList()
        for _ in range(25):
            match chance.randrange(4):
                case 0 | 1:
                    machine.call(tokens=chance.randint(1, TOKENS))
                case 2:
                    machine.call_in_a_hurry(tokens=chance.randint(1, TOKENS), patience=59 * chance.random())
                case _:
                    machine.pause(seconds=chance.choice(PAUSES))
        machine.no_minute_holds_more_than_is_allowed()


TestLimiterAgainstList = LimiterAgainstList.TestCase
TestLimiterAgainstList.settings = settings(max_examples=SEQUENCES, stateful_step_count=25, deadline=None)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_without_limits_nobody_waits(clock: HandClock) -> None:
    limiter = Limiter(clock)
    assert [limiter.acquire(limited(), 10**6, NEVER, clock.now) for _ in range(100)] == [0.0] * 100


def test_the_wait_is_measured(clock: HandClock) -> None:
    limiter, one = Limiter(clock), limited(requests_per_minute=1)
    assert limiter.acquire(one, 0, NEVER, clock.now + 100) == 0
    assert 60 <= limiter.acquire(one, 0, NEVER, clock.now + 100) < 61


def test_a_waiting_call_can_be_cancelled(clock: HandClock) -> None:
    limiter, one = Limiter(clock), limited(requests_per_minute=1)
    limiter.acquire(one, 0, NEVER, clock.now + 100)
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Fault) as raised:
        limiter.acquire(one, 0, cancelled, clock.now + 100)
    assert raised.value.kind is Kind.CANCELLED


def test_a_call_larger_than_the_window_takes_all_of_it(clock: HandClock) -> None:
    limiter, small = Limiter(clock), limited(tokens_per_minute=100)
    assert limiter.acquire(small, 5000, NEVER, clock.now + 100) == 0
    assert limiter.used(small) == {"tokens": 1.0}


def test_many_threads_never_pass_a_limit() -> None:
    limiter, ten = Limiter(Clock()), limited(requests_per_minute=10)
    done: list[bool] = []

    def work() -> None:
        try:
            limiter.acquire(ten, 0, NEVER, 0.0)
        except NoRoom:
            return
        done.append(True)

    threads = [threading.Thread(target=work) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 10
