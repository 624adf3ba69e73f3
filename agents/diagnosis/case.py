"""A diagnosis as it stands: the fold from a run's events to what is known, asked and answered.

Nothing here is kept anywhere else; belief is recomputed from the answers each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import numpy as np

from agents.diagnosis import inquiry, tables
from agents.diagnosis.framing import FoundFact, Framing
from agents.diagnosis.inquiry import Floats, Table
from agents.diagnosis.playbook import CLIENT_STATED as CLIENT_STATED
from agents.diagnosis.playbook import OTHER_LABEL, SOMETHING_ELSE, Data, Playbook
from storage.runs import Event

Mode = Literal["adaptive", "form"]
Task = Literal["draft", "word", "read", "summary"]
Source = Literal["person", "text"]
Phase = Literal["framing", "asking", "concluded"]
READ = "read an answer in your own words as one of the options, which you confirmed"


class Confirmed(Data):
    """What the user confirmed of the framing."""

    playbook_id: str
    playbook_hash: str
    facts: tuple[FoundFact, ...]
    missing: tuple[str, ...]
    mode: Mode
    stated_id: str | None
    """Id of the cause the client blames: a listed one, or `CLIENT_STATED`."""
    stated_text: str | None
    """The client's words for it."""
    answered: dict[str, str]
    """Questions that confirmed facts answer."""
    method: dict[str, Any] | None = None
    """The constants in force at the time, so that tuning them later changes no diagnosis on record."""


class Drafting(Data):
    """A model's draft of a playbook: asked for, made, or refused."""

    status: Literal["wanted", "made", "failed"]
    playbook_id: str | None = None
    playbook_hash: str | None = None
    widened: int = 0
    """Cells set to neutral, since two looks at them differed."""
    cells: int = 0


class SummaryLine(Data):
    """One sentence of the summary."""

    text: str
    evidence: tuple[str, ...]
    """Questions whose answers carry it."""


class WrittenBy(Data):
    """A summary by a model; without sentences when it failed."""

    sentences: tuple[SummaryLine, ...]
    dropped: int
    """Sentences without evidence that exists."""


class ModelNote(Data):
    """One thing that a model did, or why it did not."""

    task: Task
    model: str | None
    """`provider/model`; None when it failed."""
    text: str


@dataclass(frozen=True)
class Given:
    """One answer in force."""

    question_id: str
    answer_id: str
    note: str
    source: Source
    seq: int
    """Number of the event that gave it; the answer's id in the record."""


@dataclass(frozen=True)
class Case:
    """Everything known of one diagnosis after event number `seq`."""

    run_id: str
    text: str = ""
    chosen_kind: str | None = None
    """The playbook that was chosen by hand at the start; None when the text decides."""
    seq: int = 0
    changed_seq: int = 0
    """Number of the last event that changed what is known."""
    believed_seq: int = 0
    """Number of the last event whose belief was recorded."""
    beliefs: tuple[dict[str, float], ...] = ()
    """Belief per cause after each change, in the order in which they happened."""
    last_change: tuple[str, str | None] | None = None
    """Question of the last change and its answer; no answer when it was withdrawn."""
    staged: dict[str, Any] | None = None
    """What a presentation was started with; None for a real diagnosis."""
    guesses: tuple[dict[str, Any], ...] = ()
    """Questions that a trainee chose, each with what it was worth."""
    framing: Framing | None = None
    confirmed: Confirmed | None = None
    given: dict[str, Given] = field(default_factory=dict)
    """Answers in force by question, in the order first answered."""
    with_model: bool = False
    """A model may draft, word and summarise."""
    draft: Drafting | None = None
    """What became of a draft; None while none was asked for."""
    wording: dict[str, str] | None = None
    """Questions in the client's terms by id; empty when that failed, None while it was not tried."""
    summary: WrittenBy | None = None
    """The summary of the standing conclusion, or why there is none."""
    model_notes: tuple[ModelNote, ...] = ()
    """What the model did or failed to do, in order."""
    held: str | None = None
    """What the run waits for in the middle of a step: a sentence; None when it does not."""
    asked: tuple[str, ...] = ()
    """Questions put to the client by the tool, in order; those that facts answered are not among them."""
    open_question: str | None = None
    """The question that waits for an answer."""
    offers: tuple[str, ...] = ()
    ask_until: int = 0
    """Number of questions up to which the user wants to go on, whatever the belief."""
    wants_conclusion: bool = False
    """The user asked to conclude."""
    concluded: dict[str, Any] | None = None
    """The diagnosis as recorded, while it stands."""
    concluded_at: datetime | None = None
    concluded_seq: int = 0
    """Number of the event that concluded it last."""
    drawn_for: int = 0
    """The conclusion that the newest tree was drawn for."""
    tree_version: int = 0

    @property
    def phase(self) -> Phase:
        """Where the diagnosis is."""
        if self.confirmed is None:
            return "framing"
        return "asking" if self.concluded is None else "concluded"

    @property
    def to_be_worded(self) -> bool:
        """The model has still to word the playbook's questions; those of a draft are its own words."""
        drafted = self.draft is not None and self.draft.status == "made"
        return self.with_model and self.wording is None and not drafted

    @property
    def model_task(self) -> Task | None:
        """What the model is asked for while the tool works; None when it is not asked."""
        if self.confirmed is None:
            return "draft" if self.draft is not None and self.draft.status == "wanted" else None
        if self.concluded is None:
            return "word" if self.to_be_worded else None
        return "summary" if self.with_model and self.summary is None else None

    @property
    def answers(self) -> dict[str, str]:
        """Answer id per question id, "don't know" among them."""
        return {question_id: given.answer_id for question_id, given in self.given.items()}


