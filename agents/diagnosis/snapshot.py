"""A diagnosis at one moment: its run and its case, and what is computed from the two, each once."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from agents.diagnosis import view as views
from agents.diagnosis.case import Case, Inquiry
from agents.diagnosis.cases import Cases
from agents.diagnosis.fold import fold
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.structure import for_a_narrow_place, structure
from agents.diagnosis.view import DiagnosisView
from agents.errors import Refused
from agents.running import actions
from agents.tree.draw import palette
from agents.tree.draw.dot import NARROW, to_dot
from agents.tree.model import ProblemTree
from storage import runs
from storage.runs import Run

KEPT = 256
"""Moments in memory: a page asks several times for the one it draws, and people come back to theirs."""


@dataclass(frozen=True)
class Snapshot:
    """One moment of one diagnosis; two of the same moment are alike."""

    run: Run
    case: Case
    """Folded from the run's events up to that moment."""
    cases: Cases

    @cached_property
    def work(self) -> Inquiry:
        """What the engine works on; Refused while the framing is not confirmed."""
        if self.case.confirmed is None:
            raise Refused("The problem is not confirmed yet. Nothing was changed: confirm it first.")
        return self.cases.inquiry(self.case)

    @cached_property
    def drafted(self) -> Playbook | None:
        """The playbook that a model drafted for it, if any."""
        draft = self.case.draft
        return None if draft is None or draft.playbook_hash is None else self.cases.kept(draft.playbook_hash)

    @cached_property
    def view(self) -> DiagnosisView:
        """What a page draws."""
        if self.case.confirmed is None:
            return views.unconfirmed_view(self.run, self.case, self.drafted)
        return views.view(self.run, self.work)

    @cached_property
    def tree(self) -> ProblemTree:
        """The why-tree of the belief at that moment."""
        return structure(self.work)

    @cached_property
    def light_dot(self) -> str:
        """The tree as DOT, for a light page."""
        return self._dot(palette.LIGHT)

    @cached_property
    def dark_dot(self) -> str:
        """The tree as DOT, for a dark page."""
        return self._dot(palette.DARK)

    def _dot(self, colours: palette.Palette) -> str:
        return str(to_dot(for_a_narrow_place(self.tree), colours, wrap=NARROW).source)


class Snapshots:
    """Diagnoses as they stand now; the moments used last stay in memory."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._at = lru_cache(maxsize=KEPT)(self._read)

    def now(self, run_id: str) -> Snapshot:
        """The diagnosis as it stands; NotFound when there is none, or none any more."""
        return self._at(*actions.found_with_last(self._cases.store, run_id))

    def _read(self, run: Run, last: int) -> Snapshot:
        events = runs.events(self._cases.store, run.run_id)
        return Snapshot(run, fold(run.run_id, [event for event in events if event.seq <= last]), self._cases)
