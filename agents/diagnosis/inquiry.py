"""Belief over causes: update, gain, choice of question, stop and ledger, as pure functions.

Log-space Bayes over the softened likelihoods of `tables.py`, whose names are at hand here too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from agents.diagnosis import suspicion
from agents.diagnosis.fitting import Answers as Answers
from agents.diagnosis.fitting import fit as fit
from agents.diagnosis.playbook import DONT_KNOW as DONT_KNOW
from agents.diagnosis.tables import METHOD as METHOD
from agents.diagnosis.tables import Floats as Floats
from agents.diagnosis.tables import Method as Method
from agents.diagnosis.tables import Table as Table
from agents.diagnosis.tables import plain_likelihood as plain_likelihood
from agents.diagnosis.tables import soften as soften
from agents.diagnosis.tables import table as table


@dataclass(frozen=True)
class Option:
    """A question that could be asked next."""

    question_id: str
    gain: float
    """Expected information in bits."""
    score: float
    """Gain over effort, less the penalty for a repeated theme."""


@dataclass(frozen=True)
class Step:
    """One line of the ledger."""

    question_id: str
    answer_id: str
    shift: tuple[float, ...]
    """Change of log-odds per cause, in nats, in the table's order of causes."""
    before: tuple[float, ...]
    after: tuple[float, ...]
    """Belief per cause around the answer."""


class Stop(StrEnum):
    """Why no further question is asked."""

    DECIDED = "decided"
    HELD = "held"
    """A verdict was near, and the test of the client's own suspicion speaks against it."""
    NO_GAIN = "no_gain"
    BUDGET = "budget"
    EXHAUSTED = "exhausted"


def belief(table: Table, answers: Answers) -> Floats:
    """Belief per cause after the answers; their order does not matter, "don't know" moves nothing."""
    log = np.log(table.prior)
    for question_id in sorted(answers, key=table.questions.index):
        if answers[question_id] != DONT_KNOW:
            q, a = table.index(question_id, answers[question_id])
            log = log + np.log(table.likelihood[q, a])
    return _normalised(log)


def entropy(p: Floats, axis: int = -1) -> Floats:
    """Entropy in bits along an axis."""
    return np.asarray(-np.where(p > 0, p * np.log2(np.maximum(p, 1e-300)), 0.0).sum(axis=axis))


def gains(table: Table, p: Floats) -> Floats:
    """[question] expected information gain in bits (mutual information of answer and cause)."""
    joint = table.likelihood * p
    predicted = joint.sum(axis=2)
    posterior = joint / np.maximum(predicted, 1e-300)[:, :, None]
    return np.asarray(entropy(p) - (predicted * entropy(posterior)).sum(axis=1))


def choose(table: Table, answers: Answers, asked: Sequence[str]) -> list[Option]:
    """The unasked questions, best first: gain over effort, less a penalty for the theme just asked."""
    gain = gains(table, belief(table, answers))
    known = [q for q in asked if q not in table.tests.values()]
    last = table.themes[table.questions.index(known[-1])] if known else None
    options = []
    for question_id in open_questions(table, answers):
        q = table.questions.index(question_id)
        factor = table.method.same_theme if table.themes[q] == last else 1.0
        options.append(Option(question_id, float(gain[q]), float(gain[q] / table.cost[q] * factor)))
    due = open_test(table, answers) if contradicted(table, answers) else None
    return sorted(options, key=lambda option: (option.question_id != due, -option.score))


def open_questions(table: Table, answers: Answers) -> list[str]:
    """The questions that may be asked: those of the playbook without an answer, and one on the suspicion."""
    left = [q for q in table.questions if q not in answers and q not in table.tests.values()]
    test = open_test(table, answers)
    return left if test is None else [*left, test]


def open_test(table: Table, answers: Answers) -> str | None:
    """The question on the suspicion that may be asked: the one against the listed cause that leads.

    None before enough answers have told which leads. One is enough, unless the problem was found "there
    too": then another cause that leads is not compared with the suspicion yet.
    """
    if not table.tests or _informative(answers) < table.method.informative_answers:
        return None
    given = _tested(table, answers)
    test = table.tests[int(np.argmax(belief(table, answers)[: table.listed]))]
    compared = bool(given) and suspicion.THERE not in given.values()
    return None if compared or test in given else test


def contradicted(table: Table, answers: Answers) -> bool:
    """True when a direct test came out for the client's own suspicion and none set it behind the leader.

    No question of the playbook tells the suspicion from a listed cause that fits the same answers, so that
    what they do to belief does not undo the test.
    """
    given = _tested(table, answers)
    first = leader(belief(table, answers))[0]
    cleared = given.get(table.tests.get(first, "")) == suspicion.NOT_THERE
    return suspicion.THERE in given.values() and not cleared


def _tested(table: Table, answers: Answers) -> dict[str, str]:
    """The answers to questions on the suspicion."""
    return {q: answers[q] for q in table.tests.values() if q in answers}


def _informative(answers: Answers) -> int:
    return sum(answer != DONT_KNOW for answer in answers.values())


def leader(p: Floats) -> tuple[int, float, float]:
    """Position and belief of the leading cause, and its distance to the second."""
    order = np.argsort(-p, kind="stable")
    return int(order[0]), float(p[order[0]]), float(p[order[0]] - p[order[1]])


def is_decided(table: Table, answers: Answers) -> bool:
    """True when the answers allow a verdict, and no test of the client's own suspicion speaks against it."""
    return passes(table, answers) and not contradicted(table, answers)


