"""One run in time: its steps and attempts as bars, and what it used in all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Literal

from storage import calls, steps
from storage.db import Store

BarKind = Literal["agent", "tool", "retrieval", "attempt"]


@dataclass(frozen=True)
class Bar:
    """One bar of the waterfall, below the step it belongs to."""

    bar_id: str
    """The step's or the call's id."""
    depth: int
    """0 below the run, 1 below a step of it, and so on."""
    kind: BarKind
    name: str
    """The step, or provider and model."""
    started_at: datetime
    offset_s: float
    """Seconds since the first bar's start; never negative, also where the clock was set back."""
    duration_s: float
    error_type: str | None
    cost_amount: Decimal | None
    """Its own, without what is below it; None when unknown or when nothing is charged."""
    call_id: str | None
    """Set for an attempt: its prompt, answer, usage and price."""


def of_run(store: Store, run_id: str) -> list[Bar]:
    """The bars of a run, parents before children, in the order of their start."""
    store.flush()
    found: list[tuple[str | None, Bar]] = []
    for step in steps.of_run(store, run_id):
        bar = _bar(step.step_id, step.kind, step.name, step.started_at, step.duration_s, step.error_type)
        found.append((step.parent_step_id, _priced(bar, step.cost_amount, None)))
    for call in calls.of_run(store, run_id):
        name = f"{call.provider_name}/{call.request_model}"
        bar = _bar(call.call_id, "attempt", name, call.started_at, call.duration_s, call.error_type)
        found.append((call.step_id, _priced(bar, call.cost_amount, call.call_id)))
    return _nested(found)


def spent(store: Store, run_id: str) -> tuple[Decimal, int]:
    """What a run has cost as far as it is known, and how many charged calls and steps have no known cost."""
    store.flush()
    sql = """
        select coalesce(sum(cost_amount), 0) as amount,
               count(*) filter (is_charged and cost_amount is null) as n
        from (
            select cost_amount, served_from = 'provider' as is_charged from calls where run_id = $1
            union all
            select cost_amount, is_billed from steps where run_id = $1
        )
    """
    row = store.read(sql, [run_id])[0]
    return Decimal(row["amount"]), int(row["n"])


def worked(store: Store, run_id: str, behind: str = "") -> tuple[int, float]:
    """Steps that a run has done and seconds that it worked, since it last failed with the error `behind`.

    Steps that failed or were broken off count as time alone; those that ran at once count once.
    """
    store.flush()
    sql = """
        select started_at, duration_s, error_type from steps
        where run_id = $1 and kind = 'agent' and parent_step_id is null and started_at >= coalesce((
            select max(occurred_at) from events
            where run_id = $1 and kind = 'failed' and json_extract_string(data, '$.error_type') = $2
        ), started_at)
        order by started_at
    """
    rows = store.read(sql, [run_id, behind])
    seconds, until = 0.0, datetime.min
    for row in rows:
        ends = row["started_at"] + timedelta(seconds=row["duration_s"])
        seconds += max(0.0, (ends - max(row["started_at"], until)).total_seconds())
        until = max(until, ends)
    return sum(row["error_type"] is None for row in rows), seconds


def usual_seconds(store: Store, kind: str, runs: int = 50) -> float | None:
    """Median seconds of work of the last completed runs of a kind; None while there are fewer than five."""
    sql = """
        select sum(steps.duration_s) as seconds from steps join runs using (run_id)
        where runs.kind = ? and runs.status = 'completed' and steps.parent_step_id is null
        group by steps.run_id order by max(steps.started_at) desc limit ?
    """
    seconds = [row["seconds"] for row in store.read(sql, [kind, runs])]
    return median(seconds) if len(seconds) >= 5 else None


def tagged_work(store: Store, tag: str) -> tuple[list[float], list[float]]:
    """Seconds of work of the runs with a tag: of those that have ended or wait, and of those still to end."""
    sql = """
        select status in ('queued', 'running') as is_open, coalesce(sum(duration_s), 0) as seconds
        from run_tags join runs using (run_id)
            left join steps on steps.run_id = runs.run_id and steps.parent_step_id is null
        where tag = ? and deleted_at is null and status != 'cancelled'
        group by runs.run_id, status
    """
    rows = store.read(sql, [tag])
    done, still = ([row["seconds"] for row in rows if row["is_open"] == is_open] for is_open in (False, True))
    return done, still


def _bar(
    bar_id: str, kind: BarKind, name: str, started_at: datetime, duration_s: float, error_type: str | None
) -> Bar:
    return Bar(bar_id, 0, kind, name, started_at, 0.0, duration_s, error_type, None, None)


def _priced(bar: Bar, cost: Decimal | None, call_id: str | None) -> Bar:
    return Bar(**{**vars(bar), "cost_amount": cost, "call_id": call_id})


def _nested(found: list[tuple[str | None, Bar]]) -> list[Bar]:
    """Children behind their parents; a bar whose parent is not on record stands below the run."""
    known = {bar.bar_id for _, bar in found}
    children: dict[str | None, list[Bar]] = {}
    for parent, bar in sorted(found, key=lambda pair: (pair[1].started_at, pair[1].bar_id)):
        children.setdefault(parent if parent in known else None, []).append(bar)
    first = min((bar.started_at for _, bar in found), default=None)
    bars: list[Bar] = []

    def place(parent: str | None, depth: int) -> None:
        for bar in children.get(parent, []):
            offset = (bar.started_at - first).total_seconds() if first else 0.0
            bars.append(Bar(**{**vars(bar), "depth": depth, "offset_s": max(0.0, offset)}))
            place(bar.bar_id, depth + 1)

    place(None, 0)
    return bars
