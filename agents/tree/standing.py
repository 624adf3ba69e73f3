"""Where the history of a kept tree stands, folded from its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storage.runs import Event


@dataclass(frozen=True)
class Standing:
    """The version at hand, and what undo and redo lead to."""

    seq: int
    """Number of the last event; 0 before the first."""
    version: int
    newest: int
    """The highest number a version has; the next one counts on from it."""
    before: int | None
    """The version that the one at hand was made from; undo leads there."""
    undone: int | None
    """The version that was undone last; redo leads there."""


def folded(events: Iterable[Event]) -> Standing:
    """The standing after all events of a tree's run."""
    seq = version = newest = 0
    made_from: dict[int, int] = {}
    undone: list[int] = []
    for event in events:
        seq = event.seq
        if event.kind == "edited":
            newest = version = event.data["version"]
            made_from[version] = event.data["parent"]
            undone.clear()
            continue
        if event.data["way"] == "undo":
            undone.append(version)
        else:
            undone.pop()
        version = event.data["version"]
    return Standing(seq, version, newest, made_from.get(version) or None, undone[-1] if undone else None)