@dataclass(frozen=True)
class Inquiry:
    """A confirmed case together with its playbook: what the engine works on."""

    case: Case
    playbook: Playbook

    @cached_property
    def confirmed(self) -> Confirmed:
        """The confirmation (the case has one)."""
        if self.case.confirmed is None:
            raise ValueError("the case is not confirmed yet")
        return self.case.confirmed

    @cached_property
    def table(self) -> Table:
        """The playbook as numbers, with the stated cause if the list lacks it."""
        stated = CLIENT_STATED if self.confirmed.stated_id == CLIENT_STATED else None
        return inquiry.table(self.playbook, stated, tables.method_from(self.confirmed.method))

    @cached_property
    def belief(self) -> Floats:
        """Belief per cause, in the table's order."""
        return inquiry.belief(self.table, self.case.answers)

    @cached_property
    def ledger(self) -> list[inquiry.Step]:
        """What each answer did, in the order given."""
        return inquiry.ledger(self.table, self.case.answers)

    @property
    def before(self) -> Floats:
        """Belief per cause before the last change; the prior when there was none."""
        if len(self.case.beliefs) < 2:
            return self.table.prior
        earlier = self.case.beliefs[-2]
        return np.array([earlier[cause_id] for cause_id in self.table.causes])

    @property
    def budget(self) -> int:
        """Questions before the tool stops on its own."""
        return max(self.table.method.budget, self.case.ask_until)

    @property
    def stop(self) -> inquiry.Stop | None:
        """Why to stop now, or None to go on; a user who wants to go on is asked while questions are left."""
        stop = inquiry.should_stop(self.table, self.case.answers, self.case.asked, self.budget)
        wants_more = len(self.case.asked) < self.case.ask_until
        return None if wants_more and stop is not inquiry.Stop.EXHAUSTED else stop

    def label(self, cause_id: str) -> str:
        """Short name of a cause of the table."""
        if cause_id == SOMETHING_ELSE:
            return OTHER_LABEL
        if cause_id == CLIENT_STATED:
            return (self.confirmed.stated_text or "What the client blames")[:70]
        return self.playbook.cause(cause_id).label

    def question_text(self, question_id: str) -> str:
        """A question as the client reads it: in the model's wording where there is one."""
        return (self.case.wording or {}).get(question_id) or self.playbook.ask(question_id).text

    def answer_text(self, question_id: str, answer_id: str) -> str:
        """What the client said, in words."""
        if answer_id == inquiry.DONT_KNOW:
            return "Don't know"
        return next(a.text for a in self.playbook.ask(question_id).answers if a.id == answer_id)


def fold(run_id: str, events: Sequence[Event]) -> Case:
    """The case after these events; kinds that belong to other parts are passed over."""
    case = Case(run_id)
    for event in events:
        step = STEPS.get(event.kind)
        case = replace(case, held=None) if event.status is not None else case
        case = replace(step(case, event) if step else case, seq=event.seq)
    return case


def _complained(case: Case, event: Event) -> Case:
    data = event.data
    return replace(
        case,
        text=data["text"],
        chosen_kind=data.get("playbook_id"),
        with_model=data.get("with_model", False),
        staged=data.get("staged"),
    )


def _framed(case: Case, event: Event) -> Case:
    return replace(case, framing=Framing.model_validate(event.data))


def _confirmed(case: Case, event: Event) -> Case:
    confirmed = Confirmed.model_validate(event.data)
    given = {q: Given(q, a, "", "text", event.seq) for q, a in confirmed.answered.items()}
    return replace(case, confirmed=confirmed, given=given, changed_seq=event.seq)


def _asked(case: Case, event: Event) -> Case:
    return replace(case, open_question=event.data["question_id"], offers=tuple(event.data["offers"]))


def _answered(case: Case, event: Event) -> Case:
    question_id = event.data["question_id"]
    new = Given(question_id, event.data["answer_id"], event.data["note"], "person", event.seq)
    asked = case.asked if question_id in case.given else (*case.asked, question_id)
    given = {**case.given, question_id: new}
    change = (question_id, new.answer_id)
    case = replace(_reopened(case), given=given, asked=asked, changed_seq=event.seq, last_change=change)
    if not event.data.get("read_by"):
        return case
    note = ModelNote(task="read", model=event.data["read_by"], text=READ)
    return replace(case, model_notes=(*case.model_notes, note))


