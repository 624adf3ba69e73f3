"""What a page draws of a diagnosis: plain data, a function of the run's events alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agents.diagnosis import inquiry
from agents.diagnosis.case import Case, Inquiry, Mode, ModelNote, Phase, Source, Task, WrittenBy
from agents.diagnosis.conclusion import warnings
from agents.diagnosis.framing import FoundFact, Framing
from agents.diagnosis.inquiry import Floats
from agents.diagnosis.playbook import Data, Playbook
from agents.diagnosis.result import Diagnosis
from agents.diagnosis.shortfall import Shortfall, shortfall
from storage.runs import Run, Status


class CauseBelief(Data):
    """One bar."""

    cause_id: str
    label: str
    claim: str
    belief: float
    percent: int
    """Whole percent of belief."""
    shift: int
    """Change of the percent by the last answer; none before the first."""
    stated: bool
    """The client blamed this cause."""


class AnswerCard(Data):
    """One answer to click and what it would do."""

    answer_id: str
    text: str
    effect: tuple[tuple[str, int], ...]
    """Label and percent of each cause after this answer, the largest first."""


class QuestionCard(Data):
    """A question on offer."""

    question_id: str
    text: str
    theme: str
    effort: str
    answers: tuple[AnswerCard, ...]
    gain: float
    """Expected information in bits."""
    separates: tuple[str, str]
    """Labels of the two causes it tells apart best."""


class LedgerLine(Data):
    """One answer in force and what it did."""

    question_id: str
    question: str
    answer_id: str
    answer: str
    options: tuple[tuple[str, str], ...]
    """Answer ids and texts to change it to, "don't know" among them."""
    note: str
    source: Source
    shifts: dict[str, float]
    """Change of log-odds per cause label, in nats."""
    percents: dict[str, int]
    """Percent per cause label after this answer."""


class Ledger(Data):
    """From the prior to the belief shown, line by line."""

    start: dict[str, float]
    """Log-odds per cause label before any answer."""
    lines: tuple[LedgerLine, ...]
    end: dict[str, float]
    """Log-odds per cause label now: start plus all shifts."""


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
    bars = _bars(work)
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
        questions=tuple(_question(work, question_id) for question_id in case.offers),
        belief=bars,
        moved=_moved(work, bars),
        ledger=_ledger(work),
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


def _bars(work: Inquiry) -> tuple[CauseBelief, ...]:
    now, before = (list(map(inquiry.percent, p)) for p in (work.belief, work.before))
    claims = {cause.id: cause.claim for cause in work.playbook.causes}
    bars = [
        CauseBelief(
            cause_id=cause_id,
            label=work.label(cause_id),
            claim=claims.get(cause_id, work.label(cause_id)),
            belief=float(work.belief[i]),
            percent=now[i],
            shift=now[i] - before[i] if work.case.last_change else 0,
            stated=cause_id == work.confirmed.stated_id,
        )
        for i, cause_id in enumerate(work.table.causes)
    ]
    return tuple(sorted(bars, key=lambda bar: -bar.belief))


def _moved(work: Inquiry, bars: Sequence[CauseBelief]) -> str | None:
    """What the last change did, in a sentence; None before the first."""
    change = work.case.last_change
    if change is None:
        return None
    question_id, answer_id = change
    if answer_id == inquiry.DONT_KNOW:
        return "“Don't know” moves nothing and is remembered."
    what = "Taking the answer back" if answer_id is None else f"“{work.answer_text(question_id, answer_id)}”"
    up, down = max(bars, key=lambda bar: bar.shift), min(bars, key=lambda bar: bar.shift)
    parts = [
        f"{verb} “{bar.label}” from {bar.percent - bar.shift} % to {bar.percent} %"
        for verb, bar in (("raised", up), ("lowered", down))
        if bar.shift
    ]
    return f"{what} {' and '.join(parts)}." if parts else f"{what} moved no cause by a whole percent."


def _question(work: Inquiry, question_id: str) -> QuestionCard:
    question = work.ask(question_id)
    gain = inquiry.gains(work.table, work.belief)[work.table.questions.index(question_id)]
    first, second = inquiry.separates_most(work.table, question_id, work.belief)
    effects = inquiry.what_if(work.table, work.case.answers, question_id)
    return QuestionCard(
        question_id=question_id,
        text=work.question_text(question_id),
        theme=question.theme,
        effort=question.effort,
        answers=tuple(
            AnswerCard(answer_id=a.id, text=a.text, effect=_effect(work, effects[a.id]))
            for a in question.answers
        ),
        gain=float(gain),
        separates=(work.label(work.table.causes[first]), work.label(work.table.causes[second])),
    )


def _effect(work: Inquiry, after: Floats) -> tuple[tuple[str, int], ...]:
    pairs = [
        (work.label(cause_id), inquiry.percent(p))
        for cause_id, p in zip(work.table.causes, after, strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair[1]))


def _ledger(work: Inquiry) -> Ledger:
    steps = work.ledger
    labels = [work.label(cause_id) for cause_id in work.table.causes]
    start, end = inquiry.log_odds(work.table.prior), inquiry.log_odds(work.belief)
    return Ledger(
        start=dict(zip(labels, map(float, start), strict=True)),
        lines=tuple(_line(work, step, labels) for step in steps),
        end=dict(zip(labels, map(float, end), strict=True)),
    )


def _line(work: Inquiry, step: inquiry.Step, labels: Sequence[str]) -> LedgerLine:
    given = work.case.given[step.question_id]
    question = work.ask(step.question_id)
    options = [(a.id, a.text) for a in question.answers] + [(inquiry.DONT_KNOW, "Don't know")]
    return LedgerLine(
        question_id=step.question_id,
        question=work.question_text(step.question_id),
        answer_id=step.answer_id,
        answer=work.answer_text(step.question_id, step.answer_id),
        options=tuple(options),
        note=given.note,
        source=given.source,
        shifts=dict(zip(labels, step.shift, strict=True)),
        percents=dict(zip(labels, map(inquiry.percent, step.after), strict=True)),
    )
