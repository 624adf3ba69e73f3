"""The best fixed questionnaire of a playbook: a mode for the user, and the standing baseline."""

from functools import lru_cache

import numpy as np

from agents.diagnosis.inquiry import Floats, Table, entropy

LENGTH = 12
"""Questions on the form; a session asks as many of them as its budget allows."""
CASES = 1500
"""Simulated cases the order is judged on."""


@lru_cache(maxsize=64)
def best_form(table: Table, seed: int = 7) -> tuple[str, ...]:
    """Question ids in the order to ask them.

    Greedy: each next question is the one that leaves the least uncertainty per effort, on average over
    cases drawn from the table itself. Same table and seed, same form.
    """
    rng = np.random.default_rng(seed)
    drawn = _draw(table, rng)
    log = np.tile(np.log(table.prior), (CASES, 1))
    order: list[int] = []
    own = table.against.count(None)
    while len(order) < min(LENGTH, own):
        left = [q for q in range(own) if q not in order]
        before = float(_mean_entropy(log))
        after = {q: float(_mean_entropy(log + drawn[:, q])) for q in left}
        best = max(left, key=lambda q: (before - after[q]) / table.cost[q])
        order.append(best)
        log = log + drawn[:, best]
    return tuple(table.questions[q] for q in order)


def _draw(table: Table, rng: np.random.Generator) -> Floats:
    """[case, question, cause] log-likelihoods of answers drawn for cases from the prior."""
    causes = rng.choice(len(table.causes), size=CASES, p=table.prior)
    drawn = np.empty((CASES, len(table.questions), len(table.causes)))
    for q, answers in enumerate(table.answers):
        like = table.likelihood[q, : len(answers)]
        edges = like.cumsum(axis=0)[:, causes]
        answer = np.minimum((rng.random(CASES) > edges).sum(axis=0), len(answers) - 1)
        drawn[:, q] = np.log(like[answer])
    return drawn


def _mean_entropy(log: Floats) -> np.floating:
    p = np.exp(log - log.max(axis=1, keepdims=True))
    return np.mean(entropy(p / p.sum(axis=1, keepdims=True)))
