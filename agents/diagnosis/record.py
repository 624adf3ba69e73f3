"""The record of a diagnosis to take away: JSON, and a one-page memo with the answer first."""

import json
import re
from datetime import datetime
from typing import Any

from agents.diagnosis import inquiry
from agents.diagnosis.bars import CauseBelief
from agents.diagnosis.ledger import LedgerLine, moves, side_of
from agents.diagnosis.result import Diagnosis, NextStep, Statement
from agents.diagnosis.text import short_title, workdays
from agents.diagnosis.view import DiagnosisView
from storage.outcomes import Outcome

_MARKUP = re.compile(r"[\\`*_\[\]<>|$&@~]|(?<!\d):(?=\S)|:(?=[^\s\d])|(?<=\bwww)\.", re.IGNORECASE)
"""Marks, links that some readers make of bare addresses, and names such as `:red:`; no time of day."""
FORMAT = "whytree.diagnosis/1"
NO_URGENCY = "Answers that decide the cause would supply it; the next steps say where they come from."
NO_RISK = "An answer or a finding that speaks for another cause would bring one up."
PROBLEM_SHOWN, NOTE_SHOWN, TITLE_SHOWN = 900, 160, 100
"""Characters of complaint, note and title in the memo, so that it stays one page; the record has all."""


