"""What is counted of each call and step, said once: rollups and raw rows are summed by the same words.

A relation of facts has one row per attempt at a model, and one per step that took money, or own time where
that is asked for.
Durations are whole microseconds, so that sums are exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DIMENSIONS = ("environment", "provider_name", "request_model", "agent_name")
"""What every rollup can be filtered by."""
LABELS = (*DIMENSIONS, "run_kind", "cost_currency", "price_version")
"""What sums are kept apart by."""

TIMED = "error_type is null and served_from = 'provider'"
"""Calls whose duration counts: a provider answered."""
STREAMED = f"{TIMED} and time_to_first_chunk_s is not null"
TOP_STEP = "kind = 'agent' and parent_step_id is null"
"""Steps right below a run: their time, less that of their calls, is the agents' own."""

BUCKET_WIDTH = 1.02
"""A bucket's upper end over its lower end: its middle is within 1 % of every value in it."""
SMALLEST_S = 1e-6
HOURS_BEFORE_EPOCH = 72
"""From Monday, 1969-12-29, to 1970-01-01: hours are counted from there, so that weeks are calendar weeks."""

COUNTS: Mapping[str, tuple[str, str]] = {
    "attempts": ("1", "0"),
    "calls": ("attempt_no = 1", "0"),
    "answered": ("error_type is null", "0"),
    "failed": ("coalesce(error_type, 'cancelled') <> 'cancelled'", "0"),
    "cancelled": ("coalesce(error_type, '') = 'cancelled'", "0"),
    "fallbacks": ("error_type is null and fallback_from is not null", "0"),
    "cache_hits": ("served_from = 'cache'", "0"),
    "streamed": (STREAMED, "0"),
    "timed": (TIMED, "0"),
    "estimated": ("coalesce(usage_source, '') = 'estimated'", "0"),
    "unknown_tokens": ("error_type is null and input_tokens is null", "0"),
    "unknown_prices": ("cost_amount is null", "is_billed and cost_amount is null"),
    "unknown_savings": ("served_from = 'cache' and cost_avoided_amount is null", "0"),
    "input_tokens": ("input_tokens", "null"),
    "cache_read_input_tokens": ("cache_read_input_tokens", "null"),
    "cache_write_input_tokens": ("cache_write_input_tokens", "null"),
    "output_tokens": ("output_tokens", "null"),
    "reasoning_output_tokens": ("reasoning_output_tokens", "null"),
    "duration_us": ("round(duration_s * 1000000)", "0"),
    "queue_wait_us": ("round(queue_wait_s * 1000000)", "0"),
    "in_steps_us": (
        "case when step_id is null then 0 else round((duration_s + queue_wait_s) * 1000000) end",
        "0",
    ),
    "steps": ("0", TOP_STEP),
    "steps_us": ("0", f"case when {TOP_STEP} then round(duration_s * 1000000) else 0 end"),
    "paid_steps": ("0", "is_billed"),
}
"""Measure -> what a call and what a step adds to it; a null adds nothing and, alone, stays unknown."""
OF_TOP_STEPS = {"steps", "steps_us"}
"""Measures for which steps count that nobody is paid for."""
MONEY: Mapping[str, tuple[str, str]] = {
    "cost_amount": ("cost_amount", "cost_amount"),
    "cost_input": ("cost_input", "null"),
    "cost_output": ("cost_output", "null"),
    "cost_avoided_amount": ("cost_avoided_amount", "null"),
}
MEASURES = (*COUNTS, *MONEY)


def bucket(seconds: str) -> str:
    """SQL of the bucket that a duration falls in."""
    return f"floor(ln(greatest({seconds}, {SMALLEST_S})) / ln({BUCKET_WIDTH}))::bigint"


HOUR_NO = f"(epoch_us(started_at) // 3600000000 + {HOURS_BEFORE_EPOCH})"
"""SQL of the hour that a call or step belongs to."""
DETAILS = {
    "started_at": ("started_at", "started_at"),
    "hour_no": (HOUR_NO, HOUR_NO),
    **{
        name: (name, "null::varchar")
        for name in ("fallback_from", "error_type", "prompt_name", "prompt_version")
    },
    "http_status": ("http_status", "null::bigint"),
    "duration_bucket": (f"case when {TIMED} then {bucket('duration_s')} end", "null::bigint"),
    "first_chunk_bucket": (
        f"case when {STREAMED} then {bucket('time_to_first_chunk_s')} end",
        "null::bigint",
    ),
    "provider_name": ("provider_name", "case when is_billed then name end"),
    "request_model": ("request_model", "null::varchar"),
    **{name: (name, name) for name in ("environment", "agent_name", "user_id", "project_id", "run_id")},
    **{name: (name, name) for name in ("cost_currency", "price_version")},
}
"""Column -> what it is of a call and of a step, beside the measures."""


@dataclass(frozen=True)
class Tables:
    """Where rows are read from; None for rows of a kind that are left out."""

    calls: str | None = "calls"
    steps: str | None = "steps"
    runs: str | None = "runs"
    """None when the rows know their `run_kind`."""


def facts(columns: Sequence[str], tables: Tables | None = None) -> str:
    """SQL of the relation with these columns; a column `run_kind` costs a join with the runs."""
    tables = tables or Tables()
    sides = []
    if tables.calls:
        sides.append(f"select {_side(columns, 0, tables.runs)} from {tables.calls} as source")
    if tables.steps:
        only = f"is_billed or ({TOP_STEP})" if set(columns) & OF_TOP_STEPS else "is_billed"
        sides.append(f"select {_side(columns, 1, tables.runs)} from {tables.steps} as source where {only}")
    return "\nunion all\n".join(sides)


def column_type(column: str) -> str:
    """SQL type of a kept column."""
    if column in MONEY:
        return "decimal(38, 8)"
    whole = (
        "span_hours",
        "period_no",
        "hour_no",
        "http_status",
        "bucket",
        "duration_bucket",
        "first_chunk_bucket",
    )
    return "bigint" if column in COUNTS or column in whole else "varchar"


def total(name: str) -> str:
    """SQL of one count added up; tokens that no provider told come to null, not to 0."""
    if name.endswith("_tokens") and name != "unknown_tokens":
        return f"(case when sum(attempts) > 0 then sum({name}) else 0 end)::bigint"
    return f"coalesce(sum({name}), 0)::bigint"


def _side(columns: Sequence[str], side: int, runs: str | None) -> str:
    return ", ".join(f"{_expression(column, side, runs)} as {column}" for column in columns)


def _expression(column: str, side: int, runs: str | None) -> str:
    if column == "run_kind" and runs is None:
        return column
    if column == "run_kind":
        return f"(select kind from {runs} as r where r.run_id = source.run_id)"
    if column in DETAILS:
        return DETAILS[column][side]
    return f"({ {**COUNTS, **MONEY}[column][side] })::{'decimal(18, 8)' if column in MONEY else 'bigint'}"
