"""The invented days as tables of the store's columns."""

from itertools import product

import numpy as np
import pyarrow as pa

from benchmarks.usage_day import NO_ERROR, Attempts, Runs, has_price, http_status, is_billed
from benchmarks.usage_world import AGENTS, ERRORS, MODELS, SEARCH_COST, Calendar, Flags, Floats, Ints

HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype=np.uint8).reshape(256, 2)
DASHES = (8, 13, 18, 23)
PLACES_OF_ID = np.array([place for place in range(36) if place not in DASHES])
PRICE_LISTS = ("list 2026-01", "list 2026-07")
PROMPT_LIFE_DAYS = 45
OWN_TIME_S = 0.06
"""Median of what a run takes beside its calls."""
STATUSES = ("completed", "failed", "cancelled", "waiting")
ENVIRONMENT = "demo"
TITLES = (
    "Sales fell in the north",
    "Customers leave within a quarter",
    "Costs rise faster than output",
    "Deliveries are late",
    "Leads no longer become customers",
)


def ids(rng: np.random.Generator, started_us: Ints) -> pa.Array:
    """UUIDv7 of the given times as text."""
    count = len(started_us)
    raw = rng.integers(0, 256, (count, 16), dtype=np.uint8)
    milliseconds = (started_us // 1000).astype(">u8").view(np.uint8).reshape(count, 8)
    raw[:, :6] = milliseconds[:, 2:]
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x70
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    text = np.full((count, 36), ord("-"), dtype=np.uint8)
    text[:, PLACES_OF_ID] = HEX[raw].reshape(count, 32)
    offsets = np.arange(count + 1, dtype=np.int32) * 36
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))


def money(units: Ints, known: Flags) -> pa.Array:
    """Units of 1e-8 as DECIMAL(18, 8), null where nothing is known."""
    wide = np.stack([units, np.zeros_like(units)], axis=1).astype("<i8")
    mask = pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.decimal128(18, 8), len(units), [mask, pa.py_buffer(wide.tobytes())])


