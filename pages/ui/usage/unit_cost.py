"""What one finished diagnosis, tree or report costs, and which runs cost most."""

from decimal import Decimal
from typing import Any

import streamlit as st

from agents.usage.desk import UNIT_OF_WORK, Filters, records
from agents.workbench import Workbench
from pages.ui.formats import change, count
from pages.ui.text import plain
from pages.ui.usage import address, behind, charts
from pages.ui.usage.amounts import all_missing, bar, cost_column, missing_columns, per_unit
from pages.ui.usage.behind import point
from pages.ui.usage.card import card
from pages.ui.usage.how import how, notes
from pages.ui.usage.part import part
from pages.ui.usage.reading import read
from pages.ui.usage.tables import Column, Row
from pages.ui.usage.tables import draw as table

DEAREST = 10


def draw(bench: Workbench, filters: Filters) -> None:
    """Per piece, how it spreads, the dearest."""
    _draw_per_piece(bench, filters)
    _draw_spread(bench, filters)
    _draw_dearest(bench, filters)


@part
def _draw_per_piece(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.unit_costs, filters)
    rows = _kinds(records(figure.frame))
    told, why = _verdict(rows, filters.currency), address.href(bench, filters, "changes", of="unit")
    names = [row["kind"] or "no run" for row in rows]
    costs = [bar(row, "cost_per_finished") for row in rows]
    card(
        bench,
        filters,
        "unit",
        "Cost of a finished piece of work",
        [figure],
        lambda: charts.across(
            [charts.Series("Cost of one", names, costs, [point(agent=row["kind"]) for row in rows])],
            [per_unit(row["cost_per_finished"], filters.currency) for row in rows],
            unit=filters.currency,
        ),
        f"Cost per finished run by kind. {told}",
        rows,
        [
            Column("Kind", lambda row: row["kind"] or "no run", is_text=True),
            Column("Cost of one", lambda row: _of_one(row, "cost_per_finished", filters.currency)),
            Column("Before", lambda row: _of_one(row, "before", filters.currency)),
            Column("Change", lambda row: change(row["change"])),
            Column("Finished", lambda row: count(row["finished"])),
            cost_column(filters.currency),
            *missing_columns(rows),
        ],
        _together(rows),
        sentence=f"**{plain(told)}** [Which change made it so?]({why})",
    )


def _kinds(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the period with what each kind cost before."""
    before = {row["kind"]: row["cost_per_finished"] for row in rows if row["period"] == "previous"}
    found = []
    for row in rows:
        if row["period"] == "current":
            then, now = before.get(row["kind"]), row["cost_per_finished"]
            grown = float(now / then) - 1 if now is not None and then else None
            found.append({**row, "before": then, "change": grown})
    return found


def _together(rows: list[dict[str, Any]]) -> Row | None:
    if not rows:
        return None
    known = [row["cost_amount"] for row in rows if row["cost_amount"] is not None]
    finished = sum(row["finished"] for row in rows)
    cost = sum(known, Decimal(0)) if known else None
    return {
        "kind": "Together",
        "change": None,
        "finished": finished,
        "cost_amount": cost,
        "unknown_prices": all_missing(rows),
    }


def _of_one(row: Row, name: str, currency: str) -> str:
    """What one piece costs; pieces of several kinds have no cost of one."""
    return per_unit(row[name], currency) if name in row else ""


def _verdict(rows: list[dict[str, Any]], currency: str) -> str:
    found = next((row for row in rows if row["kind"] == UNIT_OF_WORK), None)
    if found is None or not found["finished"]:
        return "No diagnosis was finished in this period."
    then = f", {change(found['change'])} against the period before" if found["change"] is not None else ""
    return f"A finished diagnosis cost {per_unit(found['cost_per_finished'], currency)}{then}."


@part
def _draw_spread(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.whole_costs, filters)
    rows = records(figure.frame)
    currency = filters.currency
    series = [
        charts.Series(
            title,
            [row["kind"] for row in rows],
            [bar(row, name) for row in rows],
            [point(agent=row["kind"]) for row in rows],
        )
        for name, title in (("median_cost", "Median"), ("p95_cost", "p95"))
    ]
    card(
        bench,
        filters,
        "spread",
        "From the usual one to the dear one",
        [figure],
        lambda: charts.across(series, ["" for _ in rows], is_stacked=False, unit=currency),
        "Median and p95 of what finished runs cost as a whole, by kind.",
        rows,
        [
            Column("Kind", lambda row: row["kind"], is_text=True),
            Column("Median", lambda row: per_unit(row["median_cost"], currency)),
            Column("p95", lambda row: per_unit(row["p95_cost"], currency)),
            Column("Dearest", lambda row: per_unit(row["highest_cost"], currency)),
            Column("Finished", lambda row: count(row["finished"])),
            Column("Partly unknown", lambda row: count(row["partly_unknown"])),
        ],
    )


@part
def _draw_dearest(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.runs, filters, "cost", DEAREST)
    with st.container(border=True, key="card-dearest"):
        st.subheader(f"The {DEAREST} dearest runs", anchor=False)
        table(records(figure.frame), behind.run_columns(bench, filters), "dearest")
        notes(figure.notes)
        st.markdown(f"[All runs, dearest first]({address.href(bench, filters, 'runs')})")
        how(figure)
