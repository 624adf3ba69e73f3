"""When budgets warned or stopped, newest first."""

from collections.abc import Mapping

import streamlit as st

from agents.usage.desk import BudgetEvent, Filters
from agents.workbench import Workbench
from pages.ui.formats import counted, money, when
from pages.ui.usage import address
from pages.ui.usage.tables import Column
from pages.ui.usage.tables import draw as table

KINDS = {
    "warned": "warned",
    "warned_70": "warned at 70 %",
    "warned_90": "warned at 90 %",
    "stopped": "stopped",
}
NAMES: Mapping[str, str] = {
    "run": "A single run",
    "user": "User",
    "project": "Project",
    "agent": "Agent",
    "month": "Everybody together",
}


def draw(bench: Workbench, filters: Filters) -> None:
    """The last warnings and stops."""
    with st.container(border=True, key="card-budget-events"):
        st.subheader("What budgets did", anchor=False)
        found = bench.usage.budget_events(filters)
        if not found:
            st.caption(_nothing_yet(bench, filters))
            return
        table(
            [vars(event) | {"event": event} for event in found],
            [
                Column("Happened", lambda row: when(row["occurred_at"]), is_text=True),
                Column("Budget", lambda row: named(row["event"]), is_text=True, link=_run_link),
                Column("Did", lambda row: KINDS[row["kind"]], is_text=True),
                Column("Spent", lambda row: money(row["spent_amount"], row["currency"])),
                Column("Of", lambda row: money(row["budget_amount"], row["currency"])),
            ],
            "budget-events",
        )


def _nothing_yet(bench: Workbench, filters: Filters) -> str:
    """Why the list is empty; budgets may be past their warning without a call that was told of it."""
    standings = bench.usage.standings() if bench.usage.counts(filters) else []
    states = [standing.state for standing in standings]
    passed = [
        f"{counted(number, 'budget')} above {'is' if number == 1 else 'are'} past {bound}"
        for number, bound in (
            (states.count("stop"), "the stop"),
            (states.count("warn"), "the warning"),
        )
        if number
    ]
    if not passed:
        return "No budget has warned or stopped anything yet."
    return (
        f"{', and '.join(passed)}, but nothing is on record here yet: a warning or a stop is put down when "
        "Whytree makes a call under the budget."
    )


def named(event: BudgetEvent) -> str:
    """Which budget it was, and of which month."""
    subject = f" {event.subject}" if event.scope in ("user", "project", "agent") else ""
    return f"{NAMES[event.scope]}{subject}{f', {event.period}' if event.period else ''}"


def _run_link(row: Mapping[str, object]) -> str | None:
    return address.run_href(str(row["run_id"])) if row["run_id"] else None
