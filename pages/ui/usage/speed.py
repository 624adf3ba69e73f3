"""How long replies take: percentiles per agent and model, the first token, and where the time goes."""

from typing import Literal

from agents.usage.desk import By, Filters, records
from agents.workbench import Workbench
from pages.ui.formats import UNKNOWN, count, seconds, share
from pages.ui.usage import charts
from pages.ui.usage.behind import point
from pages.ui.usage.card import card
from pages.ui.usage.part import part
from pages.ui.usage.reading import read
from pages.ui.usage.tables import Column, Row

PERCENTILES = (("p50", "p50"), ("p95", "p95"), ("p99", "p99"))
SPLIT = (("model_s", "At models"), ("own_s", "Agents themselves"), ("waiting_s", "Waiting for a limit"))


def draw(bench: Workbench, filters: Filters) -> None:
    """Each chart by itself."""
    _draw_by(bench, filters, "agent", "duration", "Time to the whole reply, by agent")
    _draw_by(bench, filters, "model", "duration", "Time to the whole reply, by model")
    _draw_days(bench, filters)
    _draw_by(bench, filters, "model", "first_chunk", "Time to the first token of streamed replies")
    _draw_split(bench, filters)


@part
def _draw_by(
    bench: Workbench, filters: Filters, by: By, metric: Literal["duration", "first_chunk"], title: str
) -> None:
    figure = read(bench.usage.percentiles, filters, (by,), metric)
    rows = sorted(records(figure.frame), key=lambda row: -row["p95"])
    names = [row[by] or "none" for row in rows]
    links = [point(**{by: row[by]}) for row in rows]
    series = [charts.Series(title, names, [row[key] for row in rows], links) for key, title in PERCENTILES]
    slowest = f"{names[0]} with {seconds(rows[0]['p95'])}" if rows else "none"
    card(
        bench,
        filters,
        f"{metric}-{by}",
        title,
        [figure],
        lambda: charts.across(series, ["" for _ in rows], is_stacked=False, unit="s"),
        f"{title}: p50, p95 and p99 in seconds; the slowest p95 is {slowest}.",
        rows,
        [
            Column(by.capitalize(), lambda row: row[by] or "none", is_text=True),
            *(_seconds(key, title) for key, title in PERCENTILES),
            Column("Replies", lambda row: count(row["timed"])),
        ],
    )


@part
def _draw_days(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.percentiles, filters, ("day",))
    rows = records(figure.frame)
    days = [row["day"] for row in rows]
    links = [point(first=day, last=day) for day in days]
    card(
        bench,
        filters,
        "duration-day",
        "Time to the whole reply, by day",
        [figure],
        lambda: charts.lines(
            [charts.Series(title, days, [row[key] for row in rows], links) for key, title in PERCENTILES], "s"
        ),
        "p50, p95 and p99 of the time to the whole reply in seconds, one point per day.",
        sorted(rows, key=lambda row: -row["p95"]),
        [
            Column("Slowest days", lambda row: f"{row['day']:%Y-%m-%d}", is_text=True),
            *(_seconds(key, title) for key, title in PERCENTILES),
            Column("Replies", lambda row: count(row["timed"])),
        ],
    )


@part
def _draw_split(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.time_split, filters)
    rows = sorted(records(figure.frame), key=lambda row: -_together(row))
    names = [row["agent"] or "none" for row in rows]
    links = [point(agent=row["agent"]) for row in rows]
    series = [charts.Series(title, names, [_hours(row[key]) for row in rows], links) for key, title in SPLIT]
    card(
        bench,
        filters,
        "split",
        "Where the time of agents goes",
        [figure],
        lambda: charts.across(series, [_all(row) for row in rows], unit="h"),
        "Hours at models, of agents themselves and of waiting for a limit, one bar per agent.",
        rows,
        [
            Column("Agent", lambda row: row["agent"] or "none", is_text=True),
            *(_seconds(key, title) for key, title in SPLIT),
            Column("Waiting", _waiting),
        ],
    )


def _seconds(key: str, title: str) -> Column:
    return Column(title, lambda row: seconds(row[key]))


def _hours(value: float | None) -> float | None:
    return None if value is None else value / 3600


def _together(row: Row) -> float:
    """As far as it is known."""
    return float(sum(row[key] for key, _ in SPLIT if row[key] is not None))


def _all(row: Row) -> str:
    """The time of an agent; what is not known of it is named."""
    known = seconds(_together(row))
    return f"{known} + {UNKNOWN}" if _is_partly_unknown(row) else known


def _waiting(row: Row) -> str:
    if _is_partly_unknown(row):
        return UNKNOWN
    return share(row["waiting_s"] / _together(row)) if _together(row) else ""


def _is_partly_unknown(row: Row) -> bool:
    return any(row[key] is None for key, _ in SPLIT)
