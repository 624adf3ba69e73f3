"""Simulated clients put to the engine, and what came of it, counted.

Each case is a client with a hidden cause whose answers are drawn from the playbook's table with errors
of 0.5 nats, 8 % wrong answers and 15 % "don't know" (which use up a question). All policies meet the
same clients under the same stop rule. Cases outside the list come in two kinds, half each: the true
cause was struck from the playbook (leave one out), and a client who answers every question as another
cause would. A planted stated cause is a wrong one of the list, or one the list lacks, half each; it
enters as in a session, by what the user confirms.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from agents.diagnosis import inquiry, simulate
from agents.diagnosis.case import CLIENT_STATED, Case, Confirmed, Inquiry
from agents.diagnosis.inquiry import METHOD, Method, Table
from agents.diagnosis.playbook import SOMETHING_ELSE, Playbook
from agents.diagnosis.simulate import Client, Session
from agents.diagnosis.tables import method_as_data

OUTSIDE_SHARE = 0.15
"""Share of outside cases in the mix that calibration is measured on."""
MISLED = simulate.Character("misled", misled=0.25)


@dataclass
class Tally:
    """Outcomes of some playbooks' cases."""

    cases: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    choice_ms: list[float] = field(default_factory=list)
    confidence: list[tuple[float, bool, float]] = field(default_factory=list)
    """Belief in the leader, whether it was right, weight in the mix."""
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    inseparable: int = 0

    def share(self, name: str, of: str | None = None) -> float:
        """A count as share of the cases, or of another count; NaN when there are none."""
        total = self.cases if of is None else self.counts[of]
        return self.counts[name] / total if total else float("nan")

    def add(self, other: "Tally") -> None:
        """Take in another tally's outcomes."""
        self.cases += other.cases
        self.counts += other.counts
        self.choice_ms += other.choice_ms
        self.confidence += other.confidence
        self.confusions += other.confusions
        self.inseparable += other.inseparable