def passes(table: Table, answers: Answers) -> bool:
    """True when the bar, the lead, the number of answers and the fit of the answers allow a verdict."""
    method = table.method
    first, top, lead = leader(belief(table, answers))
    return (
        first < table.listed
        and top >= method.bar
        and lead >= method.lead
        and _informative(answers) >= method.informative_answers
        and bool(fit(table, answers)[first] >= -table.method.misfit)
    )


def budget(table: Table, asked: Sequence[str]) -> int:
    """Questions before the tool stops on its own: a test of the suspicion takes none from the playbook's."""
    return table.method.budget + sum(question_id in table.tests.values() for question_id in asked)


def should_stop(table: Table, answers: Answers, asked: Sequence[str], budget: int) -> Stop | None:
    """Why to stop now, or None to go on; `asked` holds the questions put to the client, in order."""
    if passes(table, answers):
        if not contradicted(table, answers):
            return Stop.DECIDED
        return Stop.HELD if open_test(table, answers) is None else None
    options = choose(table, answers, asked)
    if not options:
        return Stop.EXHAUSTED
    if len(asked) >= budget:
        return Stop.BUDGET
    if max(option.gain for option in options) < table.method.least_gain:
        return Stop.NO_GAIN
    return None


def misfits(table: Table, answers: Answers) -> bool:
    """True when enough answers are in and they are improbable under every listed cause."""
    enough = _informative(answers) >= table.method.informative_answers
    return enough and bool(fit(table, answers).max() < -table.method.misfit)


def list_doubted(table: Table, p: Floats) -> bool:
    """True when something else leads or has risen so far that the list may not hold.

    A suspicion that the client named is no sign of a cause that nobody named.
    """
    rise = float(p[-1] - table.prior[-1])
    return rise >= table.method.other_rise or bool(p[-1] > p[:-1].max())


def ledger(table: Table, answers: Answers) -> list[Step]:
    """One step per answer, in the order given; the shifts add up to the change from prior to belief."""
    steps, so_far = [], dict[str, str]()
    before = belief(table, so_far)
    for question_id, answer_id in answers.items():
        so_far[question_id] = answer_id
        after = belief(table, so_far)
        shift = log_odds(after) - log_odds(before)
        steps.append(Step(question_id, answer_id, _tuple(shift), _tuple(before), _tuple(after)))
        before = after
    return steps


def log_odds(p: Floats) -> Floats:
    """Natural log of p / (1 - p), for beliefs strictly between 0 and 1.

    The complement is summed from the other beliefs, so that it does not vanish next to 1.
    """
    complement = np.where(np.eye(len(p), dtype=bool), 0.0, p).sum(axis=1)
    return np.asarray(np.log(p) - np.log(complement))


def separation(table: Table, question_id: str, first: int, second: int) -> float:
    """Symmetric Kullback-Leibler divergence in bits between two causes' answers to a question."""
    q = table.questions.index(question_id)
    n = len(table.answers[q])
    a, b = table.likelihood[q, :n, first], table.likelihood[q, :n, second]
    return float(((a - b) * np.log2(a / b)).sum())


def separates_most(table: Table, question_id: str, p: Floats) -> tuple[int, int]:
    """The two causes that the question tells apart best, weighed by how much belief is at stake."""
    pairs = [(i, j) for i in range(len(p)) for j in range(i + 1, len(p))]
    return max(pairs, key=lambda ij: separation(table, question_id, *ij) * math.sqrt(p[ij[0]] * p[ij[1]]))


def what_if(table: Table, answers: Answers, question_id: str) -> dict[str, Floats]:
    """Belief after each possible answer to a question."""
    q = table.questions.index(question_id)
    return {a: belief(table, {**answers, question_id: a}) for a in table.answers[q]}


def better_pair(table: Table, answers: Answers) -> tuple[int, int] | None:
    """Two listed causes that together explain the answers clearly better than any single one, or None.

    "Something else" counts as a single one: answers that deny every cause are no sign of two of them.
    Under a pair each answer is as likely as under the cause that favours it more, normalised over answers.
    """
    given = [table.index(q, a) for q, a in answers.items() if a != DONT_KNOW]
    if len(given) < table.method.informative_answers + 1:
        return None
    rows, columns = [q for q, _ in given], [a for _, a in given]
    like = table.likelihood[rows]
    single = float(np.log(like[range(len(rows)), columns]).sum(axis=0).max())
    best, found = single + table.method.pair_gain, None
    for i in range(table.listed):
        for j in range(i + 1, table.listed):
            both = np.maximum(like[:, :, i], like[:, :, j])
            both = both / both.sum(axis=1, keepdims=True)
            score = float(np.log(both[range(len(rows)), columns]).sum())
            if score > best:
                best, found = score, (i, j)
    return found


def inseparable(table: Table, least: float = 0.5) -> list[tuple[str, str]]:
    """Pairs of listed causes that no question separates by `least` bits of divergence."""
    listed = range(table.listed)
    return [
        (table.causes[i], table.causes[j])
        for i in listed
        for j in listed
        if i < j and max(separation(table, q, i, j) for q in table.questions) < least
    ]


def percent(p: float) -> int:
    """A belief in whole percents; every page, memo and chart rounds by this one rule."""
    return math.floor(100 * p + 0.5)


def _normalised(log: Floats) -> Floats:
    p = np.exp(log - log.max())
    return np.asarray(p / p.sum())


def _tuple(values: Floats) -> tuple[float, ...]:
    return tuple(float(v) for v in values)
