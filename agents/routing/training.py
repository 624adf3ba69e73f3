"""Train the classifier on the shipped cases: `python -m agents.routing.training` writes the model file.

Ridge regression on one target per label, in its dual form. The leave-one-out scores come from the same
solution (residual = coefficient / diagonal of the inverse; Hastie, Tibshirani and Friedman, section 7.10),
and the probabilities are fitted on them, so they need no cases of their own.
"""

import hashlib
from collections import Counter, defaultdict
from math import log

import numpy as np
from numpy.typing import NDArray

from agents.routing.calibration import Calibration, Floats, evidence_of
from agents.routing.cases import Case, shipped
from agents.routing.features import Features, extract
from agents.routing.model import Model, Rarity
from agents.routing.word_groups import WORDS, Entry, WordGroups

PENALTY = 1.0
LEAST_CASES = 2
"""A feature in fewer training cases is not learned."""
BIAS_SCALE = 0.1
RARE_ENTRY = 5
"""A word-group entry seen in no more training cases than this is left aside while training: such entries
are the ones most likely written with those cases in mind, and would make groups look surer than they are."""

DENSE_FROM = 64
"""Features in more cases than this are multiplied as a matrix, the others pair by pair."""


def train(cases: list[Case], groups: WordGroups) -> Model:
    labels = tuple(sorted({case.label for case in cases}))
    wanted = np.array([labels.index(case.label) for case in cases])
    features = _training_features(cases, groups)
    frequency = Counter(name for each in features for name in each.values)
    rarity = _rarity(frequency, len(cases))
    known_without_it = {name for name, count in frequency.items() if count > LEAST_CASES}
    evidence = np.array([evidence_of(each, known_without_it) for each in features])
    vectors = [rarity.vector(each) for each in features]
    coefficients, left_out = _solve(_gram(vectors), np.eye(len(labels))[wanted])
    names = tuple(rarity.known)
    return Model(
        labels=labels,
        names=names,
        rarity_of=np.array([rarity.known[name] for name in names], dtype=np.float32),
        weights=_primal(vectors, coefficients, names),
        bias=(BIAS_SCALE * coefficients.sum(axis=0)).astype(np.float32),
        unknown_rarity=rarity.unknown,
        calibration=Calibration.fit(left_out, evidence, wanted),
        trained_on=digest(cases),
    )


def digest(cases: list[Case]) -> str:
    """Fingerprint of what the model is trained on."""
    lines = [case.model_dump_json() for case in cases]
    return hashlib.sha256("\n".join([*lines, WORDS.read_text(encoding="utf-8")]).encode()).hexdigest()


def _training_features(cases: list[Case], groups: WordGroups) -> list[Features]:
    first = [extract(case.text, case.attached, groups) for case in cases]
    seen: Counter[Entry] = Counter(entry for each in first for entry in each.entries)
    aside = frozenset(entry for entry, count in seen.items() if count <= RARE_ENTRY)
    return [
        extract(case.text, case.attached, groups, aside) if each.entries & aside else each
        for case, each in zip(cases, first, strict=True)
    ]


def _rarity(frequency: Counter[str], cases: int) -> Rarity:
    known = {
        name: log((1 + cases) / (1 + count)) + 1 for name, count in frequency.items() if count >= LEAST_CASES
    }
    return Rarity(known, log(1 + cases) + 1)


def _gram(vectors: list[dict[str, float]]) -> Floats:
    """Inner products of all pairs of vectors."""
    columns: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row, vector in enumerate(vectors):
        for name, value in vector.items():
            columns[name].append((row, value))
    gram = np.zeros((len(vectors), len(vectors)))
    by_size: dict[int, list[list[tuple[int, float]]]] = defaultdict(list)
    for column in columns.values():
        by_size[len(column)].append(column)
    frequent = [column for size, same in by_size.items() if size > DENSE_FROM for column in same]
    dense = np.zeros((len(vectors), len(frequent)))
    for at, column in enumerate(frequent):
        rows, values = zip(*column, strict=True)
        dense[list(rows), at] = values
    gram += dense @ dense.T
    for size, same in by_size.items():
        if size <= DENSE_FROM:
            _add_pairs(gram, np.array(same))
    return gram


def _add_pairs(gram: Floats, columns: Floats) -> None:
    """Add the products within columns of equal size (columns x size x (row, value))."""
    rows, values = columns[:, :, 0].astype(np.int64), columns[:, :, 1]
    at = rows[:, :, None] * len(gram) + rows[:, None, :]
    np.add.at(gram.reshape(-1), at.reshape(-1), (values[:, :, None] * values[:, None, :]).reshape(-1))


def _solve(gram: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Dual coefficients, and the scores each case gets from a model trained without it."""
    inverse = np.linalg.inv(gram + BIAS_SCALE + PENALTY * np.eye(len(gram)))
    coefficients: Floats = inverse @ targets
    left_out: Floats = targets - coefficients / np.diag(inverse)[:, None]
    return coefficients, left_out


def _primal(
    vectors: list[dict[str, float]], coefficients: Floats, names: tuple[str, ...]
) -> NDArray[np.float32]:
    row_of = {name: row for row, name in enumerate(names)}
    weights = np.zeros((len(names), coefficients.shape[1]))
    for vector, case in zip(vectors, coefficients, strict=True):
        weights[[row_of[name] for name in vector]] += np.array(list(vector.values()))[:, None] * case
    return weights.astype(np.float32)


if __name__ == "__main__":
    train(shipped("train"), WordGroups.load()).save()
