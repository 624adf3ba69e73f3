"""A playbook as numbers: the constants of the method, priors, and softened likelihoods.

Every constant that the benchmark tunes stands in `Method`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.diagnosis import suspicion
from agents.diagnosis.playbook import SOMETHING_ELSE, Effort, Level, Playbook, Question

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Method:
    """The constants of the method; `benchmarks/diagnosis.py` measures what they do.

    With beliefs that come true about as often as they say, one high bar on belief is the test of a
    verdict: it weighs the leader against its rivals and against "something else" at once. Other values of
    `tempering` and `other_prior` move along the same trade-off between verdicts and cases from outside
    the list that pass for one. Tried beside the bar and dropped, since none let fewer pass at as many
    verdicts: more answers, a stricter fit, a question to verify the leader, a leader that must hold with
    its best answer struck. Looking two questions ahead brought no better choice either.
    """

    weights: tuple[tuple[Level, float], ...] = (
        (Level.RULES_OUT, 0.02),
        (Level.UNLIKELY, 0.12),
        (Level.NEUTRAL, 0.40),
        (Level.LIKELY, 1.0),
        (Level.TYPICAL, 2.4),
    )
    """Relative weight of an answer per level; normalised over a question's answers."""
    tempering: float = 0.7
    """Exponent on the likelihood: softens what tables and answers claim; calibrates belief."""
    noise: float = 0.08
    """Share of answers that are wrong; floors every likelihood."""
    other_prior: float = 0.10
    """Belief in "something else" before any answer: the share of such cases that is reckoned with."""
    flattening: float = 0.5
    """Exponent that flattens the average table into that of "something else"."""
    bar: float = 0.94
    """Belief the leading cause needs for a verdict; lower ones let in cases from outside the list."""
    lead: float = 0.30
    """Distance to the second that it needs; binds only when the bar is set under 0.65."""
    informative_answers: int = 3
    """Answers other than "don't know" that a verdict needs."""
    least_gain: float = 0.02
    """Bits under which no question is worth asking; well under what the way to the bar takes."""
    budget: int = 8
    """Questions before the tool stops on its own."""
    same_theme: float = 0.85
    """Factor on the score of a question whose theme was just asked."""
    other_rise: float = 0.10
    """Rise of "something else" at which the list is doubted."""
    misfit: float = 1.0
    """Standard deviations under expectation at which the answers do not fit together."""
    pair_gain: float = 2.0
    """Nats by which a pair of causes must explain the answers better than the best single one."""
    tests_suspicion: bool = True
    """A suspicion that the list lacks has a question of its own; runs from before there was one have none."""


METHOD = Method()


def method_as_data(method: Method = METHOD) -> dict[str, Any]:
    """The constants as JSON data, to be kept with a run."""
    return {**asdict(method), "weights": {level.value: weight for level, weight in method.weights}}


def method_from(data: Mapping[str, Any] | None) -> Method:
    """The constants of a run; one that kept none is from before suspicions were tested."""
    if data is None:
        return replace(METHOD, tests_suspicion=False)
    weights = tuple((Level(name), float(weight)) for name, weight in data["weights"].items())
    return Method(**{"tests_suspicion": False, **data, "weights": weights})


EFFORT_COST: dict[Effort, float] = {"recall": 1.0, "look_up": 1.2, "analyse": 1.6}
"""Divisor of the expected gain per effort of answering."""


@dataclass(frozen=True, eq=False)
class Table:
    """A playbook as numbers. Axes: question, answer (padded with zeros), cause."""

    method: Method
    causes: tuple[str, ...]
    """The listed ones first, then what is outside the list; "something else" is the last."""
    listed: int
    """Number of causes on the playbook's list."""
    questions: tuple[str, ...]
    answers: tuple[tuple[str, ...], ...]
    themes: tuple[str, ...]
    cost: Floats
    """[question] divisor of the gain."""
    prior: Floats
    """[cause], sums to 1."""
    likelihood: Floats
    """[question, answer, cause], softened; sums to 1 over answers."""
    against: tuple[int | None, ...]
    """[question] the listed cause that a question on the client's suspicion is set against; None for the
    playbook's own questions, which come first."""

    @property
    def tests(self) -> dict[int, str]:
        """The questions on the client's suspicion, by the listed cause that they are set against."""
        return {i: q for i, q in zip(self.against, self.questions, strict=True) if i is not None}

    def index(self, question_id: str, answer_id: str) -> tuple[int, int]:
        """Position of an answer (ValueError when the playbook has none such)."""
        q = self.questions.index(question_id)
        return q, self.answers[q].index(answer_id)