def as_json(view: DiagnosisView, outcome: Outcome | None, made_at: datetime) -> str:
    """The whole record; `made_at` is the time of the export in UTC."""
    data: dict[str, Any] = {
        "format": FORMAT,
        "made_at": made_at.isoformat() + "Z",
        **view.model_dump(mode="json", exclude={"questions"}),
        "outcome": None if outcome is None else {"cause": outcome.cause_text, "note": outcome.note},
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def as_memo(view: DiagnosisView, outcome: Outcome | None, made_at: datetime) -> str:
    """One page of Markdown, answer first. What people typed is escaped: it stays text."""
    found = view.diagnosis
    lines = [f"# {_text(_title(view))}", ""]
    lines += _answer(view, found) if found else ["**Not concluded yet.**", ""]
    lines += ["## The problem as stated", "", _cut(view.text, PROBLEM_SHOWN), "", *_facts(view)]
    lines += ["## Belief", "", *(f"- {_text(_begun(bar.label))}: {_share(bar)}" for bar in view.belief), ""]
    if found:
        lines += _details(found)
    lines += ["## Questions and answers", "", *_answers(view), ""]
    if outcome:
        lines += ["## What it was in the end", "", _text(outcome.cause_text), _text(outcome.note), ""]
    made = f"{made_at:%Y-%m-%d %H:%M} UTC"
    lines.append(
        f"Made by Whytree on {made} from run {view.run_id}, event {view.seq}. Belief is not a frequency."
    )
    return "\n".join(lines) + "\n"


def _title(view: DiagnosisView) -> str:
    """The complaint's first sentence, whole; its beginning where that is too long for a title."""
    return short_title(view.text, TITLE_SHOWN)


def _answer(view: DiagnosisView, found: Diagnosis) -> list[str]:
    percent = f"{inquiry.percent(found.confidence)} %"
    if found.identified_business_problem is not None:
        head = f"**{_text(found.identified_business_problem.text)}** ({percent} of belief)"
    else:
        missed = " ".join(view.shortfall.conditions) if view.shortfall else ""
        head = (
            f"**Not decided.** {_text(found.leading_cause)} leads with {percent} of belief. {_text(missed)}"
        )
    return [head, "", f"Urgency: {_urgency(found)}", "", f"Hidden root risk: {_risk(found)}", ""]


def _urgency(found: Diagnosis) -> str:
    """How urgent; without a verdict, what is missing and what would supply it."""
    level = found.urgency_level.level if found.urgency_level else "not known yet"
    supplied = "" if found.urgency_level else f" {NO_URGENCY}"
    return f"{level}. {_text(found.urgency_note)}{supplied}"


def _risk(found: Diagnosis) -> str:
    """The hidden root risk; where none stands out, why and what would bring one up."""
    if found.hidden_root_risk:
        return _text(found.hidden_root_risk.text)
    return f"none stands out. {_text(found.hidden_root_risk_note)} {NO_RISK}"


def _facts(view: DiagnosisView) -> list[str]:
    known = [f"{_named(fact.kind)}: {_text(fact.text)}" for fact in view.facts]
    missing = [f"{_named(name)}: not stated" for name in view.missing]
    return [*(f"- {line}" for line in [*known, *missing]), ""] if known or missing else []


def _named(kind: str) -> str:
    """What a fact is of, as a label."""
    return kind.replace("_", " ").capitalize()


def _begun(label: str) -> str:
    """A label at the beginning of a line, such as the client's own words for a cause."""
    return label[:1].upper() + label[1:]


def _details(found: Diagnosis) -> list[str]:
    lines: list[str] = []
    if found.pair:
        lines += ["## Two causes at once", "", _bullet(found.pair), ""]
    if found.would_decide:
        lines += ["## What would decide it", "", *map(_bullet, found.would_decide), ""]
    lines += ["## Next steps", "", *map(_next_step, found.next_steps), ""]
    if found.alternatives:
        lines += ["## Still possible", "", *map(_bullet, found.alternatives), ""]
    lines += ["## What would change it", "", *map(_bullet, found.what_would_change_it), ""]
    return lines + [f"> {_text(sentence)}" for sentence in found.warnings]


def _next_step(step: NextStep) -> str:
    means = f"{_text(step.owner)}, {workdays(step.effort_days)}; {_text(step.data_source)}"
    return f"- {_text(step.do)} ({means})"


def _bullet(statement: Statement) -> str:
    return f"- {_text(_begun(statement.text))} {_text(statement.how)}"


def _answers(view: DiagnosisView) -> list[str]:
    """A line for each answer, with its side: for the leading cause or against it."""
    if view.ledger is None or not view.ledger.lines:
        return []
    leading = view.belief[0].label
    sides = [_side(*move) for move in moves(view.ledger, leading)]
    said = f"In brackets: what each answer did to belief in “{_text(leading)}”."
    lines = enumerate(zip(view.ledger.lines, sides, strict=True), start=1)
    return [said, "", *(_answer_line(n, line, side) for n, (line, side) in lines)]


def answer_rows(view: DiagnosisView) -> list[tuple[str, str, str, str]]:
    """Question, answer, side and course of belief in the leading cause, for each answer; nothing escaped."""
    if view.ledger is None or not view.ledger.lines:
        return []
    known = zip(view.ledger.lines, moves(view.ledger, view.belief[0].label), strict=True)
    return [
        (line.question, line.answer, side_of(*move), f"{move[0]} % to {move[1]} %") for line, move in known
    ]


def _side(before: int, after: int) -> str:
    side = side_of(before, after).lower()
    return side if before == after else f"{side}: {before} to {after} %"


def _answer_line(number: int, line: LedgerLine, side: str) -> str:
    note = f" Note: {_cut(line.note, NOTE_SHOWN)}" if line.note else ""
    source = " (from the complaint)" if line.source == "text" else ""
    return f"{number}. {_text(line.question)} {_text(line.answer)}{source} ({side}).{note}"


def _share(bar: CauseBelief) -> str:
    """Belief in whole percents; what rounds to none is not ruled out."""
    return f"{bar.percent} %" if bar.percent else "under 1 %"


def _cut(text: str, longest: int) -> str:
    """The text, or its beginning and where the rest is."""
    flat = " ".join(text.split())
    if len(flat) <= longest:
        return _text(flat)
    return f"{_text(flat[:longest].rstrip())}… (the whole text is in the record)"


def _text(text: str) -> str:
    """Text as Markdown that shows it letter for letter, on one line."""
    flat = " ".join(text.split())
    return re.sub(r"^(\d+)?([-+.#)=])", r"\1\\\2", _MARKUP.sub(r"\\\g<0>", flat))
