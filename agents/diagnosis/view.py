"""What a page draws of a diagnosis: plain data, a function of the run's events alone."""

from datetime import datetime
from typing import Any

from agents.diagnosis.bars import CauseBelief, bars_of, moved
from agents.diagnosis.cards import QuestionCard, card
from agents.diagnosis.case import Case, Inquiry, Mode, ModelNote, Phase, Task, WrittenBy
from agents.diagnosis.conclusion import warnings
from agents.diagnosis.framing import FoundFact, Framing
from agents.diagnosis.ledger import Ledger, ledger_of
from agents.diagnosis.playbook import Data, Playbook
from agents.diagnosis.result import Diagnosis
from agents.diagnosis.shortfall import Shortfall, shortfall
from storage.runs import Run, Status


class DraftHead(Data):
    """What a user confirms of a model's draft."""

    playbook_id: str
    title: str
    causes: tuple[tuple[str, str], ...]
    """Label and claim of each."""
    questions: int
    widened: int
    """Levels set to neutral, since two looks at them differed."""
    cells: int


class DiagnosisView(Data):
    """Everything a page needs, in one state of the run."""

    run_id: str
    seq: int
    """Number of the last event; sent back with whatever the user does."""
    status: Status
    error: str | None
    phase: Phase
    title: str
    text: str
    user_id: str
    project_id: str
    environment: str
    created_at: datetime
    concluded_at: datetime | None
    framing: Framing | None
    playbook_id: str | None = None
    """The kind of problem; before the confirmation the one chosen by hand, if any."""
    facts: tuple[FoundFact, ...] = ()
    missing: tuple[str, ...] = ()
    mode: Mode = "adaptive"
    asked: int = 0
    budget: int = 0
    questions: tuple[QuestionCard, ...] = ()
    """On offer, best first; empty when no answer is awaited."""
    belief: tuple[CauseBelief, ...] = ()
    moved: str | None = None
    """What the last answer did, in a sentence."""
    ledger: Ledger | None = None
    warnings: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None
    shortfall: Shortfall | None = None
    """What a verdict lacks, of a diagnosis that is not decided."""
    tree_version: int = 0
    with_model: bool = False
    """A model may draft, word and summarise this run."""
    draft: DraftHead | None = None
    """The playbook that a model drafted, waiting to be confirmed."""
    model_notes: tuple[ModelNote, ...] = ()
    """What the model did or failed to do, in order."""
    summary: WrittenBy | None = None
    model_task: Task | None = None
    """What the model is asked for while the tool works."""
    held: str | None = None
    """What the run waits for in the middle of a step: a sentence."""

    @property
    def is_working(self) -> bool:
        """True while the tool, not the user, has to act."""
        return self.status in ("queued", "running")


def unconfirmed_view(run: Run, case: Case, drafted: Playbook | None) -> DiagnosisView:
    """The view before the user has confirmed the framing; `drafted` is the model's playbook, if any."""
    return DiagnosisView(
        phase="framing",
        framing=case.framing,
        playbook_id=case.chosen_kind,
        concluded_at=None,
        with_model=case.with_model,
        draft=_draft(case, drafted) if drafted else None,
        model_notes=case.model_notes,
        model_task=case.model_task,
        held=case.held if run.status == "waiting" else None,
        **_head(run, case.seq),
    )


def _draft(case: Case, playbook: Playbook) -> DraftHead:
    return DraftHead(
        playbook_id=playbook.id,
        title=playbook.title,
        causes=tuple((cause.label, cause.claim) for cause in playbook.causes),
        questions=len(playbook.questions),
        widened=case.draft.widened if case.draft else 0,
        cells=case.draft.cells if case.draft else 0,
    )


def view(run: Run, work: Inquiry) -> DiagnosisView:
    """The view of a confirmed case."""
    case, confirmed = work.case, work.confirmed
    bars = bars_of(work)
    return DiagnosisView(
        phase=case.phase,
        framing=case.framing,
        concluded_at=case.concluded_at,
        playbook_id=work.playbook.id,
        facts=confirmed.facts,
        missing=confirmed.missing,
        mode=confirmed.mode,
        asked=len(case.asked),
        budget=work.budget,
        questions=tuple(card(work, question_id) for question_id in case.offers),
        belief=bars,
        moved=moved(work, bars),
        ledger=ledger_of(work),
        warnings=warnings(work),
        diagnosis=None if case.concluded is None else Diagnosis.model_validate(case.concluded),
        shortfall=shortfall(work) if case.concluded is not None else None,
        tree_version=case.tree_version,
        with_model=case.with_model,
        model_notes=case.model_notes,
        model_task=case.model_task,
        held=case.held if run.status == "waiting" else None,
        summary=case.summary,
        **_head(run, case.seq),
    )


def _head(run: Run, seq: int) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "seq": seq,
        "status": run.status,
        "error": run.error_text if run.status == "failed" else None,
        "title": run.title,
        "text": run.input,
        "user_id": run.user_id,
        "project_id": run.project_id,
        "environment": run.environment,
        "created_at": run.created_at,
    }
