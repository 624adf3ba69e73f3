"""Runs as a list: found by words, narrowed by filters, sorted, page by page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

from storage.db import Store
from storage.events import HELD
from storage.runs import Environment, Status
from storage.text_index import TextIndex

Sort = Literal["newest", "oldest", "touched", "title", "costly", "longest"]
ORDER: Mapping[Sort, str] = {
    "newest": "runs.created_at desc, runs.run_id desc",
    "oldest": "runs.created_at, runs.run_id",
    "touched": "runs.updated_at desc, runs.run_id desc",
    "title": "lower(runs.title), runs.run_id",
    "costly": "cost_amount desc nulls last, runs.run_id desc",
    "longest": "work_s desc nulls last, runs.run_id desc",
}
PAGE = 50
Listed = Status | Literal["held"]
"""A state as the list tells it apart: `waiting` for a person's word, `held` for a key, a model or a file."""
LISTED: tuple[Listed, ...] = ("queued", "running", "waiting", "held", "completed", "failed", "cancelled")
HELD_RUNS = f"""
    select run_id from events where run_id in (select run_id from events where kind = '{HELD}')
    group by run_id having arg_max(kind, seq) = '{HELD}'
"""
"""SQL: runs that stand at the event with which they began to wait for something."""
LISTED_STATE = f"""
    case when runs.status = 'waiting' and runs.run_id in ({HELD_RUNS}) then 'held' else runs.status end
"""
IN_DOLLARS = "case when cost_currency = 'USD' then cost_amount end"
"""Cost that adds up; in another currency it counts as unknown."""
COLUMNS = (
    "run_id",
    "kind",
    "title",
    "status",
    "agent_name",
    "user_id",
    "project_id",
    "environment",
    "created_at",
    "updated_at",
    "finished_at",
    "parent_run_id",
    "error_text",
)


@dataclass(frozen=True)
class RunQuery:
    """What is looked for; what is empty narrows nothing."""

    text: str = ""
    """Words that all occur in titles, inputs, answers, notes or messages."""
    statuses: tuple[Listed, ...] = ()
    agents: tuple[str, ...] = ()
    """Names of agents, or kinds of runs."""
    kinds: tuple[str, ...] = ()
    user_id: str | None = None
    project_id: str | None = None
    environment: Environment | None = None
    tag: str | None = None
    since: datetime | None = None
    """Begun at or after this time (UTC)."""
    until: datetime | None = None
    """Begun before this time (UTC)."""
    kinds_left_out: tuple[str, ...] = ("tree",)
    """Kinds that are documents more than runs."""
    sort: Sort = "newest"


@dataclass(frozen=True)
class RunLine:
    """One line of the list."""

    run_id: str
    kind: str
    title: str
    status: Status
    agent_name: str | None
    user_id: str
    project_id: str
    environment: Environment
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    parent_run_id: str | None
    error_text: str | None
    cost_amount: Decimal | None
    """Known cost of its calls and steps in US dollars; None when nothing of it is known."""
    has_unknown_cost: bool
    """Whether a charged call or step has no known cost, so that the amount is a lower bound."""
    work_s: float | None
    """Seconds its steps took, waiting for people left out; None without steps."""
    tags: tuple[str, ...]
    waits_for: str | None = None
    """What it waits for in the middle of a step, such as a key: a sentence; None where it does not."""

    @property
    def listed(self) -> Listed:
        """Its state as the list tells it apart."""
        return "held" if self.waits_for is not None else self.status


@dataclass(frozen=True)
class RunPage:
    """One page of the list."""

    lines: tuple[RunLine, ...]
    total: int
    """Runs on all pages."""
    page: int
    """1, 2, 3 ..."""
    pages: int


@dataclass(frozen=True)
class _Clauses:
    """SQL conditions with their values."""

    parts: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, part: str, **values: Any) -> None:
        self.parts.append(part)
        self.values.update(values)

    @property
    def sql(self) -> str:
        return " and ".join(self.parts) or "true"


def find(store: Store, index: TextIndex, query: RunQuery, page: int = 1, size: int = PAGE) -> RunPage:
    """One page of the runs that a query finds; the last one when there are fewer."""
    asked = _Asked(store, index, query)
    total = asked.count()
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    run_ids = asked.ids(size, (page - 1) * size)
    return RunPage(tuple(lines(store, run_ids)), total, page, pages)


def count(store: Store, index: TextIndex, query: RunQuery) -> int:
    """How many runs a query finds."""
    return _Asked(store, index, query).count()


def all_ids(store: Store, index: TextIndex, query: RunQuery) -> list[str]:
    """Ids of every run that a query finds, in its order."""
    return _Asked(store, index, query).ids()


