"""Rows in, Plotly figures out, as plain dictionaries; no Streamlit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pages.ui.charts import BAR_COLOR, REST_COLOR, Figure, escape

COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A600")
DEARER, CHEAPER = "#D55E00", "#009E73"
HEIGHT = 320
ROW_PX = 34
TALLEST = 640
LINE_PX, LINE_CHARS = 17, 24
"""Of a name beside a bar: a line of that many characters leaves a phone room for the bar."""
BREAK = "<br>"
PATTERNS = ("", "/", "x")
"""What tells series apart when there are more of them than colors."""
NAMES_HELD, NAME_PX = 4, 28
"""Names that a legend holds on a phone below an axis of two lines, and what each further one needs."""


@dataclass(frozen=True)
class Series:
    """One color of a chart; the link of each point narrows the filters to what is behind it."""

    name: str
    x: Sequence[Any]
    y: Sequence[float | None]
    links: Sequence[str] = ()
    color: str | None = None
    is_dashed: bool = False


def stacked(series: Sequence[Series], unit: str = "", digits: int = 2) -> Figure:
    """Bars per time, one on top of the other."""
    traces = [
        {
            "type": "bar",
            "name": escape(each.name),
            "x": list(each.x),
            "y": list(each.y),
            "customdata": list(each.links),
            "marker": {
                "color": each.color or COLORS[n % len(COLORS)],
                "pattern": {"shape": "" if each.color else PATTERNS[n // len(COLORS) % len(PATTERNS)]},
            },
            "hovertemplate": f"%{{x}}<br>{_unit(unit)}%{{y:,.{digits}f}}<extra>%{{fullData.name}}</extra>",
        }
        for n, each in enumerate(series)
    ]
    layout = _layout(len(series) > 1)
    layout["height"] += NAME_PX * max(len(series) - NAMES_HELD, 0)
    return {"data": traces, "layout": {**layout, "barmode": "stack", "bargap": 0.15}}


def lines(series: Sequence[Series], unit: str = "", digits: int = 2) -> Figure:
    """Lines with markers, so that they can be clicked."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": escape(each.name),
            "x": list(each.x),
            "y": list(each.y),
            "customdata": list(each.links),
            "marker": {"size": 6, "color": each.color or COLORS[n % len(COLORS)]},
            "line": {
                "color": each.color or COLORS[n % len(COLORS)],
                "width": 2,
                "dash": "dash" if each.is_dashed else "solid",
            },
            "hovertemplate": f"%{{x}}<br>%{{y:,.{digits}f}}{_after(unit)}<extra>%{{fullData.name}}</extra>",
        }
        for n, each in enumerate(series)
    ]
    return {"data": traces, "layout": _layout(len(series) > 1)}


def across(
    series: Sequence[Series], labels: Sequence[str], is_stacked: bool = True, unit: str = ""
) -> Figure:
    """Horizontal bars, one row per name, the first on top; `labels` stand at their ends."""
    names = [in_lines(str(name)) for name in series[0].x] if series else []
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": escape(each.name),
            "y": [in_lines(str(name)) for name in reversed(each.x)],
            "x": list(reversed(each.y)),
            "customdata": list(reversed(each.links)),
            "text": [escape(label) for label in reversed(labels)] if n == len(series) - 1 else None,
            "textposition": "outside",
            "cliponaxis": False,
            "marker": {"color": each.color or COLORS[n % len(COLORS)]},
            "hovertemplate": f"%{{y}}: %{{x:,.4~f}}{_after(unit)}<extra>%{{fullData.name}}</extra>",
        }
        for n, each in enumerate(series)
    ]
    layout = _layout(len(series) > 1)
    row_px = max(ROW_PX, LINE_PX * (1 + max((name.count(BREAK) for name in names), default=0)))
    layout["height"] = min(max(row_px * len(names) + 70, 170), TALLEST)
    layout["barmode"] = "stack" if is_stacked else "group"
    layout["margin"] |= {"r": 90}
    layout["xaxis"] |= {"showgrid": True, "nticks": 5}
    layout["yaxis"] |= {"ticklabelposition": "outside"}
    return {"data": traces, "layout": layout}


def steps(names: Sequence[str], amounts: Sequence[float], labels: Sequence[str], before: float) -> Figure:
    """From what it was to what it is, a floating bar per reason; the first and the last bar are totals."""
    base, level, bars = [0.0], before, [before]
    for amount in amounts:
        base.append(level)
        bars.append(amount)
        level += amount
    base.append(0.0)
    bars.append(level)
    colors = [REST_COLOR, *(DEARER if a > 0 else CHEAPER for a in amounts), BAR_COLOR]
    lowest = min(0.0, *(b + min(w, 0.0) for b, w in zip(base, bars, strict=True)))
    ends = [b + w for b, w in zip(base, bars, strict=True)]
    highest = max(*base, *ends)
    focus = _focus(base[1:-1], ends, lowest)
    layout = _layout(False)
    layout["height"] = ROW_PX * len(names) + 60
    layout["margin"] |= {"r": 80}
    layout["xaxis"] |= {"range": [focus, highest + (highest - focus) * 0.22], "nticks": 5, "showgrid": True}
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [escape(name) for name in reversed(names)],
        "x": list(reversed(bars)),
        "base": list(reversed(base)),
        "customdata": list(reversed(range(len(names)))),
        "marker": {"color": list(reversed(colors))},
        "hovertext": [escape(label) for label in reversed(labels)],
        "hovertemplate": "%{y}: %{hovertext}<extra></extra>",
    }
    layout["annotations"] = [
        {
            "x": max(start, end),
            "y": escape(name),
            "text": escape(label),
            "xanchor": "left",
            "xshift": 4,
            "showarrow": False,
        }
        for name, label, start, end in zip(names, labels, base, ends, strict=True)
    ]
    return {"data": [trace], "layout": layout}


