"""The first look: what is spent this month, where it will end, what a diagnosis costs, how reliable it is."""

from collections.abc import Mapping, Sequence

import streamlit as st

from agents.usage.desk import Before, Filters, MonthView, Part, Tile, records
from agents.usage.words import budgets_count
from agents.workbench import Workbench
from pages.ui.formats import UNKNOWN, change, count, money, seconds, share
from pages.ui.text import plain
from pages.ui.usage import address, monthly, spending
from pages.ui.usage.amounts import per_unit
from pages.ui.usage.how import how, notes
from pages.ui.usage.reading import read

ORDER = (
    "spend",
    "cost_per_diagnosis",
    "runs",
    "p95_latency",
    "fallback_rate",
    "saved_by_cache",
)
"""Key figures as they stand on the page, after those of the month."""
TILE_PX = 230
BESIDE = {"runs": "success_rate", "spend": "calls"}
"""Key figure -> the one that stands under it."""
PER_UNIT = "cost_per_diagnosis"
NOTHING_BEFORE = "nothing recorded"


def draw(bench: Workbench, filters: Filters) -> None:
    """Tiles, the month, and what the money was spent on."""
    _draw_unread_alerts(bench, filters)
    view = read(bench.usage.month, filters)
    tiles = {tile.key: tile for tile in read(bench.usage.tiles, filters)}
    with st.grid(4, min_column_width=TILE_PX, gap="small"):
        _draw_month_tile(filters, view, _no_budget(bench, filters))
        _draw_forecast_tile(filters, view)
        for key in ORDER:
            _draw_tile(filters, tiles[key], beside(tiles, key, filters))
    monthly.draw(bench, filters, view)
    spending.draw_over_time(bench, filters, "model", "overview")


def _draw_unread_alerts(bench: Workbench, filters: Filters) -> None:
    unread = [alert for alert in bench.usage.alerts() if alert.acked_by is None]
    if unread:
        link = f"[See all alerts]({address.href(bench, filters, 'alerts')})"
        more = f" And {len(unread) - 1} more." if len(unread) > 1 else ""
        st.warning(f"{plain(unread[0].sentence)}{more} {link}", icon=":material/notifications_active:")


def _draw_month_tile(filters: Filters, view: MonthView, budget: str) -> None:
    standing, spent = view.to_date.standing, view.to_date.spent
    with st.container(border=True, height="stretch", key="tile-month"):
        if standing is not None:
            past = {"ok": "", "warn": ", past its warning", "stop": ", at its stop"}[standing.state]
            budget = f"{share(standing.share)} of {money(standing.allowed, filters.currency)} budget{past}."
        before = view.to_date.before
        budget = f"{budget} {view.to_date.compared}".strip()
        st.metric(
            f"Spend in {view.at:%B}",
            money(spent, filters.currency),
            change(view.to_date.change) or None,
            delta_color="inverse",
            delta_description=f"before: {_by_now(before, filters)}",
            chart_data=_totals(view),
        )
        st.caption(plain(budget))
        notes([*view.to_date.figure.notes, *(before.by_now.notes if before else ())])
        how(view.to_date.figure)


def _no_budget(bench: Workbench, filters: Filters) -> str:
    """Why no budget stands beside the spend."""
    if bench.usage.counts(filters):
        return "No budget is set for this."
    return f"{budgets_count(bench.usage.environment)}."


def _by_now(before: Before | None, filters: Filters) -> str:
    return (
        "no whole day yet"
        if before and not before.days
        else _told(before.by_now if before else None, filters)
    )


def _told(before: Part | None, filters: Filters) -> str:
    return NOTHING_BEFORE if before is None else money(before.spent, filters.currency)


def _totals(view: MonthView) -> list[float] | None:
    found, total = [], 0.0
    for day in sorted(view.days):
        total += float(view.days[day])
        found.append(total)
    return found or None


def _draw_forecast_tile(filters: Filters, view: MonthView) -> None:
    ahead = view.to_date.forecast
    with st.container(border=True, height="stretch", key="tile-forecast"):
        if ahead is None:
            st.metric("Month-end forecast", UNKNOWN)
            st.caption("It needs two weeks of spend at least.")
            return
        end = ahead.month_end
        before = view.to_date.before
        st.metric(
            "Month-end forecast",
            money(end.expected, filters.currency),
            change(view.to_date.expected_change) or None,
            delta_color="inverse",
            delta_description=f"before: {_told(before.whole if before else None, filters)}",
            chart_data=spark([*(_totals(view) or []), *(float(day.expected) for day in ahead.days)]),
        )
        if end.low is None:
            st.caption("There are too few days for a band.")
        else:
            band = f"{money(end.low, filters.currency)} to {money(end.high, filters.currency)}"
            st.caption(plain(f"{band} in 80 of 100 cases. Before: the whole month before."))
        st.markdown(f"**{plain(monthly.verdict(view, filters.currency))}**")
        notes([*view.to_date.notes, *(before.whole.notes if before else ())])
        how(view.to_date.figure, more=ahead.method)


def beside(tiles: Mapping[str, Tile], key: str, filters: Filters) -> str:
    """What is said under a key figure by another one; empty for most."""
    other = tiles.get(BESIDE.get(key, ""))
    if other is None:
        return ""
    now, before = (shown(other, value, filters.currency) for value in (other.value, other.previous))
    return f"{other.title}: {now} (before: {before})"


def _draw_tile(filters: Filters, tile: Tile, more: str) -> None:
    with st.container(border=True, height="stretch", key=f"tile-{tile.key}"):
        line = [row["value"] for row in records(tile.days)]
        st.metric(
            tile.title,
            shown(tile, tile.value, filters.currency),
            change(tile.change) or None,
            delta_color="off"
            if tile.key in ("runs", "calls")
            else "inverse"
            if tile.less_is_better
            else "normal",
            chart_data=spark([float(value) for value in line if value is not None]),
            delta_description=f"before: {shown(tile, tile.previous, filters.currency)}",
        )
        if more:
            st.caption(plain(more))
        notes(tile.figure.notes)
        how(tile.figure)


def shown(tile: Tile, value: object, currency: str) -> str:
    """A value of a tile in its unit."""
    if value is None:
        return UNKNOWN
    if tile.unit == "money":
        return per_unit(value, currency) if tile.key == PER_UNIT else money(value, currency)  # type: ignore[arg-type]
    if tile.unit == "share":
        return share(float(value))  # type: ignore[arg-type]
    return seconds(float(value)) if tile.unit == "seconds" else count(int(value))  # type: ignore[arg-type, call-overload]


def spark(values: Sequence[float]) -> list[float] | None:
    """A line needs two points."""
    return list(values) if len(values) > 1 else None