@lru_cache(maxsize=256)
def table(playbook: Playbook, stated: str | None = None, method: Method = METHOD) -> Table:
    """The playbook as numbers.

    `stated` is the id of a cause that the client named and the list lacks: it joins with a flat table
    and half the prior of "something else", so that stating it gives no listed cause any lift. Questions
    that test it come last (`suspicion`).
    """
    likelihood = _padded_likelihood(playbook, method)
    other = _flattened(likelihood, method)
    prior = np.array([c.prior for c in playbook.causes])
    prior = (1 - method.other_prior) * prior / prior.sum()
    causes = tuple(c.id for c in playbook.causes)
    columns, tail = [likelihood], [method.other_prior]
    names = [SOMETHING_ELSE]
    if stated is not None:
        columns.append(other)
        tail = [method.other_prior / 2, method.other_prior / 2]
        names = [stated, SOMETHING_ELSE]
    columns.append(other)
    tests = suspicion.questions(playbook) if stated is not None and method.tests_suspicion else ()
    asked = (*playbook.questions, *tests)
    return Table(
        method=method,
        causes=(*causes, *names),
        listed=len(causes),
        questions=tuple(q.id for q in asked),
        answers=tuple(tuple(a.id for a in q.answers) for q in asked),
        themes=tuple(q.theme for q in asked),
        cost=np.array([EFFORT_COST[q.effort] for q in asked]),
        prior=np.concatenate([prior, tail]),
        likelihood=np.concatenate(
            [np.concatenate(columns, axis=2), *_tests(playbook, tests, likelihood, method)]
        ),
        against=(*(None for _ in playbook.questions), *range(len(tests))),
    )


def _tests(playbook: Playbook, tests: Sequence[Question], known: Floats, method: Method) -> list[Floats]:
    """[1, answer, cause] of each question on the suspicion, padded like the known ones."""
    own = np.array([[dict(method.weights)[level] for level, *_ in suspicion.LEVELS.values()]]).T
    stated = soften(own / own.sum(), method)
    found = []
    for question in tests:
        listed = soften(plain_likelihood(playbook, question, method), method)
        other = _flattened(listed[None], method)[0]
        rows = np.concatenate([listed, stated, other], axis=1)
        found.append(np.pad(rows, ((0, known.shape[1] - len(rows)), (0, 0)))[None])
    return found


def soften(plain: Floats, method: Method = METHOD) -> Floats:
    """Softened P(answer | cause) from the plain one [answer, cause]: floor, temper, normalise."""
    floored = (1 - method.noise) * plain + method.noise / len(plain)
    soft = floored**method.tempering
    return np.asarray(soft / soft.sum(axis=0))


def plain_likelihood(playbook: Playbook, question: Question, method: Method = METHOD) -> Floats:
    """[answer, cause] what the levels say, normalised over the answers."""
    weight = dict(method.weights)
    levels = np.array(
        [[weight[a.levels.get(c.id, Level.NEUTRAL)] for c in playbook.causes] for a in question.answers]
    )
    return np.asarray(levels / levels.sum(axis=0))


def _padded_likelihood(playbook: Playbook, method: Method) -> Floats:
    widest = max(len(q.answers) for q in playbook.questions)
    padded = np.zeros((len(playbook.questions), widest, len(playbook.causes)))
    for row, question in enumerate(playbook.questions):
        padded[row, : len(question.answers)] = soften(plain_likelihood(playbook, question, method), method)
    return padded


def _flattened(likelihood: Floats, method: Method) -> Floats:
    """[question, answer, 1] the average over causes, flattened and normalised."""
    average = likelihood.mean(axis=2, keepdims=True)
    flat = np.where(average > 0, average**method.flattening, 0.0)
    return np.asarray(flat / flat.sum(axis=1, keepdims=True))
