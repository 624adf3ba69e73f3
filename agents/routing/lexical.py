"""Which agent a request is for, without a model: n-grams, learned weights, honest confidence.

`classify` ranks the labels, `decide` says whether the first is sure enough or the person must choose.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from agents.errors import BadInput
from agents.routing.calibration import Floats, evidence_of
from agents.routing.features import SPEAKING, Features, extract
from agents.routing.model import Model
from agents.routing.word_groups import WordGroups

SURE_FROM = 0.6
"""Least confidence of a sure decision."""
MARGIN_FROM = 0.15
"""Least lead over the second label of a sure decision."""
UNCLEAR = "unclear"
"""The label of requests that nobody could route; never an agent."""
MOST_TERMS = 4


@dataclass(frozen=True, slots=True)
class Ranked:
    label: str
    probability: float
    """Calibrated on cases left out of training; all labels of a ranking add up to 1."""


@dataclass(frozen=True, slots=True)
class Ranking:
    labels: tuple[Ranked, ...]
    """All labels, the likeliest first; `unclear` is one of them."""
    terms: tuple[str, ...]
    """The few words that spoke for the first label, as written; empty when none did."""

    @property
    def best(self) -> str:
        return self.labels[0].label

    @property
    def confidence(self) -> float:
        return self.labels[0].probability

    @property
    def margin(self) -> float:
        return self.labels[0].probability - self.labels[1].probability

    @property
    def best_three(self) -> tuple[Ranked, ...]:
        """The agents to choose from when asking back."""
        return tuple(ranked for ranked in self.labels if ranked.label != UNCLEAR)[:3]


@dataclass(frozen=True, slots=True)
class Decision:
    sure: bool
    label: str | None
    """The agent that takes it; None when the person is asked."""
    choices: tuple[str, ...]
    """The best three agents."""
    reason: str
    """One sentence for the person."""


def classify(text: str, attached: str | None = None) -> Ranking:
    """Rank the labels for a request; `attached` is a kind (`csv`, `pdf`), a suffix or a file name.

    Raises BadInput when there is no text.
    """
    if not text.strip():
        raise BadInput("There is nothing to route yet. Type what you need and send it again.")
    model = _model()
    features = extract(text, attached, _groups())
    names, contributions = model.contributions(model.rarity.vector(features))
    if not any(name[0] in SPEAKING for name in names):
        return _unknown(model)
    probabilities = model.probabilities(contributions, evidence_of(features, model.rarity.known))
    order = np.argsort(-probabilities, kind="stable")
    ranked = tuple(Ranked(model.labels[at], float(probabilities[at])) for at in order)
    return Ranking(ranked, _terms(features, names, contributions, int(order[0])))


def decide(ranking: Ranking) -> Decision:
    """Sure when the first label leads clearly and is an agent; otherwise the person chooses."""
    sure = ranking.best != UNCLEAR and ranking.confidence >= SURE_FROM and ranking.margin >= MARGIN_FROM
    choices = tuple(ranked.label for ranked in ranking.best_three)
    return Decision(sure, ranking.best if sure else None, choices, _reason(ranking, sure))


@cache
def _model() -> Model:
    return Model.load()


@cache
def _groups() -> WordGroups:
    return WordGroups.load()


def _unknown(model: Model) -> Ranking:
    """Nothing in the text was seen in training: every label is as likely as the other."""
    return Ranking(tuple(Ranked(label, 1 / len(model.labels)) for label in model.labels), ())


def _terms(features: Features, names: list[str], contributions: Floats, winner: int) -> tuple[str, ...]:
    """Words by what they add to the winner beyond the average label, in the order of the text."""
    lead = contributions[:, winner] - contributions.mean(axis=1)
    by_word = np.zeros(len(features.surfaces))
    for name, value in zip(names, lead, strict=True):
        origin = features.origin[name]
        by_word[origin] += value / max(1, len(origin))
    first: dict[str, int] = {}
    for at in np.argsort(-by_word, kind="stable"):
        # a single letter is what is left of "don't"
        tells = by_word[at] > 0.1 * by_word.max() and len(features.surfaces[at]) > 1
        if tells and len(first) < MOST_TERMS:
            first.setdefault(features.surfaces[at], int(at))
    return tuple(sorted(first, key=first.__getitem__)) if by_word.any() else ()


def _reason(ranking: Ranking, sure: bool) -> str:
    if not ranking.terms:
        return "Nothing in the request resembles a task I know."
    words = ", ".join(f"“{term}”" for term in ranking.terms)
    if sure:
        return f"{words} speak for {ranking.best} ({100 * ranking.confidence:.0f} %)."
    if ranking.best == UNCLEAR:
        return f"From {words} alone the task is not clear."
    second = ranking.best_three[1].label
    return f"{words} speak for {ranking.best}, but {second} is possible too."
