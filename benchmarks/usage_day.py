"""One invented day: runs, their calls, and every attempt at a model, as numpy arrays."""

from dataclasses import dataclass

import numpy as np

from benchmarks.usage_world import (
    AGENTS,
    ERRORS,
    FALLBACK,
    FAULTS,
    HOURS,
    MEAN_CALLS,
    MODELS,
    Calendar,
    Flags,
    Floats,
    Ints,
    People,
)

INCIDENT_HOURS = (9, 15)
INCIDENT_PROVIDER = "borealis"
INCIDENT_FAILURES = 0.45
AGENT_SHARES = np.array([agent.share for agent in AGENTS]) / sum(agent.share for agent in AGENTS)
AGENT_CALLS = np.array([agent.calls for agent in AGENTS])
PAUSES = np.array([agent.pause_s for agent in AGENTS])
MODEL_SHARES = np.cumsum([np.array(agent.models) / sum(agent.models) for agent in AGENTS], axis=1)
CACHED = np.array([agent.cached for agent in AGENTS])
STREAMED = np.array([agent.streamed for agent in AGENTS])
INPUT = np.array([agent.input_tokens for agent in AGENTS])
OUTPUT = np.array([agent.output_tokens for agent in AGENTS])
SECONDS = np.array([model.seconds for model in MODELS])
FAILURES = np.array([model.failures for model in MODELS])
HAS_PRICE = np.array([model.price is not None for model in MODELS])
PRICES = np.array([model.price or (0, 0, 0, 0) for model in MODELS], dtype=np.float64)
NEW_PRICES = np.array([model.cheaper or model.price or (0, 0, 0, 0) for model in MODELS], dtype=np.float64)
WRITES = np.array([model.provider == "aurora" for model in MODELS])
REASONS = np.array([0.3, 0.0, 0.45, 0.0, 0.0, 0.2])
"""Share of a model's output that is reasoning, on average."""
CONTEXT_GROWTH = 0.12
"""How much longer each further call of a run is."""
RETRIED = 0.6
"""Share of failed first attempts that are tried again at the same model; the others fall back."""
NO_ERROR = -1
GIVEN_UP = np.isin(ERRORS, ("refusal", "cancelled"))
AT_ONCE = np.isin(ERRORS, ("rate_limited", "auth"))
FAULT_SHARES = [share for _, share, _, _ in FAULTS]
STATUS = np.array([status for _, _, status, _ in FAULTS])
BILLED = np.array([billed for _, _, _, billed in FAULTS])


@dataclass(frozen=True)
class Runs:
    """One entry per run."""

    started_us: Ints
    """Microseconds since 1970."""
    agent: Ints
    user: Ints
    project: Ints
    calls: Ints

    @property
    def count(self) -> int:
        """How many."""
        return len(self.agent)


@dataclass
class Attempts:
    """One entry per attempt."""

    run: Ints
    """Index of its run."""
    number: Ints
    started_us: Ints
    model: Ints
    fallback_from: Ints
    """Model that had failed; -1 for none."""
    error: Ints
    """Index of ERRORS, or -1."""
    duration_s: Floats
    queue_wait_s: Floats
    cached: Flags
    streamed: Flags
    tokens: Ints
    """Input, cache read, cache write, output, reasoning; attempts x 5."""
    cost: Ints
    """Input and output in units of 1e-8; attempts x 2."""
    avoided: Ints

    def part(self, chosen: Ints) -> "Attempts":
        """Some of them, in the given order."""
        return Attempts(**{name: array[chosen] for name, array in vars(self).items()})


def make_day(
    rng: np.random.Generator, people: People, calendar: Calendar, day: int, quota: int
) -> tuple[Runs, Attempts]:
    """A day with exactly `quota` attempts, in the order of their start."""
    runs = _runs(rng, people, day, int(quota / MEAN_CALLS * 1.3) + 12)
    attempts = _attempts(rng, runs, calendar, day)
    kept = np.arange(quota)
    attempts = attempts.part(kept)
    runs = _first(runs, int(attempts.run[-1]) + 1 if quota else 0)
    return runs, attempts.part(np.argsort(attempts.started_us, kind="stable"))


