"""What those who see the list of runs read is read once for all, and nobody waits for another's search."""

import threading
from types import SimpleNamespace
from typing import Any

from pages.ui.runs import live

LONG_S = 10.0
"""A wait that only a fault lets end."""


class Bench:
    """As much of a workbench as the list asks how much moved."""

    def __init__(self) -> None:
        self.runs = SimpleNamespace(moves=0)


class Slow:
    """A search that ends when it is told to."""

    def __init__(self, bench: Any, name: str, fresh: bool) -> None:
        self.found: list[str] = []
        self._begun, self._may_end = threading.Event(), threading.Event()
        self._thread = threading.Thread(
            target=lambda: self.found.append(live.shared(bench, name, self._read, fresh)), daemon=True
        )
        self._thread.start()
        assert self._begun.wait(LONG_S)

    def _read(self) -> str:
        self._begun.set()
        assert self._may_end.wait(LONG_S)
        return "slow"

    def end(self) -> None:
        self._may_end.set()
        self._thread.join(LONG_S)
        assert self.found == ["slow"]


def elsewhere(bench: Any, name: str, fresh: bool) -> list[str]:
    """What another person reads meanwhile; nothing when that person waits."""
    found: list[str] = []
    thread = threading.Thread(
        target=lambda: found.append(live.shared(bench, name, lambda: "quick", fresh)), daemon=True
    )
    thread.start()
    thread.join(1.0)
    return list(found)


def test_nobody_waits_for_the_search_of_another() -> None:
    bench = Bench()
    for slow_is_fresh in (True, False):
        slow = Slow(bench, "a search", slow_is_fresh)
        assert elsewhere(bench, "another search", fresh=False) == ["quick"]
        assert elsewhere(bench, "another search", fresh=True) == ["quick"]
        assert elsewhere(bench, "a search", fresh=True) == ["quick"]
        slow.end()
        bench.runs.moves += 1


def test_those_who_follow_the_same_search_wait_for_one_reading_of_it() -> None:
    bench: Any = Bench()
    slow = Slow(bench, "a search", fresh=False)
    second: list[str] = []
    other = threading.Thread(target=lambda: second.append(live.shared(bench, "a search", lambda: "again")))
    other.start()
    slow.end()
    other.join(LONG_S)
    assert second == ["slow"]


def test_a_slow_reading_does_not_replace_one_that_began_later() -> None:
    bench: Any = Bench()
    slow = Slow(bench, "a search", fresh=True)
    assert elsewhere(bench, "a search", fresh=True) == ["quick"]
    slow.end()
    assert live.shared(bench, "a search", lambda: "read again") == "quick"


def test_it_is_read_again_after_a_move_and_not_before() -> None:
    bench: Any = Bench()
    assert live.shared(bench, "a search", lambda: "first") == "first"
    assert live.shared(bench, "a search", lambda: "second") == "first"
    bench.runs.moves += 1
    assert live.shared(bench, "a search", lambda: "third") == "third"


def test_only_so_many_searches_are_kept() -> None:
    bench: Any = Bench()
    for number in range(live.MOST + 1):
        live.shared(bench, number, lambda: "kept")
    assert live.shared(bench, live.MOST, lambda: "read again") == "kept"
    assert live.shared(bench, 0, lambda: "read again") == "read again"
