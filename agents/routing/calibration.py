"""From scores to probabilities: multinomial logistic regression on leave-one-out scores (Platt scaling).

Beside the scores it sees how much of the text is known and how long it is, so that a short text or one of
mostly new words is believed less.
"""

from collections.abc import Container
from dataclasses import dataclass
from math import log1p
from typing import Self

import numpy as np
from numpy.typing import NDArray

from agents.routing.features import Features

Floats = NDArray[np.float64]

PENALTY = 3.0
"""On the squared weights of standardised inputs."""
SCORE_SCALE = 3.0
"""Scores lie between 0 and 1 and are spread less than the standardised inputs."""
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Calibration:
    weights: NDArray[np.float32]
    """(Labels + 2) x labels: the scores, then share of known words and logarithm of the length."""
    bias: NDArray[np.float32]

    def probabilities(self, scores: Floats, evidence: Floats) -> Floats:
        logits = np.concatenate([scores, evidence]) @ self.weights + self.bias
        return softmax(np.asarray(logits, dtype=np.float64))

    @classmethod
    def fit(cls, left_out: Floats, evidence: Floats, wanted: NDArray[np.int64]) -> Self:
        """Fit on the scores of cases left out of training (cases x labels) and their evidence."""
        count = left_out.shape[1]
        centre = np.concatenate([np.zeros(count), evidence.mean(axis=0)])
        scale = np.concatenate([np.full(count, 1 / SCORE_SCALE), evidence.std(axis=0) + 1e-9])
        inputs = (np.hstack([left_out, evidence]) - centre) / scale
        fitted = _logistic(np.hstack([inputs, np.ones((len(inputs), 1))]), np.eye(count)[wanted])
        weights = fitted[:-1] / scale[:, None]
        return cls(weights.astype(np.float32), (fitted[-1] - centre @ weights).astype(np.float32))


def evidence_of(features: Features, known: Container[str]) -> Floats:
    """Share of the different words that are known, and ln(1 + number of words)."""
    words = [name for name in features.values if name.startswith("w:")]
    share = sum(name in known for name in words) / max(1, len(words))
    return np.array([share, log1p(len(features.surfaces))])


def softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def _logistic(inputs: Floats, targets: Floats) -> Floats:
    """Damped Newton steps; the last input is the constant and carries (almost) no penalty."""
    size, count = inputs.shape[1], targets.shape[1]
    penalty = np.full((size, count), PENALTY)
    penalty[-1] = 1e-3

    def loss(weights: Floats) -> float:
        right = (softmax(inputs @ weights) * targets).sum(axis=1)
        return float(-np.log(right + 1e-300).sum() + (penalty * weights**2).sum() / 2)

    weights, reached = np.zeros((size, count)), np.inf
    while (now := loss(weights)) < reached - TOLERANCE:
        reached = now
        guess = softmax(inputs @ weights)
        slope = inputs.T @ (guess - targets) + penalty * weights
        step = np.linalg.solve(_curvature(inputs, guess, penalty), slope.T.reshape(-1))
        step = step.reshape(count, size).T
        damping = next((d for d in 0.5 ** np.arange(20) if loss(weights - d * step) < now), 0.0)
        weights = weights - damping * step
    return weights


def _curvature(inputs: Floats, guess: Floats, penalty: Floats) -> Floats:
    """Second derivatives, ordered by label, then input."""
    size, count = inputs.shape[1], guess.shape[1]
    blocks = np.zeros((count, size, count, size))
    for a in range(count):
        for b in range(count):
            weight = guess[:, a] * ((a == b) - guess[:, b])
            blocks[a, :, b, :] = inputs.T @ (inputs * weight[:, None])
    full = blocks.reshape(count * size, count * size)
    full[np.diag_indices_from(full)] += penalty.T.reshape(-1)
    return full