def _runs(rng: np.random.Generator, people: People, day: int, count: int) -> Runs:
    hour = rng.choice(24, count, p=np.array(HOURS) / sum(HOURS))
    second = hour * 3600 + rng.uniform(0, 3600, count)
    user = rng.choice(len(people.shares), count, p=people.shares)
    agent = rng.choice(len(AGENTS), count, p=AGENT_SHARES)
    nth = np.minimum(rng.geometric(0.6, count) - 1, people.projects.shape[1] - 1)
    return Runs(
        started_us=day * 86_400_000_000 + (second * 1e6).astype(np.int64),
        agent=agent,
        user=user,
        project=people.projects[user, nth],
        calls=1 + rng.poisson(AGENT_CALLS[agent] - 1),
    )


def _first(runs: Runs, count: int) -> Runs:
    return Runs(**{name: array[:count] for name, array in vars(runs).items()})


def _attempts(rng: np.random.Generator, runs: Runs, calendar: Calendar, day: int) -> Attempts:
    """First attempts at every call, then what follows from those that failed."""
    first = _first_attempts(rng, runs, day)
    _outcome(rng, runs, first, calendar, day)
    second = _following(rng, first, 2)
    _outcome(rng, runs, second, calendar, day)
    third = _following(rng, second, 3)
    _outcome(rng, runs, third, calendar, day)
    together = Attempts(
        **{
            name: np.concatenate([getattr(first, name), getattr(second, name), getattr(third, name)])
            for name in vars(first)
        }
    )
    return together.part(np.lexsort((together.started_us, together.run)))


def _first_attempts(rng: np.random.Generator, runs: Runs, day: int) -> Attempts:
    run = np.repeat(np.arange(runs.count), runs.calls)
    agent, total = runs.agent[run], len(run)
    nth = np.arange(total) - np.repeat(np.cumsum(runs.calls) - runs.calls, runs.calls)
    gaps = np.where(nth == 0, 0.2, rng.exponential(PAUSES[agent]) + 1.0)
    since = np.cumsum(gaps)
    since -= np.repeat(since[np.cumsum(runs.calls) - runs.calls], runs.calls)
    started = runs.started_us[run] + (since * 1e6).astype(np.int64)
    started -= _moved_before_midnight(runs, started, day)[run]
    model = (rng.random((total, 1)) > MODEL_SHARES[agent]).sum(axis=1)
    longer = 1 + CONTEXT_GROWTH * nth
    tokens = np.zeros((total, 5), dtype=np.int64)
    tokens[:, 0] = INPUT[agent] * longer * rng.lognormal(0, 0.35, total)
    tokens[:, 3] = OUTPUT[agent] * rng.lognormal(0, 0.5, total) + 5
    repeats = (nth > 0) & (rng.random(total) < 0.7)
    tokens[:, 1] = np.where(repeats, tokens[:, 0] * rng.uniform(0.3, 0.8, total), 0)
    tokens[:, 2] = np.where(WRITES[model] & (nth == 0), tokens[:, 0] * 0.5, 0)
    tokens[:, 4] = tokens[:, 3] * REASONS[model] * rng.uniform(0, 2, total)
    return Attempts(
        run=run,
        number=np.ones(total, dtype=np.int64),
        started_us=started,
        model=model,
        fallback_from=np.full(total, -1),
        error=np.full(total, NO_ERROR),
        duration_s=np.zeros(total),
        queue_wait_s=np.zeros(total),
        cached=rng.random(total) < CACHED[agent],
        streamed=rng.random(total) < STREAMED[agent],
        tokens=tokens,
        cost=np.zeros((total, 2), dtype=np.int64),
        avoided=np.zeros(total, dtype=np.int64),
    )


def _moved_before_midnight(runs: Runs, started: Ints, day: int) -> Ints:
    """Microseconds by which each run starts earlier, so that it ends on its day."""
    over = np.maximum(started[np.cumsum(runs.calls) - 1] - ((day + 1) * 86_400_000_000 - 300_000_000), 0)
    runs.started_us[:] -= over
    return over


