"""Why does this not match my bill? By the provider's day and token class, in the bill's currency."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import streamlit as st

from agents.usage.desk import Filters, records
from agents.workbench import Workbench
from pages.ui.formats import count, money
from pages.ui.text import plain
from pages.ui.usage import charts
from pages.ui.usage.amounts import bar, cost
from pages.ui.usage.behind import point
from pages.ui.usage.card import card
from pages.ui.usage.how import how, notes
from pages.ui.usage.reading import read
from pages.ui.usage.tables import Column
from pages.ui.usage.tables import draw as table
from pages.ui.usage.token_use import CLASSES

COUNTS = ("attempts", "failed", "unknown_prices", *CLASSES)
MONEY = ("cost_amount", "cost_input", "cost_output")


def draw(bench: Workbench, filters: Filters) -> None:
    """Per provider and currency, then day by day."""
    st.markdown(
        "Put a provider's bill beside this: the same days in UTC, classes of tokens and currency. "
        "Where they differ, look at failed attempts, estimated tokens and calls of unknown price first."
    )
    figure = read(bench.usage.reconcile, filters)
    rows = records(figure.frame)
    bills = _grouped(rows, ("provider", "currency"))
    days = _grouped(rows, ("day", "provider", "currency"))
    names = sorted({_name(row) for row in bills})
    series = []
    for name in names:
        mine = [row for row in days if _name(row) == name]
        links = [point(provider=row["provider"], first=row["day"], last=row["day"]) for row in mine]
        amounts = [bar(row) for row in mine]
        series.append(charts.Series(name, [row["day"] for row in mine], amounts, links))
    card(
        bench,
        filters,
        "bill",
        "Bills of the period",
        [figure],
        lambda: charts.stacked(series),
        "Cost per day of UTC in the currency it was billed in, stacked by provider and currency.",
        bills,
        [
            Column("Provider", lambda row: row["provider"] or "none", is_text=True),
            Column("Cost", lambda row: cost(row, row["currency"] or "USD")),
            Column("For input", lambda row: money(row["cost_input"], row["currency"] or "USD")),
            Column("For output", lambda row: money(row["cost_output"], row["currency"] or "USD")),
            Column("Unknown price", lambda row: count(row["unknown_prices"])),
        ],
    )
    _draw_check(bench)
    with st.container(border=True, key="card-bill-days"):
        st.subheader("Day by day", anchor=False)
        by = ("day", "provider", "model", "currency", "price_version")
        table(_grouped(rows, by), _columns(), "bill-days")
        notes(figure.notes)
        how(figure)


def _draw_check(bench: Workbench) -> None:
    with st.container(border=True, key="card-check"):
        st.subheader("Do the sums equal the raw rows?", anchor=False)
        st.caption("Most figures are read from sums that are kept as calls are written. Nobody has to wait.")
        if st.button("Compare them now", icon=":material/rule:"):
            with st.spinner("Every sum is compared with the raw rows."):
                found = bench.usage.check_sums()
            show = st.success if found.is_equal else st.error
            show(plain(found.sentence), icon=":material/rule:")


def _columns() -> list[Column]:
    return [
        Column("Day (UTC)", lambda row: f"{row['day']:%Y-%m-%d}", is_text=True),
        Column("Provider", lambda row: row["provider"] or "none", is_text=True),
        Column("Model", lambda row: row["model"] or "–", is_text=True),
        Column("Price list", lambda row: row["price_version"] or "–", is_text=True),
        Column("Attempts", lambda row: count(row["attempts"])),
        *(_tokens(name, title) for name, title in CLASSES.items()),
        Column("Cost", lambda row: cost(row, row["currency"] or "USD")),
    ]


def _tokens(name: str, title: str) -> Column:
    return Column(title, lambda row: count(row[name]))


def _name(row: dict[str, Any]) -> str:
    return f"{row['provider'] or 'none'}, {row['currency'] or 'price unknown'}"


def _grouped(rows: list[dict[str, Any]], by: tuple[str, ...]) -> list[dict[str, Any]]:
    """Added up; a sum of nothing known stays unknown."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in by)].append(row)
    found = []
    for key, members in groups.items():
        added = {name: _sum([row[name] for row in members]) for name in (*COUNTS, *MONEY)}
        found.append({**dict(zip(by, key, strict=True)), **added})
    return found


def _sum(values: list[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0) if isinstance(known[0], Decimal) else 0) if known else None
