"""What is summed beside the raw rows, and how the sums of a time are read.

Each rollup has one row per key and period, in several spans; facts that are not in them yet stand in the
tail. Whatever is read adds up the fewest periods that cover a time, and the tail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from storage.usage.measures import DIMENSIONS, HOURS_BEFORE_EPOCH, LABELS, MEASURES, column_type

Connection = duckdb.DuckDBPyConnection

TAIL = "usage_tail"
HOUR, DAY, WEEK, FOUR_WEEKS = 1, 24, 168, 672
"""Spans in hours; each is a multiple of the one before."""
PERIOD_START = f"make_timestamp((period_no * span_hours - {HOURS_BEFORE_EPOCH}) * 3600000000)"
FACTS = (
    "hour_no",
    *LABELS,
    "fallback_from",
    "error_type",
    "http_status",
    "duration_bucket",
    "first_chunk_bucket",
    *MEASURES,
)
"""Columns of the tail."""


@dataclass(frozen=True)
class Rollup:
    """One table of sums."""

    table: str
    spans: tuple[int, ...]
    """In hours, the finest first."""
    labels: Mapping[str, str]
    """Columns that are kept apart beside the period, each as SQL over a fact."""
    values: Mapping[str, str]
    """Columns that are added up, each as SQL over a fact."""
    only: str = "true"
    """Which facts count."""

    @property
    def columns(self) -> str:
        """All of them."""
        return ", ".join(("span_hours", "period_no", *self.labels, *self.values))

    def rows_between(self, start: datetime, end: datetime, widest: int) -> str:
        """SQL of all rows of a time, none wider than `widest` hours: `started_at`, labels and values.

        `started_at` is the start of a row's period; of the finest span for rows that are not merged yet.
        Both ends are borders of the finest span; raises ValueError when they are not.
        """
        first, after = _hour_no(start), _hour_no(end)
        spans = [span for span in reversed(self.spans) if span <= widest]
        pieces = cover(first, after, spans)
        names = ", ".join((*self.labels, *self.values))
        facts = ", ".join(f"{sql} as {name}" for name, sql in {**self.labels, **self.values}.items())
        kept = [
            f"select {PERIOD_START} as started_at, {names} from {self.table} "
            f"where span_hours = {s} and period_no >= {a} and period_no < {b}"
            for s, a, b in pieces
        ]
        finest = self.spans[0]
        period = f"make_timestamp((hour_no // {finest} * {finest} - {HOURS_BEFORE_EPOCH}) * 3600000000)"
        tail = (
            f"select {period} as started_at, {facts} from {TAIL} "
            f"where hour_no >= {first} and hour_no < {after} and ({self.only})"
        )
        return "\nunion all\n".join([*kept, tail])

    def summed(self, relation: str) -> str:
        """SQL with one row per key of a relation with this table's columns."""
        keys = ", ".join(("span_hours", "period_no", *self.labels))
        added = ", ".join(f"sum({name})::{column_type(name)} as {name}" for name in self.values)
        return f"select {keys}, {added} from ({relation}) group by all"

    def widened(self) -> str:
        """SQL of the rows of the finest span as rows of all others, not added up yet."""
        return self._as_spans(f"{self.table} where span_hours = {self.spans[0]}", self.spans[1:])

    def of_tail(self) -> str:
        """SQL of the tail as rows of every span, added up."""
        finest = self.summed(self.of_facts(f"select * from {TAIL}", self.spans[:1]))
        return self.summed(self._as_spans(f"({finest})", self.spans)) if self.spans[1:] else finest

    def _as_spans(self, finest: str, spans: Sequence[int]) -> str:
        wide = ", ".join(f"({span}::bigint)" for span in spans)
        rest = ", ".join((*self.labels, *self.values))
        return (
            f"select span as span_hours, period_no * {self.spans[0]} // span as period_no, {rest} "
            f"from (from {finest}) cross join (values {wide}) as wide (span)"
        )

    def of_facts(self, relation: str, spans: Sequence[int]) -> str:
        """SQL of facts as rows of these spans, not added up yet."""
        wide = ", ".join(f"({span}::bigint)" for span in spans)
        columns = ", ".join(f"{sql} as {name}" for name, sql in {**self.labels, **self.values}.items())
        return (
            f"select span as span_hours, hour_no // span as period_no, {columns} "
            f"from ({relation}) cross join (values {wide}) as wide (span) where {self.only}"
        )


def _histogram(table: str, bucket: str) -> Rollup:
    labels = {**{name: name for name in DIMENSIONS}, "bucket": bucket}
    return Rollup(table, (DAY, WEEK, FOUR_WEEKS), labels, {"timed": "1"}, f"{bucket} is not null")


SUMS = Rollup("usage_sums", (HOUR, DAY), {n: n for n in LABELS}, {n: n for n in MEASURES})
DURATIONS = _histogram("usage_durations", "duration_bucket")
FIRST_CHUNKS = _histogram("usage_first_chunks", "first_chunk_bucket")
FAULTS = Rollup(
    table="usage_faults",
    spans=(DAY,),
    labels={name: name for name in (*DIMENSIONS, "fallback_from", "error_type", "http_status")},
    values={"attempts": "attempts"},
    only="error_type is not null or fallback_from is not null",
)
ALL = (SUMS, DURATIONS, FIRST_CHUNKS, FAULTS)


def cover(first: int, after: int, spans: Sequence[int]) -> list[tuple[int, int, int]]:
    """The fewest periods that make up the hours from `first` to before `after`: span, first, first after.

    Spans come widest first; each is a multiple of the next.
    """
    if first >= after:
        return []
    widest, *rest = spans
    inner_first, inner_after = -(-first // widest), after // widest
    if not rest and (first % widest or after % widest):
        raise ValueError(f"hours {first} to {after} are not borders of {widest} hours")
    if inner_first >= inner_after:
        return cover(first, after, rest)
    return [
        *cover(first, inner_first * widest, rest or spans),
        (widest, inner_first, inner_after),
        *cover(inner_after * widest, after, rest or spans),
    ]


def _hour_no(at: datetime) -> int:
    hours, rest = divmod((at - datetime(1970, 1, 1)).total_seconds(), 3600)
    if rest:
        raise ValueError(f"{at} is not the border of an hour")
    return int(hours) + HOURS_BEFORE_EPOCH
