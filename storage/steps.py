"""Steps of a run: what an agent, a tool or a search took, and what it cost where somebody charges for it."""

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Literal

from storage.db import Store
from storage.runs import Environment

StepKind = Literal["agent", "tool", "retrieval"]


@dataclass(frozen=True)
class Step:
    """One step; a call that was made in it names it as its `step_id`."""

    step_id: str
    """UUIDv7, made when the step starts."""
    kind: StepKind
    name: str
    """The node, tool or source."""
    started_at: datetime
    duration_s: float
    """Seconds from start to end, calls and waiting included."""
    user_id: str
    project_id: str
    environment: Environment
    run_id: str | None = None
    parent_step_id: str | None = None
    """None for a step right below its run; own time is counted over these."""
    agent_name: str | None = None
    error_type: str | None = None
    is_billed: bool = False
    """Whether somebody charges for it; then a missing cost is an unknown one."""
    cost_amount: Decimal | None = None
    """Of the tool or search itself; its calls carry their own."""
    cost_currency: str | None = None
    price_version: str | None = None


COLUMNS = tuple(column.name for column in fields(Step))


def record(store: Store, step: Step) -> None:
    """Add a step that has ended; repeating it adds nothing."""
    store.append("steps", [dict(vars(step))])


def of_run(store: Store, run_id: str) -> list[Step]:
    """Steps of a run in the order of their start."""
    sql = f"select {', '.join(COLUMNS)} from steps where run_id = ? order by started_at, step_id"
    return [Step(**row) for row in store.read(sql, [run_id])]
