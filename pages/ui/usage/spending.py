"""What was spent, on what, by whom, and what the cache saved."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import streamlit as st

from agents.usage.desk import Dimension, Figure, Filters, records
from agents.workbench import Workbench
from pages.ui.charts import REST_COLOR
from pages.ui.formats import UNKNOWN, count, counted, money, share
from pages.ui.text import plain
from pages.ui.usage import charts, matrix, monthly
from pages.ui.usage.amounts import all_missing, bar, cost, cost_column, missing_columns
from pages.ui.usage.bar import days as days_of
from pages.ui.usage.behind import point
from pages.ui.usage.card import card
from pages.ui.usage.part import part
from pages.ui.usage.reading import read
from pages.ui.usage.tables import Column

DIMENSIONS: Mapping[Dimension, str] = {
    "model": "Model",
    "provider": "Provider",
    "agent": "Agent",
    "user": "User",
    "project": "Project",
    "prompt": "Prompt version",
    "price_version": "Price list",
}
MOST_COLORS = 7
OTHERS = "all others"
LONG_DAYS = 100
GRAINS = {"day": timedelta(0), "week": timedelta(days=6)}
"""From the first day of a bar to its last one."""
Row = dict[str, Any]
SAVED = "cost_avoided_amount"


def draw(bench: Workbench, filters: Filters) -> None:
    """Spend by day and dimension, the month, users and models, the cache."""
    chosen = st.segmented_control(
        "Stacked by",
        list(DIMENSIONS),
        format_func=lambda name: DIMENSIONS[name],
        default="model",
        key="spend-by",
    )
    draw_over_time(bench, filters, chosen or "model", "spend")
    monthly.draw(bench, filters, read(bench.usage.month, filters))
    matrix.draw(bench, filters)
    draw_savings(bench, filters)


@part
def draw_over_time(bench: Workbench, filters: Filters, by: Dimension, key: str) -> None:
    """Bars per day or week, and the sums beside them."""
    grain = grain_of(filters)
    sums = read(bench.usage.spend_by, filters, (by,))
    every = read(bench.usage.spend_over_time, filters, by, grain)
    rows = records(sums.frame)
    known = [row for row in rows if row["cost_amount"]]
    named = [row[by] for row in known[:MOST_COLORS]]
    total = {
        by: "Together",
        "cost_amount": sum((row["cost_amount"] or Decimal(0) for row in rows), Decimal(0)),
        "share": 1.0,
        "calls": sum(row["calls"] for row in rows),
        "unknown_prices": all_missing(rows),
    }
    if rows and all(row["cost_amount"] is None for row in rows):
        total["cost_amount"] = None
    title = DIMENSIONS[by].lower()
    card(
        bench,
        filters,
        f"{key}-{by}",
        f"Spend per {grain} by {title}",
        [sums, every],
        lambda: charts.stacked(_series(records(every.frame), by, grain, named), filters.currency),
        f"Spend per {grain} stacked by {title}, {days_of(filters.span)}; together "
        f"{money(total['cost_amount'], filters.currency)}, most of it for {_first(named, by)}.",
        rows,
        [
            Column(DIMENSIONS[by], lambda row: row[by] or none_of(by), is_text=True),
            cost_column(filters.currency),
            Column(
                "Share",
                lambda row: UNKNOWN if cost(row, filters.currency) == UNKNOWN else share(row["share"]),
            ),
            Column("Calls", lambda row: count(row["calls"])),
            *missing_columns(rows),
        ],
        total if rows else None,
    )


def none_of(by: str) -> str:
    """What stands for rows without a value: tools have no model, local models no price list."""
    return {"model": "tools and searches", "price_version": "no price list"}.get(by, "none")


def grain_of(filters: Filters) -> str:
    """Bars that are wide enough to be clicked."""
    length = (filters.span.end - filters.span.start).days
    return "day" if length <= LONG_DAYS else "week"


def _series(
    rows: Sequence[Mapping[str, Any]], by: str, grain: str, named: Sequence[str | None]
) -> list[charts.Series]:
    points: dict[str | None, dict[Any, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        if row["cost_amount"] is not None:
            name = row[by] if row[by] in named else OTHERS
            points[name][row[grain]] += row["cost_amount"]
    found = []
    for name in (*named, OTHERS):
        if name in points:
            times = sorted(points[name])
            links = [_link(by, name, grain, time) for time in times]
            amounts = [float(points[name][time]) for time in times]
            color = REST_COLOR if name == OTHERS else None
            found.append(charts.Series(name or none_of(by), times, amounts, links, color))
    return found


def _link(by: str, name: str | None, grain: str, time: Any) -> str:
    values = {} if name == OTHERS else {by: name}
    return point(first=time, last=time + GRAINS[grain], **values)


def _first(named: Sequence[str | None], by: str) -> str:
    return (named[0] or none_of(by)) if named else "nothing"


@part
def draw_savings(bench: Workbench, filters: Filters) -> None:
    """What replies from the cache would have cost."""
    figure: Figure = read(bench.usage.savings, filters, "agent")
    rows = [row for row in records(figure.frame) if row["cache_hits"]]
    saved, unknown = saved_together(rows)
    hits, calls = (sum(row[name] for row in records(figure.frame)) for name in ("cache_hits", "calls"))
    told = saved_words(saved, unknown, hits, filters.currency)
    card(
        bench,
        filters,
        "savings",
        "What the cache saved",
        [figure],
        lambda: charts.across(
            [
                charts.Series(
                    "Saved",
                    [row["agent"] or "none" for row in rows],
                    [bar(_savings(row), SAVED) for row in rows],
                    [point(agent=row["agent"]) for row in rows],
                    "#009E73",
                )
            ],
            [cost(_savings(row), filters.currency, SAVED) for row in rows],
        ),
        f"Money saved by the cache, by agent; {told}.",
        rows,
        [
            Column("Agent", lambda row: row["agent"] or "none", is_text=True),
            Column("Saved", lambda row: cost(_savings(row), filters.currency, SAVED)),
            Column("From the cache", lambda row: count(row["cache_hits"])),
            Column("Hit rate", lambda row: share(row["hit_rate"])),
            *([Column("Saving unknown", lambda row: count(row["unknown_savings"]))] if unknown else []),
        ],
        {
            "agent": "Together",
            "cost_avoided_amount": saved,
            "cache_hits": hits,
            "hit_rate": hits / calls if calls else None,
            "unknown_savings": unknown,
        },
        sentence=f"**{plain(told)}.**",
        of_cache=True,
    )


def saved_together(rows: Sequence[Mapping[str, Any]]) -> tuple[Decimal | None, int]:
    """What was saved as far as it is known, None when nothing of it is; and of how many replies it is not."""
    amounts = [row[SAVED] for row in rows if bar(_savings(row), SAVED) is not None]
    unknown = sum(row["unknown_savings"] for row in rows)
    return (sum(amounts, Decimal(0)) if amounts or not rows else None), unknown


def saved_words(saved: Decimal | None, unknown: int, hits: int, currency: str) -> str:
    """What was saved, in words that stand without a full stop."""
    replies = f"{counted(hits, 'reply', 'replies')} from the cache"
    if saved is None:
        return f"What {replies} saved is unknown"
    more = f"; of {count(unknown)} it is unknown" if unknown else ""
    return f"{money(saved, currency)} saved by {replies}{more}"


def _savings(row: Mapping[str, Any]) -> dict[str, Any]:
    """The saving of a row, with how many replies it does not hold."""
    return {SAVED: row[SAVED], "unknown_prices": row["unknown_savings"]}
