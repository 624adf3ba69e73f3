"""How well the listed causes explain a set of answers."""

from collections.abc import Mapping

import numpy as np

from agents.diagnosis.playbook import DONT_KNOW
from agents.diagnosis.tables import Floats, Table

Answers = Mapping[str, str]
"""Question id to answer id; `DONT_KNOW` is an answer that moves nothing."""


def fit(table: Table, answers: Answers) -> Floats:
    """[listed cause] how well a cause explains all answers, as a z-score; None of them: zeros.

    The log-likelihood of the answers against its mean and standard deviation under that same cause.
    """
    given = [table.index(q, a) for q, a in answers.items() if a != DONT_KNOW]
    if not given:
        return np.zeros(table.listed)
    rows = [q for q, _ in given]
    like = table.likelihood[rows, :, : table.listed]
    log = np.log(np.where(like > 0, like, 1.0))
    mean = (like * log).sum(axis=1)
    variance = (like * log**2).sum(axis=1) - mean**2
    seen = np.log(table.likelihood[rows, [a for _, a in given], : table.listed])
    return np.asarray((seen - mean).sum(axis=0) / np.sqrt(np.maximum(variance.sum(axis=0), 1e-12)))
