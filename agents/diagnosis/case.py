"""A diagnosis as it stands: what is known, asked and answered, folded from a run's events (`fold`).

Nothing here is kept anywhere else; belief is recomputed from the answers each time.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import numpy as np

from agents.diagnosis import inquiry, suspicion, tables
from agents.diagnosis.framing import FoundFact, Framing
from agents.diagnosis.inquiry import Floats, Table
from agents.diagnosis.playbook import CLIENT_STATED as CLIENT_STATED
from agents.diagnosis.playbook import OTHER_LABEL, SOMETHING_ELSE, Data, Playbook, Question

Mode = Literal["adaptive", "form"]
Task = Literal["draft", "word", "read", "summary"]
Source = Literal["person", "text"]
Phase = Literal["framing", "asking", "concluded"]


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
        """Questions before the tool stops on its own; those on the client's suspicion come on top."""
        return max(inquiry.budget(self.table, self.case.asked), self.case.ask_until)

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

    def ask(self, question_id: str) -> Question:
        """A question of the playbook, or one on the client's suspicion (KeyError when there is none)."""
        own = {question.id: question for question in self._tests}
        return own[question_id] if question_id in own else self.playbook.ask(question_id)

    @cached_property
    def _tests(self) -> tuple[Question, ...]:
        if CLIENT_STATED not in self.table.causes:
            return ()
        return suspicion.questions(self.playbook, self.label(CLIENT_STATED))

    def question_text(self, question_id: str) -> str:
        """A question as the client reads it: in the model's wording where there is one."""
        return (self.case.wording or {}).get(question_id) or self.ask(question_id).text

    def answer_text(self, question_id: str, answer_id: str) -> str:
        """What the client said, in words."""
        if answer_id == inquiry.DONT_KNOW:
            return "Don't know"
        return next(a.text for a in self.ask(question_id).answers if a.id == answer_id)
