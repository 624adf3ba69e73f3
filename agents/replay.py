"""A run as it stood after an earlier event, behind the face that live runs are drawn from.

So that the same drawing code shows both. Nothing can be changed in the past: whatever would is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from agents.assistants.desk import Desk
from agents.assistants.turn import Turn
from agents.assistants.turn import fold as turn_of
from agents.conversations import Conversations
from agents.diagnosis.cases import Cases
from agents.diagnosis.demos import Demos
from agents.diagnosis.fold import fold
from agents.diagnosis.snapshot import Snapshot, Snapshots
from agents.errors import Refused
from agents.workbench import Workbench
from storage.runs import Event, Run


class Replay(Workbench):
    """The workbench for one run, in the state that its first events left it in."""

    def __init__(self, bench: Workbench, happened: Sequence[Event]) -> None:
        """`happened` are the run's events from the first one on."""
        vars(self).update(vars(bench))
        self._happened = tuple(happened)
        self.snapshots = _SnapshotsThen(bench.cases, self._happened)
        self.conversations = _ConversationsThen(bench.conversations, self._happened)
        self.demos = Demos(self)

    def run(self, run_id: str) -> Run:
        """The run's row with the state it had."""
        return _then(super().run(run_id), self._happened)

    def act(
        self, run_id: str, expected_seq: int, *events: tuple[str, dict[str, Any]], **changes: Any
    ) -> None:
        """Refused."""
        _refuse()

    def start(self, *_: Any, **__: Any) -> NoReturn:
        """Refused."""
        _refuse()

    def read(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: it would ask a model."""
        _refuse()

    def cancel(self, run_id: str) -> None:
        """Refused."""
        _refuse()

    def retry(self, run_id: str) -> None:
        """Refused."""
        _refuse()

    def record_outcome(self, *_: Any, **__: Any) -> None:
        """Refused."""
        _refuse()

    def open_tree(self, *_: Any, **__: Any) -> NoReturn:
        """Refused."""
        _refuse()


class _SnapshotsThen(Snapshots):
    def __init__(self, cases: Cases, happened: tuple[Event, ...]) -> None:
        super().__init__(cases)
        self._happened = happened

    def now(self, run_id: str) -> Snapshot:
        run = _then(super().now(run_id).run, self._happened)
        return Snapshot(run, fold(run_id, self._happened), self._cases)


@dataclass(frozen=True)
class _DeskThen(Desk):
    happened: tuple[Event, ...]

    def open(self, run_id: str) -> tuple[Run, Turn]:
        run, _ = super().open(run_id)
        return _then(run, self.happened), turn_of(self.happened)


class _ConversationsThen(Conversations):
    def __init__(self, live: Conversations, happened: tuple[Event, ...]) -> None:
        vars(self).update(vars(live))
        self._desk = _DeskThen(**vars(live._desk), happened=happened)

    def _admit(self, *_: Any) -> NoReturn:
        _refuse()

    def _wake(self, *_: Any) -> NoReturn:
        _refuse()

    def stop(self, run_id: str) -> None:
        _refuse()

    def hand_to(self, *_: Any, **__: Any) -> NoReturn:
        _refuse()


def _then(run: Run, happened: Sequence[Event]) -> Run:
    """The row as it was after these events, as far as a page shows it."""
    states = [event.status for event in happened if event.status is not None]
    told = [event.data.get("error_text") for event in happened if event.kind == "failed"]
    return replace(
        run, status=states[-1] if states else run.status, error_text=told[-1] if told else run.error_text
    )


def _refuse() -> NoReturn:
    raise Refused(
        "This is a replay of what was seen, so nothing was changed. Branch off from here to go on otherwise, "
        "or open the run on its own page."
    )