def _focus(bases: Sequence[float], ends: Sequence[float], lowest: float) -> float:
    """Where the axis starts: at zero, or nearer when the reasons would be slivers beside the totals."""
    least, most = min(*bases, *ends), max(*bases, *ends)
    if lowest < 0 or most <= 0 or (most - least) > 0.2 * most:
        return lowest
    return max(0.0, least - 1.5 * (most - least))


def month(
    spent: Series, ahead: Sequence[Mapping[str, Any]], budget: float | None, crosses: Any, unit: str
) -> Figure:
    """Spend of a month added up day by day, where it is going, and the budget."""
    if ahead and spent.x:
        reached = {"day": spent.x[-1], **dict.fromkeys(("expected", "low", "high"), spent.y[-1])}
        ahead = [reached, *(row for row in ahead if row["day"] > spent.x[-1])]
    days = [row["day"] for row in ahead]
    traces: list[dict[str, Any]] = []
    if ahead and ahead[-1]["low"] is not None:
        edge = {"type": "scatter", "mode": "lines", "x": days, "line": {"width": 0}, "hoverinfo": "skip"}
        traces.append({**edge, "y": [row["low"] for row in ahead], "showlegend": False})
        band = {"fill": "tonexty", "fillcolor": "rgba(86, 180, 233, 0.25)", "name": "80 in 100 cases"}
        traces.append({**edge, **band, "y": [row["high"] for row in ahead]})
    hover = f"%{{x}}<br>{_unit(unit)}%{{y:,.2f}}<extra>%{{fullData.name}}</extra>"
    if ahead:
        expected = Series(
            "Expected", days, [row["expected"] for row in ahead], color="#56B4E9", is_dashed=True
        )
        traces.append({**lines([expected])["data"][0], "hovertemplate": hover, "mode": "lines"})
    traces.append({**lines([spent])["data"][0], "hovertemplate": hover})
    layout = _layout(True)
    if budget is not None:
        every = [*spent.x, *days]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "Budget",
                "x": [min(every), max(every)],
                "y": [budget, budget],
                "line": {"color": DEARER, "width": 2, "dash": "dot"},
                "hovertemplate": hover,
            }
        )
    if crosses is not None and budget is not None:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "Budget spent",
                "x": [crosses],
                "y": [budget],
                "marker": {"color": DEARER, "size": 12, "symbol": "x"},
                "hovertemplate": hover,
            }
        )
    layout["yaxis"] |= {"rangemode": "tozero"}
    return {"data": traces, "layout": layout}


def strip(rows: Sequence[Mapping[str, Any]], start: Any, end: Any) -> Figure:
    """When something was open: a row per name, a bar per time; each row has `name`, `since` and `seconds`."""
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [in_lines(row["name"]) for row in rows],
        "base": [row["since"] for row in rows],
        "x": [row["seconds"] * 1000 for row in rows],
        "customdata": [row["link"] for row in rows],
        "text": [row["told"] for row in rows],
        "textposition": "none",
        "marker": {"color": DEARER},
        "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }
    layout = _layout(False)
    layout["height"] = ROW_PX * len({row["name"] for row in rows}) + 90
    layout["barmode"] = "overlay"
    layout["xaxis"] |= {"type": "date", "range": [start, end], "showgrid": True}
    return {"data": [trace], "layout": layout}


def in_lines(name: str) -> str:
    """A name beside a bar, in lines: parted after a space or a sign of its own, and nothing left out."""
    lines = [""]
    for piece in re.split(r"(?<=[\s/_:.-])", name):
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > LINE_CHARS:
            lines.append("")
        lines[-1] += piece
    return BREAK.join(escape(line) for line in lines)


def _unit(unit: str) -> str:
    return f"{escape(unit)} " if unit else ""


def _after(unit: str) -> str:
    return f" {escape(unit)}" if unit else ""


def _layout(has_legend: bool) -> dict[str, Any]:
    return {
        "height": HEIGHT,
        "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
        "hovermode": "closest",
        "clickmode": "event+select",
        "dragmode": False,
        "showlegend": has_legend,
        "legend": {
            "orientation": "h",
            "traceorder": "normal",
            "y": -0.22,
            "yanchor": "top",
            "x": 0,
            "maxheight": 0.6,
            "title": {"text": ""},
        },
        "xaxis": {"automargin": True, "fixedrange": True, "title": {"text": ""}},
        "yaxis": {"automargin": True, "fixedrange": True, "title": {"text": ""}},
    }