def words(codes: Ints, values: tuple[str, ...]) -> pa.Array:
    """One of a few words per row; null where the code is negative."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, pa.int32(), mask=codes < 0), pa.array(values, pa.string())
    )


def numbers(values: Ints | Floats, known: Flags) -> pa.Array:
    """Numbers, null where nothing is known."""
    return pa.array(values, mask=~known)


def times(microseconds: Ints) -> pa.Array:
    """Timestamps in UTC, without a zone."""
    return pa.array(microseconds, pa.timestamp("us"))


def constant(value: object, count: int, kind: pa.DataType) -> pa.Array:
    """The same value in each row."""
    return pa.repeat(pa.scalar(value, kind), count)


class DayTables:
    """The tables of one day."""

    def __init__(
        self, rng: np.random.Generator, calendar: Calendar, day: int, runs: Runs, attempts: Attempts
    ) -> None:
        self._rng, self._day = rng, day
        self._runs, self._attempts = runs, attempts
        self._cheaper = day >= calendar.price_change
        self._run_ids = ids(rng, runs.started_us)
        self._step_ids = ids(rng, runs.started_us)
        self._since_start = day - int(calendar.days[0])
        self._is_last = day == int(calendar.days[-1])
        self.status = self._statuses()

    def calls(self) -> pa.Table:
        """Rows of `calls`."""
        a, count = self._attempts, len(self._attempts.run)
        text, call_ids = pa.string(), ids(self._rng, self._attempts.started_us)
        agent, answered = self._runs.agent[a.run], a.error == NO_ERROR
        columns = {
            "call_id": call_ids,
            "run_id": self._run_ids.take(pa.array(a.run)),
            "step_id": self._step_ids.take(pa.array(a.run)),
            "attempt_no": a.number,
            "fallback_from": words(a.fallback_from, tuple(f"{m.provider}/{m.name}" for m in MODELS)),
            "idempotency_key": call_ids,
            "operation_name": constant("chat", count, text),
            "provider_name": words(a.model, tuple(m.provider for m in MODELS)),
            "request_model": words(a.model, tuple(m.name for m in MODELS)),
            "response_model": words(np.where(answered, a.model, -1), tuple(f"{m.name}-2026" for m in MODELS)),
            "agent_name": words(agent, tuple(agent.name for agent in AGENTS)),
            "prompt_name": words(agent, tuple(agent.name for agent in AGENTS)),
            "prompt_version": self._prompt_versions(agent),
            "is_shadow": constant(False, count, pa.bool_()),
            "finish_reason": words(np.where(answered, 0, -1), ("stop",)),
            "error_type": words(a.error, ERRORS),
            "http_status": numbers(http_status(a.error), (http_status(a.error) > 0) & ~a.cached),
            "service_tier": constant(None, count, text),
            "user_id": self._users(a.run),
            "project_id": self._projects(a.run),
            "environment": constant(ENVIRONMENT, count, text),
        }
        return pa.table({**columns, **self._usage(), **self._times(), **self._money()})

    def runs(self) -> pa.Table:
        """Rows of `runs`."""
        r, count = self._runs, self._runs.count
        agents = words(r.agent, tuple(agent.name for agent in AGENTS))
        finished = np.maximum(self._ends(), r.started_us)
        title = words(self._rng.integers(0, len(TITLES), count), TITLES)
        is_over = self.status != STATUSES.index("waiting")
        columns = {
            "run_id": self._run_ids,
            "kind": agents,
            "title": title,
            "input": title,
            "status": words(self.status, STATUSES),
            "agent_name": agents,
            "user_id": self._users(np.arange(count)),
            "project_id": self._projects(np.arange(count)),
            "environment": constant(ENVIRONMENT, count, pa.string()),
            "error_type": words(np.where(self.status == STATUSES.index("failed"), 0, -1), ("ModelFailed",)),
            "created_at": times(r.started_us),
            "started_at": times(r.started_us),
            "finished_at": pa.array(finished, pa.timestamp("us"), mask=~is_over),
            "updated_at": times(finished),
        }
        return pa.table(columns)

    def steps(self) -> pa.Table:
        """Rows of `steps`: one for the agent of each run, and one per search."""
        took = np.bincount(
            self._attempts.run,
            self._attempts.duration_s + self._attempts.queue_wait_s,
            minlength=self._runs.count,
        )
        own = OWN_TIME_S * self._rng.lognormal(0, 0.5, self._runs.count)
        agents = tuple(agent.name for agent in AGENTS)
        every = np.arange(self._runs.count)
        return pa.concat_tables(
            [
                self._some_steps(every, self._step_ids, "agent", words(self._runs.agent, agents), took + own),
                self._searches(),
            ]
        )

    def _searches(self) -> pa.Table:
        tools = tuple(agent.tool or "" for agent in AGENTS)
        has_tool = np.array([bool(tool) for tool in tools])
        run = np.repeat(np.flatnonzero(has_tool[self._runs.agent]), 2)
        took = self._rng.lognormal(-0.5, 0.4, len(run))
        names = words(self._runs.agent[run], tools)
        return self._some_steps(run, ids(self._rng, self._runs.started_us[run]), "tool", names, took)

    def _some_steps(
        self, run: Ints, step_ids: pa.Array, kind: str, names: pa.Array, took: Floats
    ) -> pa.Table:
        count, is_tool = len(run), kind == "tool"
        text = pa.string()
        billed = np.full(count, is_tool)
        columns = {
            "step_id": step_ids,
            "run_id": self._run_ids.take(pa.array(run)),
            "parent_step_id": self._step_ids.take(pa.array(run)) if is_tool else constant(None, count, text),
            "kind": constant(kind, count, text),
            "name": names.cast(text),
            "agent_name": words(self._runs.agent[run], tuple(agent.name for agent in AGENTS)).cast(text),
            "started_at": times(self._runs.started_us[run]),
            "duration_s": took,
            "is_billed": billed,
            "cost_amount": money(np.full(count, SEARCH_COST), billed),
            "cost_currency": constant("USD" if is_tool else None, count, text),
            "user_id": self._users(run),
            "project_id": self._projects(run),
            "environment": constant(ENVIRONMENT, count, text),
        }
        return pa.table(columns)

    def _usage(self) -> dict[str, object]:
        a = self._attempts
        billed = is_billed(a)
        known = billed | a.cached
        names = (
            "input_tokens",
            "cache_read_input_tokens",
            "cache_write_input_tokens",
            "output_tokens",
            "reasoning_output_tokens",
        )
        tokens = np.where(billed[:, None], a.tokens, 0)
        estimated = billed & (a.error != NO_ERROR)
        source = np.where(estimated, 1, np.where(billed, 0, -1))
        columns: dict[str, object] = {n: numbers(tokens[:, k], known) for k, n in enumerate(names)}
        return {**columns, "usage_source": words(source, ("provider", "estimated"))}

    def _times(self) -> dict[str, object]:
        a = self._attempts
        share = self._rng.uniform(0.1, 0.4, len(a.run))
        streams = a.streamed & (a.error == NO_ERROR) & ~a.cached
        return {
            "started_at": times(a.started_us),
            "duration_s": a.duration_s,
            "queue_wait_s": a.queue_wait_s,
            "time_to_first_chunk_s": numbers(a.duration_s * share, streams),
            "served_from": words(a.cached.astype(np.int64), ("provider", "cache")),
        }

    def _money(self) -> dict[str, object]:
        a = self._attempts
        known, billed = has_price(a), is_billed(a)
        source = np.where(a.cached, 1, np.where(~billed, 2, 0))
        edition = np.full(len(a.run), int(self._cheaper))
        known_avoided = a.cached & np.array([m.price is not None for m in MODELS])[a.model]
        return {
            "cost_amount": money(a.cost.sum(axis=1), known),
            "cost_input": money(a.cost[:, 0], known),
            "cost_output": money(a.cost[:, 1], known),
            "cost_currency": words(np.where(known, a.model, -1), tuple(m.currency for m in MODELS)),
            "cost_source": words(np.where(known, source, -1), ("prices", "cache", "not_billed")),
            "price_version": words(np.where(known & billed, edition, -1), PRICE_LISTS),
            "cost_avoided_amount": money(a.avoided, known_avoided),
        }

    def _prompt_versions(self, agent: Ints) -> pa.Array:
        """A new version of each agent's prompt every few weeks, each on a day of its own."""
        edition = (self._since_start + agent * 5) // PROMPT_LIFE_DAYS
        editions = int(edition.max(initial=0)) + 1
        every = product(range(len(AGENTS)), range(editions))
        names = tuple(f"{n:02d}{k:02d}c0de{n * 31 + k:04x}" for n, k in every)
        return words(agent * editions + edition, names)

    def _users(self, run: Ints) -> pa.Array:
        return words(self._runs.user[run], tuple(f"user-{n:02d}" for n in range(50))).cast(pa.string())

    def _projects(self, run: Ints) -> pa.Array:
        return words(self._runs.project[run], tuple(f"project-{n:02d}" for n in range(20))).cast(pa.string())

    def _ends(self) -> Ints:
        ends = self._attempts.started_us + (self._attempts.duration_s * 1e6).astype(np.int64)
        last = np.zeros(self._runs.count, dtype=np.int64)
        np.maximum.at(last, self._attempts.run, ends)
        return last

    def _statuses(self) -> Ints:
        """Most runs finish; one that never got an answer to a call may fail."""
        count = self._runs.count
        shares = (0.93, 0.03, 0.03, 0.01) if not self._is_last else (0.8, 0.03, 0.03, 0.14)
        status: Ints = self._rng.choice(len(STATUSES), count, p=shares)
        gave_up = np.zeros(count, dtype=np.bool_)
        gave_up[self._attempts.run[(self._attempts.number == 3) & (self._attempts.error != NO_ERROR)]] = True
        return np.where(gave_up, STATUSES.index("failed"), status)
