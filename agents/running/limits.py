"""What a run may use: steps, seconds of work and money.

The house's limits of steps and seconds hold for one stretch of work, so that no run goes on and on unseen;
those that a person set for a run hold for all its work, over every answer and start of the server. Behind a
limit the run fails, and a person who tries it again lets it go on for as much anew. Money counts in all.
"""

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from agents.errors import BadInput, Refused
from storage import timeline
from storage.db import Store
from storage.runs import Run

MOST_STEPS = 100_000
LEAST_SECONDS, MOST_SECONDS = 1.0, 24 * 3_600.0
LEAST_COST = Decimal("0.0001")
MOST_COST = Decimal(1_000_000)


class LimitReached(Refused):
    """A run used up one of its limits; everything so far is kept, and it can be tried again."""


@dataclass(frozen=True)
class Limits:
    """Limits of runs that have none of their own."""

    steps: int = 500
    """Steps from a start, an answer or a retry to the next wait or end."""
    seconds: float = 3_600.0
    """Seconds of the same stretch."""
    cost: Decimal | None = None
    """US dollars over the whole run, checked before each step; None: no limit."""

    def of(self, run: Run) -> "Limits":
        """The run's own limits, these where it has none."""
        return Limits(
            steps=self.steps if run.max_steps is None else run.max_steps,
            seconds=self.seconds if run.max_seconds is None else run.max_seconds,
            cost=self.cost if run.max_cost is None else run.max_cost,
        )

    def too_many_steps(self) -> LimitReached:
        """What a run is told that goes on and on."""
        took = "1 step" if self.steps == 1 else f"{self.steps:,} steps"
        return LimitReached(
            f"This run was stopped after {took}, its limit. Everything so far is kept: "
            f"try again to let it go on for as many, or start it with a higher limit."
        )

    def too_long(self) -> LimitReached:
        """What a run is told that takes too long."""
        took = "1 second" if self.seconds == 1 else f"{self.seconds:g} seconds"
        return LimitReached(
            f"This run was stopped after {took} of work, its limit. Everything so far is "
            f"kept: try again to let it go on for as long, or start it with a higher limit."
        )


@dataclass(frozen=True)
class OwnLimits:
    """What a person lets one run use; None: what the house lets any run use."""

    steps: int | None = None
    seconds: float | None = None
    cost: Decimal | None = None

    @classmethod
    def of(cls, run: Run) -> Self:
        """Those that a run was started with."""
        return cls(run.max_steps, run.max_seconds, run.max_cost)

    def on(self, run: Run) -> Run:
        """The run with these limits, before it is admitted; BadInput for one that cannot be kept."""
        if self.steps is not None and not _is_count(self.steps):
            raise BadInput(f"A run may take from 1 to {MOST_STEPS:,} steps. Nothing was started.")
        if self.seconds is not None and not (
            math.isfinite(self.seconds) and LEAST_SECONDS <= self.seconds <= MOST_SECONDS
        ):
            raise BadInput("A run may work for a second at least and for a day at most. Nothing was started.")
        if self.cost is not None and not (self.cost.is_finite() and LEAST_COST <= self.cost <= MOST_COST):
            raise BadInput(
                f"A run may cost {LEAST_COST} US dollars at least and {MOST_COST:,} US dollars at most. "
                f"Nothing was started."
            )
        return replace(run, max_steps=self.steps, max_seconds=self.seconds, max_cost=self.cost)


def _is_count(steps: object) -> bool:
    return isinstance(steps, int) and not isinstance(steps, bool) and 1 <= steps <= MOST_STEPS


@dataclass(frozen=True)
class Used:
    """What counts against a run's limits before a stretch of work begins."""

    steps: int = 0
    seconds: float = 0.0


def used(store: Store, run: Run) -> Used:
    """What a run has used of limits of its own, since its start or since a person let it go on behind one."""
    if run.max_steps is None and run.max_seconds is None:
        return Used()
    steps, seconds = timeline.worked(store, run.run_id, LimitReached.__name__)
    return Used(
        steps=0 if run.max_steps is None else steps, seconds=0.0 if run.max_seconds is None else seconds
    )


def check_cost(store: Store, run_id: str, limits: Limits) -> None:
    """Raise LimitReached when the run has used up its money, or when nobody knows what it cost."""
    if limits.cost is None:
        return
    spent, unknown = timeline.spent(store, run_id)
    if unknown:
        raise LimitReached(
            f"This run may cost {limits.cost:.2f} US dollars, and the price of {unknown} of its calls is "
            f"unknown, so the limit cannot be kept. Everything so far is kept: give the model a price in "
            f"Settings, or start the run without a limit."
        )
    if spent >= limits.cost:
        raise LimitReached(
            f"This run has cost {spent:.4f} US dollars and may cost {limits.cost:.4f}. Everything so far is "
            f"kept: start it again with a higher limit."
        )
