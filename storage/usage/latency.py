"""How long replies take: percentiles, exact where there are few calls, and where the time goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from storage.usage.figure import Figure, Query, Reader
from storage.usage.filters import OF_CALLS, Filters, Hours, conditions
from storage.usage.measures import BUCKET_WIDTH, STREAMED, TIMED
from storage.usage.query import COLUMN_OF, TIMES, Sums, both_periods, needs_raw_rows, sums_query
from storage.usage.rollups import DAY, DURATIONS, FIRST_CHUNKS, FOUR_WEEKS, WEEK, Rollup

By = Literal["model", "provider", "agent", "user", "project", "prompt", "day", "week", "period"]

EXACT_BELOW = 1_000
"""Groups with fewer calls are read from the raw rows."""
PERCENTS = (50, 95, 99)


@dataclass(frozen=True)
class Metric:
    """One kind of duration."""

    seconds: str
    only: str
    rollup: Rollup
    definition: str


NEAREST = (
    "A percentile is the smallest value that so many percent of the calls do not exceed; from 1,000 calls on "
    "it is read from a histogram with buckets 2 % wide, within 1 %."
)
METRICS = {
    "duration": Metric(
        "duration_s",
        TIMED,
        DURATIONS,
        "Seconds from sending a request to the last byte of its reply, without waiting for a limit, over "
        f"attempts that a provider answered; replies from the cache are left out. {NEAREST}",
    ),
    "first_chunk": Metric(
        "time_to_first_chunk_s",
        STREAMED,
        FIRST_CHUNKS,
        f"Seconds from sending a request to the first piece of its reply, over streamed ones. {NEAREST}",
    ),
}
TIME_SPLIT = (
    "Where the time of agents goes: waiting for models, waiting for a limit of ours, and the agents' own "
    "time, which is the time of the steps right below a run less that of the calls made in them."
)


def percentiles(
    reader: Reader,
    filters: Filters,
    by: Sequence[By],
    metric: Literal["duration", "first_chunk"] = "duration",
) -> Figure:
    """`timed` calls, `p50`, `p95`, `p99` in seconds and `is_exact` by any dimensions."""
    measured = METRICS[metric]
    if needs_raw_rows(filters, by) or isinstance(filters.span, Hours):
        return reader.figure(_exact(filters, by, measured))
    whole = reader.figure(_histogram(filters, by, measured))
    few = whole.frame["timed"] < EXACT_BELOW
    if not few.any():
        return whole
    exact = reader.figure(
        _exact(filters, by, measured, None if few.all() else whole.frame.loc[few, list(by)])
    )
    frames = [exact.frame] if few.all() else [whole.frame[~few], exact.frame]
    frame = pd.concat(frames, ignore_index=True)
    frame = frame.sort_values(list(by), ignore_index=True) if by else frame
    return Figure(
        frame=frame,
        definition=measured.definition,
        sql=exact.sql if few.all() else f"{whole.sql};\n\n{exact.sql}",
        parameters={**whole.parameters, **exact.parameters},
        source=exact.source,
        rows=int(frame["timed"].sum()),
    )


def time_split(reader: Reader, filters: Filters) -> Figure:
    """Seconds of models, of waiting and of agents themselves, per agent."""
    derived = {
        "model_s": "duration_us / 1e6",
        "waiting_s": "queue_wait_us / 1e6",
        "own_s": "case when steps > 0 then greatest(steps_us - in_steps_us, 0) / 1e6 end",
    }
    measures = ("calls", "duration_us", "queue_wait_us", "in_steps_us", "steps", "steps_us")
    return reader.figure(sums_query(reader, filters, Sums(measures, ("agent",), derived), TIME_SPLIT))


def _histogram(filters: Filters, by: Sequence[By], metric: Metric) -> Query:
    condition, parameters = conditions(filters, OF_CALLS)
    names = "".join(f"{name}, " for name in by)
    partition = f"partition by {', '.join(by)}" if by else ""
    ranks = ", ".join(
        f"{BUCKET_WIDTH} ** (min(bucket) filter (where upto * 100 >= {percent} * timed) + 0.5) as p{percent}"
        for percent in PERCENTS
    )
    sql = f"""
        with counted as (
            select {_selected(by)}bucket, sum(timed)::bigint as calls
            from ({_relation(filters, by, metric.rollup)}) where {condition} group by all
        ), ranked as (
            select {names}bucket, (sum(calls) over ({partition} order by bucket))::bigint as upto,
                   (sum(calls) over ({partition}))::bigint as timed
            from counted
        )
        select {names}timed, {ranks}, false as is_exact from ranked group by {names}timed
        order by {names}timed
    """
    return Query(sql, parameters, metric.definition, "rollups", "timed")


def _relation(filters: Filters, by: Sequence[By], rollup: Rollup) -> str:
    widest = DAY if "day" in by else WEEK if "week" in by else FOUR_WEEKS
    span = filters.span
    current = rollup.rows_between(span.start, span.end, widest)
    if "period" not in by:
        return current
    previous = rollup.rows_between(span.previous.start, span.previous.end, widest)
    return (
        f"select 'current' as period, * from ({current})\nunion all\n"
        f"select 'previous' as period, * from ({previous})"
    )


def _selected(by: Sequence[By]) -> str:
    return "".join(f"{_dimension(name)} as {name}, " for name in by)


def _dimension(name: By) -> str:
    """SQL over the rows of a histogram, none of which starts within a day."""
    starts = {"period": "period", "day": "started_at"}
    return starts.get(name) or TIMES.get(name) or COLUMN_OF[name]


def _exact(filters: Filters, by: Sequence[By], metric: Metric, groups: pd.DataFrame | None = None) -> Query:
    """Percentiles from raw rows; of the given groups only, if any are given."""
    condition, parameters = conditions(filters, OF_CALLS)
    span = both_periods(filters.span) if "period" in by else filters.span
    parameters |= {"start": span.start, "end": span.end}
    parameters |= {"current": filters.span.start} if "period" in by else {}
    selected = "".join(f"{TIMES.get(name) or COLUMN_OF[name]} as {name}, " for name in by)
    asked = ", ".join(str(p / 100) for p in PERCENTS)  # asked for together, the values are kept once
    told = ", ".join(f"of_all[{n}] as p{p}" for n, p in enumerate(PERCENTS, start=1))
    names = "".join(f"{name}, " for name in by)
    within = ""
    if groups is not None:
        within, of_groups = _within(groups)
        parameters |= of_groups
    sql = f"""
        select {names}timed, {told}, true as is_exact from (
            select {names}count(*) as timed, quantile_disc(seconds, [{asked}]) as of_all
            from (
                select {selected}{metric.seconds} as seconds from calls
                where started_at >= $start and started_at < $end and ({metric.only}) and {condition}
            ) as timed_calls {within} {"group by all" if by else ""}
        ) order by {names}timed
    """
    return Query(sql, parameters, metric.definition, "raw rows", "timed")


def _within(groups: pd.DataFrame) -> tuple[str, dict[str, object]]:
    """SQL that lets only these groups through, by a join that hashes them; a null is a group too."""
    rows, parameters = [], dict[str, object]()
    for n, group in enumerate(groups.astype(object).where(groups.notna(), None).itertuples(index=False)):
        marks = {f"group_{n}_{k}": value for k, value in enumerate(group)}
        parameters |= marks
        rows.append(f"({', '.join(f'${mark}' for mark in marks)})")
    names = list(groups.columns)
    same = " and ".join(f"timed_calls.{name} is not distinct from few.{name}" for name in names)
    return f"semi join (values {', '.join(rows)}) as few ({', '.join(names)}) on {same}", parameters
