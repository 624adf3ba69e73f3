"""What a diagnosis says: the fields of the method, each statement with what carries it."""

from typing import Literal

from agents.diagnosis.playbook import Data

Urgency = Literal["Low", "Medium", "High", "Critical"]


class Statement(Data):
    """A sentence of the diagnosis with what carries it."""

    text: str
    evidence: tuple[str, ...] = ()
    """Ids of the questions whose answers carry it, strongest first."""
    how: str
    """How it came about."""


class Risk(Statement):
    """The hidden root risk."""

    cause_id: str
    belief: float
    severity: int


class UrgencyNote(Statement):
    """How urgent, derived from the cost of delay against the time the next step needs."""

    level: Urgency


class Evidence(Data):
    """One answer and its weight on the leading cause."""

    question_id: str
    question: str
    answer: str
    note: str
    weight: float
    """Change of the leading cause's log-odds, in nats; negative speaks against it."""


class Alternative(Statement):
    """A cause that is still possible."""

    cause_id: str
    label: str
    belief: float


class NextStep(Data):
    """One piece of work that would prove or kill a cause."""

    cause_id: str
    label: str
    do: str
    owner: str
    effort_days: float
    data_source: str
    disproof: str
    evidence: tuple[str, ...]
    """Questions whose answers make this cause worth the work, strongest first."""


class Diagnosis(Data):
    """The result, decided or not; fields follow the method's names."""

    status: Literal["decided", "not_decided"]
    reason: str
    """Why the questions ended."""
    customer_stated_problem: str
    identified_business_problem: Statement | None
    """The cause found; None when nothing was decided."""
    hidden_root_risk: Risk | None
    hidden_root_risk_note: str
    urgency_level: UrgencyNote | None
    urgency_note: str
    confidence: float
    """Belief in the leading cause."""
    leading_cause_id: str
    leading_cause: str
    evidence: tuple[Evidence, ...]
    alternatives: tuple[Alternative, ...]
    pair: Statement | None
    """Two causes that together explain the answers clearly better than one."""
    would_decide: tuple[Statement, ...]
    """When not decided: the question or analysis that would decide."""
    next_steps: tuple[NextStep, ...]
    what_would_change_it: tuple[Statement, ...]
    warnings: tuple[str, ...]
    """Doubts about the list or the answers."""
    questions_asked: int
    playbook_id: str
    playbook_hash: str
