"""What a check says: findings a person can act on, a state per rule, and counts that hide nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from agents.tree.ops import Op

Severity = Literal["error", "warning", "hint"]
State = Literal["holds", "violated", "not_provable"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend, at one place."""

    rule: str
    """Such as "M4"."""
    severity: Severity
    node_id: str | None
    """Where to look; None for the frame and for the tree as a whole."""
    message: str
    """A sentence that says what is wrong and what to do."""
    remedy: Op | None = None
    """The edit that mends it at one click, where there is one."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How a tree stands to one rule."""

    rule: str
    state: State
    findings: tuple[Finding, ...] = ()
    cases: int = 0
    """Places in the tree that the rule speaks of; with 0 it holds because nothing falls under it."""
    reason: str | None = None
    """Why it is not provable, or why nothing falls under it."""


@dataclass(frozen=True, slots=True)
class Report:
    """All rules of one tree."""

    results: tuple[RuleResult, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for result in self.results for finding in result.findings)

    def of(self, rule: str) -> RuleResult:
        """The result of one rule; `KeyError` when there is no such rule."""
        found = next((result for result in self.results if result.rule == rule), None)
        if found is None:
            raise KeyError(rule)
        return found

    def states(self) -> dict[State, int]:
        """Rules per state, among those that something in the tree falls under."""
        found = self._asked()
        return {s: sum(r.state == s for r in found) for s in ("holds", "violated", "not_provable")}

    def counts(self) -> dict[Severity, int]:
        """Findings per severity."""
        return {s: sum(f.severity == s for f in self.findings) for s in ("error", "warning", "hint")}

    def score(self) -> Score:
        """Passed among what can be proven, and how much could be proven at all."""
        states = self.states()
        provable = states["holds"] + states["violated"]
        return Score(states["holds"], provable, provable + states["not_provable"])

    def _asked(self) -> list[RuleResult]:
        return [result for result in self.results if result.cases]


@dataclass(frozen=True, slots=True)
class Score:
    """Two figures, since one would hide what cannot be known."""

    passed: int
    provable: int
    asked: int

    @property
    def coverage(self) -> float | None:
        """Provable / asked; None when no rule applies."""
        return self.provable / self.asked if self.asked else None


@dataclass(slots=True)
class Tally:
    """Collects the cases of one rule while it looks at a tree."""

    rule: str
    nothing: str
    """Why the rule has no case, told when there is none."""
    cases: int = 0
    findings: list[Finding] = field(default_factory=list)
    violated: bool = False
    unknown: list[str] = field(default_factory=list)

    def passes(self) -> None:
        """One case that holds."""
        self.cases += 1

    def fails(self, severity: Severity, node_id: str | None, message: str, remedy: Op | None = None) -> None:
        """One case that is violated."""
        self.cases += 1
        self.violated = True
        self.findings.append(Finding(self.rule, severity, node_id, message, remedy))

    def cannot_tell(self, reason: str) -> None:
        """One case that a program cannot decide from what it has."""
        self.cases += 1
        self.unknown.append(reason)

    def hints(self, node_id: str | None, message: str, remedy: Op | None = None) -> None:
        """A remark on a case that is counted elsewhere."""
        self.findings.append(Finding(self.rule, "hint", node_id, message, remedy))

    def result(self) -> RuleResult:
        if self.violated:
            state: State = "violated"
        else:
            state = "not_provable" if self.unknown else "holds"
        reason = _several(self.unknown) if self.cases else self.nothing
        return RuleResult(self.rule, state, tuple(self.findings), self.cases, reason)


def _several(reasons: list[str]) -> str | None:
    distinct = list(dict.fromkeys(reasons))
    if len(distinct) <= 3:
        return " ".join(distinct) or None
    return " ".join(distinct[:3]) + f" And {len(distinct) - 3} more of the kind."
