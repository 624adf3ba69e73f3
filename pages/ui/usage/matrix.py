"""Who spends on which model, with shares of everything."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from agents.usage.desk import Filters, records
from agents.workbench import Workbench
from pages.ui.formats import UNKNOWN, share
from pages.ui.usage import address
from pages.ui.usage.amounts import all_missing, cost, missing
from pages.ui.usage.behind import narrowed, point
from pages.ui.usage.card import EMPTY
from pages.ui.usage.how import how, notes
from pages.ui.usage.part import part
from pages.ui.usage.reading import read
from pages.ui.usage.tables import MOST, Column, Row
from pages.ui.usage.tables import draw as table

MOST_USERS = MOST - 1
"""With all others in a line of their own: as many as a table shows unasked, so that what is seen adds up."""
OTHERS = "all others"
TOGETHER = "Together"
SHARE = "Share"


@part
def draw(bench: Workbench, filters: Filters) -> None:
    """A row per user, a column per model."""
    figure = read(bench.usage.spend_by, filters, ("user", "model"))
    rows = records(figure.frame)
    with st.container(border=True, key="card-matrix"):
        st.subheader("Users and models", anchor=False)
        users, models = (_dearest_first(rows, name) for name in ("user", "model"))
        known = [row["cost_amount"] for row in rows if row["cost_amount"] is not None]
        if not known:
            st.caption(EMPTY)
            return
        everything = sum(known, Decimal(0))
        st.caption(
            f"What each user spent on each model, in {filters.currency}. A share is the part of all spend; "
            "the shares of the column add up to 100 %, and so do those of the last line. “–”: no calls."
        )
        lines = [_line(user or "none", user, _of(rows, user)) for user in users[:MOST_USERS]]
        rest = [row for row in rows if row["user"] in users[MOST_USERS:]]
        if rest:
            lines.append(_line(OTHERS, OTHERS, rest))
        table(
            lines,
            _columns(models, filters, everything, lambda row: _link(bench, filters, row)),
            "matrix",
            _line(TOGETHER, OTHERS, rows),
            {**_line(SHARE, OTHERS, rows), "part_of": everything},
        )
        notes(figure.notes)
        how(figure)


def _columns(
    models: Sequence[Any], filters: Filters, everything: Decimal, link: Callable[[Row], str | None]
) -> list[Column]:
    return [
        Column("User", lambda row: row["name"], is_text=True, link=link),
        *(_of_model(model, filters.currency) for model in models),
        Column(TOGETHER, lambda row: _money(row, row, filters.currency)),
        Column(SHARE, lambda row: _part(row, everything)),
    ]


def _of_model(model: Any, currency: str) -> Column:
    title = model or "tools and searches"
    return Column(title, lambda row: _money(row, row["of"][model], currency) if model in row["of"] else "–")


def _money(row: Row, cell: Row, currency: str) -> str:
    """An amount of a line; in the line of shares what part it is of everything."""
    return _part(cell, row["part_of"]) if "part_of" in row else cost(cell, currency)


def _part(cell: Row, everything: Decimal) -> str:
    """The part of all spend; unknown where no price is known, and none where nothing was spent."""
    if not everything:
        return ""
    if not cell["cost_amount"] and missing(cell):
        return UNKNOWN
    return share(float(cell["cost_amount"] / everything))


def _line(name: str, user: Any, rows: Sequence[Row]) -> dict[str, Any]:
    """One row of the matrix: money by model, and together."""
    of: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        of[row["model"]].append(row)
    return {
        "name": name,
        "user": user,
        "of": {model: _sum(cells) for model, cells in of.items()},
        **_sum(rows),
    }


def _sum(rows: Sequence[Row]) -> dict[str, Any]:
    known = (row["cost_amount"] or Decimal(0) for row in rows)
    return {"cost_amount": sum(known, Decimal(0)), "unknown_prices": all_missing(rows)}


def _of(rows: Sequence[Row], user: Any) -> list[Row]:
    return [row for row in rows if row["user"] == user]


def _dearest_first(rows: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    totals: dict[Any, Decimal] = defaultdict(Decimal)
    for row in rows:
        totals[row[name]] += row["cost_amount"] or Decimal(0)
    return sorted(totals, key=lambda key: (-totals[key], str(key)))


def _link(bench: Workbench, filters: Filters, row: Row) -> str | None:
    if row["user"] == OTHERS:
        return None
    return address.href(bench, narrowed(filters, point(user=row["user"])), "runs")
