"""The trained classifier as arrays: how a text becomes a vector, and its file."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from agents.routing.calibration import Calibration, Floats
from agents.routing.features import BLOCKS, Features

FILE = Path(__file__).with_name("model.npz")

SOFTENING = {"w": 100.0, "b": 100.0, "c": 100.0}
"""Added to a block's squared length, so that two words never weigh as much as a sentence."""


@dataclass(frozen=True)
class Rarity:
    """Weights for rarity: ln((1 + cases) / (1 + cases with the feature)) + 1."""

    known: dict[str, float]
    unknown: float
    """For a feature never learned; it lengthens the vector, so that unknown text stays faint."""

    def vector(self, features: Features) -> dict[str, float]:
        """Known features -> value; every block has at most the length `BLOCKS` gives it."""
        squares: dict[str, float] = defaultdict(float, SOFTENING)
        values = {}
        for name, value in features.values.items():
            weight = self.known.get(name)
            weighted = value * (self.unknown if weight is None else weight)
            squares[name[0]] += weighted * weighted
            if weight is not None:
                values[name] = weighted
        return {name: value * BLOCKS[name[0]] / squares[name[0]] ** 0.5 for name, value in values.items()}


@dataclass(frozen=True)
class Model:
    labels: tuple[str, ...]
    names: tuple[str, ...]
    """Known features, in the order of the rows of `weights`."""
    rarity_of: NDArray[np.float32]
    weights: NDArray[np.float32]
    """Features x labels."""
    bias: NDArray[np.float32]
    unknown_rarity: float
    calibration: Calibration
    trained_on: str
    """Digest of the training cases and the word groups."""

    @cached_property
    def rarity(self) -> Rarity:
        return Rarity(dict(zip(self.names, self.rarity_of.tolist(), strict=True)), self.unknown_rarity)

    @cached_property
    def _row(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.names)}

    def contributions(self, vector: dict[str, float]) -> tuple[list[str], Floats]:
        """Features of the vector and what each adds to the score of each label."""
        names = list(vector)
        rows = self.weights[[self._row[name] for name in names]].astype(float)
        return names, rows * np.array([vector[name] for name in names])[:, None]

    def probabilities(self, contributions: Floats, evidence: Floats) -> Floats:
        return self.calibration.probabilities(contributions.sum(axis=0) + self.bias, evidence)

    def save(self, path: Path = FILE) -> None:
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                labels=_packed(self.labels),
                names=_packed(self.names),
                rarity_of=self.rarity_of.astype(np.float16),
                weights=self.weights.astype(np.float16),
                bias=self.bias,
                unknown_rarity=np.array([self.unknown_rarity]),
                calibration=self.calibration.weights,
                calibration_bias=self.calibration.bias,
                trained_on=_packed((self.trained_on,)),
            )

    @classmethod
    def load(cls, path: Path = FILE) -> Self:
        with np.load(path, allow_pickle=False) as file:
            return cls(
                labels=_unpacked(file["labels"]),
                names=_unpacked(file["names"]),
                rarity_of=file["rarity_of"].astype(np.float32),
                weights=file["weights"].astype(np.float32),
                bias=file["bias"],
                unknown_rarity=float(file["unknown_rarity"][0]),
                calibration=Calibration(file["calibration"], file["calibration_bias"]),
                trained_on=_unpacked(file["trained_on"])[0],
            )


def _packed(texts: tuple[str, ...]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _unpacked(packed: NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(packed.tobytes().decode().split("\n"))