def _following(rng: np.random.Generator, before: Attempts, number: int) -> Attempts:
    """What is tried after the failed ones: the same model once more, or another."""
    failed = (before.error != NO_ERROR) & ~GIVEN_UP[before.error]
    after = before.part(np.flatnonzero(failed))
    total = len(after.run)
    back = (rng.random(total) > RETRIED) | (number == 3) | (after.error == ERRORS.index("auth"))
    wait = (after.duration_s + rng.exponential(0.8 * number, total)) * 1e6
    after.started_us = after.started_us + wait.astype(np.int64)
    after.number = np.full(total, number)
    after.fallback_from = np.where(back, after.model, after.fallback_from)
    after.model = np.where(back, FALLBACK[after.model], after.model)
    after.error = np.full(total, NO_ERROR)
    after.cached = np.zeros(total, dtype=np.bool_)
    return after


def _outcome(rng: np.random.Generator, runs: Runs, attempts: Attempts, calendar: Calendar, day: int) -> None:
    """How each attempt goes: failure, time, tokens and money."""
    total = len(attempts.run)
    failed = (rng.random(total) < _failure_rate(attempts, calendar, day)) & ~attempts.cached
    attempts.error = np.where(failed, rng.choice(len(ERRORS), total, p=FAULT_SHARES), NO_ERROR)
    written = attempts.tokens[:, 3] / np.maximum(OUTPUT[runs.agent[attempts.run]], 1)
    duration = SECONDS[attempts.model] * rng.lognormal(0, 0.45, total) * (0.4 + 0.6 * written)
    duration = np.where(attempts.error == ERRORS.index("timeout"), 60.0, duration)
    quick = (attempts.error != NO_ERROR) & AT_ONCE[attempts.error]
    attempts.duration_s = np.where(attempts.cached, 0.0, np.where(quick, duration * 0.05, duration))
    waits = rng.random(total) < 0.06
    attempts.queue_wait_s = np.where(waits & ~attempts.cached, rng.exponential(1.5, total), 0.0)
    _money(attempts, day >= calendar.price_change)


def _failure_rate(attempts: Attempts, calendar: Calendar, day: int) -> Floats:
    rate = FAILURES[attempts.model]
    if day != calendar.incident:
        return rate
    hour = attempts.started_us // 3_600_000_000 % 24
    there = np.array([model.provider == INCIDENT_PROVIDER for model in MODELS])[attempts.model]
    return np.where(there & (hour >= INCIDENT_HOURS[0]) & (hour < INCIDENT_HOURS[1]), INCIDENT_FAILURES, rate)


def _money(attempts: Attempts, changed: bool) -> None:
    tokens = attempts.tokens
    price = (NEW_PRICES if changed else PRICES)[attempts.model]
    fresh = tokens[:, 0] - tokens[:, 1] - tokens[:, 2]
    of_input = fresh * price[:, 0] + tokens[:, 1] * price[:, 1] + tokens[:, 2] * price[:, 2]
    full = np.stack([np.rint(of_input), np.rint(tokens[:, 3] * price[:, 3])], axis=1).astype(np.int64)
    billed = is_billed(attempts)
    attempts.avoided = np.where(attempts.cached, full.sum(axis=1), 0)
    attempts.cost = np.where(billed[:, None], full, 0)


def http_status(errors: Ints) -> Ints:
    """HTTP status per attempt; 0 when none came."""
    return np.where(errors == NO_ERROR, 200, STATUS[errors])


def is_billed(attempts: Attempts) -> Flags:
    """Whether a provider charges for it."""
    billed: Flags = ~attempts.cached & ((attempts.error == NO_ERROR) | BILLED[attempts.error])
    return billed


def has_price(attempts: Attempts) -> Flags:
    """Whether the cost is known: nothing was billed, or the model has a price."""
    return HAS_PRICE[attempts.model] | ~is_billed(attempts)
