"""The ledger: from the prior to the belief shown, answer by answer."""

import math
from collections.abc import Sequence

from agents.diagnosis import inquiry
from agents.diagnosis.case import Inquiry, Source
from agents.diagnosis.playbook import Data


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


def ledger_of(work: Inquiry) -> Ledger:
    """All answers in force, in the order given."""
    steps = work.ledger
    labels = [work.label(cause_id) for cause_id in work.table.causes]
    start, end = inquiry.log_odds(work.table.prior), inquiry.log_odds(work.belief)
    return Ledger(
        start=dict(zip(labels, map(float, start), strict=True)),
        lines=tuple(_line(work, step, labels) for step in steps),
        end=dict(zip(labels, map(float, end), strict=True)),
    )


def moves(ledger: Ledger, label: str) -> tuple[tuple[int, int], ...]:
    """Percent of belief in a cause before and after each answer, in the order given."""
    after = [line.percents[label] for line in ledger.lines]
    before = inquiry.percent(1 / (1 + math.exp(-ledger.start[label])))
    return tuple(zip([before, *after], after, strict=False))


def side_of(before: int, after: int) -> str:
    """Which way an answer speaks that took a cause from one percent to another."""
    return "For" if after > before else "Against" if after < before else "Neither"


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
