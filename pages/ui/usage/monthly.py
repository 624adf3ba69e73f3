"""The month against its budget: spent so far, where it is going, when the budget will be gone."""

from itertools import accumulate

import streamlit as st

from agents.usage.desk import Filters, MonthView
from agents.workbench import Workbench
from pages.ui.formats import money, share
from pages.ui.text import plain
from pages.ui.usage import address, charts
from pages.ui.usage.behind import point
from pages.ui.usage.card import card
from pages.ui.usage.how import notes
from pages.ui.usage.tables import Column


def verdict(view: MonthView, currency: str) -> str:
    """Whether the month will stay in its budget, in a sentence."""
    standing, ahead = view.to_date.standing, view.to_date.forecast
    if standing is None:
        return "No budget is set for exactly what the filters show."
    if standing.state == "stop":
        return f"The budget of {money(standing.allowed, currency)} is spent."
    if ahead is None:
        return "There are too few days to tell whether the budget will hold."
    crosses = view.to_date.crosses
    end = ahead.month_end
    if crosses is not None:
        over = money(end.expected - standing.allowed, currency)
        return f"Over budget by {over}: it is expected to be spent on {crosses}."
    left = money(standing.allowed - end.expected, currency)
    if end.high is not None and end.high > standing.allowed:
        return f"In budget with {left} to spare, but the band reaches over it."
    return f"In budget with {left} to spare."


def draw(bench: Workbench, filters: Filters, view: MonthView) -> None:
    """The chart of the month."""
    currency = filters.currency
    standing, ahead = view.to_date.standing, view.to_date.forecast
    days = sorted(view.days)
    totals = list(accumulate(view.days[day] for day in days))
    future = [] if ahead is None else [_day(each) for each in ahead.days]
    rows = [
        {
            "what": "Spent so far",
            "amount": money(view.to_date.spent, currency),
            "share": _share(view, view.to_date.spent),
        }
    ]
    if ahead is not None:
        end = ahead.month_end
        rows.append(
            {
                "what": "Expected by the end",
                "amount": money(end.expected, currency),
                "share": _share(view, end.expected),
            }
        )
        if end.low is not None:
            rows.append(
                {
                    "what": "At the low end of the band",
                    "amount": money(end.low, currency),
                    "share": _share(view, end.low),
                }
            )
            rows.append(
                {
                    "what": "At the high end of the band",
                    "amount": money(end.high, currency),
                    "share": _share(view, end.high),
                }
            )
    if standing is not None:
        rows.append({"what": "Budget", "amount": money(standing.allowed, currency), "share": share(1.0)})
    if standing is not None and standing.raised_by:
        rows.append(
            {"what": "Of it raised for a while", "amount": money(standing.raised_by, currency), "share": ""}
        )
    told = verdict(view, currency)
    card(
        bench,
        filters,
        "month",
        f"{view.at:%B} against its budget",
        [view.to_date.figure],
        lambda: charts.month(
            charts.Series(
                "Spent",
                days,
                [float(total) for total in totals],
                [point(first=day, last=day) for day in days],
            ),
            future,
            float(standing.allowed) if standing else None,
            view.to_date.crosses,
            currency,
        ),
        f"Spend of {view.at:%B} added up by day, with the forecast to its end and the budget. {told}",
        rows,
        [
            Column("", lambda row: row["what"], is_text=True),
            Column("Amount", lambda row: row["amount"]),
            *([Column("Of budget", lambda row: row["share"])] if standing else []),
        ],
        sentence=f"**{plain(told)}**",
        more=ahead.method if ahead else "",
    )
    notes(view.to_date.notes_ahead)
    if standing is None:
        st.caption(f"[Set a budget]({address.href(bench, filters, 'alerts')})")


def _day(ahead: object) -> dict[str, object]:
    def number(name: str) -> float | None:
        value = getattr(ahead, name)
        return None if value is None else float(value)

    return {"day": ahead.day, **{name: number(name) for name in ("expected", "low", "high")}}  # type: ignore[attr-defined]


def _share(view: MonthView, amount: object) -> str:
    standing = view.to_date.standing
    if standing is None or not standing.allowed or amount is None:
        return ""
    return share(float(amount) / float(standing.allowed))  # type: ignore[arg-type]