def _withdrawn(case: Case, event: Event) -> Case:
    question_id = event.data["question_id"]
    given = {q: answer for q, answer in case.given.items() if q != question_id}
    asked = tuple(q for q in case.asked if q != question_id)
    change = (question_id, None)
    return replace(_reopened(case), given=given, asked=asked, changed_seq=event.seq, last_change=change)


def _reopened(case: Case) -> Case:
    """The case with neither a question put nor a conclusion standing."""
    return replace(
        case,
        open_question=None,
        offers=(),
        wants_conclusion=False,
        concluded=None,
        concluded_at=None,
        summary=None,
    )


def _believed(case: Case, event: Event) -> Case:
    beliefs = (*case.beliefs, event.data["belief"])
    return replace(case, believed_seq=event.data["after"], beliefs=beliefs)


def _conclusion_wanted(case: Case, event: Event) -> Case:
    return replace(case, wants_conclusion=True)


def _extended(case: Case, event: Event) -> Case:
    return replace(_reopened(case), ask_until=len(case.asked) + event.data["questions"])


def _concluded(case: Case, event: Event) -> Case:
    return replace(
        case,
        concluded=event.data,
        concluded_at=event.occurred_at,
        concluded_seq=event.seq,
        open_question=None,
        offers=(),
        wants_conclusion=False,
    )


def _drawn(case: Case, event: Event) -> Case:
    drawn_for = event.data.get("concluded", case.drawn_for)
    return replace(case, tree_version=event.data["version"], drawn_for=drawn_for)


def _draft_wanted(case: Case, event: Event) -> Case:
    return replace(case, draft=Drafting(status="wanted"), with_model=True)


def _drafted(case: Case, event: Event) -> Case:
    draft = Drafting(
        status="made",
        playbook_id=event.data["playbook_id"],
        playbook_hash=event.data["playbook_hash"],
        widened=event.data["widened"],
        cells=event.data["cells"],
    )
    text = (
        f"drafted causes, questions and levels; the levels were asked for twice, and {draft.widened} of "
        f"{draft.cells} changed, which the engine set to neutral"
    )
    return _noted(replace(case, draft=draft), "draft", event, text)


def _worded(case: Case, event: Event) -> Case:
    wording = event.data["questions"]
    text = f"worded {len(wording)} questions for this problem"
    return _noted(replace(case, wording=wording), "word", event, text)


def _summarised(case: Case, event: Event) -> Case:
    summary = WrittenBy(sentences=event.data["sentences"], dropped=event.data["dropped"])
    text = (
        f"wrote the summary; the engine dropped {summary.dropped} of its sentences, for want of evidence "
        f"that exists or for a figure of their own"
    )
    return _noted(replace(case, summary=summary), "summary", event, text)


def _model_failed(case: Case, event: Event) -> Case:
    task: Task = event.data["task"]
    note = ModelNote(task=task, model=None, text=event.data["sentence"])
    case = replace(case, model_notes=(*case.model_notes, note))
    if task == "draft":
        return replace(case, draft=Drafting(status="failed"))
    if task == "word":
        return replace(case, wording={})
    return replace(case, summary=WrittenBy(sentences=(), dropped=0))


def _held(case: Case, event: Event) -> Case:
    return replace(case, held=event.data["sentence"])


def _dispensed(case: Case, event: Event) -> Case:
    """The person goes on without a model; a draft that was wanted will not come."""
    text = "You went on without a model, since its key was gone."
    note = ModelNote(task=case.model_task or "summary", model=None, text=text)
    draft = (
        Drafting(status="failed") if case.draft is not None and case.draft.status == "wanted" else case.draft
    )
    return replace(case, with_model=False, draft=draft, model_notes=(*case.model_notes, note))


def _noted(case: Case, task: Task, event: Event, text: str) -> Case:
    note = ModelNote(task=task, model=event.data["model"], text=text)
    return replace(case, model_notes=(*case.model_notes, note))


def _guessed(case: Case, event: Event) -> Case:
    return replace(case, guesses=(*case.guesses, event.data))


STEPS = {
    "guessed": _guessed,
    "complained": _complained,
    "framed": _framed,
    "confirmed": _confirmed,
    "asked": _asked,
    "answered": _answered,
    "withdrawn": _withdrawn,
    "believed": _believed,
    "conclusion_wanted": _conclusion_wanted,
    "extended": _extended,
    "concluded": _concluded,
    "drawn": _drawn,
    "draft_wanted": _draft_wanted,
    "drafted": _drafted,
    "worded": _worded,
    "summarised": _summarised,
    "model_failed": _model_failed,
    "held": _held,
    "model_dispensed": _dispensed,
}
"""What each kind of event does to a case."""
