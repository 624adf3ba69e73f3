"""Tokens by class: fresh, read from and written to the provider's cache, reasoning, what can be seen."""

from collections.abc import Sequence
from typing import Any, Literal

from agents.usage.desk import Figure, Filters, records
from agents.workbench import Workbench
from pages.ui.formats import count
from pages.ui.usage import charts
from pages.ui.usage.behind import point
from pages.ui.usage.card import card
from pages.ui.usage.part import part
from pages.ui.usage.reading import read
from pages.ui.usage.tables import Column, Row

CLASSES = {
    "fresh_input": "Fresh input",
    "cache_read": "Read from cache",
    "cache_write": "Written to cache",
    "reasoning": "Reasoning",
    "visible_output": "Visible output",
}


def draw(bench: Workbench, filters: Filters) -> None:
    """By day and by what uses them."""
    _draw_days(bench, filters)
    _draw_by(bench, filters, "model")
    _draw_by(bench, filters, "agent")


@part
def _draw_days(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.tokens, filters, "day")
    rows = records(figure.frame)
    days = [row["day"] for row in rows]
    links = [point(first=day, last=day) for day in days]
    series = [
        charts.Series(title, days, [row[name] for row in rows], links) for name, title in CLASSES.items()
    ]
    sums = {title: _sum(rows, name) for name, title in CLASSES.items()}
    classes = [{"name": title, "tokens": tokens} for title, tokens in sums.items()]
    everything = _added(list(sums.values()))
    card(
        bench,
        filters,
        "tokens-day",
        "Tokens per day by class",
        [figure],
        lambda: charts.stacked(series, digits=0),
        f"Tokens per day, stacked by class; {count(everything)} together.",
        classes if rows else [],
        [
            Column("Class", lambda row: row["name"], is_text=True),
            Column("Tokens", lambda row: count(row["tokens"])),
        ],
        {"name": "Together", "tokens": everything},
    )


@part
def _draw_by(bench: Workbench, filters: Filters, by: Literal["model", "agent"]) -> None:
    figure: Figure = read(bench.usage.tokens, filters, by)
    rows = [row for row in records(figure.frame) if row["attempts"]]
    rows.sort(key=lambda row: -(_together(row) or -1))
    names = [row[by] or "none" for row in rows]
    links = [point(**{by: row[by]}) for row in rows]
    series = [
        charts.Series(title, names, [row[name] for row in rows], links) for name, title in CLASSES.items()
    ]
    card(
        bench,
        filters,
        f"tokens-{by}",
        f"Tokens by {by}",
        [figure],
        lambda: charts.across(series, [_short(_together(row)) for row in rows]),
        f"Tokens by {by}, stacked by class; most by {names[0] if names else 'none'}.",
        rows,
        [
            Column(by.capitalize(), lambda row: row[by] or "none", is_text=True),
            *(_tokens(name, title) for name, title in CLASSES.items()),
        ],
        {by: "Together", **{name: _sum(rows, name) for name in CLASSES}},
    )


def _tokens(name: str, title: str) -> Column:
    return Column(title, lambda row: count(row[name]))


def _sum(rows: list[dict[str, Any]], name: str) -> int | None:
    """None when no row tells a class."""
    return _added([row[name] for row in rows])


def _together(row: Row) -> int | None:
    """Tokens of all classes that are told; input and output hold those of a class that is not."""
    return _added([row[name] for name in CLASSES])


def _added(tokens: Sequence[int | None]) -> int | None:
    """None when none of them is known."""
    known = [each for each in tokens if each is not None]
    return sum(known) if known else None


def _short(tokens: int | None) -> str:
    return f"{tokens / 1e6:,.1f} M" if tokens is not None and tokens >= 1_000_000 else count(tokens)