def lines(store: Store, run_ids: Sequence[str]) -> list[RunLine]:
    """The lines of runs, in the order given."""
    sql = f"""
        with wanted as (select unnest($ids::varchar[]) as run_id),
        used as ({_used("where run_id in (select run_id from wanted)")}),
        labels as (
            select run_id, list(tag order by tag) as tags from run_tags
            where run_id in (select run_id from wanted) group by run_id
        ),
        stood as (
            select run_id, arg_max(kind, seq) as kind, arg_max(data, seq) as data from events
            where run_id in (select run_id from runs join wanted using (run_id) where status = 'waiting')
            group by run_id
        )
        select {", ".join(f"runs.{name}" for name in COLUMNS)}, cost_amount,
               coalesce(has_unknown_cost, false) as has_unknown_cost, work_s, coalesce(tags, []) as tags,
               case when stood.kind = '{HELD}' then stood.data end as waits_for
        from runs join wanted using (run_id)
        left join used using (run_id) left join labels using (run_id)
        left join stood using (run_id)
    """
    rows = {row["run_id"]: row for row in store.read(sql, {"ids": list(run_ids)})}
    found = [rows[run_id] for run_id in run_ids if run_id in rows]
    return [_line(row) for row in found]


def of_tag(store: Store, tag: str) -> dict[Listed, int]:
    """How many of the runs with a tag are in which state; states of none are left out."""
    where = _where(RunQuery(tag=tag))
    sql = f"select {LISTED_STATE} as state, count(*) as n from runs where {where.sql} group by state"
    return {row["state"]: int(row["n"]) for row in store.read(sql, where.values)}


def _line(row: dict[str, Any]) -> RunLine:
    held = row["waits_for"]
    sentence = None if held is None else str(json.loads(held)["sentence"])
    return RunLine(**{**row, "tags": tuple(row["tags"]), "waits_for": sentence})


class _Asked:
    """A query as SQL, with the runs that its words were found in."""

    def __init__(self, store: Store, index: TextIndex, query: RunQuery) -> None:
        self._store = store
        self._order = ORDER[query.sort]
        self._needs_use = query.sort in ("costly", "longest")
        self._where = _where(query)
        self._tables: dict[str, pa.Table] = {}
        if query.text.strip():
            self._tables["found"] = pa.table({"run_id": index.match(query.text)})
            self._where.add("runs.run_id in (select run_id from found)")

    def count(self) -> int:
        sql = f"select count(*) as n from runs where {self._where.sql}"
        return int(self._store.read(sql, self._where.values, self._tables)[0]["n"])

    def ids(self, size: int | None = None, offset: int = 0) -> list[str]:
        of_found = "where run_id in (select run_id from found)" if self._tables else ""
        used = f"left join ({_used(of_found)}) used using (run_id)" if self._needs_use else ""
        limit = "" if size is None else f"limit {int(size)} offset {int(offset)}"
        sql = f"select runs.run_id from runs {used} where {self._where.sql} order by {self._order} {limit}"
        return [str(row["run_id"]) for row in self._store.read(sql, self._where.values, self._tables)]


def _where(query: RunQuery) -> _Clauses:
    where = _Clauses(["runs.deleted_at is null"])
    for column in ("user_id", "project_id", "environment"):
        if (value := getattr(query, column)) is not None:
            where.add(f"runs.{column} = ${column}", **{column: value})
    if query.statuses:
        where.add(f"list_contains($statuses, {_state_of(query)})", statuses=list(query.statuses))
    if query.agents:
        where.add(
            "(list_contains($agents, runs.agent_name) or list_contains($agents, runs.kind))",
            agents=list(query.agents),
        )
    if query.kinds:
        where.add("list_contains($kinds, runs.kind)", kinds=list(query.kinds))
    if query.kinds_left_out and not set(query.kinds_left_out) & {*query.agents, *query.kinds}:
        where.add("not list_contains($left_out, runs.kind)", left_out=list(query.kinds_left_out))
    if query.since is not None:
        where.add("runs.created_at >= $since", since=query.since)
    if query.until is not None:
        where.add("runs.created_at < $until", until=query.until)
    if query.tag is not None:
        where.add("runs.run_id in (select run_id from run_tags where tag = $tag)", tag=query.tag)
    return where


def _state_of(query: RunQuery) -> str:
    """SQL: the state that a query asks for; who waits for what is looked up only where it is asked."""
    is_told_apart = bool({"waiting", "held"} & set(query.statuses))
    return LISTED_STATE if is_told_apart else "runs.status"


def _used(where: str = "") -> str:
    """SQL: cost and seconds of work per run."""
    return f"""
        select run_id, sum(cost_amount) as cost_amount, bool_or(is_unknown) as has_unknown_cost,
               sum(work_s) as work_s
        from (
            select run_id, {IN_DOLLARS} as cost_amount,
                   served_from = 'provider' and {IN_DOLLARS} is null as is_unknown, null as work_s
            from calls {where}
            union all
            select run_id, {IN_DOLLARS}, is_billed and {IN_DOLLARS} is null,
                   case when parent_step_id is null then duration_s end
            from steps {where}
        ) group by run_id
    """