def measure(playbook: Playbook, cases: int, seed: int) -> Tally:
    """One playbook's cases under all policies, with planted causes and misled clients."""
    tally, sessions = verdicts(playbook, cases, seed, METHOD)
    table = inquiry.table(playbook)
    tally.inseparable = len(inquiry.inseparable(table))
    rng, own_rng = np.random.default_rng([seed, 2]), np.random.default_rng([seed, 3])
    for number, (client, own) in enumerate(sessions):
        _count_rivals(tally, table, client, number)
        wrong = str(rng.choice([c.id for c in playbook.causes if c.id != client.hidden]))
        _count_planted(tally, playbook, client, own, CLIENT_STATED if number % 2 else wrong, own_rng)
        _count_misled(tally, playbook, simulate.client(playbook, str(client.hidden), rng, MISLED, wrong))
    _count_rightly_blamed(tally, playbook, max(cases // 4, 1), np.random.default_rng([seed, 4]))
    return tally


def verdicts(
    playbook: Playbook, cases: int, seed: int, method: Method
) -> tuple[Tally, list[tuple[Client, Session]]]:
    """The engine's own verdicts on cases of the list, and on half as many from outside it.

    The clients depend on the seed alone, so that methods can be compared on the same ones.
    """
    tally = Tally(cases=cases)
    table = inquiry.table(playbook, None, method)
    rng, outside_rng = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
    sessions = []
    for hidden in simulate.hidden_causes(playbook, cases, rng):
        client = simulate.client(playbook, hidden, rng)
        sessions.append((client, _timed_adaptive(tally, table, client)))
        _count_inside(tally, table, *sessions[-1])
    half = max(cases // 4, 1)
    for kind, table, client in _outside(playbook, half, outside_rng, method):
        _count_outside(tally, kind, table, client, OUTSIDE_SHARE * cases / (2 * half))
    return tally, sessions


def _timed_adaptive(tally: Tally, table: Table, client: Client) -> Session:
    def policy(table: Table, answers: dict[str, str], asked: list[str]) -> str | None:
        start = time.perf_counter()
        chosen = simulate.adaptive(table, answers, asked)
        tally.choice_ms.append((time.perf_counter() - start) * 1000)
        return chosen

    return simulate.play(table, client, policy)


def _count_inside(tally: Tally, table: Table, client: Client, own: Session) -> None:
    top = own.top(table)
    best = [table.causes[i] for i in np.argsort(-own.belief)[:3]]
    replayed = inquiry.belief(table, dict(reversed(own.answers.items())))
    tally.counts["top1"] += top == client.hidden
    tally.counts["top3"] += client.hidden in best
    tally.counts["questions"] += len(own.asked)
    tally.counts["decided"] += own.decided
    tally.counts["right"] += own.decided and top == client.hidden
    tally.counts["doubted"] += inquiry.list_doubted(table, own.belief)
    tally.counts["replayed"] += replayed.tobytes() == own.belief.tobytes()
    tally.confidence.append((float(own.belief.max()), top == client.hidden, 1 - OUTSIDE_SHARE))
    if top != client.hidden:
        tally.confusions[str(client.hidden), top] += 1


def _outside(
    playbook: Playbook, half: int, rng: np.random.Generator, method: Method
) -> Iterator[tuple[str, Table, Client]]:
    """Clients whose cause the table lacks, `half` of either kind."""
    for hidden in simulate.hidden_causes(playbook, half, rng):
        struck = inquiry.table(simulate.without(playbook, hidden), None, method)
        yield "left_out", struck, simulate.client(playbook, hidden, rng)
        yield "incoherent", inquiry.table(playbook, None, method), simulate.incoherent_client(playbook, rng)


def _count_outside(tally: Tally, kind: str, table: Table, client: Client, weight: float) -> None:
    session = simulate.play(table, client, simulate.adaptive)
    for name in (kind, "outside"):
        tally.counts[name] += 1
        tally.counts[f"{name}_decided"] += session.decided
    tally.counts["outside_doubted"] += inquiry.list_doubted(table, session.belief)
    right = session.top(table) == SOMETHING_ELSE
    tally.confidence.append((float(session.belief.max()), right, weight))


def _count_rivals(tally: Tally, table: Table, client: Client, number: int) -> None:
    fixed = simulate.play(table, client, simulate.fixed_form)
    tally.counts["form_top1"] += fixed.top(table) == client.hidden
    tally.counts["form_questions"] += len(fixed.asked)
    tally.counts["form_decided"] += fixed.decided
    drawn = simulate.play(table, client, simulate.random_order(number))
    tally.counts["random_top1"] += drawn.top(table) == client.hidden


def _count_planted(
    tally: Tally, playbook: Playbook, client: Client, own: Session, stated_id: str, rng: np.random.Generator
) -> None:
    """The same client blames a wrong cause: does another verdict come out, or none, or one at last?"""
    plain, planted = inquiry.table(playbook), planted_table(playbook, stated_id)
    if planted.causes != plain.causes:
        client = simulate.with_suspicion(playbook, client, False, rng)
    again = simulate.play(planted, client, simulate.adaptive)
    same_leader = again.top(planted) == own.top(plain)
    either = own.decided or again.decided
    tally.counts["planted_verdicts"] += either
    tally.counts["flips"] += either and not (same_leader and again.decided == own.decided)
    tally.counts["leader_changed"] += not same_leader
    tally.counts["table_changed"] += planted.causes != plain.causes
    if planted.tests:
        _count_sought(tally, planted, client, again)
        _count_turned(tally, plain, planted, client, own)


def _count_sought(tally: Tally, planted: Table, client: Client, own: Session) -> None:
    """The wrong suspicion, tested as soon as it can be: what becomes of the verdict?"""
    tally.counts["suspicion_tested"] += not set(own.asked).isdisjoint(planted.tests.values())
    sought = simulate.play(planted, client, simulate.suspicion_first)
    tally.counts["sought_right"] += sought.decided and sought.top(planted) == client.hidden
    tally.counts["sought_decided"] += sought.decided
    tally.counts["unsought_decided"] += own.decided
    tally.counts["sought_top1"] += sought.top(planted) == client.hidden
    tally.counts["unsought_top1"] += own.top(planted) == client.hidden


def _count_turned(tally: Tally, plain: Table, planted: Table, client: Client, own: Session) -> None:
    """What testing the wrong suspicion as soon as it is on offer does to the verdict there would be without.

    A verdict that is held back, since the client says that the problem is there too, is counted apart from
    one that flips: to another cause, to none, or to a wrong one at last. A right one at last is neither.
    """
    sought = simulate.play(planted, client, simulate.suspicion_first)
    top, held = sought.top(planted), not sought.decided and inquiry.passes(planted, sought.answers)
    another = own.decided and sought.decided and top != own.top(plain)
    lost = own.decided and not sought.decided and not held
    gained = sought.decided and not own.decided
    tally.counts["sought_verdicts"] += own.decided or sought.decided
    tally.counts["sought_flips"] += another or lost or (gained and top != client.hidden)
    tally.counts["sought_another"] += another
    tally.counts["sought_held"] += own.decided and held
    tally.counts["sought_gained"] += gained and top == client.hidden


def _count_rightly_blamed(tally: Tally, playbook: Playbook, cases: int, rng: np.random.Generator) -> None:
    """A client who blames the true cause, which the list lacks: does the suspicion come up, or a verdict?

    Each meets the engine with the question on the suspicion asked when it is worth most, with that
    question asked first of all once an answer is in, and without it.
    """
    untested = method_as_data(replace(METHOD, tests_suspicion=False))
    for hidden in simulate.hidden_causes(playbook, cases, rng):
        struck = simulate.without(playbook, hidden)
        client = simulate.client(playbook, hidden, rng)
        client = simulate.with_suspicion(struck, client, True, rng)
        tested = planted_table(struck, CLIENT_STATED)
        tally.counts["blamed"] += 1
        for name, table, policy in (
            ("tested", tested, simulate.adaptive),
            ("sought", tested, simulate.suspicion_first),
            ("untested", planted_table(struck, CLIENT_STATED, untested), simulate.adaptive),
        ):
            session = simulate.play(table, client, policy)
            tally.counts[f"blamed_{name}_leads"] += session.top(table) == CLIENT_STATED
            tally.counts[f"blamed_{name}_decided"] += session.decided


def planted_table(playbook: Playbook, stated_id: str, method: dict[str, Any] | None = None) -> Table:
    """The table of a session in which the user confirmed that the client blames `stated_id`."""
    confirmed = Confirmed(
        playbook_id=playbook.id,
        playbook_hash=playbook.hash,
        facts=(),
        missing=(),
        mode="adaptive",
        stated_id=stated_id,
        stated_text="what the client blames",
        answered={},
        method=method or method_as_data(),
    )
    return Inquiry(Case("planted", confirmed=confirmed), playbook).table


def _count_misled(tally: Tally, playbook: Playbook, client: Client) -> None:
    table = inquiry.table(playbook)
    session = simulate.play(table, client, simulate.adaptive)
    right = session.top(table) == client.hidden
    tally.counts["misled_top1"] += right
    tally.counts["misled_decided"] += session.decided
    tally.counts["misled_right"] += session.decided and right


def calibration_error(confidence: Iterable[tuple[float, bool, float]], bins: int = 10) -> float:
    """Expected calibration error over equal-width bins, weighted."""
    data = np.array([(p, float(right), w) for p, right, w in confidence])
    which = np.minimum((data[:, 0] * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = data[which == b]
        if len(inside):
            weight = inside[:, 2]
            gap = np.average(inside[:, 0], weights=weight) - np.average(inside[:, 1], weights=weight)
            error += abs(gap) * weight.sum() / data[:, 2].sum()
    return float(error)


def total(tallies: Iterable[Tally]) -> Tally:
    """All outcomes in one tally."""
    result = Tally()
    for tally in tallies:
        result.add(tally)
    return result


def summary(tally: Tally) -> dict[str, float]:
    """The figures of the last line."""
    figures = {
        "top1_adaptive": tally.share("top1"),
        "top1_form": tally.share("form_top1"),
        "top1_random": tally.share("random_top1"),
        "top3_adaptive": tally.share("top3"),
        "questions_adaptive": tally.share("questions"),
        "questions_form": tally.share("form_questions"),
        "decided": tally.share("decided"),
        "right_when_decided": tally.share("right", "decided"),
        "outside_decided": tally.share("outside_decided", "outside"),
        "flip_stated": tally.share("flips", "planted_verdicts"),
        "flip_sought": tally.share("sought_flips", "sought_verdicts"),
        "held_sought": tally.share("sought_held", "sought_verdicts"),
        "ece": calibration_error(tally.confidence),
        "choice_ms_p95": float(np.percentile(tally.choice_ms, 95)),
    }
    rounded = {name: round(value, 4) for name, value in figures.items()}
    return {**rounded, "inseparable_pairs": tally.inseparable, "cases": tally.cases}
