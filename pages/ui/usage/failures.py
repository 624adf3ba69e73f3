"""Which provider failed us, how, how often it was tried again, and who stood in."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.usage.desk import Filters, records
from agents.workbench import Workbench
from pages.ui.formats import count, counted, seconds, share, when
from pages.ui.text import plain
from pages.ui.usage import charts
from pages.ui.usage.behind import point
from pages.ui.usage.card import card
from pages.ui.usage.part import part
from pages.ui.usage.reading import read
from pages.ui.usage.tables import Column, Row

MOST_DAYS = 5
CANCELLED = "cancelled"
"""The class of attempts that nobody counts as failed."""


def draw(bench: Workbench, filters: Filters) -> None:
    """Each chart by itself."""
    _draw_providers(bench, filters)
    _draw_days(bench, filters)
    _draw_errors(bench, filters)
    _draw_fallbacks(bench, filters)
    _draw_breakers(bench, filters)


@part
def _draw_providers(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.failure_rates, filters, ("provider",))
    rows = [row for row in records(figure.frame) if row["attempts"]]
    rows.sort(key=lambda row: (-row["failed"], row["provider"] or ""))
    told = _verdict(rows, records(read(bench.usage.failure_rates, filters, ("day", "provider")).frame))
    card(
        bench,
        filters,
        "providers",
        "Which provider failed",
        [figure],
        lambda: charts.across(
            [
                charts.Series(
                    "Failed attempts in %",
                    [row["provider"] or "none" for row in rows],
                    [_percent(row) for row in rows],
                    [point(provider=row["provider"]) for row in rows],
                    "#D55E00",
                )
            ],
            [share(row["failure_rate"]) for row in rows],
            unit="%",
        ),
        f"Share of failed attempts by provider. {told}",
        rows,
        [
            Column("Provider", lambda row: row["provider"] or "none", is_text=True),
            Column("Failed", lambda row: count(row["failed"])),
            Column("Attempts", lambda row: count(row["attempts"])),
            Column("Rate", lambda row: share(row["failure_rate"])),
            Column("Attempts per call", lambda row: _ratio(row["attempts_per_call"])),
            Column("Stood in", lambda row: count(row["fallbacks"])),
        ],
        _together(rows),
        sentence=f"**{plain(told)}**",
    )


def _verdict(rows: Sequence[Row], days: Sequence[Row]) -> str:
    """Who failed most often, and when; and whose rate is the highest, where that is another."""
    if not rows or not rows[0]["failed"]:
        return "No provider failed in this period."
    worst = rows[0]
    day = max((row for row in days if row["provider"] == worst["provider"]), key=lambda row: row["failed"])
    rate, on = share(worst["failure_rate"]), f"{day['day']:%Y-%m-%d}"
    of = f"{count(worst['failed'])} of {counted(worst['attempts'], 'attempt')} ({rate})"
    told = f"{worst['provider'] or 'none'} failed most often: {of}, {count(day['failed'])} of them on {on}."
    highest = max(rows, key=lambda row: row["failure_rate"] or 0)
    if share(highest["failure_rate"]) == rate:
        return told
    of = f"{count(highest['failed'])} of {counted(highest['attempts'], 'attempt')}"
    highest_rate = share(highest["failure_rate"])
    return f"{told} The highest rate is that of {highest['provider'] or 'none'}: {of} ({highest_rate})."


def _together(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not rows:
        return None
    sums = {name: sum(row[name] for row in rows) for name in ("failed", "attempts", "calls", "fallbacks")}
    rate = sums["failed"] / sums["attempts"] if sums["attempts"] else None
    per_call = sums["attempts"] / sums["calls"] if sums["calls"] else None
    return {"provider": "Together", **sums, "failure_rate": rate, "attempts_per_call": per_call}


def _percent(row: Row) -> float | None:
    rate = row["failure_rate"]
    return None if rate is None else rate * 100


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


@part
def _draw_days(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.failure_rates, filters, ("day", "provider"))
    rows = [row for row in records(figure.frame) if row["attempts"]]
    names = sorted({row["provider"] or "none" for row in rows})
    series = []
    for name in names:
        mine = [row for row in rows if (row["provider"] or "none") == name]
        links = [point(provider=row["provider"], first=row["day"], last=row["day"]) for row in mine]
        rates = [_percent(row) for row in mine]
        series.append(charts.Series(name, [row["day"] for row in mine], rates, links))
    card(
        bench,
        filters,
        "failures-day",
        "Failures per day",
        [figure],
        lambda: charts.lines(series, "%", 1),
        "Share of failed attempts in percent per day, one line per provider.",
        sorted(rows, key=lambda row: -(row["failed"]))[: MOST_DAYS * 2],
        [
            Column("Worst days", lambda row: f"{row['day']:%Y-%m-%d}", is_text=True),
            Column("Provider", lambda row: row["provider"] or "none", is_text=True),
            Column("Failed", lambda row: count(row["failed"])),
            Column("Attempts", lambda row: count(row["attempts"])),
            Column("Rate", lambda row: share(row["failure_rate"])),
        ],
    )


@part
def _draw_errors(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.errors, filters)
    rows = records(figure.frame)
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["class"]] = totals.get(row["class"], 0) + row["attempts"]
    classes = sorted(totals, key=lambda name: -totals[name])
    providers = sorted({row["provider"] or "none" for row in rows})
    series = [
        charts.Series(
            name,
            classes,
            [_attempts(rows, name, of) for of in classes],
            [point(provider=name)] * len(classes),
        )
        for name in providers
    ]
    card(
        bench,
        filters,
        "errors",
        "Errors by class",
        [figure],
        lambda: charts.across(series, [count(totals[name]) for name in classes]),
        f"Failed attempts by class of error and provider; most are {classes[0] if classes else 'none'}.",
        rows,
        [
            Column("Class", lambda row: row["class"], is_text=True),
            Column("Kind", lambda row: str(row["error_type"]).replace("_", " "), is_text=True),
            Column("Provider", lambda row: row["provider"] or "none", is_text=True),
            Column("Attempts", lambda row: count(row["attempts"])),
        ],
        {"class": "Together", "error_type": "", "provider": " ", "attempts": sum(totals.values())},
        sentence=_sum_of_errors(totals),
    )


def _sum_of_errors(totals: Mapping[str, int]) -> str:
    """How the sum of this table goes with that of failures; empty where they are the same."""
    cancelled, together = totals.get(CANCELLED, 0), sum(totals.values())
    if not cancelled:
        return ""
    return (
        f"{counted(together, 'attempt')} ended in an error: {count(together - cancelled)} failed, "
        f"{count(cancelled)} {'was' if cancelled == 1 else 'were'} cancelled, which is no failure."
    )


def _attempts(rows: list[dict[str, Any]], provider: str, of: str) -> int:
    return sum(
        row["attempts"] for row in rows if row["class"] == of and (row["provider"] or "none") == provider
    )


@part
def _draw_fallbacks(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.fallbacks, filters)
    rows = records(figure.frame)
    names = [f"{row['from_model']} to {row['to_model']}" for row in rows]
    card(
        bench,
        filters,
        "fallbacks",
        "Who stood in for whom",
        [figure],
        lambda: charts.across(
            [
                charts.Series(
                    "Attempts", names, [row["attempts"] for row in rows], [_stand_in(row) for row in rows]
                )
            ],
            [count(row["attempts"]) for row in rows],
        ),
        "Attempts at another model after one had failed, from which to which.",
        rows,
        [
            Column("Failed", lambda row: row["from_model"], is_text=True),
            Column("Stood in", lambda row: row["to_model"], is_text=True),
            Column("Answered", lambda row: f"{count(row['answered'])} of {count(row['attempts'])}"),
        ],
    )


def _stand_in(row: dict[str, Any]) -> str:
    provider, _, model = str(row["to_model"]).partition("/")
    return point(provider=provider, model=model)


@part
def _draw_breakers(bench: Workbench, filters: Filters) -> None:
    figure = read(bench.usage.breakers, filters)
    rows = records(figure.frame)
    bars = [
        {
            "name": f"{row['provider']}/{row['model']}",
            "since": row["opened_at"],
            "seconds": row["open_s"],
            "link": point(provider=row["provider"], first=row["opened_at"], last=row["opened_at"]),
            "told": f"{when(row['opened_at'])}, {seconds(row['open_s'])}",
        }
        for row in rows
    ]
    card(
        bench,
        filters,
        "breakers",
        "When providers were left alone",
        [figure],
        lambda: charts.strip(bars, filters.span.start, filters.span.end),
        "Times in which a breaker was open, a row per provider and model; "
        f"{counted(len(rows), 'time')} in the period.",
        rows,
        [
            Column("Provider", lambda row: row["provider"], is_text=True),
            Column("Model", lambda row: row["model"] or "", is_text=True),
            Column("Since", lambda row: when(row["opened_at"])),
            Column("For", lambda row: seconds(row["open_s"])),
        ],
    )
