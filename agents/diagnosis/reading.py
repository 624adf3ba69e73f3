"""Reading diagnoses: what a page draws of one, and what can be taken away; nothing here changes anything."""

from collections.abc import Mapping
from typing import Literal

from agents.diagnosis import framing, memo_word, record
from agents.diagnosis.admission import NotAComplaint
from agents.diagnosis.case import Case, Confirmed, Inquiry
from agents.diagnosis.cases import Cases
from agents.diagnosis.conclusion import conclude
from agents.diagnosis.loading import Refusal
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.snapshot import Snapshots
from agents.diagnosis.structure import for_a_narrow_place, structure
from agents.diagnosis.telling import told
from agents.diagnosis.text import clean
from agents.diagnosis.view import DiagnosisView
from agents.errors import BadInput, NotFound, WhytreeError
from agents.running import actions
from agents.tree.document import load_tree
from agents.tree.draw.dot import to_dot
from agents.tree.draw.render import render
from agents.tree.model import ProblemTree
from agents.tree.told import Told
from storage import outcomes, runs, trees
from storage.clock import now
from storage.outcomes import Outcome
from storage.runs import Run

ON_A_PAGE = 26
"""Characters of a line in the boxes of a tree that a Word page shows."""


class DiagnosisReader:
    """The playbooks on offer, and every diagnosis on record."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases
        self.snapshots = Snapshots(cases)
        self._store = cases.store

    # What can be diagnosed

    @property
    def playbooks(self) -> Mapping[str, Playbook]:
        """The playbooks on offer, by id."""
        return self.cases.library().playbooks

    @property
    def refused_playbooks(self) -> tuple[Refusal, ...]:
        """Playbook files that were not loaded, and why."""
        return self.cases.library().refused

    def playbook(self, playbook_id: str) -> Playbook:
        if playbook_id not in self.playbooks:
            raise BadInput(f"There is no playbook “{playbook_id[:60]}”. Nothing was changed.")
        return self.playbooks[playbook_id]

    def offered(self, run_id: str, playbook_id: str) -> Playbook:
        """A playbook that a run may be confirmed with: one on offer, or a model's draft for it."""
        drafted = self.snapshots.now(run_id).drafted
        return drafted if drafted is not None and drafted.id == playbook_id else self.playbook(playbook_id)

    # A diagnosis as it stands

    def run(self, run_id: str) -> Run:
        """The run's row; NotFound when there is none, or none any more."""
        return actions.found(self._store, run_id)

    def confirmed(self, run_id: str) -> Case:
        """The case as it stands; Refused while its framing is not confirmed."""
        return self.work(run_id).case

    def work(self, run_id: str) -> Inquiry:
        """What the engine works on now; Refused while the framing is not confirmed."""
        return self.snapshots.now(run_id).work

    def view(self, run_id: str) -> DiagnosisView:
        """The run as a page draws it; NotFound when there is none."""
        return self.snapshots.now(run_id).view

    def tree(self, run_id: str, version: int | None = None) -> ProblemTree:
        """The tree of a run: one of its versions, or what its belief gives now."""
        if version is None:
            return self.snapshots.now(run_id).tree
        found = trees.find(self._store, run_id, version)
        if found is None:
            raise NotFound(f"This run has no version {version} of its tree.")
        return load_tree(found.document)

    def tree_dot(self, run_id: str, dark: bool = False) -> str:
        """The tree of the belief as it is now, as DOT for the browser."""
        drawn = self.snapshots.now(run_id)
        return drawn.dark_dot if dark else drawn.light_dot

    def tree_image(self, run_id: str, kind: Literal["svg", "png"]) -> bytes:
        """The tree of the belief as it is now, as a file."""
        return render(to_dot(self.tree(run_id)), kind)

    def tree_of_text(self, text: str) -> ProblemTree:
        """The tree of a complaint alone: the best playbook's, with belief before any answer."""
        text = clean(text, "The description", framing.LONGEST)
        found = framing.frame(text, self.playbooks)
        if found.suggested is None:
            raise NotAComplaint(found)
        confirmed = Confirmed(
            playbook_id=found.suggested,
            playbook_hash=self.playbooks[found.suggested].hash,
            facts=found.facts,
            missing=found.missing,
            mode="adaptive",
            stated_id=None,
            stated_text=None,
            answered={},
        )
        case = Case("text", text=text, confirmed=confirmed)
        return structure(Inquiry(case, self.playbooks[found.suggested]))

    def belief_of(self, run_id: str) -> dict[str, float] | None:
        """Belief per cause id as it is now; None when the run is no confirmed diagnosis."""
        run = runs.find(self._store, run_id)
        if run is None or run.kind != "diagnosis":
            return None
        work = self.work(run_id)
        return dict(zip(work.table.causes, map(float, work.belief), strict=True))

    def causes_of(self, run_id: str) -> dict[str, str] | None:
        """Labels of the causes its playbook lists, by id; None when the run is no confirmed diagnosis."""
        run = runs.find(self._store, run_id)
        if run is None or run.kind != "diagnosis":
            return None
        playbook = self.work(run_id).playbook
        return {cause.id: cause.label for cause in playbook.causes}

    def answer_of(self, run_id: str) -> Told | None:
        """The answer in a sentence and its evidence; None when the run is no diagnosis."""
        run = runs.find(self._store, run_id)
        if run is None or run.kind != "diagnosis":
            return None
        return told(self.work(run_id))

    # What can be taken away

    def record_json(self, run_id: str) -> str:
        """The whole record as JSON."""
        return record.as_json(self.view(run_id), self.outcome(run_id), now())

    def record_memo(self, run_id: str) -> str:
        """The record as a one-page Markdown memo, answer first."""
        return record.as_memo(self.view(run_id), self.outcome(run_id), now())

    def record_word(self, run_id: str) -> bytes:
        """The same memo as a Word document, with the answers as a table and a picture of the tree."""
        view, at = self.view(run_id), now()
        memo = record.as_memo(view, self.outcome(run_id), at)
        tree = self._small_picture(run_id) if view.ledger else None
        return memo_word.as_word(memo, at, record.answer_rows(view), tree)

    def _small_picture(self, run_id: str) -> bytes | str:
        """The tree as it can be read on a page held upright; where it cannot be drawn, the reason."""
        try:
            return render(to_dot(for_a_narrow_place(self.tree(run_id)), wrap=ON_A_PAGE), "png")
        except WhytreeError as error:
            return str(error)

    def replay(self, run_id: str) -> str:
        """The diagnosis computed anew from the stored events, as JSON text; equal to the one on record."""
        return conclude(self.work(run_id)).model_dump_json()

    def outcome(self, run_id: str) -> Outcome | None:
        """What the cause turned out to be, or None."""
        return outcomes.latest(self._store, run_id)
