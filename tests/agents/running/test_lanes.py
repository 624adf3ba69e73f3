"""Work on one run goes one after the other, on many runs side by side, and nothing is left of it."""

import threading
from concurrent.futures import CancelledError

import pytest

from agents.running.lanes import Lanes

TIMEOUT_S = 30


def test_pieces_of_one_run_follow_one_another_in_order() -> None:
    lanes, did = Lanes(8), list[int]()
    pieces = [lanes.submit("run", lambda n=n: did.append(n)) for n in range(50)]  # type: ignore[misc]
    for piece in pieces:
        piece.result(TIMEOUT_S)
    assert did == list(range(50))
    lanes.close(wait=True)


def test_runs_work_side_by_side() -> None:
    lanes, together = Lanes(4), threading.Barrier(4)
    pieces = [lanes.submit(f"run {n}", lambda: together.wait(TIMEOUT_S) and None) for n in range(4)]
    for piece in pieces:
        piece.result(TIMEOUT_S)
    lanes.close(wait=True)


def test_a_lane_is_gone_when_its_work_is_done() -> None:
    lanes = Lanes(4)
    for n in range(200):
        lanes.submit(f"run {n}", lambda: None).result(TIMEOUT_S)
    lanes.close(wait=True)
    assert len(lanes) == 0


def test_a_failure_is_handed_to_who_waits_and_the_next_piece_goes_on() -> None:
    lanes, did = Lanes(2), list[str]()

    def fail() -> None:
        raise LookupError("gone")

    first, second = lanes.submit("run", fail), lanes.submit("run", lambda: did.append("second"))
    with pytest.raises(LookupError, match="gone"):
        first.result(TIMEOUT_S)
    second.result(TIMEOUT_S)
    assert did == ["second"]
    lanes.close(wait=True)


def test_what_has_not_begun_is_cancelled_at_the_end_and_what_has_is_waited_for() -> None:
    lanes, inside, go, did = Lanes(1), threading.Event(), threading.Event(), list[str]()

    def slow() -> None:
        inside.set()
        assert go.wait(TIMEOUT_S)
        did.append("slow")

    at_work, behind = lanes.submit("run", slow), lanes.submit("run", lambda: did.append("behind"))
    assert inside.wait(TIMEOUT_S)
    lanes.refuse()
    with pytest.raises(CancelledError):
        behind.result(TIMEOUT_S)
    with pytest.raises(CancelledError):
        lanes.submit("other", lambda: did.append("late")).result(TIMEOUT_S)
    go.set()
    lanes.close(wait=True)
    assert at_work.done()
    assert did == ["slow"]
