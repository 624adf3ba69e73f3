"""The invented world of `make_usage`: people, agents, models, prices, and what goes wrong."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEEKDAYS = (1.0, 1.06, 1.09, 1.03, 0.9, 0.24, 0.17)
"""Work per day of the week, Monday first."""
HOURS = (1, 1, 1, 1, 1, 2, 6, 18, 42, 60, 64, 58, 40, 52, 63, 60, 50, 34, 20, 14, 10, 7, 4, 2)
"""Work per hour of the day (UTC)."""
GROWTH_PER_DAY = 0.0018
DAY_NOISE = 0.09
PLACES = 10**8
"""Money is reckoned in units of 1e-8."""


@dataclass(frozen=True)
class Model:
    """One model with its price in units of 1e-8 of the currency per token; None when nobody knows it."""

    provider: str
    name: str
    currency: str
    price: tuple[int, int, int, int] | None
    """Fresh input, cache read, cache write, output."""
    cheaper: tuple[int, int, int, int] | None
    """Price from the price change on; None when it stays."""
    seconds: float
    """Median duration of a reply."""
    failures: float


@dataclass(frozen=True)
class Agent:
    """One agent: how often it is asked for, how it works, which models it likes."""

    name: str
    share: float
    calls: float
    """Calls of a run, on average; one at least."""
    pause_s: float
    """Seconds between the calls of a run, on average: people think."""
    input_tokens: int
    output_tokens: int
    cached: float
    """Share of calls that the reply cache answers."""
    streamed: float
    models: tuple[float, ...]
    """Share of each model, in the order of MODELS."""
    tool: str | None = None
    """A search that somebody charges for."""


MODELS = (
    Model("aurora", "aurora-large", "USD", (300, 30, 375, 1500), None, 3.4, 0.012),
    Model("aurora", "aurora-small", "USD", (40, 4, 50, 160), None, 1.1, 0.010),
    Model("borealis", "borealis-pro", "USD", (250, 25, 0, 1000), (175, 18, 0, 800), 2.6, 0.016),
    Model("borealis", "borealis-fast", "USD", (15, 2, 0, 60), None, 0.7, 0.014),
    Model("cirrus", "cirrus-mid", "EUR", (180, 180, 180, 540), None, 2.0, 0.020),
    Model("house", "quince-14b", "USD", None, None, 4.6, 0.030),
)
FALLBACK = np.array([2, 3, 0, 1, 2, 1])
"""Which model is asked when another has failed."""
AGENTS = (
    Agent("diagnosis", 0.40, 9.0, 35.0, 2400, 420, 0.05, 0.35, (0.34, 0.12, 0.36, 0.06, 0.09, 0.03)),
    Agent("tree", 0.12, 3.0, 12.0, 3100, 900, 0.03, 0.10, (0.42, 0.05, 0.40, 0.03, 0.08, 0.02)),
    Agent("code", 0.10, 4.0, 20.0, 1800, 1100, 0.04, 0.85, (0.55, 0.05, 0.28, 0.02, 0.08, 0.02)),
    Agent(
        "content", 0.10, 5.0, 6.0, 2600, 800, 0.06, 0.60, (0.25, 0.20, 0.25, 0.12, 0.15, 0.03), "web search"
    ),
    Agent("summary", 0.11, 1.6, 5.0, 5200, 260, 0.20, 0.40, (0.05, 0.42, 0.05, 0.38, 0.08, 0.02)),
    Agent("translate", 0.07, 1.3, 4.0, 900, 700, 0.28, 0.30, (0.04, 0.40, 0.04, 0.42, 0.08, 0.02)),
    Agent("data", 0.06, 6.0, 9.0, 3600, 500, 0.02, 0.15, (0.45, 0.06, 0.40, 0.03, 0.05, 0.01)),
    Agent("email", 0.04, 1.4, 5.0, 700, 240, 0.10, 0.50, (0.04, 0.44, 0.04, 0.40, 0.06, 0.02)),
)
MEAN_CALLS = sum(agent.share * agent.calls for agent in AGENTS) / sum(agent.share for agent in AGENTS)
USERS = 50
PROJECTS = 20
USER_PROJECTS = 3
"""Projects that a user works in."""
FAULTS = (
    ("rate_limited", 0.34, 429, False),
    ("timeout", 0.20, 0, True),
    ("server_error", 0.18, 503, False),
    ("bad_json", 0.12, 200, True),
    ("unreachable", 0.06, 0, False),
    ("auth", 0.03, 401, False),
    ("refusal", 0.04, 200, True),
    ("cancelled", 0.03, 0, True),
)
"""Kind, share among faults, HTTP status (0 when none came), whether it is billed."""
ERRORS = tuple(kind for kind, _, _, _ in FAULTS)
SEARCH_COST = 500_000
"""Units of 1e-8 for one search."""
EURO_RATES = ("1.08000000", "1.10000000", "1.09000000", "1.12000000")
"""US dollars for a euro, one for each quarter of the time that is covered."""


@dataclass(frozen=True)
class Calendar:
    """The days that are covered, and when things change."""

    days: Ints
    """Days since 1970-01-01, in order."""

    @classmethod
    def ending(cls, until: date, days: int) -> "Calendar":
        """The given number of days, the last one being `until`."""
        last = (until - date(1970, 1, 1)).days
        return cls(np.arange(last - days + 1, last + 1))

    @property
    def incident(self) -> int:
        """The working day on which one provider fails for hours."""
        day = int(self.days[int(len(self.days) * 0.8)])
        since_friday = max((day + 3) % 7 - 4, 0)
        return max(day - since_friday, int(self.days[0]))

    @property
    def price_change(self) -> int:
        """The day from which one model is cheaper."""
        return int(self.days[int(len(self.days) * 0.6)])

    def weights(self, rng: np.random.Generator) -> Floats:
        """Work per day: weekdays, growth and chance."""
        weekday = np.array(WEEKDAYS)[(self.days + 3) % 7]
        growth = np.exp(GROWTH_PER_DAY * np.arange(len(self.days)))
        return np.asarray(weekday * growth * rng.lognormal(0, DAY_NOISE, len(self.days)))

    def quotas(self, rng: np.random.Generator, calls: int) -> Ints:
        """Calls per day; they add up to `calls`."""
        share = self.weights(rng)
        until = np.round(np.cumsum(share / share.sum()) * calls).astype(np.int64)
        quotas: Ints = until - np.concatenate([[0], until[:-1]])
        return quotas


@dataclass(frozen=True)
class People:
    """How much each user works, and where."""

    shares: Floats
    projects: Ints
    """Projects of each user, USERS x USER_PROJECTS."""

    @classmethod
    def hired(cls, rng: np.random.Generator) -> "People":
        """Some people work far more with it than others."""
        shares = 1 / np.arange(1, USERS + 1) ** 0.8
        projects = np.stack([rng.choice(PROJECTS, USER_PROJECTS, replace=False) for _ in range(USERS)])
        return cls(shares / shares.sum(), projects)
