"""What a filter can be set to: the values that occur in a time."""

from collections.abc import Mapping
from datetime import date

from storage.db import Store
from storage.usage.filters import COLUMNS, NONE, Filters, Hours, Span
from storage.usage.rollups import DAY, SUMS

OF_ROLLUPS = ("models", "providers", "agents", "environments")
OF_RAW_ROWS = ("users", "projects", "prompts")
EVER = Span(date(2000, 1, 1), date(2999, 12, 31))
MOST = 500
"""Values of one filter that are offered."""


def values(store: Store, span: Span | Hours) -> Mapping[str, list[str]]:
    """Filter -> its values between two days, by name; `NONE` stands for rows that have none."""
    sums = SUMS.rows_between(span.start, span.end, DAY)
    raw = "select * from calls where started_at >= $start and started_at < $end"
    times: dict[str, object] = {"start": span.start, "end": span.end}
    found = {field: _distinct(store, field, sums, {}) for field in OF_ROLLUPS}
    return {**found, **{field: _distinct(store, field, raw, times) for field in OF_RAW_ROWS}}


def agents(store: Store) -> list[str]:
    """Names of the agents that calls were ever made for."""
    sums = SUMS.rows_between(EVER.start, EVER.end, DAY)
    return [name for name in _distinct(store, "agents", sums, {}) if name != NONE]


def has_runs(store: Store, column: str, name: str) -> bool:
    """Whether a run has a name in a column of whom it is of."""
    return bool(store.read(f"select 1 from runs where {column} = ? limit 1", [name]))


def has_live_runs(store: Store, filters: Filters) -> bool:
    """Whether a real run is kept of the users and projects of the filters, whatever their days."""
    sql = """
        select 1 from runs where environment = 'live' and deleted_at is null
            and (len($users::varchar[]) = 0 or list_contains($users::varchar[], user_id))
            and (len($projects::varchar[]) = 0 or list_contains($projects::varchar[], project_id))
        limit 1
    """
    return bool(store.read(sql, {"users": list(filters.users), "projects": list(filters.projects)}))


def environments(store: Store) -> Mapping[str, int]:
    """Attempts ever recorded, by environment."""
    rows = store.read("select environment, count(*) as attempts from calls group by environment")
    return {row["environment"]: row["attempts"] for row in rows}


def _distinct(store: Store, field: str, relation: str, parameters: Mapping[str, object]) -> list[str]:
    sql = f"select distinct {COLUMNS[field]} as value from ({relation}) order by value limit {MOST}"
    named = store.frame(sql, parameters)["value"]
    return [NONE if value is None or value != value else str(value) for value in named]
